import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {intervalMs} from '../../../src/engine/contracts/streams/market.js'
import type {CandleEvent} from '../../../src/engine/logic/candle-sequence.js'
import {type FeatureSeries, type Features, featuresOf, nextSeries} from '../../../src/engine/logic/feature-series.js'
import {featurePublisher} from '../../../src/engine/units/core/feature-publisher.js'
import {walk} from '../../support/candles.js'
import {drive} from '../../support/drive.js'

const tick = {symbol: 'BTCUSDT', bid: '100', ask: '101', bid_quantity: '1', ask_quantity: '1', received_ms: 1}
const READY_AFTER = 50

/** The features that the unit's logic computes over a whole history. */
const compute = (candles: readonly CandleEvent[], spread_bps = 0): readonly Features[] => {
	let series: FeatureSeries | undefined
	return candles.flatMap(candle => {
		const next = nextSeries(series, candle)
		if (!next) return []
		series = next
		return [featuresOf(next, candle, spread_bps)]
	})
}
const publish = async (candles: readonly CandleEvent[]) => {
	const unit = await drive(featurePublisher)
	const published: unknown[] = []
	for (const candle of candles) published.push(...(await unit.send('candle', candle)).map(({payload}) => payload))
	return published
}

describe('one entry per closed candle', () => {
	test('with the values of the series, in numbers that one can read', async () => {
		const candles = walk({count: 60, seed: 1})
		expect(await publish(candles)).toEqual(compute(candles))
	})

	test('ready when the slowest average is', () => {
		const ready = compute(walk({count: 60, seed: 2})).map(({ready}) => ready)
		expect(ready.indexOf(true)).toBe(READY_AFTER - 1)
		expect(ready.slice(READY_AFTER - 1).every(Boolean)).toBe(true)
	})

	test('what warms up is 0, never NaN', () => {
		const [first] = compute(walk({count: 1, seed: 3}))
		expect(first).toMatchObject({
			ready: false,
			rsi_14: 0,
			ema_slow: 0,
			return_1: 0,
			volume_ratio: 0,
			bollinger_upper: 0,
		})
	})

	test.each<{why: string; order: readonly number[]; expected: number}>([
		{why: 'a duplicate is left', order: [0, 1, 1], expected: 2},
		{why: 'an older one is left', order: [1, 0, 2], expected: 2},
	])('$why', async ({order, expected}) => {
		const candles = walk({count: 3, seed: 4})
		const published = await publish(order.flatMap(index => candles[index] ?? []))
		expect(published).toHaveLength(expected)
	})

	test('after a hole everything warms up anew, as if history began there', async () => {
		const candles = walk({count: 130, seed: 5})
		const [before, after] = [candles.slice(0, 60), candles.slice(61)]
		expect(await publish([...before, ...after])).toEqual([...compute(before), ...compute(after)])
	})

	test('symbols and intervals have series of their own', async () => {
		const one = walk({count: 55, seed: 6})
		const other = walk({count: 55, seed: 7, symbol: '币安人生USDT', interval: '1m', price: 0.000_012_3})
		const slow = walk({count: 55, seed: 8, interval: '1h'})
		const mixed = one.flatMap((candle, index) => [candle, other[index], slow[index]].filter(item => item !== undefined))
		const published = (await publish(mixed)) as Features[]
		const of = (symbol: string, interval: string) =>
			published.filter(entry => entry.symbol === symbol && entry.interval === interval)
		expect(of('BTCUSDT', '15m')).toEqual(compute(one))
		expect(of('币安人生USDT', '1m')).toEqual(compute(other))
		expect(of('BTCUSDT', '1h')).toEqual(compute(slow))
	})

	test('a flat market gives neutral features', () => {
		const flat = walk({count: 60, seed: 9, volatility: 0}).map(candle => ({...candle, volume: '0'}))
		const features = compute(flat).at(-1)
		expect(features).toMatchObject({ready: true, rsi_14: 50, macd: 0, atr_14: 0, return_15: 0, volume_ratio: 1})
		expect(features?.bollinger_upper).toBe(features?.bollinger_lower)
	})
})

describe('the spread', () => {
	test('of the newest tick is part of the features', async () => {
		const unit = await drive(featurePublisher)
		await unit.send('tick', tick)
		const [entry] = await unit.send('candle', walk({count: 1, seed: 1})[0] ?? {})
		expect(entry?.payload.spread_bps).toBe(100)
	})

	test('a tick that leaves it as it is writes nothing', async () => {
		const unit = await drive(featurePublisher)
		await unit.send('tick', tick)
		const before = unit.bus.store.hashGet('test:unit:state:feature-publisher', 'BTCUSDT')
		await unit.send('tick', {...tick, bid: '100.0001', ask: '101.0001'})
		expect(unit.bus.store.hashGet('test:unit:state:feature-publisher', 'BTCUSDT')).toBe(before)
	})
})

test('restarted before every candle, it publishes what it publishes without', async () => {
	const candles = walk({count: 70, seed: 10, price: 0.000_043_21})
	const steady = await drive(featurePublisher)
	let restarted = await drive(featurePublisher)
	for (const candle of candles) {
		restarted = await drive(featurePublisher, {bus: restarted.bus, clock: restarted.clock})
		await restarted.send('candle', candle, {id: `candle-${candle.open_ms}`})
		await steady.send('candle', candle, {id: `candle-${candle.open_ms}`})
	}
	const published = async ({bus, naming}: typeof steady) =>
		(await bus.range(naming.stream('features'), {count: 100})).map(({fields}) => fields)
	expect(await published(restarted)).toEqual(await published(steady))
})

test('whatever is recorded, the features are finite and in their bounds', () => {
	const price = fc.double({min: 1e-6, max: 1e6, noNaN: true})
	const bars = fc.array(fc.tuple(price, price, price, price, fc.double({min: 0, max: 1e9, noNaN: true})), {
		minLength: READY_AFTER,
		maxLength: 80,
	})
	fc.assert(
		fc.property(bars, rows => {
			const candles = rows.map(([a, b, c, d, volume], index) => {
				const [low = a, open = b, close = c, high = d] = [a, b, c, d]
					.toSorted((x, y) => x - y)
					.map(value => value.toFixed(8))
				const base = walk({count: 1, seed: 0})[0]
				if (!base) throw new Error('a walk of one has one candle')
				return {
					...base,
					open_ms: base.open_ms + index * intervalMs('15m'),
					low: `${low}`,
					open: `${open}`,
					close: `${close}`,
					high: `${high}`,
					volume: volume.toFixed(3),
				}
			})
			const features = compute(candles).at(-1)
			if (!features) throw new Error('features of the last candle are missing')
			expect(features.ready).toBe(true)
			for (const value of Object.values(features))
				if (typeof value === 'number') expect(value).toSatisfy(Number.isFinite)
			expect(features.rsi_14).toBeGreaterThanOrEqual(0)
			expect(features.rsi_14).toBeLessThanOrEqual(100)
			expect(features.atr_14).toBeGreaterThanOrEqual(0)
			expect(features.bollinger_upper).toBeGreaterThanOrEqual(features.bollinger_lower)
			expect(features.volume_ratio).toBeLessThanOrEqual(20.000_001)
		}),
		{numRuns: 60},
	)
})

test('a day of minutes for eight symbols takes no time worth speaking of', () => {
	const candles = walk({count: 11_520, seed: 11, interval: '1m'})
	const begin = performance.now()
	const features = compute(candles)
	const per_second = candles.length / ((performance.now() - begin) / 1_000)
	expect(features).toHaveLength(candles.length)
	expect(per_second).toBeGreaterThan(10_000)
})
