import {type Dec, dec, text, zero} from './decimal.js'
import type {Candle, Interval} from './market.js'

export const intervals: Readonly<Record<Interval, number>> = {
	'1m': 60_000,
	'3m': 180_000,
	'5m': 300_000,
	'15m': 900_000,
	'30m': 1_800_000,
	'1h': 3_600_000,
	'4h': 14_400_000,
	'1d': 86_400_000,
}

/** A candle of the venue's own making also knows what takers bought. */
export type BuiltCandle = Candle & Readonly<{taker_volume: string; taker_quote: string}>

/** A candle as numbers. */
export type Building = {
	open_ms: number
	open: Dec
	high: Dec
	low: Dec
	close: Dec
	volume: Dec
	quote: Dec
	trades: number
	taker_volume: Dec
	taker_quote: Dec
}

export type ClosedCandle = Readonly<{symbol: string; interval: Interval; candle: BuiltCandle}>

export const isInterval = (value: string): value is Interval => value in intervals

export const startOf = (time_ms: number, interval: Interval): number => time_ms - (time_ms % intervals[interval])

export const flat = (open_ms: number, price: Dec): Building => ({
	open_ms,
	open: price,
	high: price,
	low: price,
	close: price,
	volume: zero,
	quote: zero,
	trades: 0,
	taker_volume: zero,
	taker_quote: zero,
})

export const merge = (first: Building, second: Building): Building => {
	if (second.trades === 0) return first
	if (first.trades === 0) return {...second, open_ms: first.open_ms}
	return {
		open_ms: first.open_ms,
		open: first.open,
		high: first.high.gt(second.high) ? first.high : second.high,
		low: first.low.lt(second.low) ? first.low : second.low,
		close: second.close,
		volume: first.volume.add(second.volume),
		quote: first.quote.add(second.quote),
		trades: first.trades + second.trades,
		taker_volume: first.taker_volume.add(second.taker_volume),
		taker_quote: first.taker_quote.add(second.taker_quote),
	}
}

export const shown = (candle: Building): BuiltCandle => ({
	open_ms: candle.open_ms,
	open: text(candle.open),
	high: text(candle.high),
	low: text(candle.low),
	close: text(candle.close),
	volume: text(candle.volume),
	quote_volume: text(candle.quote),
	trades: candle.trades,
	taker_volume: text(candle.taker_volume),
	taker_quote: text(candle.taker_quote),
})

export const revive = (candle: Candle & Partial<BuiltCandle>): Building => ({
	open_ms: candle.open_ms,
	open: dec(candle.open),
	high: dec(candle.high),
	low: dec(candle.low),
	close: dec(candle.close),
	volume: dec(candle.volume),
	quote: dec(candle.quote_volume),
	trades: candle.trades,
	taker_volume: dec(candle.taker_volume ?? 0),
	taker_quote: dec(candle.taker_quote ?? 0),
})
