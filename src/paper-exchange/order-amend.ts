import type {Core} from './core.js'
import type {Dec} from './decimal.js'
import {wouldTake} from './matching.js'
import {cancelOrder, checkForm, checkMargin, executeOrder, type OrderRequest} from './orders.js'
import {isOpen, type Order, type Side} from './records.js'
import {orderEvent} from './user-events.js'
import {badParameter, venueError} from './venue-error.js'

/**
 * Changes price and quantity of a resting limit order, keeping its id.
 * @throws VenueError -2013, -5025, -5027 or a filter's or margin's code
 */
export const modifyOrder = (core: Core, order: Order | undefined, side: Side, quantity: Dec, price: Dec): Order => {
	if (order === undefined || !isOpen(order)) throw venueError('noSuchOrder')
	if (order.type !== 'LIMIT') throw venueError('modifyLimitOnly')
	if (order.side !== side) throw badParameter('side')
	if (order.price.eq(price) && order.quantity.eq(quantity)) throw venueError('sameOrder')
	const before = {price: order.price, quantity: order.quantity}
	if (quantity.lte(order.filled)) return cancelOrder(core, order)
	try {
		checkAmended(core, order, quantity, price)
	} catch (error) {
		Object.assign(order, before)
		throw error
	}
	order.updated_ms = core.now_ms
	core.state.touchOrder(order)
	core.emit(orderEvent(core, order, 'AMENDMENT'))
	executeOrder(core, order)
	return order
}

/** The order's own margin is set free before the amended one is checked against what is available. */
const checkAmended = (core: Core, order: Order, quantity: Dec, price: Dec): void => {
	const request: OrderRequest = {
		client_id: undefined,
		symbol: order.symbol,
		side: order.side,
		position_side: order.position_side,
		type: 'LIMIT',
		time_in_force: order.time_in_force,
		quantity,
		price,
		reduce_only: order.reduce_only,
		good_till_ms: order.good_till_ms,
	}
	checkForm(core, request)
	if (!order.reduce_only) {
		order.quantity = order.filled
		checkMargin(core, {...request, quantity: quantity.sub(order.filled)})
	}
	order.quantity = quantity
	order.price = price
	if (order.time_in_force === 'GTX' && wouldTake(core, order)) throw venueError('notMaker')
}
