import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {PlanClass} from '../../../src/engine/contracts/streams/trade.js'
import {PriorityLimiter} from '../../../src/engine/exchange/priority-limiter.js'
import {HandClock} from '../../support/drive.js'

describe('priority limiter', () => {
	it('lets protection before exits before entries, each in the order of asking', async () => {
		const limiter = new PriorityLimiter(new HandClock(), {per_10s: 2, per_minute: 100, waiting_max: 100})
		const passed: string[] = []
		const ask = (of: PlanClass, name: string) => limiter.admit(of, 1).then(() => passed.push(name))
		await Promise.all([
			ask('ENTRY', 'first'),
			ask('ENTRY', 'entry-1'),
			ask('EXIT', 'exit'),
			ask('ENTRY', 'entry-2'),
			ask('PROTECT', 'stop'),
			ask('PROTECT', 'stop-2'),
		])
		expect(passed.indexOf('first')).toBe(0)
		const waited = passed.filter(name => name !== 'first')
		expect(waited.indexOf('entry-1')).toBeLessThan(waited.indexOf('entry-2'))
		expect(waited.indexOf('stop')).toBeLessThan(waited.indexOf('stop-2'))
		expect(waited.slice(-2)).toEqual(['entry-1', 'entry-2'])
	})

	it('keeps room for stops when entries have used theirs', async () => {
		const clock = new HandClock()
		const limiter = new PriorityLimiter(clock, {per_10s: 10, per_minute: 100, waiting_max: 100})
		const started_ms = clock.machine()
		for (let count = 0; count < 8; count += 1) await limiter.admit('ENTRY', 1)
		await limiter.admit('EXIT', 1)
		await limiter.admit('PROTECT', 1)
		expect(clock.machine()).toBe(started_ms)
		await limiter.admit('PROTECT', 1)
		expect(clock.machine()).toBe(started_ms + 10_000)
	})

	it('is silent as long as the venue asks, for everybody, and cancels cost nothing', async () => {
		const clock = new HandClock()
		const limiter = new PriorityLimiter(clock, {per_10s: 1, per_minute: 1, waiting_max: 100})
		const started_ms = clock.machine()
		for (let count = 0; count < 5; count += 1) await limiter.admit('PROTECT', 0)
		expect(clock.machine()).toBe(started_ms)
		limiter.hold(7_000)
		limiter.hold(3_000)
		await limiter.admit('PROTECT', 0)
		expect(clock.machine()).toBe(started_ms + 7_000)
	})

	it('refuses what does not fit, and everything when it closes', async () => {
		const clock = new HandClock()
		clock.wait = () => new Promise(() => undefined)
		const limiter = new PriorityLimiter(clock, {per_10s: 1, per_minute: 1, waiting_max: 1})
		await limiter.admit('ENTRY', 1)
		const waiting = limiter.admit('ENTRY', 1)
		expect(await limiter.admit('ENTRY', 1)).toEqual({ok: false, reason: 'QUEUE_FULL'})
		limiter.close()
		expect(await waiting).toEqual({ok: false, reason: 'STOPPING'})
		expect(await limiter.admit('PROTECT', 0)).toEqual({ok: false, reason: 'STOPPING'})
	})

	it('never exceeds either rate in any window, and lets everybody through in the end', async () => {
		const request = fc.record({
			of: fc.constantFrom<PlanClass>('ENTRY', 'EXIT', 'PROTECT'),
			after_ms: fc.integer({min: 0, max: 4_000}),
		})
		await fc.assert(
			fc.asyncProperty(fc.array(request, {minLength: 1, maxLength: 60}), async requests => {
				const clock = new HandClock()
				// Whoever was let through notes the time before it moves on.
				clock.wait = async ms => {
					await new Promise(setImmediate)
					clock.advance(ms)
				}
				const budget = {per_10s: 5, per_minute: 12, waiting_max: 1_000}
				const limiter = new PriorityLimiter(clock, budget)
				const passed: number[] = []
				const all: Array<Promise<unknown>> = []
				for (const {of, after_ms} of requests) {
					clock.advance(after_ms)
					all.push(limiter.admit(of, 1).then(() => passed.push(clock.machine())))
					await new Promise(setImmediate)
				}
				await Promise.all(all)
				for (const [ms, most] of [
					[10_000, 5],
					[60_000, 12],
				] as const)
					for (const from of passed)
						expect(passed.filter(at => at >= from && at < from + ms).length).toBeLessThanOrEqual(most)
			}),
			{numRuns: 40},
		)
	})
})
