import type {Core} from './core.js'
import {zero} from './decimal.js'
import type {OrderRequest} from './orders.js'
import type {Params} from './params.js'
import type {PositionSide, Side, TimeInForce} from './records.js'
import {badParameter, missingParameter, VenueError, venueError} from './venue-error.js'

const conditionalTypes = ['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET']

export const readSide = (params: Params): Side => {
	const side = params.required('side')
	if (side !== 'BUY' && side !== 'SELL') throw venueError('badSide')
	return side
}

export const readPositionSide = (params: Params): PositionSide => {
	const side = params.text('positionSide') ?? 'BOTH'
	if (side !== 'BOTH' && side !== 'LONG' && side !== 'SHORT') throw badParameter('positionSide')
	return side
}

export const notRequired = (name: string): VenueError =>
	new VenueError(-1106, `Parameter '${name.toLowerCase()}' sent when not required.`)

const readTimeInForce = (params: Params): TimeInForce => {
	const value = params.text('timeInForce')
	if (value === undefined) throw missingParameter('timeinforce')
	if (value !== 'GTC' && value !== 'IOC' && value !== 'FOK' && value !== 'GTX' && value !== 'GTD') {
		throw venueError('badTimeInForce')
	}
	return value
}

/** Options of the real venue that this one does not have are refused rather than ignored. */
const refuseUnsupported = (params: Params): void => {
	const priceMatch = params.text('priceMatch')
	if (priceMatch !== undefined && priceMatch !== 'NONE') throw badParameter('priceMatch')
}

const goodTill = (params: Params, timeInForce: TimeInForce): number => {
	if (timeInForce !== 'GTD') return 0
	return params.requiredInteger('goodTillDate')
}

/** Reads `POST /fapi/v1/order`'s parameters. @throws VenueError with Binance's code */
export const readOrder = (core: Core, params: Params): OrderRequest => {
	const symbol = params.required('symbol')
	core.rulesOf(symbol)
	const side = readSide(params)
	const type = params.required('type')
	if (conditionalTypes.includes(type)) throw venueError('useAlgo')
	if (type !== 'LIMIT' && type !== 'MARKET') throw venueError('badOrderType')
	refuseUnsupported(params)
	if (core.state.account.hedge_mode && params.text('reduceOnly') !== undefined) throw notRequired('reduceOnly')
	if (params.flag('closePosition')) throw venueError('badCombination')
	const timeInForce = type === 'LIMIT' ? readTimeInForce(params) : 'GTC'
	if (type === 'MARKET') {
		for (const name of ['timeInForce', 'price']) if (params.text(name) !== undefined) throw notRequired(name)
	}
	return {
		client_id: params.text('newClientOrderId'),
		symbol,
		side,
		position_side: readPositionSide(params),
		type,
		time_in_force: timeInForce,
		quantity: params.requiredDecimal('quantity'),
		price: type === 'LIMIT' ? params.requiredDecimal('price') : zero,
		reduce_only: params.flag('reduceOnly'),
		good_till_ms: goodTill(params, timeInForce),
	}
}
