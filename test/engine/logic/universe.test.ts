import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy, type Policy} from '../../../src/engine/contracts/policy.js'
import {type Listing, type Standing, standingText, universeOf} from '../../../src/engine/logic/universe.js'

const trades: Listing = {tradable: true, quote_volume_usdt: 1_000, spread_bps: 2}
const rules = (allowlist: readonly string[], universe: Partial<Policy['universe']> = {}) => ({
	...defaultPolicy,
	allowlist: [...allowlist],
	universe: {...defaultPolicy.universe, ...universe},
})

describe('a symbol of the allowlist', () => {
	test.each<{why: string; listing?: Listing; minimum?: number; expected: Partial<Standing>}>([
		{why: 'may open', listing: trades, expected: {open: true, quote_volume_usdt: 1_000, spread_bps: 2}},
		{why: 'may open at the least volume', listing: trades, minimum: 1_000, expected: {open: true}},
		{why: 'is not listed', expected: {open: false, reason: 'NOT_LISTED', quote_volume_usdt: 0}},
		{why: 'does not trade', listing: {...trades, tradable: false}, expected: {open: false, reason: 'NOT_TRADING'}},
		{why: 'is too little traded', listing: trades, minimum: 1_001, expected: {open: false, reason: 'VOLUME_LOW'}},
		{
			why: 'does not trade, which comes before too little',
			listing: {...trades, tradable: false},
			minimum: 1_001,
			expected: {reason: 'NOT_TRADING'},
		},
	])('$why', ({listing, minimum = 0, expected}) => {
		const universe = universeOf(rules(['AAUSDT'], {quote_volume_min_usdt: minimum}), {
			...(listing && {AAUSDT: listing}),
		})
		expect(universe.AAUSDT).toMatchObject(expected)
	})

	test('has its sector, or none', () => {
		const universe = universeOf(rules(['BTCUSDT', 'ZZUSDT']), {BTCUSDT: trades, ZZUSDT: trades})
		expect(universe).toMatchObject({BTCUSDT: {sector: 'store of value'}})
		expect(universe.ZZUSDT).not.toHaveProperty('sector')
	})

	test('is named once, and no other is', () => {
		expect(Object.keys(universeOf(rules(['BBUSDT', 'AAUSDT', 'BBUSDT']), {CCUSDT: trades}))).toEqual([
			'AAUSDT',
			'BBUSDT',
		])
	})
})

describe('TOP10', () => {
	const names = Array.from({length: 12}, (_, index) => `S${String.fromCharCode(65 + index)}USDT`)
	const listed = (of: (index: number) => Partial<Listing>) =>
		Object.fromEntries(names.map((name, index) => [name, {...trades, ...of(index)}]))
	const left = (listings: Record<string, Listing>) => {
		const universe = universeOf(rules(names, {mode: 'TOP10'}), listings)
		return names.filter(name => universe[name]?.reason === 'NOT_IN_TOP10')
	}

	test.each<{why: string; of: (index: number) => Partial<Listing>; expected: readonly string[]}>([
		{why: 'the least traded are left', of: index => ({quote_volume_usdt: index}), expected: ['SAUSDT', 'SBUSDT']},
		{why: 'of equal ones the widest', of: index => ({spread_bps: -index}), expected: ['SAUSDT', 'SBUSDT']},
		{why: 'of equal ones the last by name', of: () => ({}), expected: ['SKUSDT', 'SLUSDT']},
		{why: 'what does not trade takes no place', of: index => ({tradable: index > 1}), expected: []},
	])('$why', ({of, expected}) => {
		expect(left(listed(of))).toEqual(expected)
	})

	test('never more than ten, and none that is traded more is left', () => {
		fc.assert(
			fc.property(fc.array(fc.nat(20), {minLength: 12, maxLength: 12}), volumes => {
				const listings = listed(index => ({quote_volume_usdt: volumes[index] ?? 0}))
				const out = left(listings)
				expect(out).toHaveLength(2)
				const inside = names.filter(name => !out.includes(name))
				const volume = (name: string) => listings[name]?.quote_volume_usdt ?? 0
				expect(Math.min(...inside.map(volume))).toBeGreaterThanOrEqual(Math.max(...out.map(volume)))
			}),
		)
	})
})

test.each<{standing: Standing | undefined; expected: string}>([
	{standing: {open: true, quote_volume_usdt: 1}, expected: 'OPEN'},
	{standing: {open: false, reason: 'VOLUME_LOW', quote_volume_usdt: 1}, expected: 'VOLUME_LOW'},
	{standing: undefined, expected: 'REMOVED'},
])('in a word: $expected', ({standing, expected}) => {
	expect(standingText(standing)).toBe(expected)
})
