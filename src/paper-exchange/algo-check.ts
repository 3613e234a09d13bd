import {triggerSource, triggersAtOnce} from './algo-trigger.js'
import type {Core} from './core.js'
import {maximum, zero} from './decimal.js'
import {isAlgoOpen} from './delta.js'
import {checkClientId, checkMinNotional, checkPrice, checkQuantity} from './filters.js'
import {reducible} from './matching.js'
import {checkPositionSide} from './orders.js'
import type {AlgoOrder} from './records.js'
import {badParameter, venueError} from './venue-error.js'

const openAlgosMax = 200

export type AlgoRequest = Omit<
	AlgoOrder,
	| 'id'
	| 'client_id'
	| 'status'
	| 'reason'
	| 'actual_order_id'
	| 'created_ms'
	| 'updated_ms'
	| 'triggered_ms'
	| 'active'
	| 'extreme'
> & {client_id: string | undefined}

export const isLimitType = (algo: Pick<AlgoOrder, 'type'>): boolean =>
	algo.type === 'STOP' || algo.type === 'TAKE_PROFIT'

const checkClosePosition = (core: Core, request: AlgoRequest): void => {
	if (!request.close_position) return
	if (!request.quantity.isZero()) throw venueError('quantityWithClose')
	if (request.type !== 'STOP_MARKET' && request.type !== 'TAKE_PROFIT_MARKET') throw venueError('badCombination')
	const twin = core.state
		.algosOpenIn(request.symbol)
		.some(
			algo =>
				algo.close_position &&
				algo.type === request.type &&
				algo.side === request.side &&
				algo.position_side === request.position_side,
		)
	if (twin) throw venueError('closePositionExists')
	const anything =
		!core.positionOf(request.symbol, request.position_side).amount.isZero() ||
		core.state.ordersOpenIn(request.symbol).length > 0
	if (!anything) throw venueError('noPositionForClose')
}

const checkNumbers = (core: Core, request: AlgoRequest): void => {
	const rules = core.rulesOf(request.symbol)
	if (!request.close_position) checkQuantity(rules, request.quantity, !isLimitType(request))
	if (isLimitType(request)) checkPrice(rules, request.price)
	if (request.type === 'TRAILING_STOP_MARKET') {
		const {callback_rate: rate} = request
		if (rate.lt('0.1') || rate.gt(10) || rate.decimalPlaces() > 1) throw venueError('badCallbackRate')
		if (!request.activate_price.isZero()) checkPrice(rules, request.activate_price)
	} else {
		if (request.trigger_price.lte(zero)) throw venueError('stopNotPositive')
		checkPrice(rules, request.trigger_price)
	}
	if (!request.reduce_only && !request.close_position) {
		const price = isLimitType(request) ? request.price : maximum(request.trigger_price, request.activate_price)
		const reference = price.isZero() ? core.mark(request.symbol) : price
		checkMinNotional(rules, request.quantity.mul(reference))
	}
}

const checkUnique = (core: Core, clientId: string | undefined): void => {
	if (clientId === undefined) return
	checkClientId(clientId)
	const other = core.state.algosByClientId.get(clientId)
	if (other !== undefined && isAlgoOpen(other)) throw venueError('duplicateClientId')
}

/** @throws VenueError with Binance's code when the conditional order is refused */
export const checkAlgo = (core: Core, request: AlgoRequest): void => {
	checkPositionSide(core, request.position_side)
	checkUnique(core, request.client_id)
	checkNumbers(core, request)
	checkClosePosition(core, request)
	if (request.reduce_only) {
		const position = core.positionOf(request.symbol, request.position_side)
		if (reducible(position, request).isZero()) throw venueError('reduceOnly')
	}
	if (core.state.algosOpenIn().length >= openAlgosMax) throw venueError('tooManyStops')
	const price = triggerSource(core, request.symbol, request.working_type)
	if (triggersAtOnce(request, price)) throw venueError('wouldTrigger')
}

export const checkAlgoType = (type: string): void => {
	if (type !== 'CONDITIONAL') throw badParameter('algoType')
}
