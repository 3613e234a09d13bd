import {fillId, incomeId} from './account-ids.js'
import {add, isZero, negate, settlementAsset} from './exact.js'

/** Where money stands. What leaves the wallet arrives in the account that says why. */
export type LedgerAccount = 'wallet' | 'realised_pnl' | 'fees' | 'funding' | 'transfers' | `other:${string}`

/** A signed exact amount of an asset on an account; all postings of an entry sum to zero per asset. */
export type Posting = Readonly<{account: LedgerAccount; asset: string; amount: string}>

export type LedgerEntry = Readonly<{
	/** Made of the venue's ids: the same event gives the same entry, whoever reports it. */
	id: string
	kind: 'fill' | 'income'
	/** Empty for the account as a whole. */
	symbol: string
	/** Venue trade id of a fill, transaction id of an income. */
	reference: string
	/** The venue's income type; empty for fills, which cause two: REALIZED_PNL and COMMISSION. */
	income_type: string
	/** Venue time at which it was reported, ms. */
	ts_ms: number
	postings: readonly Posting[]
}>

export type BookedFill = Readonly<{
	symbol: string
	trade_id: string
	realised_pnl: string
	fee: string
	fee_asset: string
	ts_ms: number
}>

export type BookedIncome = Readonly<{
	income_type: string
	asset: string
	amount: string
	symbol?: string | undefined
	transaction_id: string
	ts_ms: number
}>

/** What a fill does to the wallet is booked with the fill; the same rows of the venue's income would book it twice. */
export const FILL_INCOMES: readonly string[] = ['REALIZED_PNL', 'COMMISSION']

const TRANSFERS = [
	'TRANSFER',
	'INTERNAL_TRANSFER',
	'CROSS_COLLATERAL_TRANSFER',
	'COIN_SWAP_DEPOSIT',
	'COIN_SWAP_WITHDRAW',
]

export const accountOf = (income_type: string): LedgerAccount =>
	income_type === 'FUNDING_FEE'
		? 'funding'
		: income_type === 'REALIZED_PNL'
			? 'realised_pnl'
			: income_type === 'COMMISSION'
				? 'fees'
				: TRANSFERS.includes(income_type)
					? 'transfers'
					: `other:${income_type}`

/** The wallet moves by `amount`, the other account against it. */
const pair = (account: LedgerAccount, asset: string, amount: string): readonly Posting[] => [
	{account: 'wallet', asset, amount},
	{account, asset, amount: negate(amount)},
]

const balanced = (entry: LedgerEntry): LedgerEntry => {
	for (const [asset, sum] of Object.entries(sumsBy(entry.postings, ({asset}) => asset)))
		if (!isZero(sum)) throw new Error(`Entry ${entry.id} does not balance: its postings leave ${sum} ${asset}`)
	if (entry.postings.length < 2) throw new Error(`Entry ${entry.id} has fewer than two postings`)
	return entry
}

const sumsBy = (postings: readonly Posting[], nameOf: (posting: Posting) => string): Record<string, string> => {
	const sums: Record<string, string> = {}
	for (const posting of postings) sums[nameOf(posting)] = add(sums[nameOf(posting)] ?? '0', posting.amount)
	return sums
}

/** Realised PnL comes in, the fee goes out, each in its own asset. A fee below zero is a rebate. */
export const fillEntry = ({symbol, trade_id, realised_pnl, fee, fee_asset, ts_ms}: BookedFill): LedgerEntry =>
	balanced({
		id: fillId({symbol, trade_id}),
		kind: 'fill',
		symbol,
		reference: trade_id,
		income_type: '',
		ts_ms,
		postings: [
			...pair('realised_pnl', settlementAsset(symbol), add(realised_pnl)),
			...pair('fees', fee_asset, negate(fee)),
		],
	})

export const incomeEntry = ({income_type, asset, amount, symbol, transaction_id, ts_ms}: BookedIncome): LedgerEntry =>
	balanced({
		id: incomeId({income_type, transaction_id}),
		kind: 'income',
		symbol: symbol ?? '',
		reference: transaction_id,
		income_type,
		ts_ms,
		postings: pair(accountOf(income_type), asset, add(amount)),
	})

/** Balance of each account per asset: `totals.wallet.USDT`. */
export type AccountTotals = Readonly<Record<string, Readonly<Record<string, string>>>>

export const totalsOf = (entries: readonly Pick<LedgerEntry, 'postings'>[]): AccountTotals => {
	const totals: Record<string, Record<string, string>> = {}
	for (const {account, asset, amount} of entries.flatMap(({postings}) => postings)) {
		totals[account] = {...totals[account], [asset]: add(totals[account]?.[asset] ?? '0', amount)}
	}
	return totals
}
