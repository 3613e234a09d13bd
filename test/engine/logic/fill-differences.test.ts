import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {watchDifferences} from '../../../src/engine/logic/difference-watch.js'
import {type ComparedFill, compareFills} from '../../../src/engine/logic/fill-differences.js'
import {INCOME_SLACK_MS} from '../../../src/engine/logic/income-days.js'

const FROM_MS = 10 * INCOME_SLACK_MS
const fill = (changes: Partial<ComparedFill> = {}): ComparedFill => ({
	symbol: 'BTCUSDT',
	trade_id: '7',
	order_id: '70',
	side: 'BUY',
	price: '60000.10',
	quantity: '0.5',
	ts_ms: FROM_MS + 2 * INCOME_SLACK_MS,
	...changes,
})
const kinds = (booked: readonly ComparedFill[], listed: readonly ComparedFill[], from_ms = FROM_MS) =>
	compareFills({booked, listed, from_ms}).map(({kind, symbol, trade_id}) => `${kind} ${symbol}/${trade_id}`)

describe('a fill', () => {
	test.each<{why: string; booked?: Partial<ComparedFill>; listed?: Partial<ComparedFill>; expected: readonly string[]}>(
		[
			{why: 'is alike, however it is written', booked: {}, listed: {price: '60000.1', quantity: '0.500'}, expected: []},
			{why: 'is dated otherwise', booked: {}, listed: {ts_ms: FROM_MS}, expected: []},
			{why: 'is missing', listed: {}, expected: ['missing BTCUSDT/7']},
			{why: 'is extra', booked: {}, expected: ['extra BTCUSDT/7']},
			{why: 'has another price', booked: {}, listed: {price: '60000.2'}, expected: ['unlike BTCUSDT/7']},
			{why: 'has another size', booked: {}, listed: {quantity: '0.4'}, expected: ['unlike BTCUSDT/7']},
			{why: 'has another side', booked: {}, listed: {side: 'SELL'}, expected: ['unlike BTCUSDT/7']},
			{why: 'has another order', booked: {}, listed: {order_id: '71'}, expected: ['unlike BTCUSDT/7']},
			{
				why: 'is of another symbol',
				booked: {},
				listed: {symbol: 'ETHUSDT'},
				expected: ['missing ETHUSDT/7', 'extra BTCUSDT/7'],
			},
			{why: 'was before', listed: {ts_ms: FROM_MS - 1}, expected: []},
			{why: 'lies at the edge, and the venue dates it before', booked: {ts_ms: FROM_MS + 1}, expected: []},
		],
	)('$why', ({booked, listed, expected}) => {
		expect(kinds(booked ? [fill(booked)] : [], listed ? [fill(listed)] : [])).toEqual(expected)
	})

	test('is told as both have it', () => {
		expect(compareFills({booked: [fill()], listed: [fill({side: 'SELL'})], from_ms: 0})).toEqual([
			{
				kind: 'unlike',
				symbol: 'BTCUSDT',
				trade_id: '7',
				ledger: 'BUY 0.5 at 60000.10 of order 70',
				venue: 'SELL 0.5 at 60000.10 of order 70',
			},
		])
	})

	test('that one side has left out is the only difference', () => {
		const ids = fc.uniqueArray(fc.nat(1_000), {minLength: 1, maxLength: 30})
		fc.assert(
			fc.property(ids, fc.nat(), fc.boolean(), (trades, at, ours) => {
				const all = trades.map(trade => fill({trade_id: String(trade)}))
				expect(kinds(all, [...all].reverse())).toEqual([])
				const left = all[at % all.length]
				const rest = all.filter(one => one !== left)
				const name = `BTCUSDT/${left?.trade_id}`
				expect(ours ? kinds(rest, all) : kinds(all, rest)).toEqual([`${ours ? 'missing' : 'extra'} ${name}`])
			}),
		)
	})
})

test.each<{
	why: string
	open: Parameters<typeof watchDifferences>[0]
	names: readonly string[]
	late: readonly string[]
	standing: object
}>([
	{why: 'a new one is waited for', open: {}, names: ['a'], late: [], standing: {a: {since_ms: 100, reported: false}}},
	{
		why: 'one that stands is late',
		open: {a: {since_ms: 90, reported: false}},
		names: ['a'],
		late: ['a'],
		standing: {a: {since_ms: 90, reported: true}},
	},
	{
		why: 'a young one is not',
		open: {a: {since_ms: 91, reported: false}},
		names: ['a'],
		late: [],
		standing: {a: {since_ms: 91, reported: false}},
	},
	{
		why: 'one that was told is not told again',
		open: {a: {since_ms: 1, reported: true}},
		names: ['a'],
		late: [],
		standing: {a: {since_ms: 1, reported: true}},
	},
	{
		why: 'one that was settled is forgotten',
		open: {a: {since_ms: 1, reported: true}},
		names: [],
		late: [],
		standing: {},
	},
])('of differences, $why', ({open, names, late, standing}) => {
	const watched = watchDifferences(open, names, {machine_ms: 100, settle_ms: 10})
	expect([...watched.late]).toEqual(late)
	expect(watched.open).toEqual(standing)
})
