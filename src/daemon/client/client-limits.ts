import {NEVER_PLACED_MS, OUTCOME_KNOWN_MS} from '../../engine/exchange/exchange-limits.js'

/** Bounds of every wait of the client. Durations in ms. */
export const CLIENT_LIMITS = {
	/** A daemon that is busy still answers within this. */
	control_answer_ms: 5_000,
	/** A daemon that is taking over processes first answers a start when it has. */
	start_answer_ms: 60_000,
	/** The first answer of a daemon that was just started. */
	daemon_start_ms: 15_000,
	/** All stages open. */
	stages_open_ms: 120_000,
	/** How often a condition is looked at while waiting for it. */
	poll_ms: 100,
	/** Every process works under a new version of the policy. */
	policy_taken_ms: 10_000,
	/** A stop: every process has its own grace inside it. */
	stop_ms: 180_000,
	/** Redis accepts and answers. */
	redis_answer_ms: 2_000,
	/** One reading of several values. */
	redis_read_ms: 10_000,
	/** The latch in Redis, as a step of a kill. */
	latch_ms: 1_000,
	/** Gateways confirm an epoch. */
	gateways_ms: 5_000,
	/** A gateway knows what became of what it had sent before; the venue is settled meanwhile. */
	outcomes_ms: OUTCOME_KNOWN_MS,
	/** A process that got SIGKILL is gone. */
	end_ms: 2_000,
	/** The venue cancels entries and is read again. */
	venue_ms: 15_000,
	/** Everything is closed and the venue has confirmed it. */
	flatten_ms: 60_000,
	/** Between two looks at what is still open. */
	sweep_ms: 150,
	/** Looks in a row that must find everything flat. */
	flat_looks: 2,
	/** An order of the operator's is known to the venue or not; what becomes of it later the sweeps see. */
	order_known_ms: 8_000,
	/** A gateway that lives rests the stop of a fresh fill by itself within this. */
	own_stop_ms: 2_000,
	/** A request that left before its sender was ended may still reach the venue. */
	late_ms: NEVER_PLACED_MS,
	/** Conditions of arming right after the start: first reconcile, fresh data. */
	arming_ready_ms: 60_000,
	/** Latch calls that bring Redis to the epoch of the arm file. */
	latch_calls_max: 10_000,
	/** Lines of the daemon's log that are shown when it ends early. */
	log_tail_lines: 20,
	/** Entries of one stream that a trace reads at a time, and in all. */
	trace_page: 1_000,
	trace_entries_max: 60_000,
	/** Entries that a search asks for first: what is sought is mostly among the nearest. */
	find_first_page: 50,
} as const
