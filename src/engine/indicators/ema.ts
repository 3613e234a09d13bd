import type {Indicator} from './indicator.js'

/** `mean` is the plain mean of what was seen until the period is full, the average from there. */
export type EmaState = Readonly<{seen: number; mean: number}>

/**
 * Exponential moving average with weight 2 / (period + 1), begun with the simple mean of the first `period` values
 * (as StockCharts' ChartSchool and TA-Lib do), so that the first value is not the first price.
 */
export const ema = (period: number): Indicator<EmaState, number, number> => {
	const weight = 2 / (period + 1)
	return {
		initial: {seen: 0, mean: 0},
		next: ({seen, mean}, value) => ({
			seen: Math.min(seen + 1, period),
			mean: mean + (value - mean) * (seen < period ? 1 / (seen + 1) : weight),
		}),
		value: ({seen, mean}) => (seen < period ? undefined : mean),
	}
}
