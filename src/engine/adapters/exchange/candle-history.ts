import {z} from 'zod'
import {type CandlePush, type CandleSeries, closedCandles} from '../../exchange/candle-series.js'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import type {VenueConfig} from '../../exchange/venue-config.js'
import type {VenueClient} from './client.js'
import {venueNow} from './venue-time.js'

const rowsOf = z.array(z.unknown())

/** Closed candles by REST. */
export class CandleHistory {
	constructor(
		private readonly config: VenueConfig,
		private readonly client: VenueClient,
	) {}

	venueNow(): Promise<number> {
		return venueNow(this.config, this.client)
	}

	/** The last `count` closed candles. */
	async last(series: CandleSeries, count: number, venue_ms: number): Promise<readonly CandlePush[]> {
		const current_open_ms = venue_ms - (venue_ms % series.interval_ms)
		return this.from(series, current_open_ms - count * series.interval_ms, venue_ms)
	}

	/** Every candle that opened at `from_ms` or later and had closed by `venue_ms`. */
	async from(series: CandleSeries, from_ms: number, venue_ms: number): Promise<readonly CandlePush[]> {
		const candles: CandlePush[] = []
		let next_ms = from_ms
		for (let page = 0; page < limits.pages_max && next_ms + series.interval_ms <= venue_ms; page += 1) {
			const body = await this.client.ccxt.fapiPublicGetKlines({
				symbol: series.symbol,
				interval: series.interval,
				startTime: Math.max(0, next_ms),
				limit: limits.candles_per_page,
			})
			const rows = rowsOf.parse(body)
			const closed = closedCandles(rows, series, venue_ms).filter(({open_ms}) => open_ms >= next_ms)
			candles.push(...closed)
			const last = closed.at(-1)
			if (!last || rows.length < limits.candles_per_page) break
			next_ms = last.open_ms + series.interval_ms
		}
		return candles
	}
}
