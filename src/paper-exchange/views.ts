import type {Core} from './core.js'
import {dec, moneyText, text} from './decimal.js'
import {liquidationPrice} from './liquidation-price.js'
import {openOrderMargin, positionRisk} from './margin.js'
import type {AlgoOrder, Income, Order, Position, Trade} from './records.js'
import {averagePrice, breakEven} from './user-events.js'

/** An order as REST shows it. */
export const orderView = (order: Order) => ({
	orderId: order.id,
	symbol: order.symbol,
	status: order.status,
	clientOrderId: order.client_id,
	price: text(order.price),
	avgPrice: averagePrice(order),
	origQty: text(order.quantity),
	executedQty: text(order.filled),
	cumQty: text(order.filled),
	cumQuote: text(order.quote),
	timeInForce: order.time_in_force,
	type: order.type,
	reduceOnly: order.reduce_only,
	closePosition: order.close_position,
	side: order.side,
	positionSide: order.position_side,
	stopPrice: text(order.stop_price),
	workingType: order.working_type,
	priceProtect: order.price_protect,
	origType: order.original_type,
	priceMatch: 'NONE',
	selfTradePreventionMode: 'EXPIRE_MAKER',
	goodTillDate: order.good_till_ms,
	time: order.created_ms,
	updateTime: order.updated_ms,
})

export const algoView = (core: Core, algo: AlgoOrder) => {
	const child = algo.actual_order_id === 0 ? undefined : core.history.order(algo.actual_order_id)
	return {
		algoId: algo.id,
		clientAlgoId: algo.client_id,
		algoType: 'CONDITIONAL',
		orderType: algo.type,
		symbol: algo.symbol,
		side: algo.side,
		positionSide: algo.position_side,
		timeInForce: algo.time_in_force,
		quantity: text(algo.quantity),
		algoStatus: algo.status,
		actualOrderId: child === undefined ? '' : String(child.id),
		actualPrice: child === undefined ? '0.00' : averagePrice(child),
		triggerPrice: text(algo.trigger_price),
		price: text(algo.price),
		icebergQuantity: null,
		selfTradePreventionMode: 'EXPIRE_MAKER',
		workingType: algo.working_type,
		priceMatch: 'NONE',
		closePosition: algo.close_position,
		priceProtect: algo.price_protect,
		reduceOnly: algo.reduce_only,
		activatePrice: text(algo.activate_price),
		callbackRate: text(algo.callback_rate),
		createTime: algo.created_ms,
		updateTime: algo.updated_ms,
		triggerTime: algo.triggered_ms,
		goodTillDate: algo.good_till_ms,
	}
}

export const tradeView = (trade: Trade) => ({
	symbol: trade.symbol,
	id: trade.id,
	orderId: trade.order_id,
	side: trade.side,
	price: trade.price,
	qty: trade.quantity,
	realizedPnl: moneyText(dec(trade.realised)),
	quoteQty: trade.quote,
	commission: moneyText(dec(trade.fee)),
	commissionAsset: trade.fee_asset ?? 'USDT',
	time: trade.time_ms,
	positionSide: trade.position_side,
	buyer: trade.side === 'BUY',
	maker: trade.maker,
})

export const incomeView = (row: Income) => ({
	symbol: row.symbol,
	incomeType: row.type,
	income: moneyText(dec(row.amount)),
	asset: row.asset ?? 'USDT',
	info: row.info,
	time: row.time_ms,
	tranId: row.tran_id,
	tradeId: row.trade_id,
})

/** A row of `/fapi/v3/positionRisk`. */
export const positionRiskView = (core: Core, position: Position) => {
	const risk = positionRisk(core, position)
	const orders = openOrderMargin(core, position.symbol)
	const isolatedMargin = position.isolated ? position.isolated_wallet.add(risk.unrealised) : position.isolated_wallet
	return {
		symbol: position.symbol,
		positionSide: position.side,
		positionAmt: text(position.amount),
		entryPrice: text(position.entry),
		breakEvenPrice: text(breakEven(core, position)),
		markPrice: core.mark(position.symbol).toFixed(8),
		unRealizedProfit: moneyText(risk.unrealised),
		liquidationPrice: text(liquidationPrice(core, position).toDecimalPlaces(8)),
		isolatedMargin: moneyText(isolatedMargin),
		notional: moneyText(risk.notional),
		marginAsset: 'USDT',
		isolatedWallet: moneyText(position.isolated_wallet),
		initialMargin: moneyText(risk.initial.add(orders)),
		maintMargin: moneyText(risk.maintenance),
		positionInitialMargin: moneyText(risk.initial),
		openOrderInitialMargin: moneyText(orders),
		adl: position.amount.isZero() ? 0 : 1,
		bidNotional: '0',
		askNotional: '0',
		updateTime: position.updated_ms,
	}
}

/** A row of `/fapi/v2/positionRisk`, which also tells leverage and margin type. */
export const positionRiskViewV2 = (core: Core, position: Position) => {
	const {adl, bidNotional, askNotional, marginAsset, ...shared} = positionRiskView(core, position)
	const {leverage} = core.settingsOf(position.symbol)
	const cap = core
		.rulesOf(position.symbol)
		.brackets.filter(bracket => bracket.leverage >= leverage)
		.at(-1)?.cap
	return {
		...shared,
		maxNotionalValue: cap === undefined ? '0' : text(cap),
		marginType: position.isolated ? 'isolated' : 'cross',
		isAutoAddMargin: 'false',
		leverage: String(leverage),
	}
}

export const klineRow = (
	candle: Readonly<{
		open_ms: number
		open: string
		high: string
		low: string
		close: string
		volume: string
		quote_volume: string
		trades: number
		taker_volume: string
		taker_quote: string
	}>,
	width_ms: number,
) => [
	candle.open_ms,
	candle.open,
	candle.high,
	candle.low,
	candle.close,
	candle.volume,
	candle.open_ms + width_ms - 1,
	candle.quote_volume,
	candle.trades,
	candle.taker_volume,
	candle.taker_quote,
	'0',
]
