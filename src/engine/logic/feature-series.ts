import type {PayloadOf} from '../contracts/stream.js'
import {type features, intervalMs, type marketKlines} from '../contracts/streams/market.js'
import {type AtrState, atr} from '../indicators/atr.js'
import {bollinger} from '../indicators/bollinger.js'
import {type EmaState, ema} from '../indicators/ema.js'
import {logReturn} from '../indicators/log-return.js'
import {type MacdState, macd} from '../indicators/macd.js'
import {type RsiState, rsi} from '../indicators/rsi.js'
import {volumeRatio} from '../indicators/volume-ratio.js'
import {slide, type Window} from '../indicators/window.js'
import {rounded} from './decimal-text.js'

/** Raised when a feature means something else than before: models state the version they were trained on. */
export const FEATURE_VERSION = 1

const WINDOW = 20
const BOLLINGER_WIDTH = 2
const rsi14 = rsi(14)
const macdLine = macd(12, 26, 9)
const atr14 = atr(14)
const emaFast = ema(20)
const emaSlow = ema(50)

export type Candle = PayloadOf<typeof marketKlines>
export type Features = PayloadOf<typeof features>

/** All that must be remembered of one symbol and interval. JSON. */
export type FeatureSeries = Readonly<{
	open_ms: number
	closes: Window
	volumes: Window
	rsi: RsiState
	macd: MacdState
	atr: AtrState
	ema_fast: EmaState
	ema_slow: EmaState
}>

const empty: FeatureSeries = {
	open_ms: 0,
	closes: [],
	volumes: [],
	rsi: rsi14.initial,
	macd: macdLine.initial,
	atr: atr14.initial,
	ema_fast: emaFast.initial,
	ema_slow: emaSlow.initial,
}

/**
 * The series after a closed candle; undefined when the candle is not newer than the last one.
 * After a hole everything begins anew: an average across a hole would be of bars that nobody traded.
 */
export const nextSeries = (series: FeatureSeries | undefined, candle: Candle): FeatureSeries | undefined => {
	if (series && candle.open_ms <= series.open_ms) return undefined
	const last = series?.open_ms === candle.open_ms - intervalMs(candle.interval) ? series : empty
	const close = Number(candle.close)
	return {
		open_ms: candle.open_ms,
		closes: slide(last.closes, close, WINDOW),
		volumes: slide(last.volumes, Number(candle.volume), WINDOW),
		rsi: rsi14.next(last.rsi, close),
		macd: macdLine.next(last.macd, close),
		atr: atr14.next(last.atr, {high: Number(candle.high), low: Number(candle.low), close}),
		ema_fast: emaFast.next(last.ema_fast, close),
		ema_slow: emaSlow.next(last.ema_slow, close),
	}
}

/**
 * The features after the candle that the series ended with. An indicator that still warms up is 0, and `ready`
 * is false until none does: after 50 candles, the period of the slow average.
 * @param spread_bps ask over bid as last seen, basis points of the bid; 0 before the first tick
 */
export const featuresOf = (series: FeatureSeries, candle: Candle, spread_bps: number): Features => {
	const full = series.closes.length >= WINDOW
	const bands = full ? bollinger(series.closes, BOLLINGER_WIDTH) : undefined
	const trend = macdLine.value(series.macd)
	const values = {
		rsi_14: rsi14.value(series.rsi),
		macd: trend?.line,
		macd_signal: trend?.signal,
		macd_histogram: trend?.histogram,
		bollinger_upper: bands?.upper,
		bollinger_middle: bands?.middle,
		bollinger_lower: bands?.lower,
		atr_14: atr14.value(series.atr),
		ema_fast: emaFast.value(series.ema_fast),
		ema_slow: emaSlow.value(series.ema_slow),
		return_1: logReturn(series.closes, 1),
		return_5: logReturn(series.closes, 5),
		return_15: logReturn(series.closes, 15),
		volume_ratio: full ? volumeRatio(series.volumes) : undefined,
	}
	const {symbol, interval, open_ms, close} = candle
	return {
		symbol,
		feature_version: FEATURE_VERSION,
		interval,
		open_ms,
		close,
		ready: Object.values(values).every(value => value !== undefined),
		...settled(values),
		spread_bps,
	}
}

const settled = <Name extends string>(values: Readonly<Record<Name, number | undefined>>): Record<Name, number> => {
	const numbers = {} as Record<Name, number>
	for (const name in values) numbers[name] = rounded(values[name] ?? 0)
	return numbers
}
