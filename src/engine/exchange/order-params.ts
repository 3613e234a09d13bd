import {downTo, exact, text, upTo} from './decimal.js'
import type {MarketStep, RestingStep, StepOutcome} from './order-request.js'
import type {SymbolFilters} from './symbol-filters.js'

export type Params = Readonly<Record<string, string>>
export type Refused = Extract<StepOutcome, {status: 'REFUSED'}>
/** The venue's parameters, or why the venue would not take them. */
export type Prepared = Readonly<{ok: true; params: Params; quantity?: string}> | Readonly<{ok: false; refused: Refused}>

const refuse = (code: string, message: string): Prepared => ({ok: false, refused: {status: 'REFUSED', code, message}})

const sizeOf = (step: MarketStep, position_amount: string | undefined): string | undefined => {
	if (step.close_all === true) {
		const amount = exact(position_amount ?? '0')
		// Only what this side reduces: a position of the other sign has been closed or turned meanwhile.
		const reduces = step.side === 'SELL' ? amount.gt(0) : amount.lt(0)
		return reduces ? text(amount.abs()) : undefined
	}
	if (step.quantity !== undefined) return step.quantity
	// As bad a fill as reference price plus slippage stays inside the notional, for both sides: a short costs the more,
	// the higher the price stands when it fills.
	const worst = exact(step.reference_price ?? '0').mul(
		exact(step.slippage_bps ?? 0)
			.div(10_000)
			.add(1),
	)
	return text(exact(step.notional_usdt ?? '0').div(worst))
}

/**
 * A market order. Quantities are rounded DOWN to the step and cut to the largest market order; what an exit leaves over
 * is closed by the next one. `position_amount` (signed) is needed for close_all.
 */
export const prepareMarket = (step: MarketStep, filters: SymbolFilters, position_amount?: string): Prepared => {
	const {symbol, step_size, min_quantity, max_market_quantity, min_notional_usdt, tradable} = filters
	// A symbol that no longer trades may still be closed: the venue decides.
	if (!tradable && !step.reduce_only) return refuse('NOT_TRADABLE', `${symbol} does not trade at the venue`)
	if (Number(step_size) <= 0) return refuse('NOT_TRADABLE', `The venue does not list ${symbol}`)
	const size = sizeOf(step, position_amount)
	if (size === undefined) return refuse('NO_POSITION', `${symbol}: a ${step.side} has no position to close`)
	const wanted = exact(size)
	const cut = exact(max_market_quantity).gt(0) && wanted.gt(max_market_quantity) ? exact(max_market_quantity) : wanted
	const quantity = downTo(cut, step_size)
	if (quantity.lte(0) || quantity.lt(min_quantity))
		return refuse('BELOW_MIN_QUANTITY', `${symbol}: ${size} is ${text(quantity)} after rounding; least ${min_quantity}`)
	if (!step.reduce_only && step.reference_price !== undefined) {
		const notional = quantity.mul(step.reference_price)
		if (notional.lt(min_notional_usdt))
			return refuse('BELOW_MIN_NOTIONAL', `${symbol}: ${text(notional)} USDT; least ${min_notional_usdt} USDT`)
	}
	return {
		ok: true,
		quantity: text(quantity),
		params: {
			symbol,
			side: step.side,
			type: 'MARKET',
			quantity: text(quantity),
			newClientOrderId: step.client_order_id,
			newOrderRespType: 'RESULT',
			...(step.reduce_only ? {reduceOnly: 'true'} : {}),
		},
	}
}

/**
 * A resting stop or target. Its trigger is rounded to the tick on the side where it triggers EARLIER: for what sells, a
 * stop up and a target down; for what buys, the other way round. It watches the mark price, which a single print
 * cannot move.
 */
export const prepareResting = (step: RestingStep, filters: SymbolFilters): Prepared => {
	const {symbol, tick_size, step_size} = filters
	if (Number(tick_size) <= 0) return refuse('NOT_TRADABLE', `The venue does not list ${symbol}`)
	const up = (step.do === 'stop') === (step.side === 'SELL')
	const trigger = (up ? upTo : downTo)(exact(step.trigger_price), tick_size)
	if (trigger.lte(0))
		return refuse('BAD_PRICE', `${symbol}: trigger ${step.trigger_price} is not above 0 after rounding`)
	const quantity = step.quantity === undefined ? undefined : downTo(exact(step.quantity), step_size)
	if (quantity?.lte(0))
		return refuse('BELOW_MIN_QUANTITY', `${symbol}: ${step.quantity} is 0 after rounding to ${step_size}`)
	return {
		ok: true,
		params: {
			algoType: 'CONDITIONAL',
			symbol,
			side: step.side,
			type: step.do === 'stop' ? 'STOP_MARKET' : 'TAKE_PROFIT_MARKET',
			triggerPrice: text(trigger),
			workingType: 'MARK_PRICE',
			clientAlgoId: step.client_order_id,
			...(quantity ? {quantity: text(quantity), reduceOnly: 'true'} : {closePosition: 'true'}),
		},
	}
}
