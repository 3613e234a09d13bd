/** Limits of lock-step, together and checked against each other. Machine time unless said otherwise. */
export const lockstepLimits = {
	/** Venue time that the market moves before everything must have been handled; one tick, where it ticks more slowly. */
	step_venue_ms: 5_000,
	/** Pause between two looks at what is not done yet: a look costs daemon and Redis a millisecond of their work on it. */
	settle_poll_ms: 4,
	/** Pause while the system is not up, or something cannot be asked. */
	closed_poll_ms: 200,
	/** A step that has not settled by then is reported; the market waits on. */
	settle_report_ms: 30_000,
	/** How long the market waits for the stop of a position. By then exit-monitor must act, and it goes by venue time. */
	protect_within_ms: 10_000,
	/** The venue's answer to an advance, its clients' pongs included; a host's answer. */
	venue_answer_ms: 60_000,
	host_answer_ms: 10_000,
} as const

const check = (holds: boolean, reason: string): void => {
	if (!holds) throw new Error(`Limits of lock-step contradict each other: ${reason}`)
}
check(
	lockstepLimits.protect_within_ms < lockstepLimits.settle_report_ms,
	'waiting for a stop is part of a step, and must not look like a step that hangs',
)
