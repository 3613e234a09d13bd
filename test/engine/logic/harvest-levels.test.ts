import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {add, exact, textOf} from '../../../src/engine/logic/exact.js'
import {
	beyond,
	gainInR,
	type Harvestable,
	harvestLevels,
	riskDistance,
	trailingStop,
} from '../../../src/engine/logic/harvest-levels.js'

const {harvest} = defaultPolicy
const byMargin = {...harvest, r_of: 'margin' as const}
const long: Harvestable = {amount: '0.5', entry_price: '100', largest: '0.5', initial_stop_price: '97', leverage: 10}
const short: Harvestable = {...long, amount: '-0.5', initial_stop_price: '103'}

describe('levels', () => {
	test('of a long', () => {
		expect(harvestLevels(long, harvest)).toEqual({
			distance: '3',
			r_usdt: '1.5',
			first_price: '101.5',
			break_even_price: '103',
			break_even_stop: '100.1',
		})
	})

	test('of a short', () => {
		expect(harvestLevels(short, harvest)).toEqual({
			distance: '3',
			r_usdt: '1.5',
			first_price: '98.5',
			break_even_price: '97',
			break_even_stop: '99.9',
		})
	})

	test('R is of the position at its largest: a part that was closed changes no level', () => {
		expect(harvestLevels({...long, amount: '0.1'}, harvest)).toEqual(harvestLevels(long, harvest))
	})

	test('over the margin reproduce the former system: 0.004 at 50,000 with 10x is first harvested at 52,500', () => {
		const position: Harvestable = {amount: '0.004', entry_price: '50000', largest: '0.004', leverage: 10}
		const levels = harvestLevels(position, byMargin)
		expect(levels).toMatchObject({distance: '5000', r_usdt: '20', first_price: '52500'})
		expect(gainInR(position, '50100', {distance: '5000'})).toBe(0.02)
		expect(gainInR(position, '51500', {distance: '5000'})).toBe(0.3)
		expect(gainInR(position, '52500', {distance: '5000'})).toBe(0.5)
	})
})

test.each<{why: string; position: Harvestable; r_of: 'risk' | 'margin'}>([
	{why: 'flat', position: {...long, amount: '0'}, r_of: 'risk'},
	{why: 'no entry price', position: {...long, entry_price: '0'}, r_of: 'risk'},
	{why: 'no initial stop', position: {...long, initial_stop_price: undefined}, r_of: 'risk'},
	{why: 'a stop at the entry', position: {...long, initial_stop_price: '100'}, r_of: 'risk'},
	{why: 'a long with a stop above its entry', position: {...long, initial_stop_price: '101'}, r_of: 'risk'},
	{why: 'a short with a stop below its entry', position: {...short, initial_stop_price: '99'}, r_of: 'risk'},
	{why: 'margin without a leverage', position: {...long, leverage: undefined}, r_of: 'margin'},
])('no R: $why', ({position, r_of}) => {
	expect(riskDistance(position, r_of)).toBeUndefined()
	expect(harvestLevels(position, {...harvest, r_of})).toBeUndefined()
})

test('levels that would be no price are none', () => {
	expect(harvestLevels({...short, initial_stop_price: '210'}, harvest)).toBeUndefined()
	expect(trailingStop(long, {distance: '300'}, '100', 0.5)).toBeUndefined()
})

test('the trailing stop lies trail_r behind the best price', () => {
	expect(trailingStop(long, {distance: '3'}, '106', 0.5)).toBe('104.5')
	expect(trailingStop(short, {distance: '3'}, '94', 0.5)).toBe('95.5')
})

test('a short is a long in the mirror of its entry price', () => {
	const cents = (min: number, max: number) => fc.integer({min, max}).map(value => textOf(exact(value).div(100)))
	fc.assert(
		fc.property(
			cents(10_000, 10_000_000),
			fc.integer({min: 1, max: 40}),
			cents(1, 10_000),
			fc.integer({min: 1, max: 20}),
			fc.constantFrom('risk' as const, 'margin' as const),
			cents(1, 9_000),
			(entry_price, permille, largest, leverage, r_of, move) => {
				const stopAway = textOf(exact(entry_price).mul(permille).div(1_000))
				const mirrored = (price: string): string => add(entry_price, textOf(exact(entry_price).sub(price)))
				const bull: Harvestable = {
					amount: largest,
					entry_price,
					largest,
					leverage,
					initial_stop_price: textOf(exact(entry_price).sub(stopAway)),
				}
				const bear: Harvestable = {
					...bull,
					amount: `-${largest}`,
					initial_stop_price: add(entry_price, stopAway),
				}
				const policy = {...harvest, r_of, break_even_r: 0.9}
				const [up, down] = [harvestLevels(bull, policy), harvestLevels(bear, policy)]
				if (!up || !down) return false
				expect(down.distance).toBe(up.distance)
				expect(down.r_usdt).toBe(up.r_usdt)
				const price = add(entry_price, move)
				expect(gainInR(bear, mirrored(price), down)).toBe(gainInR(bull, price, up))
				// Prices keep ten digits, so a mirrored one may differ in the last.
				const digit = exact(entry_price).mul('1e-9')
				const near = (left: string, right: string) => expect(exact(left).sub(right).abs().lte(digit)).toBe(true)
				near(down.first_price, mirrored(up.first_price))
				near(down.break_even_price, mirrored(up.break_even_price))
				near(down.break_even_stop, mirrored(up.break_even_stop))
				expect(beyond(bull, up.first_price, entry_price).gt(0)).toBe(true)
				expect(beyond(bear, down.first_price, entry_price).gt(0)).toBe(true)
				expect(beyond(bear, down.break_even_stop, entry_price).gt(0)).toBe(true)
				return true
			},
		),
	)
})
