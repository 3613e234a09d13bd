/** Limits of the gateway to the venue, together and checked against each other. All times are machine time. */
export const exchangeLimits = {
	/** A request that has not been answered by then has an unknown outcome. */
	request_timeout_ms: 5_000,
	/** The machine's clock is compared with the venue's this often. */
	clock_sync_ms: 60_000,
	clock_sync_samples: 3,
	/** A venue that limits us and does not say for how long is left alone for this. */
	silence_default_ms: 1_000,
	/** Weight that one client may spend per minute; the venue allows an address 2,400. */
	weight_per_minute: 1_200,
	/** A socket is pinged this often, and given up after two pings without an answer. */
	ws_ping_ms: 3_000,
	ws_pings_missed_max: 2,
	/** Pauses between attempts to get a socket back. */
	reconnect_first_ms: 250,
	reconnect_max_ms: 10_000,
	/** Least pause before a lost socket is dialled again; ccxt adds its own growing one. */
	redial_pause_ms: 50,
	subscribe_timeout_ms: 5_000,
	/** Streams of one socket; ccxt and the venue allow more than it is wise to lose at once. */
	streams_per_socket_max: 200,
	/** Quotes that may wait for room before only the newest of each symbol is kept. */
	quotes_waiting_max: 2_000,
	/** A quote that has not moved for this long is confirmed by REST. */
	quote_silence_ms: 3_000,
	quote_poll_ms: 1_000,
	clock_push_ms: 500,
	filters_every_ms: 3_600_000,
	filters_retry_ms: 1_000,
	/** Margin and liquidation prices of open positions are read this often. */
	margins_every_ms: 5_000,
	/** Which symbols trade, and how much is traded in them, is read this often. */
	universe_every_ms: 60_000,
	/** Candle messages that may wait for room; beyond that they are dropped and fetched again. */
	candles_waiting_max: 5_000,
	candles_per_page: 1_000,
	candle_requests_parallel: 4,
	/** Tries to fetch a candle that the venue skipped before it counts as not made. */
	candle_hole_tries: 3,
	/** A kline socket without any message is checked by REST this often. */
	candle_silence_ms: 30_000,
	candle_check_ms: 1_000,
	/** After a look that found none of the candles that are due. */
	candle_recheck_ms: 10_000,
	/** Venue time that a candle may be late before it is fetched. */
	candle_grace_ms: 3_000,
	listen_key_renew_ms: 60_000,
	account_idle_ms: 500,
	/** Fills and income are proven by REST this often, beside after every reconnect. */
	account_proof_ms: 60_000,
	/** After a reading that failed. */
	account_retry_ms: 1_000,
	/** Venue time of a symbol without fills that is read again. */
	fills_overlap_ms: 60_000,
	/** The venue lists fills of at most this span at once, venue time. */
	fills_window_ms: 7 * 24 * 3_600_000,
	/** Venue time that is read again, because the venue posts income late. */
	income_overlap_ms: 600_000,
	rows_per_page: 1_000,
	/** Pages of one listing; more is reported instead of read forever. */
	pages_max: 1_000,
	/** User messages that may wait while a gap is closed by REST. */
	user_messages_waiting_max: 10_000,
	/** Orders per 10 s and per minute. */
	orders_per_10s: 300,
	orders_per_minute: 1_200,
	/** Requests that may wait in the limiter. */
	orders_waiting_max: 1_000,
	/** A request is refused by the venue when it arrives later than this after it was signed. */
	recv_window_ms: 5_000,
	/** Beyond the receive window, for clocks and networks, before "never placed" may be concluded. */
	never_placed_margin_ms: 2_000,
	/** Pauses between two queries of an order whose outcome is unknown. */
	query_first_ms: 200,
	query_max_ms: 5_000,
	/** A market order that is still working when it is answered is asked for again this often. */
	fill_queries_max: 5,
	/** A leverage that was confirmed longer ago is set again. */
	leverage_cache_ms: 600_000,
	/** Shared arm state and permit must answer within. */
	fence_timeout_ms: 500,
	guard_poll_ms: 100,
	/** The gateway says again what it obeys. */
	guard_report_ms: 1_000,
	guard_drain_poll_ms: 5,
	/** The venue cancels our resting entries when the gateway has been silent for this long. */
	dead_mans_countdown_ms: 60_000,
	/** Rounds of cancelling entry orders before what remains is reported. */
	cancel_sweeps_max: 5,
} as const

/** Nothing that was signed before can be accepted later than this. */
export const NEVER_PLACED_MS = exchangeLimits.recv_window_ms + exchangeLimits.never_placed_margin_ms

/**
 * What became of an order is known within this of its leaving, where the venue answers: its request times out, its
 * receive window passes, and the questions that then decide are answered.
 */
export const OUTCOME_KNOWN_MS = exchangeLimits.request_timeout_ms * 2 + NEVER_PLACED_MS

const check = (holds: boolean, reason: string): void => {
	if (!holds) throw new Error(`Exchange limits contradict each other: ${reason}`)
}
check(exchangeLimits.weight_per_minute <= 2_400, 'one client may not spend more weight than the address has')
check(
	exchangeLimits.fence_timeout_ms * 2 < exchangeLimits.request_timeout_ms,
	'the fence must answer before its own request times out',
)
check(
	exchangeLimits.guard_poll_ms < exchangeLimits.fence_timeout_ms,
	'the file must follow faster than a fence gives up',
)
check(
	exchangeLimits.request_timeout_ms * 2 < exchangeLimits.dead_mans_countdown_ms / 3,
	'reading the orders and confirming a countdown must fit between two confirmations',
)
check(
	exchangeLimits.account_proof_ms < exchangeLimits.income_overlap_ms,
	'income that is posted late must still lie inside what is read again',
)
