import type {PayloadOf} from '../contracts/stream.js'
import {type Interval, intervalMs, marketKlines} from '../contracts/streams/market.js'

/** A closed candle, decimals as text. */
export type CandleEvent = PayloadOf<typeof marketKlines>

/** The candle as its stream takes it; or why it is none. */
export const readCandle = (event: CandleEvent): {candle: CandleEvent} | {problem: string} => {
	const parsed = marketKlines.payload.safeParse(event)
	if (!parsed.success)
		return {problem: parsed.error.issues.map(({path, message}) => `${path.join('.')}: ${message}`).join('; ')}
	const {open, high, low, close, volume, quote_volume, interval, open_ms} = parsed.data
	const [top, bottom] = [Number(high), Number(low)]
	if ([open, close].some(price => Number(price) > top || Number(price) < bottom))
		return {problem: `open ${open} and close ${close} must lie between low ${low} and high ${high}`}
	if (Number(volume) < 0 || Number(quote_volume) < 0)
		return {problem: `volume ${volume} and ${quote_volume} must not be negative`}
	if (open_ms <= 0 || open_ms % intervalMs(interval) !== 0)
		return {problem: `open_ms ${open_ms} must be a multiple of ${interval} after 1970`}
	return {candle: parsed.data}
}

/** How many candles are missing between two; 0 when they follow each other, negative when the second is not newer. */
export const missingBetween = (last_open_ms: number, open_ms: number, interval: Interval): number =>
	(open_ms - last_open_ms) / intervalMs(interval) - 1
