import {applyFill, bookCross} from './account.js'
import {cancelForLiquidation} from './algo.js'
import type {Core} from './core.js'
import {type Dec, maximum, minimum, money, moneyText, text, zero} from './decimal.js'
import {accountRisk, positionRisk} from './margin.js'
import {closeOrder, takeNow} from './matching.js'
import {isOpen, type Order, type Position, remaining} from './records.js'
import {accountEvent, orderEvent} from './user-events.js'

/**
 * Liquidation, on the mark price. The open orders of what is in danger are cancelled first. The position is then sold
 * by an immediate-or-cancel order at its bankruptcy price; what the book does not take, the insurance fund takes over
 * at that price. The fund charges its fee out of what is left, and makes good what is less than nothing.
 */

const equityBesides = (core: Core, position: Position): Dec => {
	if (position.isolated) return position.isolated_wallet
	const risk = accountRisk(core)
	return risk.cross_wallet.add(risk.cross_unrealised).sub(positionRisk(core, position).unrealised)
}

/** The price at which the position eats up all that backs it, on the grid, in the account's favour. */
export const bankruptcyPrice = (core: Core, position: Position): Dec => {
	const {tick} = core.rulesOf(position.symbol)
	const perUnit = equityBesides(core, position).div(position.amount.abs())
	const long = position.amount.gt(zero)
	const exact = long ? position.entry.sub(perUnit) : position.entry.add(perUnit)
	const ticks = exact.div(tick)
	return maximum(tick, (long ? ticks.ceil() : ticks.floor()).mul(tick))
}

const liquidationOrder = (core: Core, position: Position): Order => {
	const id = core.state.nextId('next_order_id')
	return {
		id,
		client_id: `autoclose-${id}`,
		symbol: position.symbol,
		side: position.amount.gt(zero) ? 'SELL' : 'BUY',
		position_side: position.side,
		type: 'LIMIT',
		original_type: 'LIQUIDATION',
		time_in_force: 'IOC',
		quantity: position.amount.abs(),
		price: bankruptcyPrice(core, position),
		stop_price: zero,
		filled: zero,
		quote: zero,
		status: 'NEW',
		reduce_only: true,
		close_position: false,
		working_type: 'MARK_PRICE',
		price_protect: false,
		algo_id: 0,
		good_till_ms: 0,
		created_ms: core.now_ms,
		updated_ms: core.now_ms,
	}
}

const insurance = (core: Core, symbol: string, amount: Dec, info: string): void => {
	if (amount.isZero()) return
	bookCross(core, {type: 'INSURANCE_CLEAR', symbol, amount, info})
	core.emit(accountEvent(core, 'INSURANCE_CLEAR', [], amount))
}

/** Sells one position and settles with the insurance fund. */
const sell = (core: Core, position: Position): void => {
	const order = liquidationOrder(core, position)
	const crossBefore = core.state.account.cross_wallet
	core.log({
		event: 'liquidation',
		symbol: position.symbol,
		amount: position.amount,
		mark: core.mark(position.symbol),
		order_id: order.id,
		client_id: order.client_id,
	})
	core.state.touchOrder(order)
	core.emit(orderEvent(core, order, 'NEW'))
	takeNow(core, order)
	const left = remaining(order)
	if (left.gt(zero)) applyFill(core, order, {price: order.price, quantity: left, maker: false, calculated: true})
	if (isOpen(order)) closeOrder(core, order, 'EXPIRED')
	settleWithFund(core, position, order, crossBefore)
}

/** What is left to pay the fund's fee from: an isolated position's own rest, or the whole cross equity. */
const settleWithFund = (core: Core, position: Position, order: Order, crossBefore: Dec): void => {
	const risk = accountRisk(core)
	const rest = position.isolated
		? core.state.account.cross_wallet.sub(crossBefore)
		: risk.cross_wallet.add(risk.cross_unrealised)
	const fee = minimum(maximum(zero, rest), money(order.quote.mul(core.fees.liquidation)))
	insurance(core, position.symbol, fee.neg(), 'liquidation fee')
	if (position.isolated && rest.lt(zero)) insurance(core, position.symbol, rest.neg(), 'deficit')
}

const crossPositions = (core: Core): Position[] => core.state.openPositions().filter(position => !position.isolated)

const crossInDanger = (core: Core): boolean => {
	const risk = accountRisk(core)
	return risk.cross_wallet.add(risk.cross_unrealised).lte(risk.cross_maintenance)
}

const liquidateCross = (core: Core): void => {
	cancelForLiquidation(core, new Set(crossPositions(core).map(position => position.symbol)))
	for (;;) {
		const worst = crossPositions(core)
			.map(position => ({position, maintenance: positionRisk(core, position).maintenance}))
			.sort((a, b) => b.maintenance.cmp(a.maintenance))[0]
		if (worst === undefined || !crossInDanger(core)) break
		sell(core, worst.position)
	}
	const wallet = core.state.account.cross_wallet
	if (crossPositions(core).length === 0 && wallet.lt(zero)) insurance(core, '', money(wallet.neg()), 'deficit')
}

/** Liquidates a position as though its margin were gone: what backs it decides at what price, and what it costs. */
export const liquidate = (core: Core, position: Position): void => {
	cancelForLiquidation(core, new Set([position.symbol]))
	sell(core, position)
}

/** Liquidates whatever a new mark price of the symbol has brought below its maintenance margin. */
export const checkLiquidation = (core: Core, symbol: string): void => {
	const positions = core.state.positionsOf(symbol).filter(position => !position.amount.isZero())
	for (const position of positions) {
		if (!position.isolated) continue
		const risk = positionRisk(core, position)
		if (position.isolated_wallet.add(risk.unrealised).gt(risk.maintenance)) continue
		liquidate(core, position)
	}
	if (positions.some(position => !position.isolated) && crossInDanger(core)) liquidateCross(core)
}

/** Share of the margin balance that maintenance margin may reach before the account is warned. */
const callRatio = '0.8'

/** Warns once each time the cross account comes near liquidation; `warned` is what the last call returned. */
export const checkMarginCall = (core: Core, warned: boolean): boolean => {
	const risk = accountRisk(core)
	if (risk.cross_maintenance.isZero()) return false
	const balance = risk.cross_wallet.add(risk.cross_unrealised)
	const near = risk.cross_maintenance.gte(balance.mul(callRatio))
	if (!near || warned) return near
	core.emit({
		e: 'MARGIN_CALL',
		E: core.now_ms,
		cw: moneyText(risk.cross_wallet),
		p: crossPositions(core).map(position => ({
			s: position.symbol,
			ps: position.side,
			pa: text(position.amount),
			mt: 'CROSSED',
			iw: '0',
			mp: text(core.mark(position.symbol)),
			up: moneyText(positionRisk(core, position).unrealised),
			mm: moneyText(positionRisk(core, position).maintenance),
		})),
	})
	return true
}
