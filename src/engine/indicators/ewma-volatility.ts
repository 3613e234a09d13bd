import type {Indicator} from './indicator.js'

/** `variance` is the plain mean of the squared returns until `period` of them were seen. */
export type EwmaVolatilityState = Readonly<{close?: number; seen: number; variance: number}>

/**
 * Standard deviation of a log return, exponentially weighted: variance = decay x variance + (1 - decay) x return^2,
 * the mean return taken as 0 (J.P. Morgan/Reuters, RiskMetrics Technical Document, 4th edition, 1996, section 5.2;
 * decay 0.94 there for daily data). Begun with the plain mean of the first `period` squared returns, so that it
 * needs `period` + 1 closes. A share: 0.001 = 0.1 %.
 */
export const ewmaVolatility = (decay: number, period: number): Indicator<EwmaVolatilityState, number, number> => ({
	initial: {seen: 0, variance: 0},
	next: ({close: before, seen, variance}, close) => {
		if (before === undefined) return {close, seen, variance}
		const square = Math.log(close / before) ** 2
		const weight = seen < period ? 1 / (seen + 1) : 1 - decay
		return {close, seen: Math.min(seen + 1, period), variance: variance + (square - variance) * weight}
	},
	value: ({seen, variance}) => (seen < period ? undefined : Math.sqrt(variance)),
})
