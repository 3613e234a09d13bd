import type {Core} from './core.js'
import {type Dec, dec, maximum, minimum, zero} from './decimal.js'
import {type Order, type Position, remaining, type Side} from './records.js'
import type {Bracket} from './symbol-rules.js'

/** The tier a notional falls into: the last one whose floor it exceeds. */
export const bracketFor = (brackets: readonly Bracket[], notional: Dec): Bracket => {
	const found = brackets.findLast(bracket => notional.gt(bracket.floor)) ?? brackets[0]
	if (found === undefined) throw new Error('The market gave a symbol without leverage brackets; it needs at least one.')
	return found
}

/** Largest notional that a leverage allows. */
export const maxNotional = (brackets: readonly Bracket[], leverage: number): Dec =>
	brackets.reduce((cap, bracket) => (bracket.leverage >= leverage ? maximum(cap, bracket.cap) : cap), zero)

export const maintenance = (brackets: readonly Bracket[], notional: Dec): Dec => {
	if (notional.isZero()) return zero
	const bracket = bracketFor(brackets, notional)
	return maximum(zero, notional.mul(bracket.ratio).sub(bracket.cum))
}

export type PositionRisk = Readonly<{
	/** Signed. */
	notional: Dec
	unrealised: Dec
	initial: Dec
	maintenance: Dec
}>

export const positionRisk = (core: Core, position: Position): PositionRisk => {
	if (position.amount.isZero()) return {notional: zero, unrealised: zero, initial: zero, maintenance: zero}
	const mark = core.mark(position.symbol)
	const notional = position.amount.mul(mark)
	return {
		notional,
		unrealised: position.amount.mul(mark.sub(position.entry)),
		initial: notional.abs().div(core.settingsOf(position.symbol).leverage),
		maintenance: maintenance(core.rulesOf(position.symbol).brackets, notional.abs()),
	}
}

type Exposure = {long: Dec; short: Dec; bid: Dec; ask: Dec}

/** Initial margin of a symbol's positions and entry orders together, before division by leverage. */
const exposureNotional = (exposure: Exposure, hedge: boolean): Dec => {
	if (hedge) return exposure.long.add(exposure.bid).add(exposure.short).add(exposure.ask)
	const net = exposure.long.sub(exposure.short)
	return maximum(net.add(exposure.bid).abs(), net.sub(exposure.ask).abs())
}

const exposureOf = (core: Core, symbol: string): Exposure => {
	const exposure: Exposure = {long: zero, short: zero, bid: zero, ask: zero}
	const mark = core.mark(symbol)
	for (const position of core.state.positionsOf(symbol)) {
		const notional = position.amount.mul(mark)
		if (notional.gt(zero)) exposure.long = exposure.long.add(notional)
		else exposure.short = exposure.short.sub(notional)
	}
	for (const order of core.state.ordersOpenIn(symbol)) addOrder(exposure, order, core)
	return exposure
}

/** An order in hedge mode that closes one side needs no margin; neither does a reduce-only one. */
const needsMargin = (order: Pick<Order, 'reduce_only' | 'position_side' | 'side'>): boolean => {
	if (order.reduce_only) return false
	if (order.position_side === 'LONG') return order.side === 'BUY'
	if (order.position_side === 'SHORT') return order.side === 'SELL'
	return true
}

const addOrder = (exposure: Exposure, order: Order, core: Core): void => {
	if (!needsMargin(order) || order.type === 'MARKET') return
	const left = remaining(order)
	addNotional(exposure, order.side, left.mul(assumedPrice(core, order.symbol, order.side, order.price, left)))
}

const addNotional = (exposure: Exposure, side: Side, notional: Dec): void => {
	if (side === 'BUY') exposure.bid = exposure.bid.add(notional)
	else exposure.ask = exposure.ask.add(notional)
}

const marketBuySurcharge = dec('1.0005')

/** Average price a market buy would pay, level by level; undefined when the book is empty. */
const walkedPrice = (core: Core, symbol: string, quantity: Dec): Dec | undefined => {
	let left = quantity
	let quote = zero
	let worst: Dec | undefined
	for (const level of core.bookOf(symbol).against('BUY')) {
		if (left.isZero()) break
		const part = minimum(left, level.quantity)
		left = left.sub(part)
		quote = quote.add(part.mul(level.price))
		worst = level.price
	}
	return worst === undefined ? undefined : quote.add(left.mul(worst)).div(quantity)
}

/** The price at which an order's margin is reckoned; `price` is zero for market orders. */
export const assumedPrice = (core: Core, symbol: string, side: Side, price: Dec, quantity: Dec): Dec => {
	const book = core.bookOf(symbol)
	if (side === 'SELL') return maximum(book.best('SELL') ?? zero, price.isZero() ? core.mark(symbol) : price)
	if (!price.isZero()) return price
	const best = book.best('BUY') ?? core.mark(symbol)
	return maximum(best.mul(marketBuySurcharge), walkedPrice(core, symbol, quantity) ?? zero)
}

/** Margin that the entry orders of a symbol need beyond its position. */
export const openOrderMargin = (core: Core, symbol: string): Dec => {
	const exposure = exposureOf(core, symbol)
	const {leverage} = core.settingsOf(symbol)
	const held = exposureNotional({...exposure, bid: zero, ask: zero}, core.state.account.hedge_mode)
	return maximum(zero, exposureNotional(exposure, core.state.account.hedge_mode).sub(held).div(leverage))
}

export type AccountRisk = Readonly<{
	wallet: Dec
	cross_wallet: Dec
	unrealised: Dec
	cross_unrealised: Dec
	position_initial: Dec
	order_initial: Dec
	maintenance: Dec
	cross_maintenance: Dec
	/** What is not bound; below zero when more is bound than there is. */
	free: Dec
	available: Dec
}>

export const accountRisk = (core: Core): AccountRisk => {
	const {state} = core
	let unrealised = zero
	let crossUnrealised = zero
	let positionInitial = zero
	let crossInitial = zero
	let maintenanceTotal = zero
	let crossMaintenance = zero
	for (const position of state.openPositions()) {
		const risk = positionRisk(core, position)
		unrealised = unrealised.add(risk.unrealised)
		positionInitial = positionInitial.add(risk.initial)
		maintenanceTotal = maintenanceTotal.add(risk.maintenance)
		if (position.isolated) continue
		crossUnrealised = crossUnrealised.add(risk.unrealised)
		crossInitial = crossInitial.add(risk.initial)
		crossMaintenance = crossMaintenance.add(risk.maintenance)
	}
	let orderInitial = zero
	for (const symbol of new Set(state.ordersOpenIn().map(order => order.symbol))) {
		orderInitial = orderInitial.add(openOrderMargin(core, symbol))
	}
	const crossWallet = state.account.cross_wallet
	const free = crossWallet.add(crossUnrealised).sub(crossInitial).sub(orderInitial)
	return {
		wallet: state.walletBalance(),
		cross_wallet: crossWallet,
		unrealised,
		cross_unrealised: crossUnrealised,
		position_initial: positionInitial,
		order_initial: orderInitial,
		maintenance: maintenanceTotal,
		cross_maintenance: crossMaintenance,
		free,
		available: maximum(zero, free),
	}
}

export type Intended = Readonly<
	Pick<Order, 'symbol' | 'side' | 'position_side' | 'reduce_only'> & {price: Dec; quantity: Dec}
>

/** Margin a new order would bind, with the loss it would open at (Binance's cost of an order). */
export const orderCost = (core: Core, order: Intended): Dec => {
	if (!needsMargin(order)) return zero
	const exposure = exposureOf(core, order.symbol)
	const hedge = core.state.account.hedge_mode
	const before = exposureNotional(exposure, hedge)
	const price = assumedPrice(core, order.symbol, order.side, order.price, order.quantity)
	addNotional(exposure, order.side, order.quantity.mul(price))
	const increase = exposureNotional(exposure, hedge).sub(before)
	if (increase.lte(zero)) return zero
	const mark = core.mark(order.symbol)
	const adverse = order.side === 'BUY' ? price.sub(mark) : mark.sub(price)
	const openLoss = maximum(zero, adverse).mul(order.quantity)
	return increase.div(core.settingsOf(order.symbol).leverage).add(openLoss)
}

/** Notional of the position that would stand if the order and all others of its side were filled. */
export const notionalAfter = (core: Core, order: Intended): Dec => {
	const exposure = exposureOf(core, order.symbol)
	const price = assumedPrice(core, order.symbol, order.side, order.price, order.quantity)
	const sign = order.side === 'BUY' ? 1 : -1
	const net = core.state.account.hedge_mode
		? (order.side === 'BUY' ? exposure.long : exposure.short).mul(sign)
		: exposure.long.sub(exposure.short)
	return net
		.add((order.side === 'BUY' ? exposure.bid : exposure.ask).mul(sign))
		.add(order.quantity.mul(price).mul(sign))
		.abs()
}
