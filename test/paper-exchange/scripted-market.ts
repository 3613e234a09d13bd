import type {Candle, Interval, Level, Market, MarketEvent, SymbolSpec} from '../../src/paper-exchange/market.js'

/** Venue time at which scripted markets start: 2026-01-01T00:00:00Z. */
export const startMs = 1_767_225_600_000

const brackets: SymbolSpec['brackets'] = [
	{notional_floor: '0', notional_cap: '50000', initial_leverage: 125, maintenance_ratio: '0.004', cum: '0'},
	{notional_floor: '50000', notional_cap: '600000', initial_leverage: 100, maintenance_ratio: '0.005', cum: '50'},
	{notional_floor: '600000', notional_cap: '3000000', initial_leverage: 75, maintenance_ratio: '0.0065', cum: '950'},
]

export const btc: SymbolSpec = {
	symbol: 'BTCUSDT',
	base_asset: 'BTC',
	tick_size: '0.10',
	step_size: '0.001',
	min_quantity: '0.001',
	max_quantity: '1000',
	max_market_quantity: '120',
	min_notional: '100',
	price_precision: 2,
	quantity_precision: 3,
	funding_interval_hours: 8,
	brackets,
}

export const eth: SymbolSpec = {
	...btc,
	symbol: 'ETHUSDT',
	base_asset: 'ETH',
	tick_size: '0.01',
	min_notional: '20',
}

export const life: SymbolSpec = {
	...btc,
	symbol: '币安人生USDT',
	base_asset: '币安人生',
	tick_size: '0.00001',
	step_size: '1',
	min_quantity: '1',
	max_quantity: '10000000',
	max_market_quantity: '1000000',
	min_notional: '5',
	price_precision: 7,
	quantity_precision: 0,
}

export type Taking = Readonly<{symbol: string; side: 'BUY' | 'SELL'; quantity: string}>

type Options = Readonly<{
	symbols?: readonly SymbolSpec[]
	start_ms?: number
	end_ms?: number
	history?: readonly Candle[]
}>

/** A market that says what it is told to say. `at` is milliseconds after its start. */
export class ScriptedMarket implements Market {
	readonly symbols: readonly SymbolSpec[]
	readonly start_ms: number
	readonly end_ms: number
	readonly takings: Taking[] = []
	private readonly events: MarketEvent[] = []
	private position = 0
	private readonly candles: readonly Candle[]

	constructor(options: Options = {}) {
		this.symbols = options.symbols ?? [btc, eth, life]
		this.start_ms = options.start_ms ?? startMs
		this.end_ms = options.end_ms ?? Number.POSITIVE_INFINITY
		this.candles = options.history ?? []
	}

	book(at: number, symbol: string, bids: readonly Level[], asks: readonly Level[]): this {
		return this.add({kind: 'book', time_ms: this.start_ms + at, symbol, bids, asks})
	}

	trade(at: number, symbol: string, price: string, quantity: string, buyer_is_maker = false): this {
		return this.add({kind: 'trade', time_ms: this.start_ms + at, symbol, price, quantity, buyer_is_maker})
	}

	mark(at: number, symbol: string, mark: string, funding_rate = '0.0001'): this {
		const next_funding_ms = this.start_ms + 28_800_000
		const time_ms = this.start_ms + at
		return this.add({kind: 'mark', time_ms, symbol, mark, index: mark, funding_rate, next_funding_ms})
	}

	funding(at: number, symbol: string, rate: string): this {
		return this.add({kind: 'funding', time_ms: this.start_ms + at, symbol, rate})
	}

	/** Adds an event; those not yet given out stay in order of time. */
	add(event: MarketEvent): this {
		let index = this.events.length
		while (index > this.position && (this.events[index - 1]?.time_ms ?? 0) > event.time_ms) index -= 1
		this.events.splice(index, 0, event)
		return this
	}

	next(until_ms: number): MarketEvent | undefined {
		const event = this.events[this.position]
		if (event === undefined || event.time_ms > until_ms) return undefined
		this.position += 1
		return event
	}

	history(symbol: string, interval: Interval, from_ms: number, to_ms: number): readonly Candle[] {
		if (symbol !== 'BTCUSDT' || interval !== '1m') return []
		return this.candles.filter(candle => candle.open_ms >= from_ms && candle.open_ms < to_ms)
	}

	taken(symbol: string, side: 'BUY' | 'SELL', quantity: string): void {
		this.takings.push({symbol, side, quantity})
	}

	snapshot(): unknown {
		return {position: this.position}
	}

	restore(snapshot: unknown): void {
		this.position = (snapshot as {position: number}).position
	}

	close(): Promise<void> {
		return Promise.resolve()
	}
}

/** BTC around 60,000 and ETH around 3,000 with three levels on each side, a print and a mark. */
export const quietMarket = (): ScriptedMarket => {
	const market = new ScriptedMarket()
	const sides = (bid: number, step: number, places: number) => ({
		bids: [0, 1, 2].map(index => [(bid - index * step).toFixed(places), '1'] as const),
		asks: [1, 2, 3].map(index => [(bid + index * step).toFixed(places), '1'] as const),
	})
	const around = [
		{symbol: 'BTCUSDT', ...sides(60_000, 10, 1), price: '60000.0'},
		{symbol: 'ETHUSDT', ...sides(3000, 1, 2), price: '3000.00'},
		{symbol: '币安人生USDT', ...sides(0.2, 0.0001, 5), price: '0.20000'},
	]
	for (const {symbol, bids, asks, price} of around) {
		const deep = symbol === '币安人生USDT'
		const thick = (levels: ReadonlyArray<readonly [string, string]>) =>
			deep ? levels.map(([level]) => [level, '100000'] as const) : levels
		market.book(1, symbol, thick(bids), thick(asks))
		market.trade(2, symbol, price, '0.5')
		market.mark(3, symbol, price)
	}
	return market
}
