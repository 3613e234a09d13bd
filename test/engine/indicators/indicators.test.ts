import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {atr} from '../../../src/engine/indicators/atr.js'
import {bollinger} from '../../../src/engine/indicators/bollinger.js'
import {ema} from '../../../src/engine/indicators/ema.js'
import type {Bar, Indicator} from '../../../src/engine/indicators/indicator.js'
import {logReturn} from '../../../src/engine/indicators/log-return.js'
import {macd} from '../../../src/engine/indicators/macd.js'
import {rsi} from '../../../src/engine/indicators/rsi.js'
import {volumeRatio} from '../../../src/engine/indicators/volume-ratio.js'
import {slide} from '../../../src/engine/indicators/window.js'

/** Runs an indicator over its inputs, through JSON at each step as a snapshot would. */
const run = <State, Input, Value>({initial, next, value}: Indicator<State, Input, Value>, inputs: readonly Input[]) => {
	let state = initial
	return inputs.map(input => {
		state = JSON.parse(JSON.stringify(next(state, input))) as State
		return value(state)
	})
}
const undefinedTimes = (count: number) => Array.from({length: count}, () => undefined)
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('published examples', () => {
	test('RSI 14 of the QQQQ table of StockCharts ChartSchool', () => {
		const closes = [
			44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328,
			45.614, 46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521, 45.7137, 46.4515, 45.7835,
			45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314,
		]
		const expected = [
			70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99, 41.46, 41.87, 45.46,
			37.3, 33.08, 37.77,
		]
		const values = run(rsi(14), closes)
		expect(values.slice(0, 14)).toEqual(undefinedTimes(14))
		expect(values.slice(14).map(value => Number(value?.toFixed(2)))).toEqual(expected)
	})

	test('EMA 10 of the INTC table of StockCharts ChartSchool', () => {
		const closes = [
			22.27, 22.19, 22.08, 22.17, 22.18, 22.13, 22.23, 22.43, 22.24, 22.29, 22.15, 22.39, 22.38, 22.61, 23.36, 24.05,
			23.75, 23.83, 23.95, 23.63,
		]
		const expected = [22.22, 22.21, 22.24, 22.27, 22.33, 22.52, 22.8, 22.97, 23.13, 23.28, 23.34]
		expect(run(ema(10), closes).map(value => value && Number(value.toFixed(2)))).toEqual([
			...undefinedTimes(9),
			...expected,
		])
	})
})

describe('checked by hand', () => {
	test.each([
		{closes: [1, 2, 3], expected: 100, why: 'only gains'},
		{closes: [3, 2, 1], expected: 0, why: 'only losses'},
		{closes: [2, 2, 2], expected: 50, why: 'no movement'},
		{closes: [1, 2, 1], expected: 50, why: 'as much up as down'},
		{closes: [10, 13, 12], expected: 75, why: 'three up, one down'},
	])('RSI of $why is $expected', ({closes, expected}) => {
		expect(run(rsi(2), closes).at(-1)).toBeCloseTo(expected, 10)
	})

	test('ATR smooths true ranges with gaps between candles', () => {
		const bars: readonly Bar[] = [
			{high: 10, low: 8, close: 9}, // 2
			{high: 12, low: 11, close: 12}, // from the close at 9: 3
			{high: 11, low: 7, close: 8}, // from the close at 12: 5
			{high: 9, low: 8, close: 9}, // 1
		]
		expect(run(atr(3), bars)).toEqual([undefined, undefined, 10 / 3, ((10 / 3) * 2 + 1) / 3])
	})

	test('MACD 2/3/2 begins with its first two lines', () => {
		// EMA 2 from 1.5: 2.5, 3.5 then (6 x 2 + 3.5) / 3; EMA 3 from 2: 3, then (6 + 3) / 2.
		const [, , , at3, at4] = run(macd(2, 3, 2), [1, 2, 3, 4, 6])
		expect(at3).toEqual({line: 0.5, signal: 0.5, histogram: 0})
		const line = 15.5 / 3 - 4.5
		const signal = (line * 2 + 0.5) / 3
		expect(at4?.line).toBeCloseTo(line, 12)
		expect(at4?.signal).toBeCloseTo(signal, 12)
		expect(at4?.histogram).toBeCloseTo(line - signal, 12)
	})

	test('MACD 12/26/9 of a straight line is the lag between its averages', () => {
		// An EMA begun with the mean lags a straight line by (period - 1) / 2 steps for good.
		const values = run(
			macd(12, 26, 9),
			Array.from({length: 40}, (_, index) => index),
		)
		expect(values.slice(0, 33)).toEqual(undefinedTimes(33))
		for (const value of values.slice(33)) {
			expect(value?.line).toBeCloseTo(7, 10)
			expect(value?.histogram).toBeCloseTo(0, 10)
		}
	})

	test('Bollinger bands use the population deviation', () => {
		const closes = Array.from({length: 20}, (_, index) => index + 1)
		const {upper, middle, lower} = bollinger(closes, 2)
		expect(middle).toBe(10.5)
		expect(upper).toBeCloseTo(10.5 + 2 * Math.sqrt(33.25), 12)
		expect(lower).toBeCloseTo(10.5 - 2 * Math.sqrt(33.25), 12)
	})

	test.each([
		{closes: [100, 110], bars: 1, expected: Math.log(1.1)},
		{closes: [100, 50, 200], bars: 2, expected: Math.log(2)},
		{closes: [100, 50], bars: 2, expected: undefined},
		{closes: [], bars: 1, expected: undefined},
	])('log return of $closes over $bars candles', ({closes, bars, expected}) => {
		expect(logReturn(closes, bars)).toBe(expected)
	})

	test.each([
		{volumes: [1, 1, 4], expected: 2},
		{volumes: [3, 0, 0], expected: 0},
		{volumes: [0, 0, 0], expected: 1},
	])('volume ratio of $volumes is $expected', ({volumes, expected}) => {
		expect(volumeRatio(volumes)).toBe(expected)
	})

	test('a window keeps the newest values', () => {
		const windows: (readonly number[])[] = []
		for (const value of [1, 2, 3, 4]) windows.push(slide(windows.at(-1) ?? [], value, 3))
		expect(windows).toEqual([[1], [1, 2], [1, 2, 3], [2, 3, 4]])
	})
})

describe('streaming equals the textbook formula over the whole history', () => {
	const price = fc.double({min: 0.000_1, max: 100_000, noNaN: true})
	const closesOf = fc.array(price, {minLength: 1, maxLength: 120})
	const close = (actual: number | undefined, expected: number | undefined, scale: number) => {
		if (expected === undefined) expect(actual).toBeUndefined()
		else expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThanOrEqual(scale * 1e-9)
	}

	const batchEma = (values: readonly number[], period: number): number | undefined => {
		if (values.length < period) return undefined
		let average = mean(values.slice(0, period))
		for (const value of values.slice(period)) average = (2 * value + (period - 1) * average) / (period + 1)
		return average
	}
	const batchWilder = (values: readonly number[], period: number): number | undefined => {
		if (values.length < period) return undefined
		let average = mean(values.slice(0, period))
		for (const value of values.slice(period)) average = (average * (period - 1) + value) / period
		return average
	}

	test('EMA', () => {
		fc.assert(
			fc.property(closesOf, fc.integer({min: 1, max: 50}), (closes, period) => {
				close(run(ema(period), closes).at(-1), batchEma(closes, period), Math.max(...closes))
			}),
		)
	})

	test('RSI', () => {
		fc.assert(
			fc.property(closesOf, fc.integer({min: 2, max: 20}), (closes, period) => {
				const changes = closes.slice(1).map((value, index) => value - (closes[index] ?? 0))
				const up = batchWilder(
					changes.map(change => Math.max(change, 0)),
					period,
				)
				const down = batchWilder(
					changes.map(change => Math.max(-change, 0)),
					period,
				)
				const expected =
					up === undefined || down === undefined ? undefined : up + down === 0 ? 50 : 100 - 100 / (1 + up / down)
				close(run(rsi(period), closes).at(-1), expected, 1_000)
			}),
		)
	})

	test('ATR', () => {
		const bar = fc
			.tuple(price, price, fc.double({min: 0, max: 1, noNaN: true}))
			.map(([a, b, share]) => ({high: Math.max(a, b), low: Math.min(a, b), close: a + (b - a) * share}))
		fc.assert(
			fc.property(fc.array(bar, {minLength: 1, maxLength: 60}), bars => {
				const ranges = bars.map(({high, low}, index) => {
					const previous = bars[index - 1]?.close
					return previous === undefined
						? high - low
						: Math.max(high - low, Math.abs(high - previous), Math.abs(low - previous))
				})
				close(run(atr(14), bars).at(-1), batchWilder(ranges, 14), Math.max(...bars.map(({high}) => high)))
			}),
		)
	})

	test('MACD', () => {
		fc.assert(
			fc.property(closesOf, closes => {
				const lines = closes.flatMap((_, index) => {
					const seen = closes.slice(0, index + 1)
					const [fast, slow] = [batchEma(seen, 12), batchEma(seen, 26)]
					return fast === undefined || slow === undefined ? [] : [fast - slow]
				})
				const signal = batchEma(lines, 9)
				const value = run(macd(12, 26, 9), closes).at(-1)
				close(value?.signal, signal, Math.max(...closes))
				if (signal !== undefined) close(value?.line, lines.at(-1), Math.max(...closes))
			}),
		)
	})
})
