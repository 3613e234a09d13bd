import type {Core} from './core.js'
import {type Dec, dec, entryPrice, minimum, money, text, zero} from './decimal.js'
import {feeOf, noFee} from './fee.js'
import type {Asset, IncomeType, Order, Position, RebateType, Trade} from './records.js'
import {accountEvent, orderEvent} from './user-events.js'

type Booking = {type: IncomeType; symbol: string; amount: Dec; info: string; trade_id?: string; asset?: Asset}

/** Writes an income row. The caller moves the wallet by exactly the same amount. */
const addIncome = (core: Core, booking: Booking): void => {
	core.state.addIncome({
		tran_id: core.state.nextId('next_tran_id'),
		symbol: booking.symbol,
		type: booking.type,
		...(booking.asset === 'BNB' ? {asset: booking.asset} : {}),
		amount: text(booking.amount),
		info: booking.info,
		trade_id: booking.trade_id ?? '',
		time_ms: core.now_ms,
	})
}

/** Books an amount on the cross wallet, or the wallet of BNB, together with its income row. */
export const bookCross = (core: Core, booking: Booking): void => {
	const account = core.state.touchAccount()
	if (booking.asset === 'BNB') account.bnb_wallet = account.bnb_wallet.add(booking.amount)
	else account.cross_wallet = account.cross_wallet.add(booking.amount)
	account.updated_ms = core.now_ms
	addIncome(core, booking)
}

/** Books an amount on the wallet of an isolated position together with its income row. */
export const bookIsolated = (core: Core, position: Position, booking: Booking): void => {
	position.isolated_wallet = position.isolated_wallet.add(booking.amount)
	core.state.touchPosition(position)
	addIncome(core, booking)
}

/** Moves money between the cross wallet and an isolated position: no income, the wallet stays what it was. */
export const moveToIsolated = (core: Core, position: Position, amount: Dec): void => {
	const account = core.state.touchAccount()
	account.cross_wallet = account.cross_wallet.sub(amount)
	position.isolated_wallet = position.isolated_wallet.add(amount)
	core.state.touchPosition(position)
}

/** Books a deposit (positive) or withdrawal (negative) and tells the user stream. */
export const transfer = (core: Core, amount: Dec, info: string, asset: Asset = 'USDT'): void => {
	bookCross(core, {type: 'TRANSFER', symbol: '', amount, info, asset})
	core.emit(accountEvent(core, amount.lt(zero) ? 'WITHDRAW' : 'DEPOSIT', [], amount, [asset]))
	core.log({event: 'transfer', [`amount_${asset.toLowerCase()}`]: amount, info})
}

/** Credits what comes back of fees. Binance does not document the reason it gives: this is the one without a name. */
export const rebate = (core: Core, type: RebateType, amount: Dec, symbol: string, asset: Asset = 'USDT'): void => {
	bookCross(core, {type, symbol, amount, info: type, asset})
	core.emit(accountEvent(core, 'ADJUSTMENT', [], amount, [asset]))
	core.log({event: 'rebate', type, symbol, [`amount_${asset.toLowerCase()}`]: amount})
}

type Change = Readonly<{closed: Dec; opened: Dec; realised: Dec}>

/** Changes size and entry of a position by a fill; the entry price moves only when the position grows. */
const changePosition = (position: Position, signed: Dec, price: Dec): Change => {
	const size = position.amount.abs()
	const against = !position.amount.isZero() && position.amount.isPositive() !== signed.isPositive()
	const closed = against ? minimum(size, signed.abs()) : zero
	const opened = signed.abs().sub(closed)
	const sign = position.amount.isPositive() ? 1 : -1
	const realised = money(closed.mul(price.sub(position.entry)).mul(sign))
	const left = size.sub(closed)
	if (opened.gt(zero)) {
		position.entry = left.isZero()
			? price
			: entryPrice(left.mul(position.entry).add(opened.mul(price)).div(left.add(opened)))
	} else if (left.isZero()) position.entry = zero
	position.amount = position.amount.add(signed)
	return {closed, opened, realised}
}

/** An isolated position gives back its wallet in proportion to what closes, and takes margin for what opens. */
const moveIsolatedMargin = (core: Core, position: Position, sizeBefore: Dec, change: Change, price: Dec): void => {
	if (change.closed.gt(zero)) {
		const released = money(position.isolated_wallet.mul(change.closed).div(sizeBefore))
		moveToIsolated(core, position, released.neg())
	}
	if (change.opened.gt(zero)) {
		const {leverage} = core.settingsOf(position.symbol)
		moveToIsolated(core, position, money(change.opened.mul(price).div(leverage)))
	}
}

export type Fill = Readonly<{price: Dec; quantity: Dec; maker: boolean; calculated?: boolean; free?: boolean}>

/**
 * Books one fill of an order: position, realised PnL, fee, order, trade, and the messages about them.
 * The caller has made sure that the order has that much left.
 */
export const applyFill = (core: Core, order: Order, fill: Fill): Trade => {
	const {state} = core
	const position = core.positionOf(order.symbol, order.position_side)
	const sizeBefore = position.amount.abs()
	const signed = order.side === 'BUY' ? fill.quantity : fill.quantity.neg()
	const change = changePosition(position, signed, fill.price)
	position.updated_ms = core.now_ms
	position.realised = position.realised.add(change.realised)
	state.touchPosition(position)
	if (position.isolated) moveIsolatedMargin(core, position, sizeBefore, change, fill.price)

	const quote = fill.price.mul(fill.quantity)
	const {fee, asset} = fill.free === true ? noFee : feeOf(core, quote, fill.maker)
	const trade: Trade = {
		id: state.nextId('next_trade_id'),
		order_id: order.id,
		client_id: order.client_id,
		symbol: order.symbol,
		side: order.side,
		position_side: order.position_side,
		price: text(fill.price),
		quantity: text(fill.quantity),
		quote: text(quote),
		fee: text(fee),
		...(asset === 'BNB' ? {fee_asset: asset} : {}),
		realised: text(change.realised),
		maker: fill.maker,
		time_ms: core.now_ms,
	}
	state.addTrade(trade)
	const row = {symbol: order.symbol, info: String(trade.id), trade_id: String(trade.id)}
	if (!change.realised.isZero()) bookCross(core, {...row, type: 'REALIZED_PNL', amount: change.realised})
	if (fill.free !== true) bookCross(core, {...row, type: 'COMMISSION', amount: fee.neg(), asset})

	order.filled = order.filled.add(fill.quantity)
	order.quote = order.quote.add(quote)
	order.status = order.filled.eq(order.quantity) ? 'FILLED' : 'PARTIALLY_FILLED'
	order.updated_ms = core.now_ms
	state.touchOrder(order)
	core.emit(accountEvent(core, 'ORDER', [position], zero, asset === 'BNB' ? ['USDT', 'BNB'] : ['USDT']))
	core.emit(orderEvent(core, order, fill.calculated === true ? 'CALCULATED' : 'TRADE', trade))
	core.log({event: 'fill', trade: tradeRecord(trade)})
	return trade
}

/** A fill as it stands in the oracle's log. */
export const tradeRecord = (trade: Trade) => ({
	trade_id: trade.id,
	order_id: trade.order_id,
	client_id: trade.client_id,
	symbol: trade.symbol,
	side: trade.side,
	price: trade.price,
	quantity: trade.quantity,
	fee_usdt: trade.fee_asset === undefined ? trade.fee : '0',
	...(trade.fee_asset === undefined ? {} : {fee_bnb: trade.fee}),
	realised_usdt: trade.realised,
	maker: trade.maker,
})

/** Settles funding on every position of the symbol: longs pay a positive rate. */
export const settleFunding = (core: Core, symbol: string, rate: string): void => {
	for (const position of core.state.positionsOf(symbol)) {
		if (position.amount.isZero()) continue
		const amount = money(position.amount.mul(core.mark(symbol)).mul(dec(rate)).neg())
		const booking: Booking = {type: 'FUNDING_FEE', symbol, amount, info: 'FUNDING_FEE'}
		if (position.isolated) bookIsolated(core, position, booking)
		else bookCross(core, booking)
		core.emit(accountEvent(core, 'FUNDING_FEE', position.isolated ? [position] : [], zero))
		core.log({event: 'funding', symbol, rate, mark: core.mark(symbol), amount_usdt: amount})
	}
}
