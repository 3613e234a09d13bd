import {z} from 'zod'
import {keys} from '../../engine/contracts/keys.js'
import {add, exact} from '../../engine/logic/exact.js'
import type {TradeRow} from '../../engine/logic/journal-rows.js'
import type {Home} from './home.js'
import type {Journal} from './journal.js'
import {withState} from './state.js'

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

/** How well a trade was left; shares of the entry price. */
export type TradeQuality = Readonly<{mae: number; mfe: number; give_back: number}>
export type QualifiedTrade = TradeRow & Readonly<{quality: TradeQuality | null}>
export type TradesView = Readonly<{trades: readonly QualifiedTrade[]; sums: TradeSums}>

const qualities = z.array(
	z.looseObject({trade_id: z.string(), mae: z.number(), mfe: z.number(), give_back: z.number()}),
)

/** What is kept of the exits of the newest trades, by trade id; nothing where Redis does not answer. */
const readQualities = async (home: Home): Promise<ReadonlyMap<string, TradeQuality>> => {
	try {
		const newest = await withState(home, ({bus, naming}) => bus.hashGet(naming.key(keys.exitQuality, {}), 'newest'))
		return new Map(qualities.parse(JSON.parse(newest ?? '[]')).map(quality => [quality.trade_id, quality]))
	} catch {
		return new Map()
	}
}

/** Closed trades, newest first, with their sums, and with the quality of their exits where it is known. */
export const closedTrades = async (
	home: Home,
	journal: Journal,
	query: Readonly<{limit: number; symbol?: string | undefined}>,
): Promise<TradesView> => {
	const [trades, quality] = await Promise.all([journal.trades(query), readQualities(home)])
	const qualified = trades.map(trade => {
		const {mae, mfe, give_back} = quality.get(trade.trade_id) ?? {}
		const known = mae !== undefined && mfe !== undefined && give_back !== undefined
		return {...trade, quality: known ? {mae, mfe, give_back} : null}
	})
	return {trades: qualified, sums: sumsOf(trades)}
}
