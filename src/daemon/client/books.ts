import {setTimeout as pause} from 'node:timers/promises'
import {add, equal} from '../../engine/logic/exact.js'
import type {LedgerEntry} from '../../engine/logic/ledger.js'
import {allEntries} from '../../engine/logic/ledger-pages.js'
import {type ByAsset, type LedgerVerdict, verifyLedger} from '../../engine/logic/ledger-verify.js'
import type {Journal} from './journal.js'
import type {VenueDesk, VenueIncome} from './venue-desk.js'

export type BooksOptions = Readonly<{
	desk: VenueDesk
	journal: Journal
	/** PAPER's history begins with the deposit; of others only what the ledger covers is compared. */
	whole_history: boolean
	/** How long rows that the venue has just booked may take to reach the ledger. */
	settle_ms?: number
	onWaiting?: (rows: number) => void
}>

/** The account stream proves its income every 60 s, so that a row may take that long. */
const SETTLE_MS = 75_000
const SETTLE_POLL_MS = 1_000
/** Readings of the wallet around the income, until nothing moved in between. */
const STILL_ATTEMPTS_MAX = 20

const byAsset = (rows: Awaited<ReturnType<VenueDesk['wallet']>>): ByAsset =>
	Object.fromEntries(rows.map(({asset, wallet_balance}) => [asset, wallet_balance]))

const same = (left: ByAsset, right: ByAsset): boolean =>
	[...new Set([...Object.keys(left), ...Object.keys(right)])].every(asset =>
		equal(left[asset] ?? '0', right[asset] ?? '0'),
	)

/** Income and wallet of one instant. */
const still = async (desk: VenueDesk): Promise<{income: readonly VenueIncome[]; wallet: ByAsset}> => {
	let wallet = byAsset(await desk.wallet())
	for (let attempt = 0; attempt < STILL_ATTEMPTS_MAX; attempt += 1) {
		const income = await desk.income()
		const after = byAsset(await desk.wallet())
		if (same(wallet, after)) return {income, wallet}
		wallet = after
	}
	throw new Error(`the wallet moved during each of ${STILL_ATTEMPTS_MAX} readings; run qt kill or try again`)
}

/** Entries of what happened after the income was read are not compared with it. */
const until = (entries: readonly LedgerEntry[], income: readonly VenueIncome[]): readonly LedgerEntry[] => {
	const last_ms = income.at(-1)?.ts_ms ?? 0
	const known = new Set(
		income.flatMap(({symbol, trade_id, transaction_id}) => [`${symbol}/${trade_id}`, transaction_id]),
	)
	const listed = ({symbol, reference, income_type}: LedgerEntry) =>
		known.has(`${symbol}/${reference}`) || known.has(reference.replace(`/${income_type}`, ''))
	return entries.filter(entry => entry.ts_ms <= last_ms || listed(entry))
}

/** The wallet before the first row of both. */
const initialOf = (income: readonly VenueIncome[], wallet: ByAsset): ByAsset => {
	const initial: Record<string, string> = {...wallet}
	for (const {asset, amount} of income)
		initial[asset] = add(initial[asset] ?? '0', amount.startsWith('-') ? amount.slice(1) : `-${amount}`)
	return initial
}

/**
 * Compares the books with the venue's own income and wallet, to the last decimal. Rows that the venue has just booked
 * are given time to arrive.
 */
export const verifyBooks = async (options: BooksOptions): Promise<LedgerVerdict> => {
	const {desk, journal, whole_history, settle_ms = SETTLE_MS, onWaiting} = options
	const {income: all, wallet} = await still(desk)
	const deadline = performance.now() + settle_ms
	for (;;) {
		const entries = await allEntries(query => journal.entries(query))
		const from_ms = whole_history ? 0 : (entries[0]?.ts_ms ?? 0)
		const income = all.filter(({ts_ms}) => ts_ms >= from_ms)
		const initial = whole_history ? {} : initialOf(income, wallet)
		const verdict = verifyLedger({entries: until(entries, income), income, wallet, initial})
		const missing = verdict.differences.filter(({kind}) => kind === 'missing').length
		if (missing === 0 || performance.now() >= deadline) return verdict
		onWaiting?.(missing)
		await pause(SETTLE_POLL_MS)
	}
}
