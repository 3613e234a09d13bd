import {add, exact, isZero, negate} from './exact.js'
import {accountOf} from './ledger.js'

/**
 * Reasons of the venue for a change of the wallet that is neither gain nor loss.
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Balance-and-Position-Update
 */
const REASONS: ReadonlySet<string> = new Set([
	'DEPOSIT',
	'WITHDRAW',
	'WITHDRAW_REJECT',
	'ADMIN_DEPOSIT',
	'ADMIN_WITHDRAW',
	'ASSET_TRANSFER',
	'COIN_SWAP_DEPOSIT',
	'COIN_SWAP_WITHDRAW',
])

/** Transfers by the rows of the income that no balance has told yet; below zero while a row is still to come. */
export type Untold = string

export const withRow = (
	untold: Untold,
	{income_type, amount}: Readonly<{income_type: string; amount: string}>,
): Untold => (accountOf(income_type) === 'transfers' ? add(untold, amount) : untold)

type Change = Readonly<{change: string; reason: string}>

/**
 * What of a change of the wallet is a transfer. A push says so; after a gap the rows of the income say it, which are
 * read before the balance is: as much of them as the change can hold.
 */
export const transferIn = (untold: Untold, {change, reason}: Change): Readonly<{transfer: string; untold: Untold}> => {
	if (REASONS.has(reason)) return {transfer: change, untold: add(untold, negate(change))}
	const fits = !isZero(untold) && exact(change).mul(untold).gt(0)
	return FOUND.has(reason) && fits ? {transfer: untold, untold: '0'} : {transfer: '0', untold}
}
/** Balances that were asked for, and not pushed: what moved them is known from the income alone. */
const FOUND: ReadonlySet<string> = new Set(['RESYNC', 'RECONCILE'])
