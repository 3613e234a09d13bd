import type {z} from 'zod'
import type {bookTickerMessage, bookTickerRow, markPriceMessage, premiumIndexRow} from './market-messages.js'

/** Best bid and ask of a symbol, with mark price and funding as last seen. Decimals as the venue wrote them. */
export type Quote = Readonly<{
	symbol: string
	bid: string
	ask: string
	bid_quantity: string
	ask_quantity: string
	mark_price?: string
	funding_rate?: string
	next_funding_ms?: number
	/** Venue time at which the quote was known to hold. */
	venue_ms: number
	/** Machine time at which it arrived. */
	received_ms: number
}>

type Mark = Pick<Quote, 'mark_price' | 'funding_rate' | 'next_funding_ms'>

/** What is known of quotes: joins book and mark, says which are silent, and never goes back in time. */
export class QuoteBook {
	readonly #quotes = new Map<string, Quote>()
	readonly #marks = new Map<string, Mark & {received_ms: number}>()
	/** The latest venue time seen in any message. */
	#venue_ms = 0

	constructor(readonly symbols: readonly string[]) {}

	get venue_ms(): number {
		return this.#venue_ms
	}

	onBook(message: z.output<typeof bookTickerMessage>, received_ms: number): Quote | undefined {
		this.#seen(message.E)
		return this.#store({
			symbol: message.s,
			bid: message.b,
			ask: message.a,
			bid_quantity: message.B,
			ask_quantity: message.A,
			venue_ms: message.E,
			received_ms,
		})
	}

	onMark(message: z.output<typeof markPriceMessage>, received_ms: number): void {
		this.#seen(message.E)
		this.#mark(message.s, message.p, message.r, message.T, received_ms)
	}

	/**
	 * A quote read by REST: it holds at least since the latest venue time known when it was asked for.
	 * Undefined when the socket has said something newer in the meantime.
	 */
	onBookRow(row: z.output<typeof bookTickerRow>, asked: {venue_ms: number; machine_ms: number}, received_ms: number) {
		const last = this.#quotes.get(row.symbol)
		if (last && last.received_ms > asked.machine_ms) return undefined
		return this.#store({
			symbol: row.symbol,
			bid: row.bidPrice,
			ask: row.askPrice,
			bid_quantity: row.bidQty,
			ask_quantity: row.askQty,
			venue_ms: Math.max(row.time, asked.venue_ms),
			received_ms,
		})
	}

	onMarkRow(row: z.output<typeof premiumIndexRow>, received_ms: number): void {
		this.#seen(row.time)
		this.#mark(row.symbol, row.markPrice, row.lastFundingRate, row.nextFundingTime, received_ms)
	}

	silentBooks(before_ms: number): readonly string[] {
		return this.symbols.filter(symbol => (this.#quotes.get(symbol)?.received_ms ?? 0) < before_ms)
	}

	silentMarks(before_ms: number): readonly string[] {
		return this.symbols.filter(symbol => (this.#marks.get(symbol)?.received_ms ?? 0) < before_ms)
	}

	#seen(venue_ms: number): void {
		this.#venue_ms = Math.max(this.#venue_ms, venue_ms)
	}

	#mark(symbol: string, mark_price: string, funding_rate: string, next_funding_ms: number, received_ms: number): void {
		if (Number(mark_price) <= 0) return
		const funding = funding_rate === '' ? {} : {funding_rate}
		this.#marks.set(symbol, {mark_price, ...funding, ...(next_funding_ms > 0 ? {next_funding_ms} : {}), received_ms})
	}

	#store(quote: Quote): Quote | undefined {
		// A book without a side has no best price: nothing to trade on, and nothing to remember.
		if (!this.symbols.includes(quote.symbol) || Number(quote.bid) <= 0 || Number(quote.ask) <= 0) return undefined
		const last = this.#quotes.get(quote.symbol)
		if (last && quote.venue_ms < last.venue_ms) return undefined
		this.#quotes.set(quote.symbol, quote)
		const mark = this.#marks.get(quote.symbol)
		if (!mark) return quote
		const {received_ms: _, ...known} = mark
		return {...quote, ...known}
	}
}
