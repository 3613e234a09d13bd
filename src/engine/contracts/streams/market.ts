import {z} from 'zod'
import {field} from '../field.js'
import {defineStream} from '../stream.js'

export const marketTick = defineStream({
	name: 'market.tick',
	summary: 'Best bid and ask per symbol, with mark price and funding as last seen; conflated per symbol.',
	criticality: 'telemetry',
	// Minutes at a high speed: a trade can be followed back to its tick for as long as it is talked about.
	retention_max: 60_000,
	payload: z.object({
		symbol: field.symbol(),
		bid: field.positive(),
		ask: field.positive(),
		bid_quantity: field.decimal(),
		ask_quantity: field.decimal(),
		mark_price: field.positive().optional(),
		funding_rate: field.decimal().optional(),
		next_funding_ms: field.integer().optional(),
		/** Machine time at which the venue's message arrived, ms. */
		received_ms: field.integer(),
	}),
})

export const INTERVALS = ['1m', '3m', '5m', '15m', '30m', '1h', '4h', '1d'] as const
export type Interval = (typeof INTERVALS)[number]
const MINUTE_MS = 60_000
export const intervalMs = (interval: Interval): number =>
	({'1m': 1, '3m': 3, '5m': 5, '15m': 15, '30m': 30, '1h': 60, '4h': 240, '1d': 1_440})[interval] * MINUTE_MS

export const marketKlines = defineStream({
	name: 'market.klines',
	summary: 'Closed candles of every configured interval, without a gap.',
	criticality: 'telemetry',
	retention_max: 30_000,
	backlog_max: 20_000,
	payload: z.object({
		symbol: field.symbol(),
		interval: z.enum(INTERVALS),
		open_ms: field.integer(),
		open: field.positive(),
		high: field.positive(),
		low: field.positive(),
		close: field.positive(),
		volume: field.decimal(),
		quote_volume: field.decimal(),
		trades: field.integer(),
		/** Where it was read: pushed by the socket, or fetched to fill a hole or to warm up. */
		origin: z.enum(['websocket', 'rest']),
	}),
})

export const features = defineStream({
	name: 'features',
	summary: 'One versioned feature vector per symbol and closed candle; identical code live, in backtest, in training.',
	criticality: 'telemetry',
	payload: z.object({
		symbol: field.symbol(),
		feature_version: field.integer(),
		interval: z.enum(INTERVALS),
		open_ms: field.integer(),
		close: field.positive(),
		/** False while indicators warm up: such a vector must not be traded on. */
		ready: field.flag(),
		rsi_14: field.real(),
		macd: field.real(),
		macd_signal: field.real(),
		macd_histogram: field.real(),
		bollinger_upper: field.real(),
		bollinger_middle: field.real(),
		bollinger_lower: field.real(),
		/** In price units. */
		atr_14: field.real(),
		ema_fast: field.real(),
		ema_slow: field.real(),
		/** Log return of the candle. */
		return_1: field.real(),
		return_5: field.real(),
		return_15: field.real(),
		/** Volume over its own moving average. */
		volume_ratio: field.real(),
		spread_bps: field.real(),
	}),
})

export const exchangeRaw = defineStream({
	name: 'exchange.raw',
	summary: 'User-data messages of the trading venue as received.',
	criticality: 'telemetry',
	pending: {reader: 'cross-exchange-aggregator'},
	payload: z.object({venue: field.text(), channel: field.text(), body: z.string()}),
})

export const exchangeReference = defineStream({
	name: 'exchange.reference',
	summary: 'Reference price per symbol: the median of the fresh mids of all exchanges, and how far ours is from it.',
	criticality: 'telemetry',
	payload: z.object({
		symbol: field.symbol(),
		/** Median of the mids that are fresh. */
		price: field.positive(),
		/** Exchanges whose mid is in it, ours included. */
		sources: field.integer(),
		/** Distance of our mid from the median of the others, basis points of it, signed; left out without others. */
		divergence_bps: field.real().optional(),
	}),
})

export const marketState = defineStream({
	name: 'marketstate',
	summary: 'Volatility, spread and strength of the trend per symbol and closed 1-minute candle.',
	criticality: 'telemetry',
	payload: z.object({
		symbol: field.symbol(),
		open_ms: field.integer(),
		/** False while the averages warm up: such a state must not be acted on. */
		ready: field.flag(),
		/** Standard deviation of a 1-minute log return, exponentially weighted. A share: 0.001 = 0.1 %. */
		volatility_ewma: field.real(),
		/** The same from high and low (Parkinson). */
		volatility_range: field.real(),
		/** volatility_ewma over its own slow average: 1 is usual, above 2 a spike. */
		volatility_ratio: field.real(),
		spread_bps: field.real(),
		/** Of our price from the other exchanges, as last seen; left out without others. */
		divergence_bps: field.real().optional(),
		/** From -1 (down) to 1 (up). */
		trend_strength: field.real(),
	}),
})
