import {type EmaState, ema} from './ema.js'
import type {Indicator} from './indicator.js'

export type MacdState = Readonly<{fast: EmaState; slow: EmaState; signal: EmaState}>
/** Price units. */
export type Macd = Readonly<{line: number; signal: number; histogram: number}>

/**
 * Moving average convergence divergence by Gerald Appel (Technical Analysis: Power Tools for Active Investors, 2005):
 * line = fast EMA - slow EMA, signal = EMA of the line, histogram = line - signal.
 * Needs slow + signal - 1 closes (34 for 12/26/9).
 */
export const macd = (
	fast_period: number,
	slow_period: number,
	signal_period: number,
): Indicator<MacdState, number, Macd> => {
	const fast = ema(fast_period)
	const slow = ema(slow_period)
	const signal = ema(signal_period)
	const lineOf = (state: Pick<MacdState, 'fast' | 'slow'>): number | undefined => {
		const [quick, calm] = [fast.value(state.fast), slow.value(state.slow)]
		return quick === undefined || calm === undefined ? undefined : quick - calm
	}
	return {
		initial: {fast: fast.initial, slow: slow.initial, signal: signal.initial},
		next: (state, close) => {
			const averages = {fast: fast.next(state.fast, close), slow: slow.next(state.slow, close)}
			const line = lineOf(averages)
			return {...averages, signal: line === undefined ? state.signal : signal.next(state.signal, line)}
		},
		value: state => {
			const [line, smoothed] = [lineOf(state), signal.value(state.signal)]
			if (line === undefined || smoothed === undefined) return undefined
			return {line, signal: smoothed, histogram: line - smoothed}
		},
	}
}
