import {add, exact, isZero, negate, textOf} from './exact.js'
import {type LedgerAccount, type LedgerEntry, totalsOf} from './ledger.js'

/** A row of the venue's income history. */
export type VenueIncome = Readonly<{
	/** REALIZED_PNL, COMMISSION, FUNDING_FEE, TRANSFER, … */
	income_type: string
	asset: string
	/** What it did to the wallet: a fee is below zero. */
	amount: string
	/** Empty for the account as a whole. */
	symbol: string
	/** Unique within its type. */
	transaction_id: string
	/** Of the fill that a REALIZED_PNL or COMMISSION row belongs to; empty else. */
	trade_id: string
}>

export type LedgerDifference = Readonly<{
	/** In the venue's history only; in the ledger only; in both with another amount. */
	kind: 'missing' | 'extra' | 'amount'
	/** Trade id for REALIZED_PNL and COMMISSION, transaction id else; `wallet` for the balance as a whole. */
	id: string
	symbol: string
	/** Income type, or WALLET. */
	type: string
	asset: string
	/** What the ledger has; empty when it has none. */
	ledger: string
	/** What the venue has; empty when it has none. */
	venue: string
}>

export type ByAsset = Readonly<Record<string, string>>

export type LedgerVerdict = Readonly<{
	ok: boolean
	/** Wallet as the ledger makes it: initial + realised - fees + funding + transfers + other. */
	wallet_ledger: ByAsset
	/** Wallet as the venue's income history alone gives it. */
	wallet_income: ByAsset
	/** Wallet as the venue reports it. */
	wallet_venue: ByAsset
	/** The parts of the identity, as they move the wallet: a fee is below zero. */
	changes: Readonly<Record<string, ByAsset>>
	rows: Readonly<{ledger: number; venue: number}>
	differences: readonly LedgerDifference[]
}>

export type LedgerProof = Readonly<{
	entries: readonly LedgerEntry[]
	income: readonly VenueIncome[]
	/** Wallet balance per asset as the venue reports it now. */
	wallet: ByAsset
	/** Wallet balance per asset before the first row of both. */
	initial: ByAsset
}>

type Row = Readonly<{key: string; id: string; symbol: string; type: string; asset: string; amount: string}>

const OF_FILLS = ['REALIZED_PNL', 'COMMISSION']
const TYPES: Readonly<Partial<Record<LedgerAccount, string>>> = {realised_pnl: 'REALIZED_PNL', fees: 'COMMISSION'}

/** A transaction id that was made unique by its type, as the account stream does, is the same as the bare one. */
const bare = (transaction_id: string, type: string): string =>
	transaction_id.endsWith(`/${type}`) ? transaction_id.slice(0, -type.length - 1) : transaction_id

const rowOf = (of: Omit<Row, 'key'>): Row => ({
	...of,
	key: [of.type, OF_FILLS.includes(of.type) ? of.symbol : '', of.id, of.asset].join(' '),
})

/** An entry as the venue would list it: one row for each account beside the wallet. */
const rowsOf = ({kind, symbol, reference, income_type, postings}: LedgerEntry): readonly Row[] =>
	postings
		.filter(({account}) => account !== 'wallet')
		.map(({account, asset, amount}) => {
			const type = kind === 'fill' ? (TYPES[account] ?? account) : income_type
			return rowOf({id: bare(reference, type), symbol, type, asset, amount: negate(amount)})
		})

const incomeRow = ({income_type: type, asset, amount, symbol, transaction_id, trade_id}: VenueIncome): Row => {
	const id = OF_FILLS.includes(type) && trade_id !== '' ? trade_id : bare(transaction_id, type)
	return rowOf({id, symbol, type, asset, amount: textOf(exact(amount))})
}

/** Rows of one key are one: the venue may split what a fill realises. Amounts of nothing are no rows. */
const byKey = (rows: readonly Row[]): ReadonlyMap<string, Row> => {
	const merged = new Map<string, Row>()
	for (const row of rows) {
		const known = merged.get(row.key)
		merged.set(row.key, known ? {...known, amount: add(known.amount, row.amount)} : row)
	}
	for (const [key, {amount}] of merged) if (isZero(amount)) merged.delete(key)
	return merged
}

const compare = (ledger: ReadonlyMap<string, Row>, venue: ReadonlyMap<string, Row>): readonly LedgerDifference[] =>
	[...new Set([...ledger.keys(), ...venue.keys()])].flatMap(key => {
		const ours = ledger.get(key)
		const theirs = venue.get(key)
		const row = ours ?? theirs
		if (!row || ours?.amount === theirs?.amount) return []
		const {id, symbol, type, asset} = row
		const kind = ours === undefined ? 'missing' : theirs === undefined ? 'extra' : 'amount'
		return [{kind, id, symbol, type, asset, ledger: ours?.amount ?? '', venue: theirs?.amount ?? ''} as const]
	})

const sums = (
	initial: ByAsset,
	changes: Iterable<Readonly<{asset: string; amount: string}>>,
): Record<string, string> => {
	const total: Record<string, string> = {}
	for (const [asset, amount] of Object.entries(initial)) total[asset] = add(amount)
	for (const {asset, amount} of changes) total[asset] = add(total[asset] ?? '0', amount)
	return total
}

/** Wallets that are not what the ledger makes them, though every row may agree: something has no row. */
const walletDifferences = (ledger: ByAsset, venue: ByAsset): readonly LedgerDifference[] =>
	[...new Set([...Object.keys(ledger), ...Object.keys(venue)])]
		.filter(asset => add(ledger[asset] ?? '0') !== add(venue[asset] ?? '0'))
		.map(asset => ({
			kind: 'amount',
			id: 'wallet',
			symbol: '',
			type: 'WALLET',
			asset,
			ledger: add(ledger[asset] ?? '0'),
			venue: add(venue[asset] ?? '0'),
		}))

const changesOf = (entries: readonly LedgerEntry[]): Readonly<Record<string, ByAsset>> =>
	Object.fromEntries(
		Object.entries(totalsOf(entries))
			.filter(([account]) => account !== 'wallet')
			.map(([account, balances]) => [
				account,
				Object.fromEntries(Object.entries(balances).map(([asset, amount]) => [asset, negate(amount)])),
			]),
	)

/**
 * Compares the ledger with the venue's income history row by row, and both with its wallet, to the last decimal.
 * Both must begin and end at the same instants; `initial` is the wallet at the beginning.
 */
export const verifyLedger = ({entries, income, wallet, initial}: LedgerProof): LedgerVerdict => {
	const ledger = byKey(entries.flatMap(rowsOf))
	const venue = byKey(income.map(incomeRow))
	const wallet_ledger = sums(
		initial,
		entries.flatMap(({postings}) => postings.filter(({account}) => account === 'wallet')),
	)
	const wallet_income = sums(initial, income)
	const wallet_venue = sums(wallet, [])
	const differences = [...compare(ledger, venue), ...walletDifferences(wallet_ledger, wallet_venue)]
	return {
		ok: differences.length === 0 && walletDifferences(wallet_income, wallet_venue).length === 0,
		wallet_ledger,
		wallet_income,
		wallet_venue,
		changes: changesOf(entries),
		rows: {ledger: ledger.size, venue: venue.size},
		differences,
	}
}
