import {add, exact, isZero, negate} from './exact.js'
import {dayOf, type IncomeSums, noIncome, withIncome} from './income-days.js'
import type {TradeRow} from './journal-rows.js'
import type {LedgerEntry} from './ledger.js'

/** Profit and loss under one name, of one asset, as it moved the wallet: a fee is below zero. */
export type PnlRow = IncomeSums & Readonly<{name: string; asset: string; trades: number; won: number}>

/** What one entry did to the wallet for one reason. */
type Item = Readonly<{symbol: string; income_type: string; asset: string; amount: string; ts_ms: number}>
const itemsOf = (entries: readonly LedgerEntry[]): readonly Item[] =>
	entries.flatMap(({kind, symbol, income_type, ts_ms, postings}) =>
		postings
			.filter(({account, amount}) => account !== 'wallet' && !isZero(amount))
			.map(({account, asset, amount}) => {
				const type = kind === 'income' ? income_type : account === 'fees' ? 'COMMISSION' : 'REALIZED_PNL'
				return {symbol, income_type: type, asset, amount: negate(amount), ts_ms}
			}),
	)

type Named = Readonly<{
	items: (item: Item) => string
	trades: (trade: TradeRow) => string
}>

/** What belongs to the account as a whole: transfers, rebates. */
export const ACCOUNT = 'account'
const SETTLED = 'USDT'

const byName = (one: PnlRow, other: PnlRow): number =>
	one.name === other.name ? (one.asset < other.asset ? -1 : 1) : one.name < other.name ? -1 : 1

const grouped = (entries: readonly LedgerEntry[], trades: readonly TradeRow[], names: Named): readonly PnlRow[] => {
	const rows = new Map<string, PnlRow>()
	const put = (name: string, asset: string, change: (row: PnlRow) => PnlRow): void => {
		const key = `${name} ${asset}`
		rows.set(key, change(rows.get(key) ?? {name, asset, ...noIncome, trades: 0, won: 0}))
	}
	for (const item of itemsOf(entries)) put(names.items(item), item.asset, row => ({...row, ...withIncome(row, item)}))
	for (const trade of trades) {
		const won = exact(trade.net_pnl).gt(0) ? 1 : 0
		put(names.trades(trade), SETTLED, row => ({...row, trades: row.trades + 1, won: row.won + won}))
	}
	return [...rows.values()].sort(byName)
}

/** By UTC day of venue time; a trade counts on the day it closed. */
export const pnlByDay = (entries: readonly LedgerEntry[], trades: readonly TradeRow[]): readonly PnlRow[] =>
	grouped(entries, trades, {items: ({ts_ms}) => dayOf(ts_ms), trades: ({closed_ms}) => dayOf(closed_ms)})

export const pnlBySymbol = (entries: readonly LedgerEntry[], trades: readonly TradeRow[]): readonly PnlRow[] =>
	grouped(entries, trades, {items: ({symbol}) => symbol || ACCOUNT, trades: ({symbol}) => symbol})

/** Moved the wallet in a symbol's name while none of the listed trades was open there. */
export const NO_TRADE = 'open or foreign'

/** Trades of one symbol do not overlap: in the order of their closing they are in that of their opening. */
const livesBySymbol = (trades: readonly TradeRow[]): ReadonlyMap<string, readonly TradeRow[]> => {
	const lives = new Map<string, TradeRow[]>()
	for (const trade of trades.toSorted((one, other) => one.closed_ms - other.closed_ms)) {
		const own = lives.get(trade.symbol)
		if (own) own.push(trade)
		else lives.set(trade.symbol, [trade])
	}
	return lives
}

/** The first trade that closed at that time or later, if it had been opened by then. */
const openAt = (lives: readonly TradeRow[], ts_ms: number): TradeRow | undefined => {
	let low = 0
	let high = lives.length
	while (low < high) {
		const middle = Math.floor((low + high) / 2)
		if ((lives[middle]?.closed_ms ?? 0) < ts_ms) low = middle + 1
		else high = middle
	}
	const life = lives[low]
	return life && life.opened_ms <= ts_ms ? life : undefined
}

/**
 * By what asked for the entry of the trade that was open in the symbol at that time; `strategyOf` names it by the plan.
 * What lies in no closed trade is shown apart, so that the totals are those of the other groupings.
 */
export const pnlByStrategy = (
	entries: readonly LedgerEntry[],
	trades: readonly TradeRow[],
	strategyOf: (plan_id: string) => string,
): readonly PnlRow[] => {
	const lives = livesBySymbol(trades)
	const items = ({symbol, ts_ms}: Item): string => {
		if (symbol === '') return ACCOUNT
		const life = openAt(lives.get(symbol) ?? [], ts_ms)
		return life ? strategyOf(life.plan_id) : NO_TRADE
	}
	return grouped(entries, trades, {items, trades: ({plan_id}) => strategyOf(plan_id)})
}

export type PnlTotals = Readonly<Record<string, IncomeSums & Readonly<{trades: number; won: number}>>>

/** Sums of all rows by asset. */
export const totalsByAsset = (rows: readonly PnlRow[]): PnlTotals => {
	const totals: Record<string, PnlTotals[string]> = {}
	for (const {name: _name, asset, ...row} of rows) {
		const before = totals[asset]
		totals[asset] = before
			? {
					realised_pnl: add(before.realised_pnl, row.realised_pnl),
					commission: add(before.commission, row.commission),
					funding: add(before.funding, row.funding),
					transfers: add(before.transfers, row.transfers),
					other: add(before.other, row.other),
					net: add(before.net, row.net),
					rows: before.rows + row.rows,
					trades: before.trades + row.trades,
					won: before.won + row.won,
				}
			: row
	}
	return totals
}
