import {type Dec, dec, zero} from './decimal.js'
import type {Level} from './market.js'
import type {Side} from './records.js'

type OpenLevel = {price: Dec; quantity: Dec}

/** The outside world's book of one symbol, less what the account took since the last book event. */
export class Book {
	bids: readonly Level[] = []
	asks: readonly Level[] = []
	/** Counts every change; REST and the depth stream number by it. */
	update_id = 0
	time_ms = 0
	private openBids: OpenLevel[] | undefined
	private openAsks: OpenLevel[] | undefined

	replace(bids: readonly Level[], asks: readonly Level[], time_ms: number): void {
		this.bids = bids
		this.asks = asks
		this.time_ms = time_ms
		this.update_id += 1
		this.openBids = undefined
		this.openAsks = undefined
	}

	/** The levels an order of that side trades against, best first. */
	against(side: Side): readonly OpenLevel[] {
		if (side === 'BUY') {
			this.openAsks ??= this.asks.map(open)
			return this.openAsks
		}
		this.openBids ??= this.bids.map(open)
		return this.openBids
	}

	best(against: Side): Dec | undefined {
		const [price] = (against === 'BUY' ? this.asks : this.bids)[0] ?? []
		return price === undefined ? undefined : dec(price)
	}

	mid(): Dec | undefined {
		const ask = this.best('BUY')
		const bid = this.best('SELL')
		if (ask === undefined || bid === undefined) return ask ?? bid
		return ask.add(bid).div(2)
	}

	/** Removes what an order of that side took at a price. Untouched levels keep their text. */
	take(side: Side, price: Dec, quantity: Dec, time_ms: number): void {
		const open = this.against(side)
		const shown = side === 'BUY' ? this.asks : this.bids
		const index = open.findIndex(level => level.price.eq(price))
		if (index < 0) throw new Error(`No level at ${price.toFixed()} to take ${quantity.toFixed()} from.`)
		const left = open[index]?.quantity.sub(quantity) ?? zero
		const place = left.gt(zero) ? [{price, quantity: left}] : []
		const text = left.gt(zero) ? [[shown[index]?.[0] ?? '', left.toFixed()] as const] : []
		const after = [...open.slice(0, index), ...place, ...open.slice(index + 1)]
		const shownAfter = [...shown.slice(0, index), ...text, ...shown.slice(index + 1)]
		if (side === 'BUY') {
			this.openAsks = after
			this.asks = shownAfter
		} else {
			this.openBids = after
			this.bids = shownAfter
		}
		this.time_ms = time_ms
		this.update_id += 1
	}
}

const open = ([price, quantity]: Level): OpenLevel => ({price: dec(price), quantity: dec(quantity)})
