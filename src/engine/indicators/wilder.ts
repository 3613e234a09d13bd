import type {Indicator} from './indicator.js'

export type WilderState = Readonly<{seen: number; mean: number}>

/**
 * Wilder's smoothing (New Concepts in Technical Trading Systems, 1978): the simple mean of the first `period` values,
 * then (previous x (period - 1) + value) / period.
 */
export const wilder = (period: number): Indicator<WilderState, number, number> => ({
	initial: {seen: 0, mean: 0},
	next: ({seen, mean}, value) => {
		const filled = Math.min(seen + 1, period)
		return {seen: filled, mean: mean + (value - mean) / filled}
	},
	value: ({seen, mean}) => (seen < period ? undefined : mean),
})
