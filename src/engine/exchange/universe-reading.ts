import {z} from 'zod'
import {rounded} from '../logic/decimal-text.js'
import {spreadBps} from '../logic/quote.js'
import type {Listing, Listings} from '../logic/universe.js'
import {bookTickerRow, dayTickerRow} from './market-messages.js'
import {readFilters} from './symbol-filters.js'

const rowsOf = <Row>(schema: z.ZodType<Row>, body: unknown): Row[] =>
	z
		.array(z.unknown())
		.parse(body)
		.flatMap(raw => {
			const row = schema.safeParse(raw)
			return row.success ? [row.data] : []
		})

/**
 * What the venue lists, from its exchangeInfo, its 24-hour tickers and its books. A symbol without a ticker has no
 * volume; one without both sides of a book has no spread.
 * @throws ZodError when one of the answers is not what it should be: it is never taken for empty
 */
export const readListings = (info: unknown, tickers: unknown, books: unknown): Listings => {
	const volumes = new Map(rowsOf(dayTickerRow, tickers).map(({symbol, quoteVolume}) => [symbol, Number(quoteVolume)]))
	const spreads = new Map(
		rowsOf(bookTickerRow, books)
			.filter(({bidPrice, askPrice}) => Number(bidPrice) > 0 && Number(askPrice) > 0)
			.map(({symbol, bidPrice, askPrice}) => [symbol, spreadBps({bid: bidPrice, ask: askPrice})]),
	)
	const found: Record<string, Listing> = {}
	for (const [symbol, {tradable}] of readFilters(info)) {
		const spread_bps = spreads.get(symbol)
		found[symbol] = {
			tradable,
			quote_volume_usdt: rounded(volumes.get(symbol) ?? 0),
			...(spread_bps !== undefined && {spread_bps}),
		}
	}
	return found
}
