/** Bounds of every wait, loop and retry of supervision. Durations in ms. */
export const SUPERVISION_LIMITS = {
	/** A stop that takes longer is announced by name, before the grace runs out. */
	stop_slow_after_ms: 2_000,
	/** A process that survives SIGKILL (uninterruptible sleep) gets another one this often. */
	kill_repeat_ms: 5_000,
	/** `stop` gives up waiting for a process after grace plus this. */
	stop_margin_ms: 15_000,
	/** First pause between readiness checks of a starting process; doubles. */
	starting_probe_ms: 25,
	/** The longest of these pauses: what waits for the process waits this much longer at most. */
	starting_probe_max_ms: 200,
	/** Checks of one probe that may hang at once; beyond it a check fails without being made. */
	probes_outstanding_max: 4,
	/** How often a process that is not our child is looked at. */
	adopted_poll_ms: 250,
	/** How often the rest of a group is looked at once its leader has gone. */
	group_poll_ms: 50,
	/** Characters of a reason or error that are kept. */
	reason_chars_max: 500,
	/** Longest path of a unix socket in bytes, without the closing zero (sun_path is 108; 104 on macOS). */
	socket_path_bytes_max: process.platform === 'linux' ? 107 : 103,
} as const
