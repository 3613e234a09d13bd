/** Limits of the runtime, together and checked against each other. Money limits are policy. */
export const limits = {
	/** Entries handled in one atomic step. */
	batch_max: 128,
	/** A blocking read returns at least this often, so that liveness is the loop's own. */
	read_block_ms: 2_000,
	/** Deliveries after which an entry goes to the dead-letter stream. */
	deliveries_max: 5,
	/** Pause before a failed entry is tried again. */
	redelivery_pause_ms: 200,
	/** Time a commit may take before the host counts as wedged. */
	commit_timeout_ms: 5_000,
	/** A unit writes its heartbeat this often; older than `heartbeat_stale_ms` it is not alive. */
	heartbeat_ms: 1_000,
	heartbeat_stale_ms: 10_000,
	/** Events of a feed that may wait; telemetry conflates before, money stops the reading. */
	feed_queue_max: 10_000,
	/** Effects of one unit in flight. */
	effects_in_flight_max: 64,
	/** Trimming runs this often. */
	trim_every_ms: 10_000,
	/** Trade ids that the ledger remembers to book each fill once. */
	seen_orders_max: 20_000,
	/** Bytes of one entry's fields; longer entries are dead-lettered unread. */
	entry_bytes_max: 64 * 1_024,
} as const

const check = (holds: boolean, reason: string): void => {
	if (!holds) throw new Error(`Limits contradict each other: ${reason}`)
}
check(limits.read_block_ms <= 5_000, 'a blocking read must return within 5 s, else a wedged one is not seen')
check(
	limits.heartbeat_stale_ms >= 2 * limits.read_block_ms,
	'a heartbeat must not look stale because of one empty read',
)
check(limits.heartbeat_stale_ms > limits.commit_timeout_ms, 'a commit must time out before its unit counts as dead')
check(limits.batch_max * 40 < 7_999, 'a batch must fit the arguments that Lua can unpack')
