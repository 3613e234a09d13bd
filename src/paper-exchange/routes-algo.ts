import {cancelAlgo, cancelAllAlgos, findAlgo, placeAlgo} from './algo.js'
import {type AlgoRequest, checkAlgoType} from './algo-check.js'
import {zero} from './decimal.js'
import {notRequired, readPositionSide, readSide} from './order-request.js'
import type {Params} from './params.js'
import type {AlgoOrder, AlgoType, TimeInForce, WorkingType} from './records.js'
import {type RouteContext, type Routes, signedRoute} from './route.js'
import {badParameter, missingParameter, venueError} from './venue-error.js'
import {algoView} from './views.js'

const types: readonly string[] = ['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET']

const isAlgoType = (type: string): type is AlgoType => types.includes(type)

const readWorkingType = (params: Params): WorkingType => {
	const value = params.text('workingType') ?? 'CONTRACT_PRICE'
	if (value !== 'CONTRACT_PRICE' && value !== 'MARK_PRICE') throw badParameter('workingType')
	return value
}

/** `GTE_GTC` is what close-position orders are anyway; it is accepted as good-till-cancelled. */
const readTimeInForce = (params: Params): TimeInForce => {
	const value = params.text('timeInForce') ?? 'GTC'
	if (value === 'GTE_GTC') return 'GTC'
	if (value !== 'GTC' && value !== 'IOC' && value !== 'FOK' && value !== 'GTX') throw venueError('badTimeInForce')
	return value
}

const readAlgo = ({core}: RouteContext, params: Params): AlgoRequest => {
	checkAlgoType(params.required('algoType'))
	const symbol = params.required('symbol')
	core.rulesOf(symbol)
	const side = readSide(params)
	const type = params.required('type', 'orderType')
	if (!isAlgoType(type)) throw venueError('badOrderType')
	if (core.state.account.hedge_mode && params.text('reduceOnly') !== undefined) throw notRequired('reduceOnly')
	const trailing = type === 'TRAILING_STOP_MARKET'
	const limited = type === 'STOP' || type === 'TAKE_PROFIT'
	const closePosition = params.flag('closePosition')
	const quantity = params.decimal('quantity')
	if (!closePosition && quantity === undefined) throw missingParameter('quantity')
	return {
		client_id: params.text('clientAlgoId'),
		symbol,
		side,
		position_side: readPositionSide(params),
		type,
		time_in_force: readTimeInForce(params),
		quantity: quantity ?? zero,
		price: limited ? params.requiredDecimal('price') : zero,
		trigger_price: trailing ? zero : params.requiredDecimal('triggerPrice', 'stopPrice'),
		working_type: readWorkingType(params),
		close_position: closePosition,
		reduce_only: params.flag('reduceOnly'),
		price_protect: params.flag('priceProtect'),
		callback_rate: trailing ? params.requiredDecimal('callbackRate') : zero,
		activate_price: trailing ? (params.decimal('activatePrice', 'activationPrice') ?? zero) : zero,
		good_till_ms: 0,
	}
}

const find = ({core}: RouteContext, params: Params): AlgoOrder | undefined =>
	findAlgo(core, params.integer('algoId'), params.text('clientAlgoId'))

const query = (context: RouteContext, params: Params): unknown => {
	const algo = find(context, params)
	if (algo === undefined) throw venueError('noSuchOrder')
	return algoView(context.core, algo)
}

const cancel = (context: RouteContext, params: Params): unknown => {
	const algo = cancelAlgo(context.core, find(context, params))
	return {algoId: algo.id, clientAlgoId: algo.client_id, code: '200', msg: 'success'}
}

const cancelEverything = ({core}: RouteContext, params: Params): unknown => {
	const symbol = params.required('symbol')
	core.rulesOf(symbol)
	cancelAllAlgos(core, symbol)
	return {code: '200', msg: 'The operation of cancel all open order is done.'}
}

const open = ({core}: RouteContext, params: Params): unknown => {
	const symbol = params.text('symbol')
	if (symbol !== undefined) core.rulesOf(symbol)
	const algoId = params.integer('algoId')
	return core.state
		.algosOpenIn(symbol)
		.filter(algo => algoId === undefined || algo.id === algoId)
		.map(algo => algoView(core, algo))
}

const all = ({core}: RouteContext, params: Params): unknown => {
	const symbol = params.required('symbol')
	core.rulesOf(symbol)
	const limit = params.limit(500, 1000)
	const [from, to, id] = [params.integer('startTime'), params.integer('endTime'), params.integer('algoId')]
	const latest = from === undefined && id === undefined
	const rows = core.history.algos({symbol, from_ms: from, to_ms: to, id_from: id, latest, limit})
	return rows.map(algo => algoView(core, algo))
}

/** Conditional orders: the algo service. */
export const algoRoutes: Routes = {
	'POST /fapi/v1/algoOrder': signedRoute(
		0,
		(context, params) => algoView(context.core, placeAlgo(context.core, readAlgo(context, params))),
		() => 1,
	),
	'GET /fapi/v1/algoOrder': signedRoute(1, query),
	'DELETE /fapi/v1/algoOrder': signedRoute(1, cancel),
	'GET /fapi/v1/openAlgoOrders': signedRoute(params => (params.text('symbol') === undefined ? 40 : 1), open),
	'GET /fapi/v1/allAlgoOrders': signedRoute(5, all),
	'DELETE /fapi/v1/algoOpenOrders': signedRoute(1, cancelEverything),
}
