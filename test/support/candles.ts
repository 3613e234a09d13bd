import {type Interval, intervalMs} from '../../src/engine/contracts/streams/market.js'
import type {CandleEvent} from '../../src/engine/logic/candle-sequence.js'

/** A small generator of numbers in [0, 1): the same seed, the same numbers (mulberry32 by Tommy Ettinger). */
export const chance = (seed: number): (() => number) => {
	let state = seed >>> 0
	return () => {
		state = (state + 0x6d2b79f5) >>> 0
		let mixed = Math.imul(state ^ (state >>> 15), state | 1)
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
	}
}

/** Closed candles of a random walk; `drift` is the log return per candle that it tends to. */
export const walk = (options: {
	count: number
	seed: number
	symbol?: string
	interval?: Interval
	start_ms?: number
	price?: number
	drift?: number
	volatility?: number
}): readonly CandleEvent[] => {
	const {
		count,
		seed,
		symbol = 'BTCUSDT',
		interval = '15m',
		start_ms = 1_750_000_500_000,
		drift = 0,
		volatility = 0.004,
	} = options
	const random = chance(seed)
	let close = options.price ?? 60_000
	return Array.from({length: count}, (_, index) => {
		const open = close
		close = open * Math.exp(drift + volatility * (random() + random() + random() - 1.5))
		const wick = open * volatility * 0.3
		return {
			symbol,
			interval,
			open_ms: start_ms - (start_ms % intervalMs(interval)) + index * intervalMs(interval),
			open: open.toFixed(10),
			high: (Math.max(open, close) + wick * random()).toFixed(10),
			low: (Math.min(open, close) - wick * random()).toFixed(10),
			close: close.toFixed(10),
			volume: (random() * 100).toFixed(3),
			quote_volume: (random() * 100 * close).toFixed(10),
			trades: Math.floor(random() * 1_000),
			origin: 'rest',
		}
	})
}
