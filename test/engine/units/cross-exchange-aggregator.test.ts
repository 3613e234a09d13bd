import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {FRESH_MS, medianOf, midOf, referenceOf, withOther} from '../../../src/engine/logic/reference-price.js'
import {crossExchangeAggregator} from '../../../src/engine/units/core/cross-exchange-aggregator.js'
import {drive, HandClock} from '../../support/drive.js'

const SYMBOL = '币安人生USDT'
const NOW_MS = 1_000_000
const mid = (value: number, age_ms = 0) => ({mid: value, received_ms: NOW_MS - age_ms})

describe('the reference price', () => {
	test.each<{
		why: string
		ours?: ReturnType<typeof mid>
		others?: Record<string, ReturnType<typeof mid>>
		expected: object | undefined
	}>([
		{why: 'nothing is known', expected: undefined},
		{why: 'ours alone', ours: mid(100), expected: {price: 100, sources: 1}},
		{
			why: 'ours above another',
			ours: mid(101),
			others: {a: mid(100)},
			expected: {price: 100.5, sources: 2, divergence_bps: 100},
		},
		{
			why: 'ours below three others',
			ours: mid(99),
			others: {a: mid(100), b: mid(90), c: mid(130)},
			expected: {price: 99.5, sources: 4, divergence_bps: -100},
		},
		{
			why: 'the middle of two others',
			ours: mid(100),
			others: {a: mid(90), b: mid(110)},
			expected: {price: 100, sources: 3, divergence_bps: 0},
		},
		{why: 'ours is old', ours: mid(100, FRESH_MS + 1), others: {a: mid(90)}, expected: {price: 90, sources: 1}},
		{
			why: 'the others are old',
			ours: mid(100, FRESH_MS),
			others: {a: mid(90, FRESH_MS + 1)},
			expected: {price: 100, sources: 1},
		},
		{why: 'all are old', ours: mid(100, FRESH_MS + 1), expected: undefined},
	])('$why', ({ours, others = {}, expected}) => {
		expect(referenceOf({...(ours && {ours}), others}, NOW_MS)).toEqual(expected)
	})

	test('an exchange that is silent for an hour is forgotten', () => {
		const mids = withOther({others: {old: mid(1, 3_600_000), young: mid(2, 3_599_999)}}, 'new', mid(3))
		expect(Object.keys(mids.others)).toEqual(['young', 'new'])
	})

	test('half of the prices lie on either side of the median, in any order and any unit', () => {
		const price = fc.double({min: 1e-6, max: 1e6, noNaN: true})
		fc.assert(
			fc.property(fc.array(price, {minLength: 1, maxLength: 9}), prices => {
				const median = medianOf(prices)
				expect(medianOf([...prices].reverse())).toBe(median)
				expect(prices.filter(value => value <= median).length * 2).toBeGreaterThanOrEqual(prices.length)
				expect(prices.filter(value => value >= median).length * 2).toBeGreaterThanOrEqual(prices.length)
				expect(medianOf(prices.map(value => value * 4))).toBe(median * 4)
			}),
		)
	})

	test('a mid lies between bid and ask', () => {
		expect(midOf({bid: '100', ask: '101', received_ms: 5})).toEqual({mid: 100.5, received_ms: 5})
	})
})

const start = async ({speed = 1} = {}) => {
	const clock = new HandClock(undefined, undefined, speed)
	const policy = {universe: {...defaultPolicy.universe, divergence_bps_max: 100}}
	const unit = await drive(crossExchangeAggregator, {clock, policy})
	const payloads = (emitted: Awaited<ReturnType<typeof unit.send>>) => emitted.map(({payload}) => payload)
	const book = (price: number) => ({
		symbol: SYMBOL,
		bid: String(price),
		ask: String(price),
		bid_quantity: '1',
		ask_quantity: '1',
		received_ms: clock.machine_ms,
	})
	return {
		unit,
		clock,
		ours: async (price: number, authority: 'live' | 'shadow' = 'live') =>
			payloads(await unit.send('tick', book(price), {authority})),
		other: async (price: number, source = 'a') => payloads(await unit.feed('quotes', {...book(price), source})),
		record: () => unit.bus.hashAll(unit.naming.key(keys.divergence, {})),
	}
}

describe('cross-exchange-aggregator', () => {
	test('without other exchanges the reference is our own price, and nothing diverges', async () => {
		const {unit, ours, record} = await start()
		await unit.feed('sources', {sources: []})
		expect(await ours(100)).toEqual([{symbol: SYMBOL, price: '100', sources: 1}])
		expect(await record()).toEqual({})
	})

	test('at most one entry per second of venue time, and per second of the machine', async () => {
		const {clock, ours} = await start()
		await ours(100)
		clock.advance(999)
		expect(await ours(101)).toEqual([])
		clock.advance(1)
		expect(await ours(102)).toMatchObject([{price: '102'}])
		const fast = await start({speed: 10})
		await fast.ours(100)
		fast.clock.venue_ms += 9_999
		expect(await fast.ours(101)).toEqual([])
		fast.clock.venue_ms += 1
		expect(await fast.ours(101)).toHaveLength(1)
	})

	test('an alert when our price leaves the others, once, and when it is back', async () => {
		const {clock, ours, other, record} = await start()
		await other(100)
		clock.advance(1_000)
		expect(await ours(101)).toEqual([{symbol: SYMBOL, price: '100.5', sources: 2, divergence_bps: 100}])
		expect(await record()).toEqual({[SYMBOL]: `100|${clock.machine_ms}`})
		clock.advance(1_000)
		expect(await ours(101.01)).toMatchObject([{divergence_bps: 101}, {code: 'DIVERGENCE', subject: SYMBOL}])
		clock.advance(1_000)
		expect(await ours(102)).toMatchObject([{divergence_bps: 200}])
		clock.advance(1_000)
		expect(await ours(100)).toMatchObject([{divergence_bps: 0}, {code: 'DIVERGENCE_OVER'}])
	})

	test('when the others fall silent the record stays as old as it is', async () => {
		const {clock, ours, other, record} = await start()
		await ours(100)
		clock.advance(1_000)
		await other(100)
		const before = await record()
		expect(before).toEqual({[SYMBOL]: `0|${clock.machine_ms}`})
		clock.advance(FRESH_MS + 1)
		expect(await ours(100)).toEqual([{symbol: SYMBOL, price: '100', sources: 1}])
		expect(await record()).toEqual(before)
	})

	test('the median of several, each by its newest price', async () => {
		const {clock, ours, other} = await start()
		await ours(100)
		await other(90, 'a')
		await other(110, 'b')
		await other(102, 'a')
		await other(98, 'c')
		clock.advance(1_000)
		expect(await ours(101)).toEqual([{symbol: SYMBOL, price: '101.5', sources: 4, divergence_bps: -98.04}])
	})

	test('a system that no longer asks others forgets what they said', async () => {
		const {unit, clock, ours, other, record} = await start()
		await ours(100)
		clock.advance(1_000)
		await other(100)
		await unit.feed('sources', {sources: ['a']})
		expect(Object.keys(await record())).toEqual([SYMBOL])
		await unit.feed('sources', {sources: []})
		expect(await record()).toEqual({})
	})

	test('shadow ticks count nothing', async () => {
		const {ours} = await start()
		expect(await ours(100, 'shadow')).toEqual([])
	})
})
