/** The machine's time, injected so that tests can move it. Durations follow the monotonic reading, display the wall. */
export interface Clock {
	/** Milliseconds that never jump, from an arbitrary origin. */
	monotonicMs(): number
	/** Milliseconds since the epoch. */
	wallMs(): number
	/** Calls `action` once after `ms`; the returned function cancels it. Does not keep the process alive. */
	after(ms: number, action: () => void): () => void
}

/** Node clamps longer timers to 1 ms; a longer wait is re-armed by whoever wakes early. */
const timerMsMax = 2_147_483_647

export const systemClock: Clock = {
	monotonicMs: () => performance.now(),
	wallMs: () => Date.now(),
	after(ms, action) {
		const timer = setTimeout(action, Math.min(Math.max(ms, 0), timerMsMax))
		timer.unref()
		return () => clearTimeout(timer)
	},
}
