import {type Interval, intervalMs} from '../contracts/streams/market.js'
import {slide, type Window} from '../indicators/window.js'
import type {CandleEvent} from './candle-sequence.js'

/** Log returns of a symbol's candles that follow each other without a hole, oldest first. JSON. */
export type ReturnSeries = Readonly<{open_ms: number; close: number; returns: Window}>
/** By symbol, all of one interval. */
export type ReturnBook = Readonly<{interval: Interval; series: Readonly<Record<string, ReturnSeries>>}>

/** A day of 15-minute candles. */
const WINDOW = 96
/** Fewer say nothing about a correlation. */
export const BARS_MIN = 50
/** A symbol this far behind the newest candle is not waited for: it is delisted, or still being fetched. */
const BEHIND_MAX = 4
const DIGITS = 6

/** Intervals to choose from, the preferred one first. */
const PREFERRED: readonly Interval[] = ['15m', '1m']
const rank = (interval: Interval): number => PREFERRED.indexOf(interval)

const nextSeries = (
	before: ReturnSeries | undefined,
	{open_ms, interval, ...candle}: CandleEvent,
): ReturnSeries | undefined => {
	if (before && open_ms <= before.open_ms) return undefined
	const close = Number(candle.close)
	if (before?.open_ms !== open_ms - intervalMs(interval)) return {open_ms, close, returns: []}
	const moved = Number(Math.log(close / before.close).toPrecision(DIGITS))
	return {open_ms, close, returns: slide(before.returns, moved, WINDOW)}
}

/**
 * The book after a closed candle; undefined when the candle does not belong into it: it is not newer, or of another
 * interval. A candle of 15 minutes replaces a book of 1-minute ones, which is only kept where there are no others.
 */
export const nextReturns = (book: ReturnBook | undefined, candle: CandleEvent): ReturnBook | undefined => {
	const {interval, symbol} = candle
	if (rank(interval) < 0) return undefined
	if (book && rank(interval) > rank(book.interval)) return undefined
	const known = book?.interval === interval ? book.series : {}
	const next = nextSeries(known[symbol], candle)
	return next && {interval, series: {...known, [symbol]: next}}
}

export type CommonBars = Readonly<{
	/** Opening time of the newest candle, which all of them have. */
	open_ms: number
	/** Every symbol that has this candle. */
	symbols: readonly string[]
	/** Returns that are compared. */
	bars: number
	/** The last `bars` returns of each symbol that has at least `BARS_MIN`. */
	rows: ReadonlyMap<string, Window>
}>

/** What all symbols have in common; undefined while one of them still waits for the newest candle. */
export const commonBars = ({interval, series}: ReturnBook): CommonBars | undefined => {
	const open_ms = Math.max(...Object.values(series).map(({open_ms: newest_ms}) => newest_ms))
	const from_ms = open_ms - BEHIND_MAX * intervalMs(interval)
	const present = Object.entries(series).filter(([, of]) => of.open_ms >= from_ms)
	if (present.some(([, of]) => of.open_ms !== open_ms)) return undefined
	const long = present.filter(([, {returns}]) => returns.length >= BARS_MIN)
	const bars = long.length === 0 ? 0 : Math.min(...long.map(([, {returns}]) => returns.length))
	return {
		open_ms,
		symbols: present.map(([symbol]) => symbol).sort(),
		bars,
		rows: new Map(long.map(([symbol, {returns}]) => [symbol, returns.slice(-bars)])),
	}
}
