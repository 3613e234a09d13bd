import {type AlgoRequest, checkAlgo, isLimitType} from './algo-check.js'
import {isTriggered, triggerSource} from './algo-trigger.js'
import type {Core} from './core.js'
import {type Dec, minimum, zero} from './decimal.js'
import {isAlgoOpen} from './delta.js'
import {closeOrder, reducible} from './matching.js'
import {acceptOrder, executeOrder, type OrderRequest} from './orders.js'
import {type AlgoOrder, isOpen, type Order, type WorkingType} from './records.js'
import {algoEvent} from './user-events.js'
import {VenueError, venueError} from './venue-error.js'

const setStatus = (core: Core, algo: AlgoOrder, status: AlgoOrder['status'], reason = ''): void => {
	algo.status = status
	algo.reason = reason
	algo.updated_ms = core.now_ms
	core.state.touchAlgo(algo)
	core.emit(algoEvent(core, algo))
	core.log({event: 'algo', algo_id: algo.id, client_algo_id: algo.client_id, status, reason})
}

/**
 * Accepts a conditional order.
 * @throws VenueError -2021 when its condition already holds, -4045 beyond 200, -4130, -4509 or a filter's code
 */
export const placeAlgo = (core: Core, request: AlgoRequest): AlgoOrder => {
	checkAlgo(core, request)
	const price = triggerSource(core, request.symbol, request.working_type)
	const id = core.state.nextId('next_algo_id')
	const active = request.type === 'TRAILING_STOP_MARKET' && request.activate_price.isZero()
	const algo: AlgoOrder = {
		...request,
		id,
		client_id: request.client_id ?? `x-algo-${id}`,
		active,
		extreme: active ? price : zero,
		status: 'NEW',
		reason: '',
		actual_order_id: 0,
		created_ms: core.now_ms,
		updated_ms: core.now_ms,
		triggered_ms: 0,
	}
	core.state.touchAlgo(algo)
	core.emit(algoEvent(core, algo))
	return algo
}

/** @throws VenueError -2011 when it is not waiting any more */
export const cancelAlgo = (core: Core, algo: AlgoOrder | undefined): AlgoOrder => {
	if (algo === undefined || !isAlgoOpen(algo)) throw venueError('unknownOrder')
	setStatus(core, algo, 'CANCELED')
	return algo
}

export const cancelAllAlgos = (core: Core, symbol: string): AlgoOrder[] => {
	const algos = core.state.algosOpenIn(symbol)
	for (const algo of algos) setStatus(core, algo, 'CANCELED')
	return algos
}

export const findAlgo = (core: Core, id: number | undefined, clientId: string | undefined): AlgoOrder | undefined => {
	if (id === undefined && clientId === undefined) {
		throw new VenueError(-1102, "Either 'algoId' or 'clientAlgoId' must be sent.")
	}
	return id === undefined ? core.history.algoByClientId(clientId ?? '') : core.history.algo(id)
}

/** Triggers what a new price of that kind triggers, oldest first. */
export const onPrice = (core: Core, symbol: string, working: WorkingType, price: Dec): void => {
	if (core.state.liveAlgos.size === 0) return
	for (const algo of core.state.algosOpenIn(symbol)) {
		if (algo.working_type !== working || !isAlgoOpen(algo)) continue
		if (isTriggered(core, algo, price)) trigger(core, algo)
	}
}

const childQuantity = (core: Core, algo: AlgoOrder): Dec => {
	if (!algo.close_position) return algo.quantity
	const whole = reducible(core.positionOf(algo.symbol, algo.position_side), algo)
	return minimum(whole, core.rulesOf(algo.symbol).max_quantity)
}

/** The child goes by the conditional order's client id, unless an open order has taken it meanwhile. */
const childClientId = (core: Core, algo: AlgoOrder): string | undefined => {
	const other = core.state.ordersByClientId.get(algo.client_id)
	return other !== undefined && isOpen(other) ? undefined : algo.client_id
}

const childRequest = (core: Core, algo: AlgoOrder): OrderRequest => ({
	client_id: childClientId(core, algo),
	symbol: algo.symbol,
	side: algo.side,
	position_side: algo.position_side,
	type: isLimitType(algo) ? 'LIMIT' : 'MARKET',
	time_in_force: isLimitType(algo) && algo.time_in_force !== 'GTD' ? algo.time_in_force : 'GTC',
	quantity: childQuantity(core, algo),
	price: algo.price,
	reduce_only: (algo.reduce_only || algo.close_position) && algo.position_side === 'BOTH',
	good_till_ms: 0,
	origin: {
		original_type: algo.type,
		close_position: algo.close_position,
		working_type: algo.working_type,
		price_protect: algo.price_protect,
		stop_price: algo.trigger_price,
		algo_id: algo.id,
	},
})

const trigger = (core: Core, algo: AlgoOrder): void => {
	algo.triggered_ms = core.now_ms
	setStatus(core, algo, 'TRIGGERING')
	let child: Order
	try {
		child = acceptOrder(core, childRequest(core, algo))
	} catch (error) {
		if (!(error instanceof VenueError)) throw error
		const gone = error.code === -2022 || error.code === -4003
		setStatus(core, algo, gone ? 'EXPIRED' : 'REJECTED', error.message)
		return
	}
	algo.actual_order_id = child.id
	setStatus(core, algo, 'TRIGGERED')
	executeOrder(core, child)
	finishTriggered(core)
}

/** A conditional order whose child order has ended is finished. */
export const finishTriggered = (core: Core): void => {
	for (const algo of core.state.liveAlgos.values()) {
		if (algo.status !== 'TRIGGERED') continue
		const child = core.state.orders.get(algo.actual_order_id)
		if (child === undefined || !isOpen(child)) setStatus(core, algo, 'FINISHED')
	}
}

/** Close-position orders end by themselves when there is neither a position nor an order that could open one. */
export const expireOrphans = (core: Core): void => {
	for (const algo of core.state.liveAlgos.values()) {
		if (!isAlgoOpen(algo) || !algo.close_position) continue
		const position = core.positionOf(algo.symbol, algo.position_side)
		const entries = core.state.ordersOpenIn(algo.symbol).some(order => !order.reduce_only)
		if (position.amount.isZero() && !entries) setStatus(core, algo, 'EXPIRED', 'Position closed')
	}
}

/** Cancels everything that rests in the symbols, conditional orders included: the first step of a liquidation. */
export const cancelForLiquidation = (core: Core, symbols: ReadonlySet<string>): void => {
	for (const order of core.state.ordersOpenIn()) if (symbols.has(order.symbol)) closeOrder(core, order, 'CANCELED')
	for (const algo of core.state.algosOpenIn()) if (symbols.has(algo.symbol)) setStatus(core, algo, 'CANCELED')
}
