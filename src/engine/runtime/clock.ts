/**
 * Time as units know it. The venue's clock decides what is due; the machine's clock decides who is alive.
 * `wait` is the only way to let time pass.
 */
export interface Clock {
	/** Venue time, ms. */
	venue(): number
	/** Machine time, ms. */
	machine(): number
	/** How many times the venue's clock runs faster; 0 in lock-step, where it moves only with the market. */
	speed(): number
	/** Resolves after this much machine time, or at once when the signal aborts. */
	wait(ms: number, signal: AbortSignal): Promise<void>
}
