import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {ewmaVolatility} from '../../../src/engine/indicators/ewma-volatility.js'
import {parkinson, rangeSquare} from '../../../src/engine/indicators/parkinson.js'
import {trendStrength} from '../../../src/engine/indicators/trend-strength.js'
import type {CandleEvent} from '../../../src/engine/logic/candle-sequence.js'
import type {MarketState} from '../../../src/engine/logic/market-state.js'
import {marketstate} from '../../../src/engine/units/core/marketstate.js'
import {walk} from '../../support/candles.js'
import {drive} from '../../support/drive.js'

const READY_AFTER = 80
const minutes = (options: Partial<Parameters<typeof walk>[0]> = {}) =>
	walk({count: 90, seed: 1, interval: '1m', volatility: 0.001, ...options})
const publish = async (candles: readonly CandleEvent[]): Promise<MarketState[]> => {
	const unit = await drive(marketstate)
	const states: MarketState[] = []
	for (const candle of candles)
		states.push(...(await unit.send('candle', candle)).map(({payload}) => payload as MarketState))
	return states
}
const flat = (count: number): CandleEvent[] =>
	minutes({count}).map(candle => ({...candle, open: '5', high: '5', low: '5', close: '5'}))
const numbers = (state: MarketState): number[] => Object.values(state).filter(value => typeof value === 'number')
const price = fc.double({min: 1e-6, max: 1e6, noNaN: true})

describe('formulas', () => {
	test('RiskMetrics: the newest square weighs 6 %, after a mean of the first', () => {
		const {initial, next, value} = ewmaVolatility(0.94, 2)
		const closes = [1, Math.exp(0.01), Math.exp(0.03), Math.exp(0.02)]
		const states = closes.map((_, index) => closes.slice(0, index + 1).reduce(next, initial))
		expect(states.map(value).slice(0, 2)).toEqual([undefined, undefined])
		expect(states.map(value)[2]).toBeCloseTo(Math.sqrt((0.0001 + 0.0004) / 2), 12)
		expect(states.map(value)[3]).toBeCloseTo(Math.sqrt(0.94 * 0.00025 + 0.06 * 0.0001), 12)
	})

	test('Parkinson: a range of 1 % each time is 0.6 % of deviation', () => {
		const square = rangeSquare({high: Math.exp(0.01), low: 1})
		expect(parkinson([square, square])).toBeCloseTo(0.01 / Math.sqrt(4 * Math.log(2)), 12)
	})

	test.each<{closes: readonly number[]; strength: number}>([
		{closes: [1, Math.E, Math.E ** 2], strength: 1},
		{closes: [4, 2, 1], strength: -1},
		{closes: [7, 7, 7], strength: 0},
		{closes: [1, 2, 1], strength: 0},
		{closes: [Math.exp(1), Math.exp(3), Math.exp(2)], strength: 0.5},
	])('trend of $closes is $strength', ({closes, strength}) => {
		expect(trendStrength(closes)).toBeCloseTo(strength, 9)
	})

	test('a trend lies from -1 to 1, turns with the prices and does not know their unit', () => {
		fc.assert(
			fc.property(fc.array(price, {minLength: 2, maxLength: 30}), price, (closes, unit) => {
				const strength = trendStrength(closes)
				expect(Math.abs(strength)).toBeLessThanOrEqual(1)
				expect(trendStrength([...closes].reverse())).toBeCloseTo(-strength, 6)
				const moved = Math.max(...closes) / Math.min(...closes) > 1.001
				if (moved) expect(trendStrength(closes.map(close => close * unit))).toBeCloseTo(strength, 6)
			}),
		)
	})

	test('a trend is the t-value of the slope, squashed', () => {
		const closes = minutes({count: 20, seed: 9}).map(({close}) => Number(close))
		const logs = closes.map(Math.log)
		const n = logs.length
		const mean = logs.reduce((sum, value) => sum + value, 0) / n
		const times = logs.map((_, index) => index - (n - 1) / 2)
		const square = times.reduce((sum, time) => sum + time ** 2, 0)
		const slope = times.reduce((sum, time, index) => sum + time * ((logs[index] ?? 0) - mean), 0) / square
		const rest = times.reduce((sum, time, index) => sum + ((logs[index] ?? 0) - mean - slope * time) ** 2, 0)
		const t = slope / Math.sqrt(rest / (n - 2) / square)
		expect(trendStrength(closes)).toBeCloseTo(t / Math.sqrt(t * t + n - 2), 9)
	})
})

describe('one entry per closed 1-minute candle', () => {
	test('ready when the usual volatility is known; what warms up is 0, never NaN', async () => {
		const states = await publish(minutes())
		expect(states).toHaveLength(90)
		expect(states.map(({ready}) => ready).indexOf(true)).toBe(READY_AFTER - 1)
		expect(states[0]).toMatchObject({volatility_ewma: 0, volatility_range: 0, volatility_ratio: 0, trend_strength: 0})
		expect(states.flatMap(numbers).every(Number.isFinite)).toBe(true)
	})

	test('a spike shows in the ratio', async () => {
		const calm = minutes()
		const wild = walk({
			count: 5,
			seed: 3,
			interval: '1m',
			volatility: 0.02,
			price: Number(calm.at(-1)?.close),
			start_ms: (calm.at(-1)?.open_ms ?? 0) + 60_000,
		})
		const states = await publish([...calm, ...wild])
		expect(states[89]?.volatility_ratio).toBeLessThan(2)
		expect(states.at(-1)?.volatility_ratio).toBeGreaterThan(2)
	})

	test('a market that does not move has no volatility, no trend, and the usual ratio', async () => {
		const last = (await publish(flat(READY_AFTER))).at(-1)
		expect(last).toMatchObject({
			ready: true,
			volatility_ewma: 0,
			volatility_range: 0,
			volatility_ratio: 1,
			trend_strength: 0,
		})
	})

	test('a hole starts anew', async () => {
		const candles = minutes({count: 180})
		const after = candles.slice(91)
		const holed = await publish([...candles.slice(0, 90), ...after])
		expect(holed.slice(90)).toEqual(await publish(after))
	})

	test.each<{why: string; order: readonly number[]; expected: number}>([
		{why: 'a duplicate is left', order: [0, 1, 1], expected: 2},
		{why: 'an older one is left', order: [1, 0, 2], expected: 2},
	])('$why', async ({order, expected}) => {
		const candles = minutes({count: 3})
		expect(await publish(order.flatMap(index => candles[index] ?? []))).toHaveLength(expected)
	})

	test('other intervals are left', async () => {
		expect(await publish(minutes({interval: '15m'}))).toEqual([])
	})

	test('with the spread and the divergence as last seen', async () => {
		const unit = await drive(marketstate)
		const [first, second] = minutes()
		const tick = {symbol: 'BTCUSDT', bid: '100', ask: '101', bid_quantity: '1', ask_quantity: '1', received_ms: 1}
		await unit.send('tick', tick)
		await unit.send('reference', {symbol: 'BTCUSDT', price: '100', sources: 3, divergence_bps: -12.346})
		const [state] = await unit.send('candle', first ?? {})
		expect(state?.payload).toMatchObject({spread_bps: 100, divergence_bps: -12.35})
		await unit.send('reference', {symbol: 'BTCUSDT', price: '100', sources: 1})
		const [later] = await unit.send('candle', second ?? {})
		expect(later?.payload).not.toHaveProperty('divergence_bps')
	})
})
