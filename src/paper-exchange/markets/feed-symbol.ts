import type {MarketEvent, SymbolSpec} from '../market.js'
import {DepthBook} from './depth-book.js'
import {Grid} from './grid.js'
import type {DepthSnapshot, TapeEvent} from './tape-message.js'

const HOUR_MS = 3_600_000
/** Without mark prices in the feed, the middle stands for them, this often. */
const MARK_INTERVAL_MS = 1000
/** Outliers told one by one; the others are only counted. */
const OUTLIERS_TOLD_MAX = 10

type Print = Extract<TapeEvent, {e: 'trade' | 'aggTrade'}>
type Settings = Readonly<{depth_levels: number; outlier_bps: number; funding_rate: string}>

/** One symbol of a recorded or live feed: turns its messages into events. */
export class FeedSymbol {
	readonly #spec: SymbolSpec
	readonly #settings: Settings
	readonly #report: (line: string) => void
	readonly #prices: Grid
	readonly #quantities: Grid
	readonly #book: DepthBook
	/** Raw and aggregated trades are the same trades twice; the kind that comes first is taken. */
	#prints: Print['e'] | undefined
	#outliers = 0
	#marked_ms = Number.NEGATIVE_INFINITY
	#ownMarks = false
	#nextFunding_ms = 0
	/** The rate announced for the next funding. */
	#rate: string

	constructor(spec: SymbolSpec, settings: Settings, report: (line: string) => void) {
		this.#spec = spec
		this.#settings = settings
		this.#report = report
		this.#rate = settings.funding_rate
		this.#prices = new Grid(spec.tick_size)
		this.#quantities = new Grid(spec.step_size)
		this.#book = new DepthBook(this.#prices, this.#quantities)
	}

	snapshot(snapshot: DepthSnapshot, time_ms: number, events: MarketEvent[]): void {
		if (this.#book.snapshot(snapshot) === 'gap') this.#tellGap(time_ms)
		this.#tellBook(time_ms, events)
	}

	event(event: TapeEvent, time_ms: number, events: MarketEvent[]): void {
		this.#settleFunding(time_ms, events)
		switch (event.e) {
			case 'bookTicker':
				this.#book.ticker(event)
				this.#tellBook(time_ms, events)
				this.#tellMiddle(time_ms, events)
				return
			case 'depthUpdate': {
				const applied = this.#book.depth(event)
				if (applied === 'gap') this.#tellGap(time_ms)
				if (applied !== 'old' && applied !== 'waiting') this.#tellBook(time_ms, events)
				return
			}
			case 'markPriceUpdate':
				this.#ownMarks = true
				this.#nextFunding_ms = event.T
				this.#rate = event.r
				events.push({
					kind: 'mark',
					time_ms,
					symbol: this.#spec.symbol,
					mark: this.#price(event.p),
					index: this.#price(event.i),
					funding_rate: event.r,
					next_funding_ms: event.T,
				})
				return
			default:
				this.#print(event, time_ms, events)
		}
	}

	#print(event: Print, time_ms: number, events: MarketEvent[]): void {
		this.#prints ??= event.e
		if (this.#prints !== event.e) return
		const touch = this.#book.touch
		const price = Number(event.p)
		const slack = 1 + this.#settings.outlier_bps * 1e-4
		const far = touch !== undefined && (price > touch.ask * slack || price < touch.bid / slack)
		// Transfers to the insurance fund and the like are no trades of the market.
		const foreign = event.e === 'trade' && event.X !== undefined && event.X !== 'MARKET'
		const quantity = this.#quantities.count(Number(event.q))
		if (far || foreign || quantity === 0) {
			this.#tellOutlier(event, touch, time_ms)
			return
		}
		const text = this.#quantities.text(quantity)
		const symbol = this.#spec.symbol
		events.push({kind: 'trade', time_ms, symbol, price: this.#price(event.p), quantity: text, buyer_is_maker: event.m})
	}

	#tellBook(time_ms: number, events: MarketEvent[]): void {
		const {bids, asks} = this.#book.top(this.#settings.depth_levels)
		if (bids.length === 0 || asks.length === 0) return
		events.push({kind: 'book', time_ms, symbol: this.#spec.symbol, bids, asks})
	}

	#tellMiddle(time_ms: number, events: MarketEvent[]): void {
		const touch = this.#book.touch
		if (this.#ownMarks || touch === undefined || time_ms - this.#marked_ms < MARK_INTERVAL_MS) return
		this.#marked_ms = time_ms
		const middle = this.#prices.text(this.#prices.count((touch.bid + touch.ask) / 2))
		events.push({
			kind: 'mark',
			time_ms,
			symbol: this.#spec.symbol,
			mark: middle,
			index: middle,
			funding_rate: this.#rate,
			next_funding_ms: this.#nextFunding_ms,
		})
	}

	#settleFunding(time_ms: number, events: MarketEvent[]): void {
		const interval_ms = this.#spec.funding_interval_hours * HOUR_MS
		const due = this.#nextFunding_ms
		if (due > time_ms) return
		this.#nextFunding_ms = (Math.floor(time_ms / interval_ms) + 1) * interval_ms
		// The first call only finds out when the next funding is.
		if (due === 0) return
		events.push({kind: 'funding', time_ms, symbol: this.#spec.symbol, rate: this.#rate})
	}

	#tellGap(time_ms: number): void {
		this.#report(
			`${this.#spec.symbol}: the chain of depth updates breaks at ${time_ms}; best prices alone until the next snapshot`,
		)
	}

	#tellOutlier(event: Print, touch: {bid: number; ask: number} | undefined, time_ms: number): void {
		if (++this.#outliers > OUTLIERS_TOLD_MAX) return
		const last = this.#outliers === OUTLIERS_TOLD_MAX ? '; further ones are left out silently' : ''
		this.#report(
			`${this.#spec.symbol}: print of ${event.q} at ${event.p} left out at ${time_ms} (best prices ${touch?.bid}, ${touch?.ask})${last}`,
		)
	}

	#price(text: string): string {
		return this.#prices.text(this.#prices.count(Number(text)))
	}
}
