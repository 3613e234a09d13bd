import type {PayloadOf} from '../../contracts/stream.js'
import {accountBalance, exchangeNormalized, reconcileEvents} from '../../contracts/streams/account.js'
import {type Context, defineUnit, stay} from '../../contracts/unit.js'
import {add, equal, isDecimal, isZero, negate} from '../../logic/exact.js'
import {transferIn, type Untold, withRow} from '../../logic/transfers.js'

const writes = {balance: accountBalance}
type Ctx = Context<typeof writes, Record<never, never>, Record<never, never>>

type Balance = Readonly<{wallet_balance: string; untold?: Untold}>

const assetOf = (event: unknown): string => {
	const {asset, invariant, detail} = event as {asset?: string; invariant?: string; detail?: string}
	return asset ?? (invariant === WALLET ? detail : undefined) ?? ''
}

/** A balance that is news, with what of it is a transfer. */
const told = (state: Balance, asset: string, balance: Omit<PayloadOf<typeof accountBalance>, 'asset'>, {emit}: Ctx) => {
	const {wallet_balance, reason} = balance
	const {wallet_balance: before, untold: rows = '0'} = state
	const change = before === '' ? '0' : add(wallet_balance, negate(before))
	// What the first balance holds has come before the record began.
	const {transfer, untold} = before === '' ? {transfer: '0', untold: '0'} : transferIn(rows, {change, reason})
	const moved = !isZero(transfer) && {transfer}
	return {
		state: {wallet_balance, ...(!isZero(untold) && {untold})},
		wishes: [emit.balance({asset, ...balance, ...moved})],
	}
}

const isSame = (before: string, now: string): boolean => before !== '' && equal(before, now)

/** The invariant of wallet balances in reconciliation; its corrections name the asset in their detail. */
const WALLET = 'R6'

/**
 * Balances as the venue pushes them. What it did not push, the first balance after a start among them, comes as a
 * correction of reconciliation.
 */
export const balanceTracker = defineUnit({
	name: 'balance-tracker',
	target: 'state',
	kind: 'stream',
	summary: 'Wallet balance per asset, as the venue reports it.',
	reads: {account: exchangeNormalized, reconcile: reconcileEvents},
	writes,
	keys: {},
	initial: (): Balance => ({wallet_balance: ''}),
	partition: assetOf,
	on: {
		account: (state, event, context) => {
			if (event.kind === 'income') {
				const untold = withRow(state.untold ?? '0', event)
				return untold === (state.untold ?? '0') ? stay : {state: {...state, untold}}
			}
			if (event.kind !== 'balance') return stay
			const {asset, wallet_balance, change, reason} = event
			// A resync repeats what is known: only a change is news.
			if (isSame(state.wallet_balance, wallet_balance)) return stay
			return told(state, asset, {wallet_balance, change, reason}, context)
		},
		reconcile: (state, {outcome, invariant, actual}, context) => {
			const {partition: asset, entry} = context
			const {wallet_balance: before} = state
			if (outcome !== 'CORRECTION' || invariant !== WALLET || asset === '' || entry.authority !== 'live') return stay
			if (actual === undefined || !isDecimal(actual) || isSame(before, actual)) return stay
			const change = before === '' ? '0' : add(actual, negate(before))
			const reason = before === '' ? 'INITIAL' : 'RECONCILE'
			return told(state, asset, {wallet_balance: actual, change, reason}, context)
		},
	},
})
