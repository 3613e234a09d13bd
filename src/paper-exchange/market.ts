/**
 * The contract between a market (where prices come from) and the venue (which matches, books and serves).
 *
 * Times are venue time in milliseconds. Prices and quantities are decimal strings on the symbol's grid.
 */

export type Level = readonly [price: string, quantity: string]

/** What the venue's exchangeInfo says of a symbol; a market brings its own so that prices fit their grid. */
export type SymbolSpec = Readonly<{
	symbol: string
	base_asset: string
	tick_size: string
	step_size: string
	min_quantity: string
	max_quantity: string
	max_market_quantity: string
	min_notional: string
	price_precision: number
	quantity_precision: number
	/** Hours between two fundings. */
	funding_interval_hours: number
	/** Maintenance tiers, ascending: Binance's leverageBracket. */
	brackets: ReadonlyArray<
		Readonly<{
			notional_cap: string
			notional_floor: string
			initial_leverage: number
			maintenance_ratio: string
			cum: string
		}>
	>
}>

export type MarketEvent =
	/** The visible book of the outside world replaced whole, best level first. */
	| Readonly<{kind: 'book'; time_ms: number; symbol: string; bids: readonly Level[]; asks: readonly Level[]}>
	/** A print between outside parties; it also fills resting orders of ours that it passes through. */
	| Readonly<{kind: 'trade'; time_ms: number; symbol: string; price: string; quantity: string; buyer_is_maker: boolean}>
	| Readonly<{
			kind: 'mark'
			time_ms: number
			symbol: string
			mark: string
			index: string
			funding_rate: string
			next_funding_ms: number
	  }>
	/** Funding settles now at this rate. */
	| Readonly<{kind: 'funding'; time_ms: number; symbol: string; rate: string}>

export type Candle = Readonly<{
	open_ms: number
	open: string
	high: string
	low: string
	close: string
	volume: string
	quote_volume: string
	trades: number
}>

export type Interval = '1m' | '3m' | '5m' | '15m' | '30m' | '1h' | '4h' | '1d'

export interface Market {
	readonly symbols: readonly SymbolSpec[]
	/** Venue time at which live trading starts; candles before it are history. */
	readonly start_ms: number
	/** The next event in time order with `time_ms <= until_ms`, or undefined when there is none before it. */
	next(until_ms: number): MarketEvent | undefined
	/** The last instant this market can produce, Infinity when it has no end. */
	readonly end_ms: number
	/** Closed candles before `start_ms` (warm-up), ascending by open time. Later ones the venue builds from trades. */
	history(symbol: string, interval: Interval, from_ms: number, to_ms: number): readonly Candle[]
	/** Somebody took this much from the outside book: markets whose depth reacts use it, others ignore it. */
	taken(symbol: string, side: 'BUY' | 'SELL', quantity: string): void
	/** All that is needed to go on from here after a restart, as JSON; undefined when replaying from `start_ms` is cheap. */
	snapshot(): unknown
	restore(snapshot: unknown): void
	close(): Promise<void>
}
