import {modifyOrder} from './order-amend.js'
import {readOrder, readSide} from './order-request.js'
import {acceptOrder, cancelAll, cancelOrder, checkOrder, executeOrder, findOrder} from './orders.js'
import {Params} from './params.js'
import {isOpen, type Order} from './records.js'
import {type RouteContext, type Routes, signedRoute} from './route.js'
import {badParameter, missingParameter, VenueError, venueError} from './venue-error.js'
import {orderView, tradeView} from './views.js'

const batchMax = 5
const cancelBatchMax = 10

const one = () => 1

/** How many orders a batch counts as. */
const batchCount = (params: Params): number => params.list('batchOrders')?.length ?? 1

const symbolOf = ({core}: RouteContext, params: Params): string => {
	const symbol = params.required('symbol')
	core.rulesOf(symbol)
	return symbol
}

const place = ({core}: RouteContext, params: Params): unknown => {
	const responseType = params.text('newOrderRespType') ?? 'ACK'
	if (responseType !== 'ACK' && responseType !== 'RESULT') throw badParameter('newOrderRespType')
	const order = acceptOrder(core, readOrder(core, params))
	const accepted = orderView(order)
	executeOrder(core, order)
	return responseType === 'RESULT' ? orderView(order) : accepted
}

const find = (context: RouteContext, params: Params): Order | undefined =>
	findOrder(context.core, symbolOf(context, params), params.integer('orderId'), params.text('origClientOrderId'))

const query = (context: RouteContext, params: Params): unknown => {
	const order = find(context, params)
	if (order === undefined) throw venueError('noSuchOrder')
	return orderView(order)
}

const queryOpen = (context: RouteContext, params: Params): unknown => {
	const order = find(context, params)
	if (order === undefined || !isOpen(order)) throw venueError('noSuchOrder')
	return orderView(order)
}

const modify = (context: RouteContext, params: Params): unknown => {
	const order = find(context, params)
	const [quantity, price] = [params.requiredDecimal('quantity'), params.requiredDecimal('price')]
	return orderView(modifyOrder(context.core, order, readSide(params), quantity, price))
}

/** Each order of a batch succeeds or is refused by itself. */
const eachAlone = <T>(items: readonly T[], act: (item: T) => unknown): unknown[] =>
	items.map(item => {
		try {
			return act(item)
		} catch (error) {
			if (error instanceof VenueError) return {code: error.code, msg: error.message}
			throw error
		}
	})

const batchItems = (params: Params): Params[] => {
	const items = params.list('batchOrders')
	if (items === undefined) throw missingParameter('batchOrders')
	if (items.length === 0 || items.length > batchMax) throw venueError('batchSize')
	return items.map(item => {
		if (typeof item !== 'object' || item === null) throw badParameter('batchOrders')
		return Params.of(Object.entries(item))
	})
}

const cancelBatch = (context: RouteContext, params: Params): unknown => {
	const symbol = symbolOf(context, params)
	const ids = params.list('orderIdList', 'orderidlist')
	const clientIds = params.list('origClientOrderIdList', 'origclientorderidlist')
	if (ids === undefined && clientIds === undefined) throw missingParameter('orderIdList')
	const keys = [
		...(ids ?? []).map(id => ({id: Number(id), clientId: undefined})),
		...(clientIds ?? []).map(id => ({id: undefined, clientId: String(id)})),
	]
	if (keys.length > cancelBatchMax) throw venueError('batchSize')
	return eachAlone(keys, ({id, clientId}) =>
		orderView(cancelOrder(context.core, findOrder(context.core, symbol, id, clientId))),
	)
}

const openOrders = (context: RouteContext, params: Params): unknown => {
	const symbol = params.text('symbol')
	if (symbol !== undefined) context.core.rulesOf(symbol)
	return context.core.state.ordersOpenIn(symbol).map(orderView)
}

const allOrders = (context: RouteContext, params: Params): unknown => {
	const symbol = symbolOf(context, params)
	const limit = params.limit(500, 1000)
	const [from, to, id] = [params.integer('startTime'), params.integer('endTime'), params.integer('orderId')]
	const latest = from === undefined && id === undefined
	return context.core.history.orders({symbol, from_ms: from, to_ms: to, id_from: id, latest, limit}).map(orderView)
}

const userTrades = (context: RouteContext, params: Params): unknown => {
	const symbol = symbolOf(context, params)
	const limit = params.limit(500, 1000)
	const [from, to] = [params.integer('startTime'), params.integer('endTime')]
	const [orderId, fromId] = [params.integer('orderId'), params.integer('fromId')]
	const latest = from === undefined && fromId === undefined
	const query = {symbol, from_ms: from, to_ms: to, id_from: fromId, latest, limit}
	return context.core.history.trades(query, orderId).map(tradeView)
}

const cancelEverything = (context: RouteContext, params: Params): unknown => {
	cancelAll(context.core, symbolOf(context, params))
	return {code: 200, msg: 'The operation of cancel all open order is done.'}
}

/** Arms, re-arms or (with 0) disarms the countdown of a symbol: machine time, ordinary orders only. */
const countdown = (context: RouteContext, params: Params): unknown => {
	const symbol = symbolOf(context, params)
	const countdownTime = params.requiredInteger('countdownTime')
	if (countdownTime < 0) throw badParameter('countdownTime')
	const account = context.core.state.touchAccount()
	const {[symbol]: _, ...others} = account.countdowns
	account.countdowns = countdownTime === 0 ? others : {...others, [symbol]: context.machine_ms + countdownTime}
	return {symbol, countdownTime: String(countdownTime)}
}

/** Orders of the matching engine. */
export const orderRoutes: Routes = {
	'POST /fapi/v1/order': signedRoute(0, place, one),
	'POST /fapi/v1/order/test': signedRoute(0, ({core}, params) => {
		checkOrder(core, readOrder(core, params))
		return {}
	}),
	'GET /fapi/v1/order': signedRoute(1, query),
	'PUT /fapi/v1/order': signedRoute(1, modify, one),
	'DELETE /fapi/v1/order': signedRoute(1, (context, params) =>
		orderView(cancelOrder(context.core, find(context, params))),
	),
	'POST /fapi/v1/batchOrders': signedRoute(
		5,
		(context, params) => eachAlone(batchItems(params), item => place(context, item)),
		batchCount,
	),
	'PUT /fapi/v1/batchOrders': signedRoute(
		5,
		(context, params) => eachAlone(batchItems(params), item => modify(context, item)),
		batchCount,
	),
	'DELETE /fapi/v1/batchOrders': signedRoute(1, cancelBatch),
	'DELETE /fapi/v1/allOpenOrders': signedRoute(1, cancelEverything),
	'POST /fapi/v1/countdownCancelAll': signedRoute(10, countdown),
	'GET /fapi/v1/openOrder': signedRoute(1, queryOpen),
	'GET /fapi/v1/openOrders': signedRoute(params => (params.text('symbol') === undefined ? 40 : 1), openOrders),
	'GET /fapi/v1/allOrders': signedRoute(5, allOrders),
	'GET /fapi/v1/userTrades': signedRoute(5, userTrades),
}
