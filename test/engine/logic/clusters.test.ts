import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {clustersOf, distanceOf, TOGETHER_FROM} from '../../../src/engine/logic/clusters.js'
import {correlationOf, correlationsOf, pairName} from '../../../src/engine/logic/correlation.js'

const SYMBOLS = ['AAUSDT', 'BBUSDT', 'CCUSDT', 'DDUSDT', 'EEUSDT', '币安人生USDT']
const value = fc.double({min: -0.1, max: 0.1, noNaN: true})
const rows = fc
	.record({
		names: fc.subarray(SYMBOLS, {minLength: 1}),
		series: fc.array(fc.array(value, {minLength: 20, maxLength: 20}), {minLength: 6, maxLength: 6}),
	})
	.map(({names, series}) => new Map(names.map((name, index) => [name, series[index] ?? []])))

/** By the textbook: covariance over both deviations, in other terms than the code's. */
const straightforward = (one: readonly number[], other: readonly number[]): number => {
	const n = one.length
	const sum = (of: readonly number[]) => of.reduce((total, item) => total + item, 0)
	const products = sum(one.map((item, index) => item * (other[index] ?? 0)))
	const squares = (of: readonly number[]) => n * sum(of.map(item => item * item)) - sum(of) ** 2
	return (n * products - sum(one) * sum(other)) / Math.sqrt(squares(one) * squares(other))
}

describe('correlation', () => {
	test.each<{why: string; one: readonly number[]; other: readonly number[]; expected: number}>([
		{why: 'together', one: [1, 2, 3], other: [10, 20, 30], expected: 1},
		{why: 'against each other', one: [1, 2, 3], other: [3, 2, 1], expected: -1},
		{why: 'half', one: [1, 2, 3], other: [1, 3, 2], expected: 0.5},
		{why: 'unrelated', one: [1, 2, 1, 2], other: [1, 1, 2, 2], expected: 0},
		{why: 'one stands still', one: [1, 2, 3], other: [5, 5, 5], expected: 0},
		{
			why: 'Anscombe’s first quartet',
			one: [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5],
			other: [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68],
			expected: 0.8164,
		},
	])('$why: $expected', ({one, other, expected}) => {
		expect(correlationOf(one, other)).toBe(expected)
	})

	test('is what the textbook says, symmetric, and lies from -1 to 1', () => {
		const row = fc.array(fc.integer({min: -1_000, max: 1_000}), {minLength: 10, maxLength: 10})
		fc.assert(
			fc.property(row, row, (one, other) => {
				const found = correlationOf(one, other)
				expect(correlationOf(other, one)).toBe(found)
				expect(Math.abs(found)).toBeLessThanOrEqual(1)
				const still = [one, other].some(of => new Set(of).size === 1)
				expect(found).toBeCloseTo(still ? 0 : straightforward(one, other), 3)
			}),
		)
	})

	test('of every pair, in order', () => {
		const names = Object.keys(correlationsOf(new Map(['C', 'A', 'B'].map(name => [name, [1, 2, 3]]))))
		expect(names).toEqual(['A|B', 'A|C', 'B|C'])
	})
})

describe('clusters', () => {
	test.each<{correlation: number | undefined; distance: number}>([
		{correlation: 1, distance: 0},
		{correlation: 0.5, distance: 0.5},
		{correlation: -1, distance: 1},
		{correlation: undefined, distance: Math.SQRT1_2},
	])('a correlation of $correlation is a distance of $distance', ({correlation, distance}) => {
		expect(distanceOf(correlation)).toBeCloseTo(distance, 12)
	})

	test.each<{why: string; pairs: Record<string, number>; expected: Record<string, readonly string[]>}>([
		{why: 'at the cut they are one', pairs: {'A|B': TOGETHER_FROM}, expected: {A: ['A', 'B'], C: ['C']}},
		{why: 'below it they are not', pairs: {'A|B': 0.69}, expected: {A: ['A'], B: ['B'], C: ['C']}},
		{why: 'the closest first', pairs: {'A|B': 0.75, 'B|C': 0.9, 'A|C': 0.2}, expected: {A: ['A'], B: ['B', 'C']}},
		{why: 'all of them', pairs: {'A|B': 0.9, 'B|C': 0.9, 'A|C': 0.8}, expected: {A: ['A', 'B', 'C']}},
		{why: 'against each other is far', pairs: {'A|B': -1}, expected: {A: ['A'], B: ['B'], C: ['C']}},
		{why: 'unknown is apart', pairs: {}, expected: {A: ['A'], B: ['B'], C: ['C']}},
	])('$why', ({pairs, expected}) => {
		expect(clustersOf(['A', 'B', 'C'], pairs)).toEqual(expected)
	})

	test('each symbol is in exactly one cluster, which is named by its first', () => {
		fc.assert(
			fc.property(rows, of => {
				const clusters = clustersOf([...of.keys()], correlationsOf(of))
				expect(Object.values(clusters).flat().sort()).toEqual([...of.keys()].sort())
				for (const [name, members] of Object.entries(clusters)) {
					expect(members).toEqual([...members].sort())
					expect(name).toBe(members[0])
				}
			}),
		)
	})

	test('the order of the symbols does not matter', () => {
		const shuffled = rows.chain(of =>
			fc.tuple(fc.constant(of), fc.shuffledSubarray([...of], {minLength: of.size, maxLength: of.size})),
		)
		fc.assert(
			fc.property(shuffled, ([of, entries]) => {
				const other = new Map(entries)
				expect(correlationsOf(other)).toEqual(correlationsOf(of))
				expect(clustersOf([...other.keys()], correlationsOf(other))).toEqual(
					clustersOf([...of.keys()], correlationsOf(of)),
				)
			}),
		)
	})

	test('symbols that move as one are one cluster', () => {
		fc.assert(
			fc.property(fc.array(value, {minLength: 20, maxLength: 20}), row => {
				fc.pre(Math.max(...row) - Math.min(...row) > 1e-3)
				const of = new Map(['A', 'B'].map((name, index) => [name, row.map(item => item * (index + 1))]))
				expect(correlationsOf(of)[pairName('B', 'A')]).toBe(1)
				expect(clustersOf(['A', 'B'], correlationsOf(of))).toEqual({A: ['A', 'B']})
			}),
		)
	})
})
