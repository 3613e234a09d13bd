import {add, negate} from './exact.js'
import type {JournalRequest, TradeRow} from './journal-rows.js'
import type {LedgerEntry} from './ledger.js'
import {compareVenueIds} from './seen-window.js'
import {bookFill, bookIncome, bookTrade, newBook, type SymbolBook} from './symbol-book.js'

export type JournalContent = Readonly<{
	entries: readonly LedgerEntry[]
	trades: readonly TradeRow[]
	/** What was asked for and is not known to be on disk: it may be among the others. */
	unfinished: readonly JournalRequest[]
}>

/** What an entry moved on an account; `asset` is undefined where it names none. */
const posted = ({postings}: LedgerEntry, account: string): Readonly<{asset: string; amount: string}> | undefined =>
	postings.find(posting => posting.account === account)

const withEntry = (book: SymbolBook, entry: LedgerEntry): SymbolBook => {
	const {symbol, reference, income_type, ts_ms} = entry
	if (entry.kind === 'fill') {
		const gained = posted(entry, 'realised_pnl')
		const paid = posted(entry, 'fees')
		const fill = {
			...{symbol, trade_id: reference, ts_ms, fee: paid?.amount ?? '0', fee_asset: paid?.asset ?? ''},
			realised_pnl: gained ? negate(gained.amount) : '0',
		}
		return bookFill(book, fill)?.book ?? book
	}
	const moved = posted(entry, 'wallet')
	if (!moved) return book
	const {asset, amount} = moved
	return bookIncome(book, {income_type, asset, amount: add(amount), transaction_id: reference}) ?? book
}

const byTime = (left: LedgerEntry, right: LedgerEntry): number =>
	left.ts_ms - right.ts_ms || compareVenueIds(left.reference, right.reference)

/**
 * The books of every symbol (and of the account, under '') as they were booked: each entry and trade once, in the
 * order of venue time. Positions are not among what the journal keeps: the venue tells them anew.
 */
export const rebuildBooks = ({entries, trades, unfinished}: JournalContent): ReadonlyMap<string, SymbolBook> => {
	const late = unfinished.flatMap(request =>
		request.kind === 'fill' || request.kind === 'income' ? request.entry : [],
	)
	const closed = unfinished.flatMap(request => (request.kind === 'trade' ? request.trade : []))
	const books = new Map<string, SymbolBook>()
	const once = new Map([...entries, ...late].map(entry => [entry.id, entry]))
	for (const entry of [...once.values()].sort(byTime))
		books.set(entry.symbol, withEntry(books.get(entry.symbol) ?? newBook, entry))
	const tradesOnce = new Map([...trades, ...closed].map(trade => [trade.trade_id, trade]))
	for (const trade of [...tradesOnce.values()].sort((left, right) => left.closed_ms - right.closed_ms)) {
		const book = books.get(trade.symbol) ?? newBook
		books.set(trade.symbol, bookTrade(book, trade) ?? book)
	}
	return books
}
