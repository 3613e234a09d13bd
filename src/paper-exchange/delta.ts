import type {Account, AlgoOrder, Income, Order, Position, Side, SymbolSettings, Trade} from './records.js'

/** One level that a fill of ours removed from the outside book. */
export type Taken = readonly [symbol: string, side: Side, price: string, quantity: string]

/** Everything one commit changed, whole records: applying it twice is the same as once. */
export type Delta = {
	account?: Account
	settings?: SymbolSettings[]
	positions?: Position[]
	orders?: Order[]
	algos?: AlgoOrder[]
	trades?: Trade[]
	income?: Income[]
	taken?: Taken[]
}

export type LiveState = Required<Pick<Delta, 'account' | 'settings' | 'positions' | 'orders' | 'algos'>>

/** A finished thing on its way to the history file. */
export type HistoryRow = {o: Order} | {a: AlgoOrder} | {t: Trade} | {i: Income}

export const isAlgoOpen = (algo: AlgoOrder): boolean => algo.status === 'NEW'

/** No change comes after a final status. */
export const isAlgoFinal = (algo: AlgoOrder): boolean => !['NEW', 'TRIGGERING', 'TRIGGERED'].includes(algo.status)
