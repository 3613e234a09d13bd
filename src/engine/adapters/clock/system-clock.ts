import type {Clock} from '../../runtime/clock.js'

/** How the venue's time runs against the machine's: `venue_ms` at `machine_ms`, from there `speed` times as fast. */
export type ClockReading = Readonly<{venue_ms: number; machine_ms: number; speed: number}>

/** Real time. The venue's clock follows the newest reading; before the first one it is the machine's. */
export class SystemClock implements Clock {
	#reading: ClockReading | undefined

	machine(): number {
		return Date.now()
	}

	venue(): number {
		const reading = this.#reading
		if (!reading) return Date.now()
		return Math.round(reading.venue_ms + (Date.now() - reading.machine_ms) * reading.speed)
	}

	speed(): number {
		return this.#reading?.speed ?? 1
	}

	follow(reading: ClockReading): void {
		this.#reading = reading
	}

	wait(ms: number, signal: AbortSignal): Promise<void> {
		if (signal.aborted) return Promise.resolve()
		return new Promise(resolve => {
			const done = () => {
				clearTimeout(timer)
				signal.removeEventListener('abort', done)
				resolve()
			}
			const timer = setTimeout(done, ms)
			signal.addEventListener('abort', done, {once: true})
		})
	}
}
