import type {PayloadOf} from '../contracts/stream.js'
import {intervalMs, type marketState} from '../contracts/streams/market.js'
import {type EmaState, ema} from '../indicators/ema.js'
import {type EwmaVolatilityState, ewmaVolatility} from '../indicators/ewma-volatility.js'
import {parkinson, rangeSquare} from '../indicators/parkinson.js'
import {trendStrength} from '../indicators/trend-strength.js'
import {slide, type Window} from '../indicators/window.js'
import type {CandleEvent} from './candle-sequence.js'
import {rounded} from './decimal-text.js'

/** Candles of the ranges and of the trend. */
const WINDOW = 20
const DECAY = 0.94
/** Candles that the usual volatility is taken over. */
const USUAL = 60
const volatility = ewmaVolatility(DECAY, WINDOW)
const usual = ema(USUAL)

export type MarketState = PayloadOf<typeof marketState>

/** All that must be remembered of a symbol's 1-minute candles. JSON. */
export type MarketSeries = Readonly<{
	open_ms: number
	closes: Window
	/** Squared log ranges. */
	ranges: Window
	volatility: EwmaVolatilityState
	usual: EmaState
}>

const empty: MarketSeries = {open_ms: 0, closes: [], ranges: [], volatility: volatility.initial, usual: usual.initial}

/** The series after a closed candle; undefined when it is not newer. After a hole everything begins anew. */
export const nextMarket = (series: MarketSeries | undefined, candle: CandleEvent): MarketSeries | undefined => {
	const {open_ms, interval} = candle
	if (series && open_ms <= series.open_ms) return undefined
	const last = series?.open_ms === open_ms - intervalMs(interval) ? series : empty
	const close = Number(candle.close)
	const square = rangeSquare({high: Number(candle.high), low: Number(candle.low)})
	const moved = volatility.next(last.volatility, close)
	const now = volatility.value(moved)
	return {
		open_ms,
		closes: slide(last.closes, close, WINDOW),
		ranges: slide(last.ranges, rounded(square), WINDOW),
		volatility: moved,
		usual: now === undefined ? last.usual : usual.next(last.usual, now),
	}
}

const ratioOf = (now: number | undefined, mean: number | undefined): number => {
	if (now === undefined || mean === undefined) return 0
	return mean === 0 ? 1 : now / mean
}

/**
 * The state of the market after the candle that the series ended with. What still warms up is 0, and `ready` is false
 * until nothing does: after 80 candles, 20 returns and 60 volatilities.
 */
export const marketStateOf = (
	symbol: string,
	{open_ms, closes, ranges, ...averages}: MarketSeries,
	seen: Readonly<{spread_bps: number; divergence_bps?: number}>,
): MarketState => {
	const [now, mean] = [volatility.value(averages.volatility), usual.value(averages.usual)]
	const full = closes.length >= WINDOW
	return {
		symbol,
		open_ms,
		ready: full && mean !== undefined,
		volatility_ewma: rounded(now ?? 0),
		volatility_range: full ? rounded(parkinson(ranges)) : 0,
		volatility_ratio: rounded(ratioOf(now, mean)),
		...seen,
		trend_strength: full ? rounded(trendStrength(closes)) : 0,
	}
}
