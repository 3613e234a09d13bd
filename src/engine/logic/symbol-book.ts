import {limits} from '../contracts/limits.js'
import {incomeId} from './account-ids.js'
import {add, exact, negate, settlementAsset, textOf} from './exact.js'
import {accountOf, type BookedFill, type BookedIncome} from './ledger.js'
import {emptyWindow, hasSeen, remember, type SeenWindow, see} from './seen-window.js'

/** Sums of one symbol, in exact decimals. */
export type SymbolBook = Readonly<{
	seen: SeenWindow
	incomes: readonly string[]
	trade_ids: readonly string[]
	/** In the asset that the symbol settles in. */
	realised_pnl: string
	funding: string
	/** Paid, by asset. */
	fees: Readonly<Record<string, string>>
	/** What else moved the wallet in this symbol's name, by asset. */
	other: Readonly<Record<string, string>>
	fills: number
	trades: number
	last_close_ms: number
	/** As the venue last pushed them. */
	position_amount: string
	entry_price: string
}>

export const newBook: SymbolBook = {
	seen: emptyWindow,
	incomes: [],
	trade_ids: [],
	realised_pnl: '0',
	funding: '0',
	fees: {},
	other: {},
	fills: 0,
	trades: 0,
	last_close_ms: 0,
	position_amount: '0',
	entry_price: '0',
}

/** As many symbols may have a full window before the set of booked trades is as long as its limit. */
const SYMBOLS_MAX = 100
const FILLS_KEPT = limits.seen_orders_max / SYMBOLS_MAX
const INCOMES_KEPT = 200
const TRADES_KEPT = 100

const plus = (sums: Readonly<Record<string, string>>, asset: string, amount: string): Record<string, string> => ({
	...sums,
	[asset]: add(sums[asset] ?? '0', amount),
})

/** The book with the fill; undefined when it holds it. `forgotten` are trade ids that are no longer kept one by one. */
export const bookFill = (
	book: SymbolBook,
	{trade_id, realised_pnl, fee, fee_asset}: BookedFill,
): {book: SymbolBook; forgotten: readonly string[]} | undefined => {
	if (hasSeen(book.seen, trade_id)) return undefined
	const {window, dropped} = see(book.seen, trade_id, FILLS_KEPT)
	const next = {
		...book,
		seen: window,
		realised_pnl: add(book.realised_pnl, realised_pnl),
		fees: plus(book.fees, fee_asset, fee),
		fills: book.fills + 1,
	}
	return {book: next, forgotten: dropped}
}

export const bookIncome = (book: SymbolBook, income: Omit<BookedIncome, 'ts_ms'>): SymbolBook | undefined => {
	const id = incomeId(income)
	if (book.incomes.includes(id)) return undefined
	const next = {...book, incomes: remember(book.incomes, id, INCOMES_KEPT)}
	return accountOf(income.income_type) === 'funding'
		? {...next, funding: add(book.funding, income.amount)}
		: {...next, other: plus(book.other, income.asset, income.amount)}
}

export const bookTrade = (
	book: SymbolBook,
	{trade_id, closed_ms}: Readonly<{trade_id: string; closed_ms: number}>,
): SymbolBook | undefined =>
	book.trade_ids.includes(trade_id)
		? undefined
		: {
				...book,
				trade_ids: remember(book.trade_ids, trade_id, TRADES_KEPT),
				trades: book.trades + 1,
				last_close_ms: Math.max(book.last_close_ms, closed_ms),
			}

/** Fees in the asset of settlement, and apart from them those in other assets, such as `fees_bnb`. */
const feeFields = (symbol: string, fees: SymbolBook['fees']): Record<string, string> => {
	const own = settlementAsset(symbol)
	return Object.fromEntries([
		['fees', fees[own] ?? '0'],
		...Object.entries(fees)
			.filter(([asset]) => asset !== own)
			.map(([asset, amount]) => [`fees_${asset.toLowerCase()}`, amount]),
	])
}

export const ledgerFields = (symbol: string, book: SymbolBook): Record<string, string | number> => {
	const fields = feeFields(symbol, book.fees)
	const other = book.other[settlementAsset(symbol)] ?? '0'
	return {
		realised_pnl: book.realised_pnl,
		...fields,
		funding: book.funding,
		other,
		net: add(book.realised_pnl, negate(fields.fees ?? '0'), book.funding, other),
		fills: book.fills,
		trades: book.trades,
		last_close_ms: book.last_close_ms,
		position_amount: textOf(exact(book.position_amount)),
	}
}

/** The names of the wiring map. */
export const positionLedgerFields = (
	symbol: string,
	book: SymbolBook,
	now_ms: number,
): Record<string, string | number> => ({
	position_amt: textOf(exact(book.position_amount)),
	entry_price: textOf(exact(book.entry_price)),
	realized_pnl: book.realised_pnl,
	fees: feeFields(symbol, book.fees).fees ?? '0',
	funding: book.funding,
	total_trades: book.trades,
	last_close_timestamp: book.last_close_ms,
	last_update: now_ms,
})
