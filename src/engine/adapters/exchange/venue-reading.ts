import {exact} from '../../exchange/decimal.js'
import {
	accountRow,
	algoRow,
	balanceRow,
	orderRow,
	positionModeRow,
	positionRow,
	symbolConfigRow,
} from '../../exchange/raw-messages.js'
import {listOf} from './account-history.js'
import type {CcxtSurface} from './ccxt-surface.js'

/** What the venue says of the account. Decimals as it wrote them; a part that it does not tell is an error, never empty. */
export type VenuePosition = Readonly<{
	symbol: string
	/** Signed: above 0 long, below 0 short; never 0. */
	amount: string
	entry_price: string
	mark_price: string
	unrealised_pnl: string
	leverage: string
	/** 0 when there is none. */
	liquidation_price: string
	/** Venue time of its last change, ms. */
	updated_ms: number
}>
export type VenueOrder = Readonly<{
	symbol: string
	order_id: string
	client_order_id: string
	side: 'BUY' | 'SELL'
	type: string
	reduce_only: boolean
	quantity: string
	filled_quantity: string
}>
export type VenueStop = Readonly<{
	symbol: string
	algo_id: string
	client_algo_id: string
	order_type: string
	side: 'BUY' | 'SELL'
	trigger_price: string
	close_position: boolean
	reduce_only: boolean
	quantity: string
}>
export type VenueBalance = Readonly<{asset: string; wallet_balance: string}>

/** Positions that are not flat. @throws when the venue does not answer, or not as it should */
export const readPositions = async (ccxt: CcxtSurface): Promise<VenuePosition[]> => {
	const [rows, configs] = await Promise.all([
		listOf(positionRow, ccxt.fapiPrivateV3GetPositionRisk),
		listOf(symbolConfigRow, ccxt.fapiPrivateGetSymbolConfig),
	])
	const leverages = new Map(configs.map(({symbol, leverage}) => [symbol, String(leverage)]))
	return rows
		.filter(({positionAmt}) => !exact(positionAmt).isZero())
		.map(row => ({
			symbol: row.symbol,
			amount: row.positionAmt,
			entry_price: row.entryPrice,
			mark_price: row.markPrice,
			unrealised_pnl: row.unRealizedProfit,
			leverage: leverages.get(row.symbol) ?? '0',
			liquidation_price: row.liquidationPrice,
			updated_ms: row.updateTime,
		}))
}

/** Regular orders that rest, on every symbol. */
export const readOrders = async (ccxt: CcxtSurface): Promise<VenueOrder[]> =>
	(await listOf(orderRow, ccxt.fapiPrivateGetOpenOrders)).map(row => ({
		symbol: row.symbol,
		order_id: row.orderId,
		client_order_id: row.clientOrderId,
		side: row.side,
		type: row.type,
		reduce_only: row.reduceOnly || row.closePosition,
		quantity: row.origQty,
		filled_quantity: row.executedQty,
	}))

/** Conditional orders that rest, on every symbol. */
export const readStops = async (ccxt: CcxtSurface): Promise<VenueStop[]> =>
	(await listOf(algoRow, ccxt.fapiPrivateGetOpenAlgoOrders)).map(row => ({
		symbol: row.symbol,
		algo_id: row.algoId,
		client_algo_id: row.clientAlgoId,
		order_type: row.orderType,
		side: row.side,
		trigger_price: row.triggerPrice,
		close_position: row.closePosition,
		reduce_only: row.reduceOnly,
		quantity: row.quantity,
	}))

export const readBalances = async (ccxt: CcxtSurface): Promise<VenueBalance[]> =>
	(await listOf(balanceRow, ccxt.fapiPrivateV3GetBalance)).map(({asset, balance}) => ({asset, wallet_balance: balance}))

/** Whether long and short of a symbol are positions of their own. @throws when the venue does not say */
export const readHedgeMode = async (ccxt: CcxtSurface): Promise<boolean> =>
	positionModeRow.parse(await ccxt.fapiPrivateGetPositionSideDual()).dualSidePosition

/** Initial margin in use for all positions together, USDT, by the account's own sum. */
export const readPositionMargin = async (ccxt: CcxtSurface): Promise<string> =>
	accountRow.parse(await ccxt.fapiPrivateV3GetAccount()).totalPositionInitialMargin
