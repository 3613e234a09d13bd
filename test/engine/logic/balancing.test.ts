import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {type Exposed, lessened, reductionsFor, usageOf} from '../../../src/engine/logic/balancing.js'
import type {Clusters} from '../../../src/engine/logic/clusters.js'
import {exact, textOf} from '../../../src/engine/logic/exact.js'

const balance = {gross_share_max: 1, net_share_max: 0.8, cluster_share_max: 0.6, reduce_to: 0.9}
/** Price 10 each: 100 USDT are a size of 10. */
const held = (notionals: Readonly<Record<string, number>>): readonly Exposed[] =>
	Object.entries(notionals).map(([symbol, notional]) => ({
		symbol,
		amount: textOf(exact(notional).div(10)),
		notional_usdt: String(notional),
	}))
const after = (positions: readonly Exposed[], clusters: Clusters, equity: string, caps = balance) => {
	const reductions = new Map(reductionsFor(positions, clusters, equity, caps).map(one => [one.symbol, one.quantity]))
	return positions.map(position => lessened(position, reductions.get(position.symbol) ?? '0'))
}

describe('with 1,000 USDT of equity', () => {
	const plan = (notionals: Readonly<Record<string, number>>, clusters: Clusters = {}) =>
		reductionsFor(held(notionals), clusters, '1000', balance).map(({symbol, quantity, scope}) => [
			symbol,
			quantity,
			scope,
		])
	test.each<{why: string; notionals: Record<string, number>; clusters?: Clusters; expected: readonly unknown[]}>([
		{why: 'all caps hold', notionals: {AUSDT: 500, BUSDT: 300}, expected: []},
		{why: 'at a cap it holds', notionals: {AUSDT: 500, BUSDT: -500}, expected: []},
		{
			why: 'gross goes to 900 from the largest',
			notionals: {AUSDT: 600, BUSDT: -500},
			expected: [['AUSDT', '20', 'gross']],
		},
		{why: 'net goes to 720 on the heavy side', notionals: {AUSDT: 500, BUSDT: 400}, expected: [['AUSDT', '18', 'net']]},
		{
			why: 'a short side too',
			notionals: {AUSDT: -500, BUSDT: -400, CUSDT: 20},
			expected: [['AUSDT', '16', 'net']],
		},
		{
			why: 'a cluster goes to 540',
			notionals: {AUSDT: 400, BUSDT: 250, CUSDT: -100},
			clusters: {majors: ['AUSDT', 'BUSDT']},
			expected: [['AUSDT', '11', 'cluster.majors']],
		},
		{
			why: 'longs and shorts of a cluster hold each other',
			notionals: {AUSDT: 450, BUSDT: -450},
			clusters: {majors: ['AUSDT', 'BUSDT']},
			expected: [],
		},
		{
			why: 'the largest is closed whole before the next is touched',
			notionals: {AUSDT: 1_000, BUSDT: 900, CUSDT: 700},
			expected: [
				['AUSDT', '100', 'net'],
				['BUSDT', '88', 'net'],
			],
		},
	])('$why', ({notionals, clusters = {}, expected}) => {
		expect(plan(notionals, clusters)).toEqual(expected)
	})

	test('nothing is planned without equity', () => {
		expect(reductionsFor(held({AUSDT: 100}), {}, '0', balance)).toEqual([])
		expect(reductionsFor(held({AUSDT: 100}), {}, '-10', balance)).toEqual([])
	})
})

const symbols = ['AUSDT', 'BUSDT', 'CUSDT', 'DUSDT', 'EUSDT', 'FUSDT']
const notionals = fc.dictionary(fc.constantFrom(...symbols), fc.integer({min: -2_000, max: 2_000}), {maxKeys: 6})
const clusters = fc.array(fc.constantFrom('one', 'two', 'none'), {minLength: 6, maxLength: 6}).map(names => ({
	one: symbols.filter((_, index) => names[index] === 'one'),
	two: symbols.filter((_, index) => names[index] === 'two'),
}))
const share = fc.integer({min: 1, max: 150}).map(value => value / 100)
const caps = fc.record({
	gross_share_max: share,
	net_share_max: share,
	cluster_share_max: share,
	reduce_to: fc.constantFrom(1, 0.9, 0.5),
})

test('afterwards every cap holds, nothing has turned, and nothing was touched that broke no cap', () => {
	fc.assert(
		fc.property(notionals, clusters, caps, (values, groups, limits) => {
			const positions = held(values)
			const was = usageOf(positions, groups, '1000', limits)
			const reductions = reductionsFor(positions, groups, '1000', limits)
			expect(reductions.length > 0).toBe(was.some(({broken}) => broken))
			expect(new Set(reductions.map(({symbol}) => symbol)).size).toBe(reductions.length)
			const left = after(positions, groups, '1000', limits)
			for (const {used_share, limit_share} of usageOf(left, groups, '1000', limits))
				expect(Math.abs(used_share)).toBeLessThanOrEqual(limit_share + 1e-8)
			for (const [index, {notional_usdt}] of left.entries()) {
				const before = exact(positions[index]?.notional_usdt ?? '0')
				expect(exact(notional_usdt).mul(before).gte(0)).toBe(true)
				expect(exact(notional_usdt).abs().lte(before.abs())).toBe(true)
			}
		}),
		{numRuns: 500},
	)
})

test('a short portfolio is reduced as its mirror', () => {
	fc.assert(
		fc.property(notionals, clusters, caps, (values, groups, limits) => {
			const mirrored = Object.fromEntries(Object.entries(values).map(([symbol, value]) => [symbol, -value]))
			expect(reductionsFor(held(mirrored), groups, '1000', limits)).toEqual(
				reductionsFor(held(values), groups, '1000', limits),
			)
		}),
	)
})
