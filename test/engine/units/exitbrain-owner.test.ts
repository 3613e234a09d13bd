import * as fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {
	at,
	brief,
	left,
	type Mirror,
	mirrored,
	open,
	type Plan,
	plansOf,
	play,
	START_MS,
	SYMBOL,
	snapshot,
	startBrain,
	tickAt,
	wordsOf,
} from './exiting.js'

describe('nothing is done', () => {
	test('while flat', async () => {
		const unit = await startBrain()
		await unit.send('position', snapshot(1, {amount: '0'}))
		expect(await unit.send('tick', tickAt(1, 90))).toEqual([])
	})

	test('for a symbol outside the share that it owns', async () => {
		const unit = await startBrain({policy: {exit_brain: {...defaultPolicy.exit_brain, symbols_share: 1e-9}}})
		await unit.send('position', snapshot(1))
		expect(await unit.send('tick', tickAt(1, 90))).toEqual([])
	})

	test('on a tick that is too old, or that is only measured', async () => {
		const unit = await open(1)
		unit.clock.advance(20_000)
		expect(await unit.send('tick', tickAt(1, 90), {ts: unit.clock.venue() - 10_001})).toEqual([])
		expect(await unit.send('tick', tickAt(1, 90), {authority: 'shadow'})).toEqual([])
		expect(plansOf(await unit.send('tick', tickAt(1, 90), {ts: unit.clock.venue() - 10_000}))).toHaveLength(1)
	})

	test('on a position that is only measured', async () => {
		const unit = await startBrain()
		await unit.send('position', snapshot(1), {authority: 'shadow'})
		expect(await unit.send('tick', tickAt(1, 90))).toEqual([])
	})
})

describe('the word of the owner', () => {
	test('comes with the first price, every 10 s, and with every plan', async () => {
		const unit = await open(1)
		const words = async (price: number, wait_ms: number) => {
			unit.clock.advance(wait_ms)
			return wordsOf(await unit.send('tick', tickAt(1, price)))
		}
		expect(await words(100.5, 0)).toEqual([
			{
				symbol: SYMBOL,
				opened_ms: START_MS,
				gain: 0.005,
				margin_gain: 0.015,
				kill_score: 0,
				stop_price: '99',
				next_target_price: '101',
				targets_taken: 0,
				trailing: false,
			},
		])
		expect(await words(100.5, 9_999)).toEqual([])
		expect(await words(100.5, 1)).toHaveLength(1)
		expect(await words(101, 1)).toHaveLength(1)
		await unit.send('position', snapshot(1, {amount: '6'}))
		expect(await words(101, 10_000)).toMatchObject([
			{stop_price: '100.2', next_target_price: '101.5', targets_taken: 1, trailing: true},
		])
	})

	test('at speed comes each half second of the machine', async () => {
		const unit = await startBrain({speed: 300})
		await unit.send('position', snapshot(1))
		expect(wordsOf(await unit.send('tick', tickAt(1, 100)))).toHaveLength(1)
		unit.clock.advance(149_999)
		expect(wordsOf(await unit.send('tick', tickAt(1, 100)))).toEqual([])
		unit.clock.advance(1)
		expect(wordsOf(await unit.send('tick', tickAt(1, 100)))).toHaveLength(1)
	})

	test('is repeated by the clock while the price is fresh, and ends with it', async () => {
		const unit = await open(1)
		expect(await unit.timer('look')).toEqual([])
		await unit.send('tick', tickAt(1, 100))
		unit.clock.advance(10_000)
		expect(wordsOf(await unit.timer('look'))).toHaveLength(1)
		unit.clock.advance(10_001)
		expect(await unit.timer('look')).toEqual([])
	})

	test('stands in its key until the position is flat', async () => {
		const unit = await open(1)
		await at(unit, 1, 101)
		expect(unit.bus.store.hashAll(`test:exit:state:${SYMBOL}`)).toMatchObject({
			amount: '8',
			distance: '0.01',
			internal_stop_price: '99',
			resting_stop_price: '97',
			targets: '["101","101.5","102.5"]',
			targets_taken: '0',
			loss_max_price: '96.66666667',
			emergency_price: '95.83333333',
			closing: 'target_1',
			venue_ms: String(unit.clock.venue()),
		})
		await unit.send('position', snapshot(1, {amount: '0'}))
		expect(unit.bus.store.exists(`test:exit:state:${SYMBOL}`)).toBe(false)
	})
})

test('of any walk of prices: a short does what the long does in the mirror; the stop moves only towards less risk; closes keep their distance', async () => {
	const step = fc.oneof(
		{weight: 8, arbitrary: fc.integer({min: -60, max: 60})},
		{weight: 2, arbitrary: fc.constant('obey' as const)},
		{weight: 1, arbitrary: fc.constant('wait' as const)},
	)
	const walk = async (mirror: Mirror, steps: readonly (number | 'obey' | 'wait')[]) => {
		const unit = await open(mirror)
		const told: string[] = []
		let price = 100
		let amount = 8
		let resting = 97
		let asked: Plan[] = []
		for (const what of steps) {
			if (what === 'wait') unit.clock.advance(11_000)
			else if (what === 'obey') {
				for (const {action, quantity, stop_price} of asked) {
					if (stop_price === undefined) amount -= Number(quantity)
					else {
						const stop = Number(mirrored(mirror, Number(stop_price)))
						// The same one twice, where the first was not seen to be done.
						expect(stop, `${action} from ${resting}`).toBeGreaterThanOrEqual(resting)
						resting = stop
					}
				}
				asked = []
				await play(unit, mirror, [left(mirror, Math.max(0, amount), [resting, `s-${resting}`])])
				if (amount <= 0) break
			} else {
				price = Number((price + what / 100).toFixed(2))
				const plans = await at(unit, mirror, price)
				asked.push(...plans)
				told.push(...plans.map(plan => `${price}: ${brief(mirror, plan)}`))
			}
		}
		return told
	}
	await fc.assert(
		fc.asyncProperty(fc.array(step, {minLength: 10, maxLength: 60}), async steps => {
			expect(await walk(-1, steps)).toEqual(await walk(1, steps))
		}),
		{numRuns: 60},
	)
})
