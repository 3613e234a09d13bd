import type {Level} from '../market.js'
import type {Grid} from './grid.js'
import type {DepthSnapshot, TapeDepth, TapeTicker} from './tape-message.js'

/** Depth updates kept while waiting for a snapshot; older ones are forgotten. */
const WAITING_MAX = 10_000

type Texts = readonly (readonly [string, string])[]

/** One side as whole counts: prices ordered worst to best, so that changes near the best move little. */
class Side {
	readonly #better: (one: number, other: number) => boolean
	readonly prices: number[] = []
	readonly #quantities = new Map<number, number>()

	constructor(better: (one: number, other: number) => boolean) {
		this.#better = better
	}

	get best(): number | undefined {
		return this.prices.at(-1)
	}

	quantity(price: number): number {
		return this.#quantities.get(price) ?? 0
	}

	clear(): void {
		this.prices.length = 0
		this.#quantities.clear()
	}

	set(price: number, quantity: number): void {
		const known = this.#quantities.has(price)
		if (quantity > 0) this.#quantities.set(price, quantity)
		else this.#quantities.delete(price)
		if (known === quantity > 0) return
		const at = this.#place(price)
		if (known) this.prices.splice(at, 1)
		else this.prices.splice(at, 0, price)
	}

	#place(price: number): number {
		let low = 0
		let high = this.prices.length
		while (low < high) {
			const middle = (low + high) >>> 1
			if (this.#better(price, this.prices[middle] ?? 0)) low = middle + 1
			else high = middle
		}
		return low
	}
}

/** What an update did to the book. */
export type Applied = 'applied' | 'old' | 'waiting' | 'gap'

/**
 * A book rebuilt by Binance's rule for USD-M: updates that end before the snapshot are old; the first one used spans
 * it (`U <= lastUpdateId <= u`); each further one follows the one before (`pu` = its `u`). After a break the book is
 * unknown until the next snapshot. Between updates the best prices follow `bookTicker`, which is faster.
 */
export class DepthBook {
	readonly #prices: Grid
	readonly #quantities: Grid
	readonly #bids = new Side((one, other) => one > other)
	readonly #asks = new Side((one, other) => one < other)
	#waiting: TapeDepth[] = []
	#state: 'waiting' | 'first' | 'synced' = 'waiting'
	#last = 0
	#ticker: TapeTicker | undefined

	constructor(prices: Grid, quantities: Grid) {
		this.#prices = prices
		this.#quantities = quantities
	}

	/** Whether the levels are known, not the best prices alone. */
	get synced(): boolean {
		return this.#state !== 'waiting'
	}

	/** The id of the last update in the levels. */
	get update_id(): number {
		return this.#last
	}

	/** Best prices and quantities of the levels alone, as counts. */
	get best(): {bid: number; bid_quantity: number; ask: number; ask_quantity: number} | undefined {
		const [bid, ask] = [this.#bids.best, this.#asks.best]
		if (!this.synced || bid === undefined || ask === undefined) return undefined
		return {bid, bid_quantity: this.#bids.quantity(bid), ask, ask_quantity: this.#asks.quantity(ask)}
	}

	/** Starts anew from a snapshot and the updates that waited for it. */
	snapshot(snapshot: DepthSnapshot): Applied {
		this.#bids.clear()
		this.#asks.clear()
		this.#put(snapshot.bids, snapshot.asks)
		this.#last = snapshot.lastUpdateId
		this.#state = 'first'
		const waiting = this.#waiting
		this.#waiting = []
		for (const update of waiting) if (this.depth(update) === 'gap') return 'gap'
		return 'applied'
	}

	depth(update: TapeDepth): Applied {
		if (this.#state === 'waiting') {
			this.#waiting.push(update)
			if (this.#waiting.length > WAITING_MAX) this.#waiting.shift()
			return 'waiting'
		}
		if (update.u < this.#last) return 'old'
		const follows = this.#state === 'first' ? update.U <= this.#last : update.pu === this.#last
		if (!follows) {
			this.#state = 'waiting'
			this.#waiting = [update]
			return 'gap'
		}
		this.#put(update.b, update.a)
		this.#last = update.u
		this.#state = 'synced'
		return 'applied'
	}

	ticker(ticker: TapeTicker): void {
		if (this.#ticker === undefined || ticker.u >= this.#ticker.u) this.#ticker = ticker
	}

	/** The newest best prices as numbers, for judging prints. */
	get touch(): {bid: number; ask: number} | undefined {
		const ticker = this.#fresher()
		if (ticker !== undefined) return {bid: Number(ticker.b), ask: Number(ticker.a)}
		const best = this.best
		return best && {bid: Number(this.#prices.text(best.bid)), ask: Number(this.#prices.text(best.ask))}
	}

	/** The best levels of both sides, the ticker's best prices included when they are newer; never crossed. */
	top(levels: number): {bids: Level[]; asks: Level[]} {
		const ticker = this.#fresher()
		const bid = ticker && [this.#prices.count(Number(ticker.b)), this.#quantities.count(Number(ticker.B))]
		const ask = ticker && [this.#prices.count(Number(ticker.a)), this.#quantities.count(Number(ticker.A))]
		return {bids: this.#list(this.#bids, levels, bid), asks: this.#list(this.#asks, levels, ask)}
	}

	#fresher(): TapeTicker | undefined {
		return this.#ticker !== undefined && (!this.synced || this.#ticker.u > this.#last) ? this.#ticker : undefined
	}

	#list(side: Side, levels: number, best: readonly number[] | undefined): Level[] {
		const [price = 0, quantity = 0] = best ?? []
		const list: Level[] = []
		if (best !== undefined) list.push([this.#prices.text(price), this.#quantities.text(quantity)])
		if (!this.synced) return list
		const bids = side === this.#bids
		for (let at = side.prices.length - 1; at >= 0 && list.length < levels; at--) {
			const level = side.prices[at] ?? 0
			// Levels at or before the newer best price are gone.
			if (best !== undefined && (bids ? level >= price : level <= price)) continue
			list.push([this.#prices.text(level), this.#quantities.text(side.quantity(level))])
		}
		return list
	}

	#put(bids: Texts, asks: Texts): void {
		for (const [price, quantity] of bids)
			this.#bids.set(this.#prices.count(Number(price)), this.#quantities.count(Number(quantity)))
		for (const [price, quantity] of asks)
			this.#asks.set(this.#prices.count(Number(price)), this.#quantities.count(Number(quantity)))
	}
}
