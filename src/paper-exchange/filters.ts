import type {Core} from './core.js'
import {type Dec, onGrid, text, zero} from './decimal.js'
import {percentPrice, type SymbolRules} from './symbol-rules.js'
import {VenueError, venueError} from './venue-error.js'

/** PRICE_FILTER, in Binance's order of precedence. `places` are the symbol's published decimals. */
export const checkPrice = (rules: SymbolRules, price: Dec): void => {
	if (price.lte(zero)) throw venueError('priceNotPositive')
	if (price.gt(rules.max_price)) throw venueError('priceTooHigh')
	if (price.decimalPlaces() > Math.max(rules.spec.price_precision, rules.tick.decimalPlaces())) {
		throw venueError('precision')
	}
	if (price.lt(rules.tick)) throw venueError('priceTooLow')
	if (!onGrid(price, rules.tick)) throw venueError('priceOffTick')
}

/** LOT_SIZE, or MARKET_LOT_SIZE for market orders. */
export const checkQuantity = (rules: SymbolRules, quantity: Dec, market: boolean): void => {
	if (quantity.lte(zero)) throw venueError('quantityNotPositive')
	if (quantity.decimalPlaces() > Math.max(rules.spec.quantity_precision, rules.step.decimalPlaces())) {
		throw venueError('precision')
	}
	if (quantity.lt(rules.min_quantity)) throw venueError('quantityTooLow')
	if (quantity.gt(market ? rules.max_market_quantity : rules.max_quantity)) throw venueError('quantityTooHigh')
	if (!onGrid(quantity, rules.step)) throw venueError('quantityOffStep')
}

export const checkMinNotional = (rules: SymbolRules, notional: Dec): void => {
	if (notional.gte(rules.min_notional)) return
	throw new VenueError(
		-4164,
		`Order's notional must be no smaller than ${text(rules.min_notional)} (unless you choose reduce only).`,
	)
}

/** PERCENT_PRICE for limit orders: a buy may not lie too far above the mark, a sell not too far below. */
export const checkPercentPrice = (core: Core, symbol: string, side: 'BUY' | 'SELL', price: Dec): void => {
	const {tick} = core.rulesOf(symbol)
	const mark = core.mark(symbol)
	if (mark.isZero()) return
	const cap = mark.mul(percentPrice.up).div(tick).floor().mul(tick)
	const floor = mark.mul(percentPrice.down).div(tick).ceil().mul(tick)
	if (side === 'BUY' && price.gt(cap)) {
		throw new VenueError(-4016, `Limit price can't be higher than ${text(cap)}.`)
	}
	if (side === 'SELL' && price.lt(floor)) {
		throw new VenueError(-4024, `Limit price can't be lower than ${text(floor)}.`)
	}
}

/** A market order whose best counterpart already lies outside the bound is refused whole. */
export const checkMarketBound = (core: Core, symbol: string, side: 'BUY' | 'SELL'): void => {
	const best = core.bookOf(symbol).best(side)
	const mark = core.mark(symbol)
	if (best === undefined || mark.isZero()) return
	const outside = side === 'BUY' ? best.gt(mark.mul(percentPrice.up)) : best.lt(mark.mul(percentPrice.down))
	if (outside) throw venueError('percentPriceMarket')
}

const clientIdPattern = /^[.A-Z:/a-z0-9_-]{1,36}$/

export const checkClientId = (id: string): void => {
	if (!clientIdPattern.test(id)) throw venueError('badClientId')
}
