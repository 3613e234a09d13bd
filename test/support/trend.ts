import type {TrendFeatures} from '../../src/engine/logic/trend-following.js'

/** A market that rises by every witness, at a price of 100. */
export const rising: TrendFeatures = {
	rsi_14: 60,
	macd_histogram: 0.15,
	bollinger_upper: 102,
	bollinger_middle: 99,
	bollinger_lower: 96,
	atr_14: 1,
	ema_fast: 99.5,
	ema_slow: 98.5,
}
