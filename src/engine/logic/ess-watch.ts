import type {Policy} from '../contracts/policy.js'
import type {localRefusals} from '../exchange/order-request.js'
import {exact, textOf} from './exact.js'
import {type AssetPrices, netWithFees} from './fee-value.js'

/** What the Emergency Stop System remembers of what happened. Amounts are USDT as exact text. */
export type EssWatch = Readonly<{
	/** Newest equity; left out before the first. */
	equity?: string
	/** Start of the UTC day, venue time, and the equity at it (or the first that was seen in it, or at a reset). */
	day_ms: number
	day_equity?: string
	/** Highest equity ever seen, or the one at a reset. */
	peak_equity?: string
	/** Deposits less withdrawals that the newest equity has. */
	transfers?: string
	/** Worth of the assets that fees are paid in. */
	prices?: AssetPrices
	/** Losing trades in a row, and the venue time of the newest. */
	streak: number
	loss_ms?: number
	/** Whether each of the newest orders failed, newest last. */
	results: readonly boolean[]
	/** Machine times of the newest failures, and the venue time of the last. */
	failed_ms: readonly number[]
	failure_ms?: number
	/** Budgets and exposure caps that are broken, by scope. */
	broken: Readonly<Record<string, Readonly<{used: string; limit: string}>>>
	/** Comparisons with the venue that failed in a row. */
	reconcile_failures: number
	/** Machine time at which the watch began; 0 before the first timer. */
	began_ms: number
}>

export const nothingSeen: EssWatch = {
	day_ms: 0,
	streak: 0,
	results: [],
	failed_ms: [],
	broken: {},
	reconcile_failures: 0,
	began_ms: 0,
}

const DAY_MS = 86_400_000
export const dayOf = (venue_ms: number): number => Math.floor(venue_ms / DAY_MS) * DAY_MS

/** The day's equity is the newest that was known when the day began. */
export const atTime = (watch: EssWatch, venue_ms: number): EssWatch => {
	const day_ms = dayOf(venue_ms)
	if (day_ms === watch.day_ms) return watch
	return {...watch, day_ms, ...(watch.equity !== undefined && {day_equity: watch.equity})}
}

/**
 * The watch with day and peak moved by what came into the account or left it: in the proportion in which the equity
 * was, as the value of a share of a fund is kept (time-weighted, as in GIPS). So no transfer is a gain or a loss, and
 * what was lost before it stays the same share. Where the equity was nothing there is no proportion: they move as much.
 */
const withTransfers = (watch: EssWatch, equity: string, transfers: string): EssWatch => {
	const known = watch.transfers ?? (watch.equity === undefined ? transfers : '0')
	const moved = exact(transfers).sub(known)
	if (moved.isZero()) return watch
	const before = exact(equity).sub(moved)
	const after = (base: string): string =>
		textOf(
			(before.gt(0) && exact(equity).gte(0)
				? exact(base).mul(equity).div(before)
				: exact(base).add(moved)
			).toDecimalPlaces(BASE_PLACES),
		)
	const {day_equity, peak_equity} = watch
	return {
		...watch,
		transfers,
		...(day_equity !== undefined && {day_equity: after(day_equity)}),
		...(peak_equity !== undefined && {peak_equity: after(peak_equity)}),
	}
}
const BASE_PLACES = 12

export const withEquity = (before: EssWatch, equity: string, venue_ms: number, transfers = '0'): EssWatch => {
	const watch = withTransfers(atTime(before, venue_ms), equity, transfers)
	const {day_equity = equity, peak_equity = equity} = watch
	return {...watch, equity, day_equity, peak_equity: exact(equity).gt(peak_equity) ? equity : peak_equity}
}

export const withPrices = (watch: EssWatch, prices: AssetPrices | undefined): EssWatch =>
	prices === undefined ? watch : {...watch, prices}

type Trade = Readonly<{net_pnl: string; other_fees?: Readonly<Record<string, string>> | undefined}>

/** A trade that neither wins nor loses, all fees counted, ends a row of losses. */
export const withTrade = (watch: EssWatch, trade: Trade, venue_ms: number): EssWatch => {
	const net_pnl = netWithFees(trade, watch.prices)
	if (exact(net_pnl).isNegative() && !exact(net_pnl).isZero())
		return {...watch, streak: watch.streak + 1, loss_ms: venue_ms}
	return watch.streak === 0 ? watch : {...watch, streak: 0}
}

/** The sender's own refusals: the position was closed meanwhile, or nothing is left after rounding. */
const UNSENT: readonly (keyof typeof localRefusals)[] = ['NO_POSITION', 'BELOW_MIN_QUANTITY', 'BELOW_MIN_NOTIONAL']

/**
 * Refusals that are races with the venue, its answer to what holds already, or our own before anything left: no
 * failures of the system.
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code
 */
export const EXEMPT_CODES: ReadonlySet<string> = new Set([
	// Nothing to cancel: it filled or was cancelled meanwhile.
	'-2011',
	'-2013',
	// The trigger lies behind the price: protection closes the position instead.
	'-2021',
	// Reduce-only, and close-position, when the position was closed meanwhile.
	'-2022',
	'-4509',
	// A stop that closes the position rests already.
	'-4130',
	...UNSENT,
])

type Result = Readonly<{decision: string; error?: string | undefined}>
type Limits = Policy['ess']

/** SKIP was never sent and UNKNOWN is still being asked about: neither says anything. */
export const withResult = (
	watch: EssWatch,
	{decision, error}: Result,
	{ess, machine_ms, now_ms}: Readonly<{ess: Limits; machine_ms: number; now_ms: number}>,
): EssWatch => {
	const failed = decision === 'FAILED'
	if ((!failed && decision !== 'EXECUTED') || (failed && error !== undefined && EXEMPT_CODES.has(error))) return watch
	const results = [...watch.results, failed].slice(-ess.reject_sample)
	if (!failed) return {...watch, results}
	const failed_ms = [...watch.failed_ms, machine_ms].slice(-ess.failed_orders_critical)
	return {...watch, results, failed_ms, failure_ms: now_ms}
}

export const withBroken = (
	watch: EssWatch,
	scope: string,
	{broken, used, limit}: Readonly<{broken: boolean; used: string; limit: string}>,
): EssWatch => {
	const {[scope]: _, ...others} = watch.broken
	return {...watch, broken: broken ? {...others, [scope]: {used, limit}} : others}
}

/** That the books differ is for reconciliation to settle; that they cannot be compared is for us. */
export const withReconcile = (watch: EssWatch, outcome: string): EssWatch => {
	if (outcome === 'CORRECTION') return watch
	const reconcile_failures = outcome === 'FAILED' ? watch.reconcile_failures + 1 : 0
	return reconcile_failures === watch.reconcile_failures ? watch : {...watch, reconcile_failures}
}

/**
 * What an operator's reset forgets: the day and the peak begin anew with the equity of this moment, the row of losses
 * and the sample of orders are empty. The window of failures passes by itself, and what is broken mends by itself.
 */
export const rebased = (watch: EssWatch): EssWatch => {
	const {equity} = watch
	const base = equity === undefined ? {} : {day_equity: equity, peak_equity: equity}
	return {...watch, ...base, streak: 0, results: []}
}
