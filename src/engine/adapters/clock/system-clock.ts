import type {Clock} from '../../runtime/clock.js'
import {waitMs} from './wait.js'

/** How the venue's time runs against the machine's: `venue_ms` at `machine_ms`, from there `speed` times as fast. */
export type ClockReading = Readonly<{venue_ms: number; machine_ms: number; speed: number}>

/**
 * Real time. The venue's clock follows the newest reading; before the first one it is the machine's. In lock-step
 * (speed 0) readings say only where it stood at first: from there `moveTo` alone moves it.
 */
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
		// A reading taken while the market moves lies somewhere within a step.
		if (reading.speed === 0 && this.#reading?.speed === 0) return
		this.#reading = reading
	}

	/** Sets the venue's time in lock-step, never back. @throws Error at any other speed, where time moves by itself */
	moveTo(venue_ms: number): void {
		if (this.#reading?.speed !== 0) throw new Error(`The venue's time is not in lock-step: it runs at ${this.speed()}x`)
		if (venue_ms > this.#reading.venue_ms) this.#reading = {venue_ms, machine_ms: Date.now(), speed: 0}
	}

	wait(ms: number, signal: AbortSignal): Promise<void> {
		return waitMs(ms, signal)
	}
}
