import {z} from 'zod'
import {decimal, time} from './raw-fields.js'

/** Raw messages and rows of market data, by the venue's own one-letter names, as far as we read them. */

export const bookTickerMessage = z.object({
	e: z.literal('bookTicker'),
	s: z.string(),
	b: decimal,
	B: decimal,
	a: decimal,
	A: decimal,
	T: time.optional(),
	E: time,
})
export const markPriceMessage = z.object({
	e: z.literal('markPriceUpdate'),
	E: time,
	s: z.string(),
	p: decimal,
	r: decimal.or(z.literal('')),
	T: time,
})
export const bookTickerRow = z.object({
	symbol: z.string(),
	bidPrice: decimal,
	bidQty: decimal,
	askPrice: decimal,
	askQty: decimal,
	time,
})
export const dayTickerRow = z.object({symbol: z.string(), quoteVolume: decimal})
export const premiumIndexRow = z.object({
	symbol: z.string(),
	markPrice: decimal,
	lastFundingRate: decimal.or(z.literal('')),
	nextFundingTime: time,
	time,
})
export const klineMessage = z.object({
	e: z.literal('kline'),
	E: time,
	s: z.string(),
	k: z.object({
		/** Open time. */
		t: time,
		i: z.string(),
		o: decimal,
		h: decimal,
		l: decimal,
		c: decimal,
		v: decimal,
		q: decimal,
		/** Trades. */
		n: z.coerce.number().int(),
		/** Closed. */
		x: z.boolean(),
	}),
})
/** open time, o, h, l, c, volume, close time, quote volume, trades, … */
export const klineRow = z
	.tuple([time, decimal, decimal, decimal, decimal, decimal, time, decimal, z.coerce.number().int()])
	.rest(z.unknown())
