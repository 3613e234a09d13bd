import {applyFill} from './account.js'
import {cancelForLiquidation} from './algo.js'
import type {Core} from './core.js'
import {type Dec, zero} from './decimal.js'
import type {Order, Position} from './records.js'
import {orderEvent} from './user-events.js'

/** The client id that every such order has at Binance. */
const clientId = 'adl_autoclose'

const orderOf = (core: Core, position: Position, quantity: Dec, price: Dec): Order => ({
	id: core.state.nextId('next_order_id'),
	client_id: clientId,
	symbol: position.symbol,
	side: position.amount.gt(zero) ? 'SELL' : 'BUY',
	position_side: position.side,
	type: 'LIMIT',
	original_type: 'LIMIT',
	time_in_force: 'IOC',
	quantity,
	price,
	stop_price: zero,
	filled: zero,
	quote: zero,
	status: 'NEW',
	reduce_only: true,
	close_position: false,
	working_type: 'CONTRACT_PRICE',
	price_protect: false,
	algo_id: 0,
	good_till_ms: 0,
	created_ms: core.now_ms,
	updated_ms: core.now_ms,
})

/**
 * Auto-deleveraging: what another account's bankruptcy leaves is closed against this position, at the price of that
 * bankruptcy, besides the book. As at Binance all that rests in the symbol is cancelled first, and there is no fee.
 */
export const deleverage = (core: Core, position: Position, quantity: Dec, price: Dec): Order => {
	cancelForLiquidation(core, new Set([position.symbol]))
	const order = orderOf(core, position, quantity, price)
	const {symbol, amount} = position
	core.log({event: 'adl', symbol, amount, quantity, price, order_id: order.id, client_id: clientId})
	core.state.touchOrder(order)
	core.emit(orderEvent(core, order, 'NEW'))
	applyFill(core, order, {price, quantity, maker: false, calculated: true, free: true})
	return order
}
