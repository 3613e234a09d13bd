import {applyFill} from './account.js'
import type {Core} from './core.js'
import {type Dec, minimum, text, zero} from './decimal.js'
import {isOpen, type Order, type Position, remaining} from './records.js'
import {percentPrice} from './symbol-rules.js'
import {orderEvent} from './user-events.js'

/**
 * How the account's orders meet the outside world.
 *
 * Taking: level by level at the levels' prices, one fill with its own trade id for each.
 * Resting against the book: when opposite levels come to lie at or beyond our price, we are filled at OUR price
 * for at most the quantity of those levels.
 * Resting against a print: a print STRICTLY beyond our price fills us at our price for at most its quantity;
 * a print at our price does not, since our place in that queue is not known.
 * Our own orders never meet each other.
 */

/** How much of a position an order could still close; reduce-only orders fill no more. */
export const reducible = (position: Position, order: Pick<Order, 'side'>): Dec => {
	const closes = order.side === 'SELL' ? position.amount.gt(zero) : position.amount.lt(zero)
	return closes ? position.amount.abs() : zero
}

/** What an order may still fill now. */
const fillable = (core: Core, order: Order): Dec => {
	const left = remaining(order)
	if (!order.reduce_only) return left
	return minimum(left, reducible(core.positionOf(order.symbol, order.position_side), order))
}

export const closeOrder = (core: Core, order: Order, status: 'CANCELED' | 'EXPIRED'): void => {
	order.status = status
	order.updated_ms = core.now_ms
	core.state.touchOrder(order)
	core.emit(orderEvent(core, order, status))
	core.log({event: 'order_closed', order_id: order.id, client_id: order.client_id, status})
}

const crosses = (order: Order, price: Dec): boolean =>
	order.side === 'BUY' ? price.lte(order.price) : price.gte(order.price)

/** Price beyond which an order takes nothing: its limit, or the percent-price bound of a market order. */
const worstPrice = (core: Core, order: Order): Dec => {
	if (order.type === 'LIMIT') return order.price
	const mark = core.mark(order.symbol)
	return mark.mul(order.side === 'BUY' ? percentPrice.up : percentPrice.down)
}

const acceptable = (order: Order, price: Dec, worst: Dec): boolean =>
	order.side === 'BUY' ? price.lte(worst) : price.gte(worst)

/** True when the order would trade at once. */
export const wouldTake = (core: Core, order: Order): boolean => {
	const best = core.bookOf(order.symbol).best(order.side)
	return best !== undefined && crosses(order, best)
}

/** Quantity the book holds within the order's limit, for fill-or-kill. */
export const quantityWithin = (core: Core, order: Order): Dec => {
	const worst = worstPrice(core, order)
	return core
		.bookOf(order.symbol)
		.against(order.side)
		.reduce((sum, level) => (acceptable(order, level.price, worst) ? sum.add(level.quantity) : sum), zero)
}

const takeFromBook = (core: Core, order: Order, price: Dec, quantity: Dec): void => {
	core.bookOf(order.symbol).take(order.side, price, quantity, core.now_ms)
	core.market.taken(order.symbol, order.side, text(quantity))
	core.state.addTaken([order.symbol, order.side, text(price), text(quantity)])
	core.onTaken(order.symbol)
}

/** Fills an order against the book as taker, up to its limit. */
export const takeNow = (core: Core, order: Order): void => {
	const worst = worstPrice(core, order)
	for (const level of core.bookOf(order.symbol).against(order.side)) {
		if (!acceptable(order, level.price, worst)) break
		const quantity = minimum(fillable(core, order), level.quantity)
		if (quantity.isZero()) break
		takeFromBook(core, order, level.price, quantity)
		applyFill(core, order, {price: level.price, quantity, maker: false})
	}
}

/** Resting orders of a symbol, best price first, then oldest first. */
const resting = (core: Core, symbol: string): Order[] =>
	core.state
		.ordersOpenIn(symbol)
		.sort((a, b) => (a.side === b.side && !a.price.eq(b.price) ? betterFirst(a, b) : a.id - b.id))

const betterFirst = (a: Order, b: Order): number => (a.side === 'BUY' ? b.price.cmp(a.price) : a.price.cmp(b.price))

/** A reduce-only order that has nothing left to reduce ends. */
const expireIfSpent = (core: Core, order: Order): void => {
	if (isOpen(order) && fillable(core, order).isZero()) closeOrder(core, order, 'EXPIRED')
}

export const matchBook = (core: Core, symbol: string): boolean => {
	if (core.state.openOrders.size === 0) return false
	let filled = false
	for (const order of resting(core, symbol)) {
		for (const level of core.bookOf(symbol).against(order.side)) {
			if (!isOpen(order) || !crosses(order, level.price)) break
			const quantity = minimum(fillable(core, order), level.quantity)
			if (quantity.isZero()) break
			takeFromBook(core, order, level.price, quantity)
			applyFill(core, order, {price: order.price, quantity, maker: true})
			filled = true
		}
		expireIfSpent(core, order)
	}
	return filled
}

export const matchPrint = (core: Core, symbol: string, price: Dec, quantity: Dec): boolean => {
	if (core.state.openOrders.size === 0) return false
	let left = quantity
	let filled = false
	for (const order of resting(core, symbol)) {
		const through = order.side === 'BUY' ? price.lt(order.price) : price.gt(order.price)
		if (!through || left.isZero()) continue
		const part = minimum(fillable(core, order), left)
		if (!part.isZero()) {
			left = left.sub(part)
			applyFill(core, order, {price: order.price, quantity: part, maker: true})
			filled = true
		}
		expireIfSpent(core, order)
	}
	return filled
}

/** After a position changed: resting reduce-only orders that can no longer reduce it end. */
export const expireSpentReduceOnly = (core: Core, symbol: string): void => {
	for (const order of core.state.ordersOpenIn(symbol)) if (order.reduce_only) expireIfSpent(core, order)
}
