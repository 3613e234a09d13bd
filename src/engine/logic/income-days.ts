import {add, isZero} from './exact.js'
import {accountOf, type LedgerEntry} from './ledger.js'
import {type LedgerDifference, type VenueIncome, verifyLedger} from './ledger-verify.js'

/** A row of the venue's income history with its venue time, ms. */
export type DatedIncome = VenueIncome & Readonly<{ts_ms: number}>

/** What moved the wallet, as it moved it: a fee is below zero. Exact decimals of one asset. */
export type IncomeSums = Readonly<{
	realised_pnl: string
	commission: string
	funding: string
	/** Not earned, not lost: left out of `net`. */
	transfers: string
	other: string
	net: string
	rows: number
}>

export type IncomeReading = Readonly<{
	/** By UTC day of venue time (`2025-06-15`), then by asset. Days are whole from `from_ms` on. */
	days: Readonly<Record<string, Readonly<Record<string, IncomeSums>>>>
	/** Rows that the ledger has not, or otherwise, and entries that the venue does not list. */
	differences: readonly LedgerDifference[]
	/** Differences by the day in which they lie. */
	open: Readonly<Record<string, number>>
}>

const DAY_MS = 86_400_000
export const dayOf = (ts_ms: number): string => new Date(ts_ms).toISOString().slice(0, 10)
export const dayStart = (ts_ms: number): number => Math.floor(ts_ms / DAY_MS) * DAY_MS

/**
 * The venue dates a row, the ledger its report: this far they may lie apart. Within it of the beginning of a reading an
 * entry may belong to a row before it; such entries were compared by the readings before.
 */
export const INCOME_SLACK_MS = 3_600_000

export const noIncome: IncomeSums = {
	realised_pnl: '0',
	commission: '0',
	funding: '0',
	transfers: '0',
	other: '0',
	net: '0',
	rows: 0,
}

const columnOf = (income_type: string): Exclude<keyof IncomeSums, 'net' | 'rows'> => {
	const account = accountOf(income_type)
	if (account === 'fees') return 'commission'
	return account === 'realised_pnl' || account === 'funding' || account === 'transfers' ? account : 'other'
}

export const withIncome = (
	sums: IncomeSums | undefined,
	{income_type, amount}: Pick<VenueIncome, 'income_type' | 'amount'>,
): IncomeSums => {
	const before = sums ?? noIncome
	const column = columnOf(income_type)
	const net = column === 'transfers' ? before.net : add(before.net, amount)
	return {...before, [column]: add(before[column], amount), net, rows: before.rows + 1}
}

const sumDays = (income: readonly DatedIncome[]): IncomeReading['days'] => {
	const days: Record<string, Record<string, IncomeSums>> = {}
	for (const row of income) {
		const day = dayOf(row.ts_ms)
		days[day] = {...days[day], [row.asset]: withIncome(days[day]?.[row.asset], row)}
	}
	return days
}

const fillName = (symbol: string, id: string): string => `${symbol}/${id}`
const bareId = ({reference, income_type}: LedgerEntry): string => reference.replace(`/${income_type}`, '')

type Known = Readonly<{
	income: readonly DatedIncome[]
	/** Of the journal, from `INCOME_SLACK_MS` before `from_ms` on. */
	entries: readonly LedgerEntry[]
	/** Begins a day. */
	from_ms: number
	/** Venue time from which the ledger is whole: what the venue booked before is no difference. */
	ledger_from_ms: number
}>

/** Entries that the venue's rows must contain; what was booked after the newest row was booked after the reading. */
const comparable = ({income, entries, from_ms}: Known): readonly LedgerEntry[] => {
	const last_ms = income.at(-1)?.ts_ms ?? 0
	const listed = new Set(
		income.flatMap(({symbol, trade_id, transaction_id}) => [fillName(symbol, trade_id), transaction_id]),
	)
	const edge_ms = from_ms === 0 ? 0 : from_ms + INCOME_SLACK_MS
	return entries.filter(
		entry =>
			(entry.ts_ms >= edge_ms && entry.ts_ms <= last_ms) ||
			listed.has(fillName(entry.symbol, entry.reference)) ||
			listed.has(bareId(entry)),
	)
}

/** Sums the venue's income by day, and compares it row by row with the ledger. `income` ascends from `from_ms` on. */
export const readIncomeDays = (known: Known): IncomeReading => {
	const {income, ledger_from_ms} = known
	const rows = income.filter(({ts_ms}) => ts_ms >= ledger_from_ms)
	const entries = comparable({...known, income: rows})
	const differences = verifyLedger({entries, income: rows, wallet: {}, initial: {}}).differences.filter(
		({type}) => type !== 'WALLET',
	)
	const times = new Map<string, number>()
	for (const {symbol, reference, ts_ms, kind, income_type} of entries)
		times.set(
			kind === 'fill' ? fillName(symbol, reference) : `${income_type} ${reference.replace(`/${income_type}`, '')}`,
			ts_ms,
		)
	for (const {symbol, trade_id, transaction_id, income_type, ts_ms} of rows) {
		times.set(`${income_type} ${transaction_id}`, ts_ms)
		if (trade_id !== '') times.set(fillName(symbol, trade_id), ts_ms)
	}
	const open: Record<string, number> = {}
	for (const {symbol, id, type} of differences) {
		const ts_ms = times.get(fillName(symbol, id)) ?? times.get(`${type} ${id}`)
		if (ts_ms !== undefined) open[dayOf(ts_ms)] = (open[dayOf(ts_ms)] ?? 0) + 1
	}
	return {days: sumDays(income), differences, open}
}

/** One name for a difference, the same in every reading that finds it. */
export const differenceName = ({kind, type, symbol, id, asset, ledger, venue}: LedgerDifference): string =>
	[kind, type, symbol, id, asset, ledger, venue].join(' ')

/** Hash fields of a day: plain names for USDT, others apart, such as `commission_bnb`; what is nothing is left out there. */
export const dayFields = (assets: Readonly<Record<string, IncomeSums>>): Record<string, string> => {
	const {USDT = noIncome, ...others} = assets
	const own = Object.entries(USDT).map(([name, value]) => [name, String(value)])
	const foreign = Object.entries(others).flatMap(([asset, sums]) =>
		Object.entries(sums)
			.filter(([, value]) => typeof value === 'string' && !isZero(value))
			.map(([name, value]) => [`${name}_${asset.toLowerCase()}`, String(value)]),
	)
	const rows = Object.values(assets).reduce((sum, of) => sum + of.rows, 0)
	return {...Object.fromEntries([...own, ...foreign]), rows: String(rows)}
}
