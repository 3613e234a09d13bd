import type {Book} from './book.js'
import type {Level} from './market.js'

type Sides = {bids: Map<string, string>; asks: Map<string, string>}

const sidesOf = (book: Book): Sides => ({bids: new Map(book.bids), asks: new Map(book.asks)})

/** Levels that are new or changed, and those that went away with quantity 0. */
const difference = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Level[] => {
	const out: Level[] = []
	for (const [price, quantity] of after) if (before.get(price) !== quantity) out.push([price, quantity])
	for (const price of before.keys()) if (!after.has(price)) out.push([price, '0'])
	return out
}

/** The chain of differences of one symbol at one speed; it lives as long as somebody listens. */
export class DepthChain {
	private published: Sides
	private last_update_id: number

	constructor(
		private readonly symbol: string,
		private readonly book: Book,
		private readonly every_ms: number,
	) {
		this.published = sidesOf(book)
		this.last_update_id = book.update_id
	}

	/** The next `depthUpdate` once the period in which the book changed is over. */
	next(now_ms: number): Record<string, unknown> | undefined {
		if (this.book.update_id === this.last_update_id) return undefined
		const due_ms = this.book.time_ms - (this.book.time_ms % this.every_ms) + this.every_ms
		if (now_ms < due_ms) return undefined
		const after = sidesOf(this.book)
		const message = {
			e: 'depthUpdate',
			E: due_ms,
			T: this.book.time_ms,
			s: this.symbol,
			U: this.last_update_id + 1,
			u: this.book.update_id,
			pu: this.last_update_id,
			b: difference(this.published.bids, after.bids),
			a: difference(this.published.asks, after.asks),
		}
		this.published = after
		this.last_update_id = this.book.update_id
		return message
	}
}
