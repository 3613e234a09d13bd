import fc from 'fast-check'
import {describe, expect, it, test} from 'vitest'
import {cpuTicksOf, lagCeiling, profileText, shortfallText, thirdsOf} from '../../src/bench/lag.js'

describe('thirds of a run', () => {
	test.each([
		[[], [], []],
		[[1], [1], [1]],
		[[1, 2], [1], [2]],
		[
			[1, 2, 3, 4, 5, 6, 7],
			[1, 2],
			[6, 7],
		],
	])('%j: %j and %j', (items, first, last) => {
		expect(thirdsOf(items)).toEqual([first, last])
	})

	it('are equally long and lie at the ends', () => {
		fc.assert(
			fc.property(fc.array(fc.integer(), {minLength: 1}), items => {
				const [first, last] = thirdsOf(items)
				expect(first.length).toBe(last.length)
				expect(items.slice(0, first.length)).toEqual(first)
				expect(items.slice(-last.length)).toEqual(last)
			}),
		)
	})
})

test.each([
	['nothing was seen', [], 1_000],
	['a second is nothing', [5, 10, 20], 1_000],
	['half as much again as the median', [900, 2_000, 90_000], 3_000],
])('what the last third may come to: %s', (_, first, ceiling) => {
	expect(lagCeiling(first)).toBe(ceiling)
})

test('processor time is read after a name with blanks and brackets in it', () => {
	const rest = 'S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0'
	expect(cpuTicksOf(`4711 (host) core (x) ${rest}`)).toBe(300)
})

test('the processor time of this process grows', async () => {
	const {readFile} = await import('node:fs/promises')
	const own = cpuTicksOf(await readFile('/proc/self/stat', 'utf8'))
	const {user, system} = process.cpuUsage()
	expect(Math.abs(own / 100 - (user + system) / 1e6)).toBeLessThan(1)
})

const profile = (shares: Record<string, number>) => new Map(Object.entries(shares))

test('a profile names the busiest first', () => {
	expect(profileText(profile({redis: 0.4, 'host-core': 0.923, venue: 0.5}), 2)).toBe(
		'host-core 92 %, venue 50 %, redis 40 %; all 182 % of 2 cores',
	)
})

describe('a shortfall', () => {
	it('is none while nearly all ticks come', () => {
		expect(shortfallText(475, 500, profile({redis: 1}), 3, 2)).toEqual([])
	})
	it('is due to who has a core and needs more', () => {
		expect(shortfallText(300, 500, profile({'host-core': 0.97, venue: 0.3}), 3, 2)).toEqual([
			'this machine did not hold 500 ticks/s, but 300: host-core had a core of its own and no more',
		])
	})
	it('is due to others where nobody has', () => {
		expect(shortfallText(300, 500, profile({'host-core': 0.5, venue: 0.3}), 14.04, 2)).toEqual([
			'this machine did not hold 500 ticks/s, but 300: no process had a whole core, ours together 80 % of one, with a load of 14.0 on 2 cores',
		])
	})
})
