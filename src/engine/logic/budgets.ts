import type {Policy} from '../contracts/policy.js'
import type {PayloadOf} from '../contracts/stream.js'
import type {budgetViolation} from '../contracts/streams/portfolio.js'
import type {tradeClosed} from '../contracts/streams/trade.js'
import type {Clusters} from './clusters.js'
import {add, exact, textOf} from './exact.js'
import {type AssetPrices, netWithFees} from './fee-value.js'
import {dayOf} from './income-days.js'

export type Violation = PayloadOf<typeof budgetViolation>
type Name = Pick<Violation, 'scope' | 'budget'>
type Use = Name & Readonly<{used_usdt: string; limit_usdt: string; symbols: readonly string[]}>
type Broken = Name & Readonly<{day: string; used_usdt: string; symbols: readonly string[]}>

/** What a day has cost and moved so far. Decimals of USDT; a gain is above zero. JSON. */
export type BudgetBook = Readonly<{
	/** UTC day of venue time; empty before the first. */
	day: string
	/** Notional of both sides of every trade that was closed today. */
	turnover_usdt: string
	symbols: Readonly<Record<string, string>>
	strategies: Readonly<Record<string, string>>
	clusters: Clusters
	/** Worth of the assets that fees are paid in. */
	prices?: AssetPrices
	/** By scope and budget. */
	broken: Readonly<Record<string, Broken>>
}>

export const emptyBudgets: BudgetBook = {
	day: '',
	turnover_usdt: '0',
	symbols: {},
	strategies: {},
	clusters: {},
	broken: {},
}

/** Whose plan nobody knows: positions that others opened. */
const FOREIGN = 'foreign'
const nameOf = ({scope, budget}: Name): string => `${scope}/${budget}`
const lossOf = (net: string): string => (net.startsWith('-') ? net.slice(1) : '0')
const larger = (one: string, other: string): string => (exact(one).gte(other) ? one : other)

/** The book of the day in which a venue time lies: a new day begins with nothing, an older one does not come back. */
export const onDay = (book: BudgetBook, venue_ms: number): BudgetBook => {
	const day = dayOf(venue_ms)
	const {clusters, broken, prices} = book
	return day <= book.day ? book : {...emptyBudgets, day, clusters, broken, ...(prices && {prices})}
}

type Trade = Pick<
	PayloadOf<typeof tradeClosed>,
	'symbol' | 'quantity' | 'entry_price' | 'exit_price' | 'net_pnl' | 'other_fees' | 'strategy' | 'closed_ms'
>

/** The book with a closed trade, on the day on which it was closed; a trade of an older day changes nothing. */
export const withTrade = (before: BudgetBook, trade: Trade): BudgetBook => {
	const book = onDay(before, trade.closed_ms)
	if (dayOf(trade.closed_ms) !== book.day) return book
	const net_pnl = netWithFees(trade, book.prices)
	const {symbol, strategy = FOREIGN, quantity, entry_price, exit_price} = trade
	const notional = textOf(exact(entry_price).add(exit_price).mul(quantity))
	return {
		...book,
		turnover_usdt: add(book.turnover_usdt, notional),
		symbols: {...book.symbols, [symbol]: add(book.symbols[symbol] ?? '0', net_pnl)},
		strategies: {...book.strategies, [strategy]: add(book.strategies[strategy] ?? '0', net_pnl)},
	}
}

type Limits = Policy['budgets']

/** What is used of each budget; `open_usdt` is the notional that is open now: its opening is turnover too. */
const usesOf = (book: BudgetBook, limits: Limits, open_usdt: string): Use[] => {
	const nets = Object.values(book.symbols)
	const loss = (scope: string, net: string, limit: number, symbols: readonly string[] = []): Use => ({
		scope,
		budget: 'LOSS',
		used_usdt: lossOf(net),
		limit_usdt: String(limit),
		symbols,
	})
	return [
		loss('day', add(...nets), limits.day_loss_usdt),
		{
			scope: 'day',
			budget: 'TURNOVER',
			used_usdt: add(book.turnover_usdt, open_usdt),
			limit_usdt: String(limits.day_turnover_usdt),
			symbols: [],
		},
		...Object.entries(book.strategies).map(([name, net]) => loss(`strategy.${name}`, net, limits.strategy_loss_usdt)),
		...Object.entries(book.clusters).map(([name, members]) => {
			const net = add(...members.map(symbol => book.symbols[symbol] ?? '0'))
			return loss(`cluster.${name}`, net, limits.cluster_loss_usdt, members)
		}),
	]
}

/** A cluster that is called otherwise by now stays broken under its old name, with the symbols that it had. */
const withGone = (uses: readonly Use[], book: BudgetBook, limits: Limits): readonly Use[] => {
	const known = new Set(uses.map(nameOf))
	const gone = Object.values(book.broken).filter(broken => !known.has(nameOf(broken)))
	const limit = (scope: string) =>
		String(scope.startsWith('cluster.') ? limits.cluster_loss_usdt : limits.strategy_loss_usdt)
	return [
		...uses,
		...gone.map(({scope, budget, symbols}) => ({scope, budget, used_usdt: '0', limit_usdt: limit(scope), symbols})),
	]
}

export type Judgement = Readonly<{book: BudgetBook; violations: readonly Violation[]}>

/**
 * Which budgets break and which hold again. One that broke stays broken until the day is over, whatever is earned
 * meanwhile, or until the policy allows more than was used; symbols that come to a broken cluster are blocked with it.
 */
export const judgeBudgets = (book: BudgetBook, limits: Limits, open_usdt = '0'): Judgement => {
	const violations: Violation[] = []
	const broken: Record<string, Broken> = {}
	for (const use of withGone(usesOf(book, limits, open_usdt), book, limits)) {
		const {scope, budget, limit_usdt} = use
		const record = book.broken[nameOf(use)]
		const before = record?.day === book.day ? record : undefined
		const used_usdt = larger(use.used_usdt, before?.used_usdt ?? '0')
		const breaks = exact(used_usdt).gte(limit_usdt)
		const symbols = [...new Set([...(breaks ? (before?.symbols ?? []) : []), ...use.symbols])].sort()
		if (breaks) broken[nameOf(use)] = {scope, budget, day: book.day, used_usdt, symbols}
		const known = breaks ? before !== undefined && before.symbols.length === symbols.length : record === undefined
		if (known) continue
		const named = symbols.length > 0 && {symbols}
		violations.push({scope, budget, broken: breaks, used_usdt, limit_usdt, day: book.day, ...named})
	}
	return {book: {...book, broken}, violations}
}

/** A line of figures per scope that has any, for people to look at. */
export const budgetRecords = (
	book: BudgetBook,
	limits: Limits,
): Readonly<Record<string, Readonly<Record<string, string>>>> => {
	const records: Record<string, Record<string, string>> = {}
	for (const use of usesOf(book, limits, '0')) {
		const {scope, budget, used_usdt, limit_usdt} = use
		const was = book.broken[nameOf(use)]
		const name = budget.toLowerCase()
		records[scope] = {
			...records[scope],
			day: book.day,
			[`${name}_usdt`]: used_usdt,
			[`${name}_limit_usdt`]: limit_usdt,
			[`${name}_broken`]: String(was !== undefined),
		}
	}
	return records
}
