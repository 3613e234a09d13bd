import type {Bar} from './indicator.js'
import {meanOf, type Window} from './window.js'

/** ln(high / low)^2 of a candle. */
export const rangeSquare = ({high, low}: Pick<Bar, 'high' | 'low'>): number => Math.log(high / low) ** 2

/**
 * Standard deviation of a candle's log return from its range alone: the root of mean(ln(high / low)^2) / (4 ln 2)
 * (Michael Parkinson, The Extreme Value Method for Estimating the Variance of the Rate of Return, Journal of Business
 * 53, 1980). A share: 0.001 = 0.1 %.
 * @param squares `rangeSquare` of each candle, at least one
 */
export const parkinson = (squares: Window): number => Math.sqrt(meanOf(squares) / (4 * Math.LN2))
