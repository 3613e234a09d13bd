import {add, exact} from '../../engine/logic/exact.js'
import type {TradeRow} from '../../engine/logic/journal-rows.js'
import type {Journal} from './journal.js'

export type TradeSums = Readonly<{
	trades: number
	won: number
	realised_pnl: string
	fees: string
	net_pnl: string
}>

export const sumsOf = (trades: readonly TradeRow[]): TradeSums => ({
	trades: trades.length,
	won: trades.filter(({net_pnl}) => exact(net_pnl).gt(0)).length,
	realised_pnl: add('0', ...trades.map(({realised_pnl}) => realised_pnl)),
	fees: add('0', ...trades.map(({fees}) => fees)),
	net_pnl: add('0', ...trades.map(({net_pnl}) => net_pnl)),
})

export type TradesView = Readonly<{trades: readonly TradeRow[]; sums: TradeSums}>

/** Closed trades, newest first, with their sums. */
export const closedTrades = async (
	journal: Journal,
	query: Readonly<{limit: number; symbol?: string | undefined}>,
): Promise<TradesView> => {
	const trades = await journal.trades(query)
	return {trades, sums: sumsOf(trades)}
}
