import {hasMoved, type Tick} from '../engine/logic/quote.js'
import {SyntheticMarket, syntheticConfig} from '../paper-exchange/markets/synthetic-market.js'

const SPAN_S = 120
/** Any instant: what a market does comes of its seed. */
const START_MS = 1_750_000_000_000

/**
 * How often per second a synthetic market moves what is traded on, of all symbols together. A quote that says nothing
 * new is no tick, so this, and not the number of quotes, is what a system that misses nothing has seen.
 */
export const movesPerSecond = (
	market: Readonly<{seed: number; symbols: readonly string[]; tick_interval_ms: number}>,
) => {
	const config = {kind: 'synthetic', ...market, start_ms: START_MS, warmup_ms: 0}
	const synthetic = new SyntheticMarket(syntheticConfig.parse(config))
	const ticks = new Map<string, Tick>()
	const marks = new Map<string, string>()
	let moves = 0
	for (;;) {
		const event = synthetic.next(START_MS + SPAN_S * 1_000)
		if (event === undefined) return moves / SPAN_S
		if (event.kind === 'mark') marks.set(event.symbol, event.mark)
		if (event.kind !== 'book') continue
		const {symbol, bids, asks, time_ms} = event
		const [bid = '0', bid_quantity = '0'] = bids[0] ?? []
		const [ask = '0', ask_quantity = '0'] = asks[0] ?? []
		const tick = {symbol, bid, ask, bid_quantity, ask_quantity, mark_price: marks.get(symbol), received_ms: time_ms}
		if (hasMoved(ticks.get(symbol), tick)) moves += 1
		ticks.set(symbol, tick)
	}
}
