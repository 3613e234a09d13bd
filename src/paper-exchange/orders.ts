import type {Core} from './core.js'
import {type Dec, zero} from './decimal.js'
import {
	checkClientId,
	checkMarketBound,
	checkMinNotional,
	checkPercentPrice,
	checkPrice,
	checkQuantity,
} from './filters.js'
import {accountRisk, maxNotional, notionalAfter, orderCost} from './margin.js'
import {closeOrder, quantityWithin, reducible, takeNow, wouldTake} from './matching.js'
import {isOpen, type Order, type PositionSide, type Side, type TimeInForce} from './records.js'
import {orderEvent} from './user-events.js'
import {VenueError, venueError} from './venue-error.js'

const openOrdersPerSymbolMax = 200

/** A request for an order, already read from its parameters. */
export type OrderRequest = Readonly<{
	client_id: string | undefined
	symbol: string
	side: Side
	position_side: PositionSide
	type: 'LIMIT' | 'MARKET'
	time_in_force: TimeInForce
	quantity: Dec
	price: Dec
	reduce_only: boolean
	good_till_ms: number
	/** Set when the algo service places the order. */
	origin?: Readonly<
		Pick<Order, 'original_type' | 'close_position' | 'working_type' | 'price_protect' | 'stop_price' | 'algo_id'>
	>
}>

const direct = {
	original_type: '',
	close_position: false,
	working_type: 'CONTRACT_PRICE',
	price_protect: false,
	stop_price: zero,
	algo_id: 0,
} as const

/** @throws VenueError -4061 when the side does not fit the account's position mode. */
export const checkPositionSide = (core: Core, side: PositionSide): void => {
	if ((side === 'BOTH') === core.state.account.hedge_mode) throw venueError('positionSide')
}

/** Whether filling the order can only close, which frees it of the minimum notional. */
const onlyCloses = (request: OrderRequest): boolean =>
	request.reduce_only ||
	(request.position_side === 'LONG' && request.side === 'SELL') ||
	(request.position_side === 'SHORT' && request.side === 'BUY')

/** Filters: lot, tick, percent price, minimum notional. */
export const checkForm = (core: Core, request: OrderRequest): void => {
	const rules = core.rulesOf(request.symbol)
	checkQuantity(rules, request.quantity, request.type === 'MARKET' && request.origin?.close_position !== true)
	if (request.type === 'LIMIT') {
		checkPrice(rules, request.price)
		checkPercentPrice(core, request.symbol, request.side, request.price)
	} else checkMarketBound(core, request.symbol, request.side)
	if (onlyCloses(request)) return
	const price = request.type === 'LIMIT' ? request.price : core.mark(request.symbol)
	checkMinNotional(rules, request.quantity.mul(price))
}

const checkAccount = (core: Core, request: OrderRequest): void => {
	const {state} = core
	if (onlyCloses(request)) {
		const position = core.positionOf(request.symbol, request.position_side)
		if (reducible(position, request).isZero()) throw venueError('reduceOnly')
	}
	if (state.ordersOpenIn(request.symbol).length >= openOrdersPerSymbolMax) throw venueError('tooManyOrders')
	if (request.reduce_only) return
	checkMargin(core, request)
}

/** @throws VenueError -2027 or -2019 */
export const checkMargin = (core: Core, request: OrderRequest): void => {
	const cost = orderCost(core, request)
	if (cost.isZero()) return
	const limit = maxNotional(core.rulesOf(request.symbol).brackets, core.settingsOf(request.symbol).leverage)
	if (notionalAfter(core, request).gt(limit)) throw venueError('positionLimit')
	if (cost.gt(accountRisk(core).available)) throw venueError('margin')
}

const newOrder = (core: Core, request: OrderRequest): Order => {
	const id = core.state.nextId('next_order_id')
	const {origin = direct} = request
	return {
		id,
		client_id: request.client_id ?? `web_${id}`,
		symbol: request.symbol,
		side: request.side,
		position_side: request.position_side,
		type: request.type,
		time_in_force: request.time_in_force,
		quantity: request.quantity,
		price: request.price,
		filled: zero,
		quote: zero,
		status: 'NEW',
		reduce_only: onlyCloses(request),
		good_till_ms: request.good_till_ms,
		created_ms: core.now_ms,
		updated_ms: core.now_ms,
		...origin,
		original_type: origin.original_type === '' ? request.type : origin.original_type,
	}
}

/** A client order id may be used again once its order is no longer open. */
const checkUnique = (core: Core, clientId: string | undefined): void => {
	if (clientId === undefined) return
	checkClientId(clientId)
	const other = core.state.ordersByClientId.get(clientId)
	if (other !== undefined && isOpen(other)) throw venueError('duplicateClientId')
}

/** Immediate-or-cancel semantics, and the rest of a market order. */
const endUnfilled = (core: Core, order: Order): void => {
	if (!isOpen(order)) return
	const spent = order.reduce_only && reducible(core.positionOf(order.symbol, order.position_side), order).isZero()
	if (order.type === 'MARKET' || order.time_in_force === 'IOC' || spent) closeOrder(core, order, 'EXPIRED')
}

/** Checks an order without placing it. @throws VenueError with Binance's code */
export const checkOrder = (core: Core, request: OrderRequest): void => {
	checkPositionSide(core, request.position_side)
	checkUnique(core, request.client_id)
	checkForm(core, request)
	checkAccount(core, request)
}

/**
 * Checks and accepts an order, which has not met the book yet.
 * @throws VenueError with Binance's code when it is refused; nothing has changed then
 */
export const acceptOrder = (core: Core, request: OrderRequest): Order => {
	checkOrder(core, request)
	const order = newOrder(core, request)
	if (order.time_in_force === 'GTX' && wouldTake(core, order)) throw venueError('notMaker')
	if (order.time_in_force === 'FOK' && quantityWithin(core, order).lt(order.quantity)) throw venueError('killedFok')
	core.state.touchOrder(order)
	core.emit(orderEvent(core, order, 'NEW'))
	return order
}

/** Matches an accepted order with the book. */
export const executeOrder = (core: Core, order: Order): void => {
	takeNow(core, order)
	endUnfilled(core, order)
}

/** @throws VenueError -2011 when it is not open */
export const cancelOrder = (core: Core, order: Order | undefined): Order => {
	if (order === undefined || !isOpen(order)) throw venueError('unknownOrder')
	closeOrder(core, order, 'CANCELED')
	return order
}

export const cancelAll = (core: Core, symbol: string): Order[] => {
	const orders = core.state.ordersOpenIn(symbol)
	for (const order of orders) closeOrder(core, order, 'CANCELED')
	return orders
}

/** Good-till-date orders whose time has come end. */
export const expireDated = (core: Core): void => {
	for (const order of core.state.openOrders.values()) {
		if (order.time_in_force === 'GTD' && order.good_till_ms <= core.now_ms) closeOrder(core, order, 'EXPIRED')
	}
}

/** An order by id, or by client id, of that symbol. @throws VenueError -1102 when neither is given */
export const findOrder = (
	core: Core,
	symbol: string,
	id: number | undefined,
	clientId: string | undefined,
): Order | undefined => {
	if (id === undefined && clientId === undefined) {
		throw new VenueError(-1102, "Either 'origClientOrderId' or 'orderId' must be sent.")
	}
	const order = id === undefined ? core.history.orderByClientId(clientId ?? '') : core.history.order(id)
	return order?.symbol === symbol ? order : undefined
}
