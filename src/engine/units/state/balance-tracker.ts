import {accountBalance, exchangeNormalized, reconcileEvents} from '../../contracts/streams/account.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {add, equal, isDecimal, negate} from '../../logic/exact.js'

type Balance = Readonly<{wallet_balance: string}>

const assetOf = (event: unknown): string => {
	const {asset, invariant, detail} = event as {asset?: string; invariant?: string; detail?: string}
	return asset ?? (invariant === WALLET ? detail : undefined) ?? ''
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
	writes: {balance: accountBalance},
	keys: {},
	initial: (): Balance => ({wallet_balance: ''}),
	partition: assetOf,
	on: {
		account: (state, event, {emit}) => {
			if (event.kind !== 'balance') return stay
			const {asset, wallet_balance, change, reason} = event
			// A resync repeats what is known: only a change is news.
			if (isSame(state.wallet_balance, wallet_balance)) return stay
			return {state: {wallet_balance}, wishes: [emit.balance({asset, wallet_balance, change, reason})]}
		},
		reconcile: ({wallet_balance: before}, {outcome, invariant, actual}, {emit, partition: asset, entry}) => {
			if (outcome !== 'CORRECTION' || invariant !== WALLET || asset === '' || entry.authority !== 'live') return stay
			if (actual === undefined || !isDecimal(actual) || isSame(before, actual)) return stay
			const change = before === '' ? '0' : add(actual, negate(before))
			const reason = before === '' ? 'INITIAL' : 'RECONCILE'
			return {state: {wallet_balance: actual}, wishes: [emit.balance({asset, wallet_balance: actual, change, reason})]}
		},
	},
})
