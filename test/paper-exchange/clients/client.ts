import type {TestVenue} from '../venue-fixture.js'

/** An order as every client shows it, in the venue's own words. */
export type OrderSeen = Readonly<{id: string; client_id: string; status: string; filled: string; average: string}>
export type FillSeen = Readonly<{id: string; client_id: string; price: string; quantity: string; fee: string}>
export type StopSeen = Readonly<{id: string; client_id: string; status: string; trigger: string}>

export type OrderWanted = Readonly<{
	symbol: string
	side: 'BUY' | 'SELL'
	type: 'MARKET' | 'LIMIT'
	quantity: string
	price?: string
	tif?: 'GTC' | 'IOC' | 'FOK' | 'GTX'
	client_id: string
	reduce_only?: boolean
}>

export type StopWanted = Readonly<{
	symbol: string
	side: 'BUY' | 'SELL'
	type: 'STOP_MARKET' | 'TAKE_PROFIT_MARKET'
	trigger: string
	/** Left out: the whole position. */
	quantity?: string
	client_id: string
}>

/** What a client has been told by its streams. */
export type Told = {
	fills: FillSeen[]
	orders: Array<Readonly<{client_id: string; status: string}>>
	stops: Array<Readonly<{client_id: string; status: string}>>
	positions: Array<Readonly<{symbol: string; amount: string; entry: string}>>
	balances: string[]
	trades: string[]
	bids: string[]
	marks: string[]
	candles: Array<Readonly<{open_ms: number; close: string}>>
	/** Best bid of the book that the client keeps from the depth stream, or the bids of each message. */
	depths: string[]
}

export const nothingTold = (): Told => ({
	fills: [],
	orders: [],
	stops: [],
	positions: [],
	balances: [],
	trades: [],
	bids: [],
	marks: [],
	candles: [],
	depths: [],
})

/** One public client library, unmodified, behind the words of the conformance table. Symbols are the venue's. */
export interface Client {
	readonly told: Told
	symbols(): Promise<readonly string[]>
	serverTime(): Promise<number>
	setLeverage(symbol: string, leverage: number): Promise<number>
	setMarginType(symbol: string, type: 'ISOLATED' | 'CROSSED'): Promise<void>
	place(order: OrderWanted): Promise<OrderSeen>
	batch(orders: readonly OrderWanted[]): Promise<readonly OrderSeen[]>
	amend(symbol: string, id: string, side: 'BUY' | 'SELL', quantity: string, price: string): Promise<OrderSeen>
	cancel(symbol: string, id: string): Promise<OrderSeen>
	cancelAll(symbol: string): Promise<void>
	query(symbol: string, id: string): Promise<OrderSeen>
	openOrders(symbol: string): Promise<readonly OrderSeen[]>
	placeStop(stop: StopWanted): Promise<StopSeen>
	openStops(symbol: string): Promise<readonly StopSeen[]>
	cancelStop(symbol: string, id: string): Promise<void>
	/** Signed amount and entry price; undefined when flat. */
	position(symbol: string): Promise<Readonly<{amount: string; entry: string}> | undefined>
	wallet(): Promise<string>
	fills(symbol: string): Promise<readonly FillSeen[]>
	income(): Promise<ReadonlyArray<Readonly<{type: string; amount: string}>>>
	/** Close prices, oldest first. */
	closes(symbol: string): Promise<readonly string[]>
	bestBid(symbol: string): Promise<string>
	/** Starts listening to the account and to a symbol's public streams; resolves when all are connected. */
	listen(symbol: string): Promise<void>
	/** The venue's code in an error this client threw. */
	codeOf(error: unknown): number | undefined
	close(): Promise<void>
}

export type ConnectClient = (venue: Pick<TestVenue, 'rest_url' | 'ws_url'>) => Promise<Client>
