import type {Market, MarketEvent} from '../market.js'

/** Figures of a window are means over time, not over updates, so that fast and slow feeds compare. */
const WINDOW_MS = 10_000
const EVENTS_MAX = 20_000_000

export type BookFigures = {
	one_tick_share: number
	spread_ticks: number
	best_notional_usdt: number
	depth_notional_usdt: number
	reach_bps: number
	traded_usdt_per_second: number
}

type Book = Extract<MarketEvent, {kind: 'book'}>

/** Spread, depth and trading of one symbol in windows of ten seconds, over the twenty best levels. */
export function measureBooks(market: Market, symbol: string, until_ms: number): BookFigures[] {
	const tick = Number(market.symbols.find(spec => spec.symbol === symbol)?.tick_size)
	const windows: BookFigures[] = []
	let book: Book | undefined
	let since_ms = market.start_ms
	let window_ms = market.start_ms
	let sums = nothing()
	for (let count = 0; count < EVENTS_MAX; count++) {
		const event = market.next(until_ms)
		if (event === undefined) break
		if (event.symbol !== symbol) continue
		while (event.time_ms >= window_ms + WINDOW_MS) {
			if (book !== undefined) add(sums, book, tick, window_ms + WINDOW_MS - since_ms)
			if (book !== undefined) windows.push(sums)
			sums = nothing()
			window_ms += WINDOW_MS
			since_ms = window_ms
		}
		if (event.kind === 'trade')
			sums.traded_usdt_per_second += (Number(event.price) * Number(event.quantity)) / (WINDOW_MS / 1000)
		if (event.kind !== 'book') continue
		if (book !== undefined) add(sums, book, tick, event.time_ms - since_ms)
		book = event
		since_ms = event.time_ms
	}
	return windows
}

function nothing(): BookFigures {
	return {
		one_tick_share: 0,
		spread_ticks: 0,
		best_notional_usdt: 0,
		depth_notional_usdt: 0,
		reach_bps: 0,
		traded_usdt_per_second: 0,
	}
}

/** Adds a book that stood for a while. */
function add(sums: BookFigures, book: Book, tick: number, lasted_ms: number): void {
	const weight = lasted_ms / WINDOW_MS
	const [bid, ask] = [Number(book.bids[0]?.[0]), Number(book.asks[0]?.[0])]
	const sides = [book.bids, book.asks].map(side => side.slice(0, 20))
	const notional = sides.map(side => side.reduce((sum, [price, quantity]) => sum + Number(price) * Number(quantity), 0))
	const best = sides.map(side => Number(side[0]?.[0]) * Number(side[0]?.[1]))
	const reach = sides.map(side => Math.abs(Number(side.at(-1)?.[0]) / Number(side[0]?.[0]) - 1) * 1e4)
	const middle = ([one = 0, other = 0]: readonly number[]): number => (one + other) / 2
	sums.one_tick_share += weight * (ask - bid < 1.5 * tick ? 1 : 0)
	sums.spread_ticks += weight * ((ask - bid) / tick)
	sums.best_notional_usdt += weight * middle(best)
	sums.depth_notional_usdt += weight * middle(notional)
	sums.reach_bps += weight * middle(reach)
}
