import * as fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {priceText} from '../../../src/engine/logic/exact.js'
import {
	gainAt,
	type LadderBasis,
	ladderOf,
	ratchetOf,
	sigma15mOf,
	stopDistance,
	targetsReached,
	trailOf,
} from '../../../src/engine/logic/exit-ladder.js'

const long: LadderBasis = {direction: 1, entry_price: 100}
const limits = defaultPolicy.exit_brain

describe('distance of the internal stop', () => {
	test.each<readonly [string, Partial<LadderBasis>, number]>([
		['three sigma of 15 minutes', {sigma_15m: 0.004}, 0.012],
		['at least stop_min', {sigma_15m: 0.0001}, 0.002],
		['at most stop_max', {sigma_15m: 0.05}, 0.02],
		['stop_max without volatility', {}, 0.02],
		['never beyond the initial stop', {sigma_15m: 0.05, initial_stop_price: 98.5}, 0.015],
		['the same without volatility', {initial_stop_price: 98.5}, 0.015],
		['nor beyond loss_max of the margin', {sigma_15m: 0.05, leverage: 10}, 0.01],
		['a wide initial stop bounds nothing', {initial_stop_price: 97, leverage: 3}, 0.02],
		['a stop beyond the entry is no risk', {sigma_15m: 0.004, initial_stop_price: 101}, 0.012],
		['a limit below stop_min wins', {sigma_15m: 0.0001, initial_stop_price: 99.9}, 0.001],
	])('%s', (_, basis, expected) => {
		expect(stopDistance({...long, ...basis}, defaultPolicy)).toBeCloseTo(expected, 12)
	})
	test('a 15-minute sigma is the root of 15 one-minute variances', () => {
		expect(sigma15mOf(0.001)).toBeCloseTo(Math.sqrt(15 * 0.001 ** 2), 15)
	})
})

test('levels of a long at 100 with a stop of 1 % at 10x', () => {
	const ladder = ladderOf({...long, leverage: 10}, defaultPolicy)
	expect(ladder).toEqual({
		direction: 1,
		entry_price: 100,
		distance: 0.01,
		stops: [99, 100.1, 101, 101.5],
		targets: [101, 101.5, 102.5],
		loss_max_price: 99,
		emergency_price: 98.75,
	})
	expect([0, 1, 2, 3, 9].map(taken => ratchetOf(ladder, taken))).toEqual([99, 100.1, 101, 101.5, 101.5])
	expect([100, 101, 101.6, 105].map(price => targetsReached(ladder, price))).toEqual([0, 1, 2, 3])
	expect(trailOf(ladder, {taken: 0, best: 105}, defaultPolicy)).toBeUndefined()
	expect(trailOf(ladder, {taken: 1, best: 105}, defaultPolicy)).toBe(104.2)
})

test('the first target lies at least target_min away, and the others keep their proportion to it', () => {
	const {targets} = ladderOf({...long, sigma_15m: 0.0001}, defaultPolicy)
	expect(targets).toEqual([100.3, 100.45, 100.75])
})

const basis = fc.record({
	entry_price: fc.integer({min: 1, max: 10 ** 9}).map(price => price / 10 ** 4),
	leverage: fc.option(fc.integer({min: 1, max: 10}), {nil: undefined}),
	sigma_15m: fc.option(fc.double({min: 1e-6, max: 0.2, noNaN: true}), {nil: undefined}),
	initial: fc.option(fc.double({min: 0.003, max: 0.2, noNaN: true}), {nil: undefined}),
})

test('of any position: levels in order, none beyond what may be lost, a short the mirror of a long', () => {
	fc.assert(
		fc.property(basis, ({initial, ...of}) => {
			const [up, down] = ([1, -1] as const).map(direction => {
				const initial_stop_price = initial === undefined ? undefined : of.entry_price * (1 - direction * initial)
				return ladderOf({...of, direction, initial_stop_price}, defaultPolicy)
			})
			if (!up || !down) throw new Error('two ladders')
			const {distance, targets, stops, loss_max_price = 0, emergency_price = 0} = up
			expect(distance).toBeLessThanOrEqual(limits.stop_max)
			if (of.leverage !== undefined) expect(distance * of.leverage).toBeLessThanOrEqual(limits.loss_max + 1e-12)
			if (initial !== undefined) expect(distance).toBeLessThanOrEqual(initial + 1e-9)
			const rising = [emergency_price, loss_max_price, stops[0], of.entry_price, ...targets]
			expect(rising).toEqual(rising.toSorted((one, other) => one - other))
			expect(gainAt(up, targets[0] ?? 0)).toBeGreaterThanOrEqual(limits.target_min - 1e-9)
			expect(down.distance).toBeCloseTo(distance, 9)
			for (const [index, price] of [...stops, ...targets].entries()) {
				const mirror = [...down.stops, ...down.targets][index] ?? 0
				expect(Math.abs(price + mirror - 2 * of.entry_price) / of.entry_price).toBeLessThan(1e-8)
			}
		}),
	)
})

test.each([
	[102.99999999999999, '103'],
	[0.00000012345, '0.00000012345'],
	[1e-7, '0.0000001'],
	[123456.789012345, '123456.789'],
])('%d goes into an order as %s', (price, text) => {
	expect(priceText(price)).toBe(text)
})
