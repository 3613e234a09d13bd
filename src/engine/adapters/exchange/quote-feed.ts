import {z} from 'zod'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {bookTickerMessage, bookTickerRow, markPriceMessage, premiumIndexRow} from '../../exchange/market-messages.js'
import {type Quote, QuoteBook} from '../../exchange/quote-book.js'
import type {VenueConfig} from '../../exchange/venue-config.js'
import type {FeedAdapter} from '../../runtime/adapters.js'
import type {Clock} from '../../runtime/clock.js'
import {openClient, type VenueClient} from './client.js'
import {PushLine} from './push-line.js'
import {Sockets} from './socket-hold.js'

/** One for books, one for mark prices. */
const SOCKETS = 2

const bookRows = z.union([z.array(z.unknown()), z.unknown().transform(row => [row])])
const newestPerSymbol = (quotes: Quote[]): Quote[] => [...new Map(quotes.map(quote => [quote.symbol, quote])).values()]

/** Asks by REST for what the sockets do not say. */
class QuotePoll {
	constructor(
		private readonly client: VenueClient,
		private readonly book: QuoteBook,
		private readonly clock: Clock,
		private readonly add: (quote: Quote) => void,
	) {}

	async run(signal: AbortSignal): Promise<void> {
		while (!signal.aborted) {
			try {
				await this.#marks()
				await this.#books()
			} catch {
				// The venue does not answer: the quotes grow old, and everybody who reads them sees their age.
			}
			await this.clock.wait(limits.quote_poll_ms, signal)
		}
	}

	async #marks(): Promise<void> {
		if (this.book.silentMarks(this.clock.machine() - limits.quote_silence_ms).length === 0) return
		for (const raw of bookRows.parse(await this.client.ccxt.fapiPublicGetPremiumIndex())) {
			const row = premiumIndexRow.safeParse(raw)
			if (row.success) this.book.onMarkRow(row.data, this.clock.machine())
		}
	}

	async #books(): Promise<void> {
		const silent = this.book.silentBooks(this.clock.machine() - limits.quote_silence_ms)
		if (silent.length === 0) return
		const asked = {venue_ms: this.book.venue_ms, machine_ms: this.clock.machine()}
		const [only] = silent
		const parameters = silent.length === 1 && only !== undefined ? {symbol: only} : {}
		const body = await this.client.ccxt.fapiPublicGetTickerBookTicker(parameters)
		for (const raw of bookRows.parse(body)) {
			const row = bookTickerRow.safeParse(raw)
			if (!row.success || !silent.includes(row.data.symbol)) continue
			const quote = this.book.onBookRow(row.data, asked, this.clock.machine())
			if (quote) this.add(quote)
		}
	}
}

/**
 * Best bid and ask of every configured symbol: pushed by the socket, confirmed by REST where the socket is silent or
 * lost. Never rejects for want of a venue: it connects again for ever.
 */
export const quoteFeed = (config: VenueConfig, clock: Clock): FeedAdapter => {
	const up = new Set<string>()
	let line: PushLine<Quote> | undefined
	const run: FeedAdapter['run'] = async (push, signal) => {
		const client = await openClient(config, 'data')
		const book = new QuoteBook(config.symbols)
		const own = new PushLine<Quote>(limits.quotes_waiting_max, newestPerSymbol)
		line = own
		const sockets = new Sockets(client.ccxt)
		const eventsOf = (name: string) => ({onUp: () => up.add(name), onDown: () => up.delete(name)})
		const small = config.symbols.map(symbol => symbol.toLowerCase())
		const onBook = (message: unknown): void => {
			const parsed = bookTickerMessage.safeParse(message)
			const quote = parsed.success ? book.onBook(parsed.data, clock.machine()) : undefined
			if (quote) own.add(quote)
		}
		const onMark = (message: unknown): void => {
			const parsed = markPriceMessage.safeParse(message)
			if (parsed.success) book.onMark(parsed.data, clock.machine())
		}
		try {
			await Promise.all([
				sockets.hold(
					'public',
					small.map(symbol => `${symbol}@bookTicker`),
					{...eventsOf('books'), onMessage: onBook},
					signal,
				),
				sockets.hold(
					'market',
					small.map(symbol => `${symbol}@markPrice@1s`),
					{...eventsOf('marks'), onMessage: onMark},
					signal,
				),
				new QuotePoll(client, book, clock, quote => own.add(quote)).run(signal),
				own.run(push, signal),
			])
		} finally {
			await client.close()
		}
	}
	return {run, settled: () => up.size === SOCKETS && line?.empty === true}
}
