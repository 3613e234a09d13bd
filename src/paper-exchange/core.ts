import {Book} from './book.js'
import type {VenueConfig} from './config.js'
import {type Dec, dec, zero} from './decimal.js'
import {History} from './history.js'
import type {HistoryFile} from './history-file.js'
import type {Market} from './market.js'
import type {Position, PositionSide, SymbolSettings} from './records.js'
import {VenueState} from './state.js'
import {parseRules, type SymbolRules} from './symbol-rules.js'
import {venueError} from './venue-error.js'

/** What the outside world says of a symbol; zero where nothing has been said. */
export type Prices = {
	mark: Dec
	index: Dec
	last: Dec
	funding_rate: string
	next_funding_ms: number
	mark_ms: number
}

/** A user-data message, ready to be serialised. */
export type UserEvent = Readonly<{e: string; E: number} & Record<string, unknown>>

/** Something worth keeping in the oracle's log that no request caused. */
export type LoggedEvent = Readonly<{event: string} & Record<string, unknown>>

/** What the modules of the venue share: state, market data, and the messages waiting for the next commit. */
export class Core {
	readonly state = new VenueState()
	readonly history: History
	readonly rules: ReadonlyMap<string, SymbolRules>
	readonly books = new Map<string, Book>()
	readonly prices = new Map<string, Prices>()
	readonly fees: Readonly<{maker: Dec; taker: Dec; liquidation: Dec}>
	userEvents: UserEvent[] = []
	loggedEvents: LoggedEvent[] = []
	/** Called when a fill of ours changed the outside book. */
	onTaken: (symbol: string) => void = () => {}
	/** Venue time of what is being processed. */
	now_ms: number
	/** Market events processed so far. */
	market_seq = 0

	constructor(
		readonly config: VenueConfig,
		readonly market: Market,
		historyFile: HistoryFile,
	) {
		this.history = new History(this.state, historyFile)
		this.now_ms = market.start_ms
		this.rules = new Map(market.symbols.map(spec => [spec.symbol, parseRules(spec)]))
		this.fees = {
			maker: dec(config.fees.maker),
			taker: dec(config.fees.taker),
			liquidation: dec(config.fees.liquidation),
		}
		for (const spec of market.symbols) {
			this.books.set(spec.symbol, new Book())
			this.prices.set(spec.symbol, {
				mark: zero,
				index: zero,
				last: zero,
				funding_rate: '0',
				next_funding_ms: 0,
				mark_ms: 0,
			})
		}
	}

	/** @throws VenueError -1121 for a symbol that the market does not have. */
	rulesOf(symbol: string): SymbolRules {
		const rules = this.rules.get(symbol)
		if (rules === undefined) throw venueError('badSymbol')
		return rules
	}

	bookOf(symbol: string): Book {
		const book = this.books.get(symbol)
		if (book === undefined) throw venueError('badSymbol')
		return book
	}

	pricesOf(symbol: string): Prices {
		const prices = this.prices.get(symbol)
		if (prices === undefined) throw venueError('badSymbol')
		return prices
	}

	/** Mark price; until the market has named one, the last trade or the middle of the book. */
	mark(symbol: string): Dec {
		const prices = this.pricesOf(symbol)
		if (!prices.mark.isZero()) return prices.mark
		if (!prices.last.isZero()) return prices.last
		return this.bookOf(symbol).mid() ?? zero
	}

	/** Last trade; until there is one, the middle of the book or the mark. */
	last(symbol: string): Dec {
		const prices = this.pricesOf(symbol)
		if (!prices.last.isZero()) return prices.last
		return this.bookOf(symbol).mid() ?? prices.mark
	}

	settingsOf(symbol: string): SymbolSettings {
		const known = this.state.settings.get(symbol)
		if (known !== undefined) return known
		const highest = this.rulesOf(symbol).brackets[0]?.leverage ?? this.config.default_leverage
		return {symbol, leverage: Math.min(this.config.default_leverage, highest), isolated: false}
	}

	/** The position, or a flat one that becomes known once touched. */
	positionOf(symbol: string, side: PositionSide): Position {
		return (
			this.state.position(symbol, side) ?? {
				symbol,
				side,
				amount: zero,
				entry: zero,
				isolated: this.settingsOf(symbol).isolated,
				isolated_wallet: zero,
				realised: zero,
				updated_ms: 0,
			}
		)
	}

	emit(event: UserEvent): void {
		this.userEvents.push(event)
	}

	log(event: LoggedEvent): void {
		this.loggedEvents.push(event)
	}
}
