import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {leverageFor, type TrendFeatures, trendOf} from '../../../src/engine/logic/trend-following.js'
import {rising} from '../../support/trend.js'

describe('the trend', () => {
	test.each<{why: string; changes: Partial<TrendFeatures>; price?: number; side: string | undefined}>([
		{why: 'all agree', changes: {}, side: 'BUY'},
		{why: 'averages equal', changes: {ema_fast: 98.5}, side: undefined},
		{why: 'averages against', changes: {ema_fast: 98}, side: undefined},
		{why: 'momentum against', changes: {macd_histogram: -0.1}, side: undefined},
		{why: 'no momentum', changes: {macd_histogram: 0}, side: undefined},
		{why: 'price on the other side of the middle', changes: {}, price: 98.9, side: undefined},
		{why: 'price at the middle', changes: {}, price: 99, side: undefined},
		{why: 'RSI just below extreme', changes: {rsi_14: 79.99}, side: 'BUY'},
		{why: 'RSI extreme', changes: {rsi_14: 80}, side: undefined},
		{why: 'nothing moves', changes: {atr_14: 0}, side: undefined},
	])('$why: $side', ({changes, price = 100, side}) => {
		expect(trendOf({...rising, ...changes}, price)?.side).toBe(side)
	})

	test('falls as it rises: mirrored features give the mirrored side at the same strength', () => {
		const mirrored = {
			...rising,
			rsi_14: 100 - rising.rsi_14,
			macd_histogram: -rising.macd_histogram,
			bollinger_upper: 200 - rising.bollinger_lower,
			bollinger_middle: 200 - rising.bollinger_middle,
			bollinger_lower: 200 - rising.bollinger_upper,
			ema_fast: 200 - rising.ema_fast,
			ema_slow: 200 - rising.ema_slow,
		}
		const [up, down] = [trendOf(rising, 101), trendOf(mirrored, 99)]
		expect([up?.side, down?.side]).toEqual(['BUY', 'SELL'])
		expect(down?.strength).toBeCloseTo(up?.strength ?? 0, 12)
	})

	test('strength grows with the evidence and stays within 0 and 1', () => {
		const strength = (changes: Partial<TrendFeatures>, price = 100) =>
			trendOf({...rising, ...changes}, price)?.strength ?? 0
		expect(strength({ema_fast: 100})).toBeGreaterThan(strength({}))
		expect(strength({macd_histogram: 0.2})).toBeGreaterThan(strength({}))
		expect(strength({}, 101)).toBeGreaterThan(strength({}))
		expect(strength({ema_fast: 1_000, macd_histogram: 50}, 500)).toBe(1)
	})
})

test.each([
	{margin_usdt: 200, stop_share: 0.03, expected: 1, why: 'the margin alone reaches the cap'},
	{margin_usdt: 100, stop_share: 0.03, expected: 2, why: 'twice the margin does'},
	{margin_usdt: 20, stop_share: 0.03, expected: 3, why: 'the stop may cost a tenth of the margin'},
	{margin_usdt: 20, stop_share: 0.01, expected: 10, why: 'a near stop bears more'},
	{margin_usdt: 2, stop_share: 0.001, expected: 10, why: 'policy bounds it'},
	{margin_usdt: 20, stop_share: 0.2, expected: 1, why: 'never below one'},
	{margin_usdt: 0.000_001, stop_share: 0.05, expected: 2, why: 'shares that divide evenly count whole'},
])('leverage $expected: $why', ({margin_usdt, stop_share, expected}) => {
	expect(leverageFor(margin_usdt, stop_share, defaultPolicy)).toBe(expected)
})
