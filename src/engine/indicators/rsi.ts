import type {Indicator} from './indicator.js'
import {type WilderState, wilder} from './wilder.js'

/** `close` is missing before the first candle. */
export type RsiState = Readonly<{close?: number; gain: WilderState; loss: WilderState}>

/**
 * Relative strength index, 0 to 100, by J. Welles Wilder (New Concepts in Technical Trading Systems, 1978):
 * 100 - 100 / (1 + mean gain / mean loss), both by his smoothing; needs `period` + 1 closes. Without any movement 50.
 */
export const rsi = (period: number): Indicator<RsiState, number, number> => {
	const average = wilder(period)
	return {
		initial: {gain: average.initial, loss: average.initial},
		next: (state, close) => {
			if (state.close === undefined) return {...state, close}
			const change = close - state.close
			return {
				close,
				gain: average.next(state.gain, Math.max(change, 0)),
				loss: average.next(state.loss, Math.max(-change, 0)),
			}
		},
		value: ({gain, loss}) => {
			const [up, down] = [average.value(gain), average.value(loss)]
			if (up === undefined || down === undefined) return undefined
			return up + down === 0 ? 50 : (100 * up) / (up + down)
		},
	}
}
