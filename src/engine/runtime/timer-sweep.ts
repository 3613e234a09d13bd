import type {Timer} from '../contracts/unit.js'
import type {Clock} from './clock.js'

/** At high speed a venue timer would fire without pause; this much machine time always passes. */
const PAUSE_MIN_MS = 20
/** The venue's clock may change its speed or be set anew: it is looked at this often. */
const PAUSE_MAX_MS = 1_000

/**
 * Fires a timer each time its own clock has moved by its period. A clock that was set back starts the period anew; one
 * that stands still fires nothing.
 */
export class TimerSweep {
	#last: number
	#firing: Promise<void> = Promise.resolve()

	constructor(
		readonly timer: Timer,
		private readonly clock: Clock,
		private readonly fire: () => Promise<void>,
	) {
		this.#last = this.#now()
	}

	/** Fires if the period has passed, without any pause; resolves when what it fired, now or before, is done. */
	look(): Promise<void> {
		const time = this.#now()
		if (time < this.#last) this.#last = time
		if (time - this.#last < this.timer.every_ms) return this.#firing
		this.#last = time
		this.#firing = this.#firing.then(this.fire)
		return this.#firing
	}

	/** Looks as often as the clock's speed asks for, until the signal aborts. */
	async run(signal: AbortSignal): Promise<void> {
		const {clock, timer} = this
		this.#last = this.#now()
		while (!signal.aborted) {
			const left = this.#last + timer.every_ms - this.#now()
			const speed = timer.clock === 'machine' ? 1 : clock.speed()
			// Time that stands still is moved by whoever calls `look` then.
			const pause_ms = speed > 0 ? Math.ceil(left / speed) : PAUSE_MAX_MS
			await clock.wait(Math.min(Math.max(pause_ms, PAUSE_MIN_MS), PAUSE_MAX_MS), signal)
			if (!signal.aborted) await this.look()
		}
	}

	#now(): number {
		return this.timer.clock === 'machine' ? this.clock.machine() : this.clock.venue()
	}
}
