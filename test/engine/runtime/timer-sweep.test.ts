import {describe, expect, it} from 'vitest'
import type {Clock} from '../../../src/engine/runtime/clock.js'
import {TimerSweep} from '../../../src/engine/runtime/timer-sweep.js'

/** A machine whose time passes by waiting; the venue's runs `times` as fast, or as told. */
class WaitedClock implements Clock {
	machine_ms = 1_000_000
	venue_ms = 5_000_000
	waits: number[] = []
	constructor(
		public times: number,
		private readonly ends_after_ms: number,
		private readonly stop: AbortController,
		private readonly each: (clock: WaitedClock) => void = () => undefined,
	) {}
	venue(): number {
		return this.venue_ms
	}
	machine(): number {
		return this.machine_ms
	}
	speed(): number {
		return this.times
	}
	async wait(ms: number): Promise<void> {
		this.waits.push(ms)
		this.machine_ms += ms
		this.venue_ms += ms * this.times
		this.each(this)
		if (this.machine_ms >= 1_000_000 + this.ends_after_ms) this.stop.abort()
	}
}

const run = async (
	timer: {every_ms: number; clock: 'venue' | 'machine'},
	times: number,
	ends_after_ms: number,
	each?: (clock: WaitedClock) => void,
) => {
	const stop = new AbortController()
	const clock = new WaitedClock(times, ends_after_ms, stop, each)
	const fired: number[] = []
	await new TimerSweep(timer, clock, async () => {
		fired.push(timer.clock === 'machine' ? clock.machine_ms : clock.venue_ms)
	}).run(stop.signal)
	return {fired, clock}
}

describe('a timer', () => {
	it.each([
		['venue', 1, 10_000, 60_500, 6],
		['venue', 60, 60_000, 60_500, 60],
		['machine', 60, 10_000, 60_500, 6],
		['venue', 0.5, 10_000, 60_500, 3],
	] as const)(
		'of the %s’s clock at %s times the speed, every %s ms, fires in %s ms of machine time %s times',
		async (clock, times, every_ms, within, expected) => {
			expect((await run({every_ms, clock}, times, within)).fired).toHaveLength(expected)
		},
	)

	it('never fires more often than its floor, however fast the venue’s clock', async () => {
		const {fired, clock} = await run({every_ms: 1_000, clock: 'venue'}, 100_000, 1_010)
		expect(fired.length).toBe(50)
		expect(Math.min(...clock.waits)).toBe(20)
	})

	it('fires in lock-step only when the venue’s clock is moved', async () => {
		let rounds = 0
		const {fired} = await run({every_ms: 60_000, clock: 'venue'}, 0, 100_500, clock => {
			rounds += 1
			if (rounds % 10 === 0) clock.venue_ms += 30_000
		})
		expect(fired).toEqual([5_060_000, 5_120_000, 5_180_000, 5_240_000, 5_300_000])
	})

	it('begins anew when its clock is set back, and notices a change of speed', async () => {
		let moved = false
		const {fired} = await run({every_ms: 3_600_000, clock: 'venue'}, 1, 10_000, clock => {
			if (moved || clock.machine_ms < 1_003_000) return
			moved = true
			clock.venue_ms = 1_000
			clock.times = 3_600
		})
		expect(fired.length).toBeGreaterThanOrEqual(5)
		expect(fired[0]).toBeLessThan(3_600_000 * 3)
	})

	it('fires at once when it is told to look, once for all that has passed, and answers when that is done', async () => {
		const clock = new WaitedClock(0, Infinity, new AbortController())
		const fired: number[] = []
		const timer = new TimerSweep({every_ms: 1_000, clock: 'venue'}, clock, async () => {
			const {venue_ms} = clock
			await Promise.resolve()
			fired.push(venue_ms)
		})
		clock.venue_ms += 999
		await timer.look()
		expect(fired).toEqual([])
		clock.venue_ms += 4_001
		await Promise.all([timer.look(), timer.look()])
		expect(fired).toEqual([5_005_000])
		expect(clock.waits).toEqual([])
	})
})
