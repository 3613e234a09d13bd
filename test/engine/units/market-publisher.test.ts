import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {type Interval, intervalMs} from '../../../src/engine/contracts/streams/market.js'
import type {CandleEvent} from '../../../src/engine/logic/candle-sequence.js'
import {marketPublisher} from '../../../src/engine/units/core/market-publisher.js'
import {drive} from '../../support/drive.js'

const candle = (index: number, changes: Partial<CandleEvent> = {}): CandleEvent => ({
	symbol: 'BTCUSDT',
	interval: '1m',
	open_ms: index * intervalMs(changes.interval ?? '1m'),
	open: '100',
	high: '102.5',
	low: '99.10',
	close: '101',
	volume: '12.5',
	quote_volume: '1250',
	trades: 7,
	origin: 'websocket',
	...changes,
})
const told = (emitted: ReadonlyArray<{stream: string; payload: Record<string, unknown>}>) =>
	emitted.map(({stream, payload}) =>
		stream === 'alerts' ? payload.code : Number(payload.open_ms) / intervalMs(payload.interval as Interval),
	)

describe('candles', () => {
	test('a closed candle is published as it came', async () => {
		const unit = await drive(marketPublisher)
		const emitted = await unit.feed('candles', candle(1))
		expect(emitted.map(({payload}) => payload)).toEqual([candle(1)])
	})

	test.each<{why: string; indexes: readonly number[]; expected: ReadonlyArray<number | string>}>([
		{why: 'in order', indexes: [5, 6, 7], expected: [5, 6, 7]},
		{why: 'a duplicate', indexes: [5, 5, 6], expected: [5, 6]},
		{why: 'an older one', indexes: [5, 6, 4, 7], expected: [5, 6, 7]},
		{why: 'the history again after a reconnect', indexes: [5, 6, 1, 2, 3, 4, 5, 6, 7], expected: [5, 6, 7]},
		{why: 'a hole', indexes: [5, 8, 9], expected: ['KLINE_GAP', 5, 8, 9].toSorted()},
	])('$why', async ({indexes, expected}) => {
		const unit = await drive(marketPublisher)
		const emitted = await unit.feed('candles', ...indexes.map(index => candle(index)))
		expect(told(emitted).toSorted()).toEqual(expected)
	})

	test('the alert says how much is missing', async () => {
		const unit = await drive(marketPublisher)
		const emitted = await unit.feed('candles', candle(5), candle(8))
		expect(emitted.find(({stream}) => stream === 'alerts')?.payload).toMatchObject({
			code: 'KLINE_GAP',
			subject: 'BTCUSDT',
			message: '2 candles of BTCUSDT 1m are missing before 1970-01-01T00:08:00.000Z: features start anew',
		})
	})

	test('symbols and intervals have sequences of their own', async () => {
		const unit = await drive(marketPublisher)
		const emitted = await unit.feed(
			'candles',
			candle(30),
			candle(2, {interval: '15m'}),
			candle(31),
			candle(3, {interval: '15m'}),
			candle(30, {symbol: '币安人生USDT'}),
		)
		expect(told(emitted)).toEqual([30, 2, 31, 3, 30])
	})

	test.each<{why: string; changes: Partial<CandleEvent>; says: string}>([
		{why: 'no close', changes: {close: '0'}, says: 'close: expected a number above 0'},
		{why: 'NaN', changes: {high: 'NaN'}, says: 'high: expected a decimal number'},
		{why: 'close above high', changes: {close: '103'}, says: 'must lie between low 99.10 and high 102.5'},
		{why: 'open below low', changes: {open: '99'}, says: 'open 99 and close 101 must lie between'},
		{why: 'negative volume', changes: {volume: '-1'}, says: 'must not be negative'},
		{why: 'off the grid', changes: {open_ms: 60_001}, says: 'must be a multiple of 1m'},
		{why: 'no time', changes: {open_ms: 0}, says: 'must be a multiple of 1m after 1970'},
	])('$why: dropped, with an alert once per machine minute', async ({changes, says}) => {
		const unit = await drive(marketPublisher)
		const [alert, ...more] = await unit.feed('candles', candle(1, changes), candle(1, changes))
		expect(alert?.payload).toMatchObject({code: 'KLINE_BROKEN', message: expect.stringContaining(says)})
		expect(more).toEqual([])
		unit.clock.advance(60_000)
		expect(told(await unit.feed('candles', candle(2, changes)))).toEqual(['KLINE_BROKEN'])
		expect(told(await unit.feed('candles', candle(1)))).toEqual([1])
	})
})

test('filters of a symbol replace the former ones', async () => {
	const unit = await drive(marketPublisher)
	const filters = {
		symbol: 'BTCUSDT',
		tick_size: '0.10',
		step_size: '0.001',
		min_quantity: '0.001',
		max_market_quantity: '120',
		min_notional_usdt: '100',
		tradable: true,
	}
	expect(await unit.feed('filters', filters)).toEqual([])
	expect(await unit.feed('filters', {...filters, tradable: false})).toEqual([])
	const {symbol: _, ...expected} = filters
	expect(await unit.bus.hashAll('test:market:filters:BTCUSDT')).toEqual({...expected, tradable: 'false'})
})

test('whatever order candles come in, each is published once and in order; a restart changes nothing', async () => {
	const indexes = fc.array(fc.integer({min: 1, max: 12}), {minLength: 1, maxLength: 40})
	await fc.assert(
		fc.asyncProperty(indexes, async numbers => {
			const tell = async (restarting: boolean) => {
				let unit = await drive(marketPublisher)
				for (const index of numbers) {
					if (restarting) unit = await drive(marketPublisher, {bus: unit.bus, clock: unit.clock})
					await unit.feed('candles', candle(index))
				}
				const published = await unit.bus.range(unit.naming.stream('market.klines'), {count: 100})
				const alerts = await unit.bus.range(unit.naming.stream('alerts'), {count: 100})
				return {opened: published.map(({fields}) => Number(fields.open_ms)), alerts: alerts.map(({fields}) => fields)}
			}
			const once = await tell(false)
			expect(once.opened).toEqual([...new Set(once.opened)].toSorted((a, b) => a - b))
			expect(await tell(true)).toEqual(once)
		}),
		{numRuns: 60},
	)
})
