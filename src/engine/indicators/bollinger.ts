import {meanOf, type Window} from './window.js'

/** Price units. */
export type Bollinger = Readonly<{upper: number; middle: number; lower: number}>

/**
 * Bollinger bands of a full window of closes (John Bollinger, Bollinger on Bollinger Bands, 2001): the simple mean,
 * and `width` population standard deviations (divided by n, as he defines them) above and below.
 */
export const bollinger = (closes: Window, width: number): Bollinger => {
	const middle = meanOf(closes)
	let squares = 0
	for (const close of closes) squares += (close - middle) ** 2
	const deviation = Math.sqrt(squares / closes.length)
	return {upper: middle + width * deviation, middle, lower: middle - width * deviation}
}
