import type {z} from 'zod'
import {type Interval, intervalMs} from '../contracts/streams/market.js'
import {type klineMessage, klineRow} from './market-messages.js'

/** A closed candle. Decimals as the venue wrote them; `open_ms` is venue time. */
export type CandlePush = Readonly<{
	symbol: string
	interval: Interval
	open_ms: number
	open: string
	high: string
	low: string
	close: string
	volume: string
	quote_volume: string
	trades: number
	origin: 'websocket' | 'rest'
}>

/** Candles of one symbol and interval that have been handed on: strictly ascending, each once. */
export class CandleSeries {
	#last_open_ms: number | undefined
	readonly interval_ms: number

	constructor(
		readonly symbol: string,
		readonly interval: Interval,
	) {
		this.interval_ms = intervalMs(interval)
	}

	get last_open_ms(): number | undefined {
		return this.#last_open_ms
	}

	/** `next` continues the series, `old` has been handed on before, `hole` leaves candles out. */
	place(open_ms: number): 'next' | 'old' | 'hole' {
		const last = this.#last_open_ms
		if (last === undefined || open_ms === last + this.interval_ms) return 'next'
		return open_ms <= last ? 'old' : 'hole'
	}

	/** @throws Error when the candle does not come after the last one: the caller has mixed up its order */
	handedOn(open_ms: number): void {
		if (this.place(open_ms) === 'old')
			throw new Error(`Candle ${this.symbol} ${this.interval} ${open_ms} does not come after ${this.#last_open_ms}`)
		this.#last_open_ms = open_ms
	}

	/** Whether a candle that has not come must have closed by this venue time. */
	overdue(venue_ms: number, grace_ms: number): boolean {
		return this.#last_open_ms !== undefined && venue_ms >= this.#last_open_ms + 2 * this.interval_ms + grace_ms
	}
}

/** @returns the candle when the message closes one */
export const candleOfMessage = (message: z.output<typeof klineMessage>, interval: Interval): CandlePush | undefined => {
	const {t, o, h, l, c, v, q, n, x} = message.k
	if (!x) return undefined
	return {
		symbol: message.s,
		interval,
		open_ms: t,
		open: o,
		high: h,
		low: l,
		close: c,
		volume: v,
		quote_volume: q,
		trades: n,
		origin: 'websocket',
	}
}

/** Rows of REST that had closed by this venue time, ascending. @throws ZodError for a malformed row */
export const closedCandles = (
	rows: readonly unknown[],
	series: Pick<CandleSeries, 'symbol' | 'interval'>,
	venue_ms: number,
): readonly CandlePush[] =>
	rows
		.map(row => klineRow.parse(row))
		.filter(row => row[6] < venue_ms)
		.map(([open_ms, open, high, low, close, volume, , quote_volume, trades]) => ({
			symbol: series.symbol,
			interval: series.interval,
			open_ms,
			open,
			high,
			low,
			close,
			volume,
			quote_volume,
			trades,
			origin: 'rest' as const,
		}))
		.sort((one, other) => one.open_ms - other.open_ms)
