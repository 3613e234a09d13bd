import type {Bar, Indicator} from './indicator.js'
import {type WilderState, wilder} from './wilder.js'

export type AtrState = Readonly<{close?: number; range: WilderState}>

/**
 * Average true range, price units, by J. Welles Wilder (New Concepts in Technical Trading Systems, 1978).
 * True range = the largest of high - low, |high - previous close|, |low - previous close|; of the first candle
 * high - low. Smoothed by his method; needs `period` candles.
 */
export const atr = (period: number): Indicator<AtrState, Bar, number> => {
	const average = wilder(period)
	return {
		initial: {range: average.initial},
		next: ({close, range}, bar) => {
			const top = close === undefined ? bar.high : Math.max(bar.high, close)
			const bottom = close === undefined ? bar.low : Math.min(bar.low, close)
			return {close: bar.close, range: average.next(range, top - bottom)}
		},
		value: ({range}) => average.value(range),
	}
}
