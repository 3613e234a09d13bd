type Grace = Readonly<{
	/** What the machine may be late, machine time, ms. */
	machine_grace_ms: number
}>

/**
 * How old something may be, venue ms: `max(limit_ms, machine_grace_ms x max(speed, 1))`.
 *
 * Limits are venue time, delays are the machine's. At 600 times speed a scheduler's pause of 50 ms is 30 s of venue
 * time, so a bare limit would call everything stale that is merely on its way. The machine's grace is therefore
 * allowed at any speed. Below 1x and in lock-step (speed 0) the grace counts once.
 */
export const allowanceMs = (limit_ms: number, {machine_grace_ms}: Grace, speed: number): number =>
	Math.max(limit_ms, machine_grace_ms * Math.max(speed, 1))

type Instant = Readonly<{now_ms: number; speed: number; policy: Grace}>

/** Whether `then_ms` lies further from now than allowed; a time that far in the future is as wrong as a past one. */
export const isStale = (then_ms: number, limit_ms: number, {now_ms, speed, policy}: Instant): boolean =>
	Math.abs(now_ms - then_ms) > allowanceMs(limit_ms, policy, speed)

/**
 * How long a source has been silent, venue ms. While time runs, what passed on the machine counts, times speed:
 * the source's own stamps may be off, and they stand still with it. In lock-step the venue's clock moves only with
 * the market, which waits for us: there its own time counts, and a market that waits makes nothing stale.
 */
export const silenceMs = (
	last: Readonly<{venue_ms: number; machine_ms: number}>,
	now: Readonly<{now_ms: number; machine_ms: number; speed: number}>,
): number => (now.speed > 0 ? (now.machine_ms - last.machine_ms) * now.speed : now.now_ms - last.venue_ms)
