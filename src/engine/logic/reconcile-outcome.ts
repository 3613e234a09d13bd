import type {PayloadOf} from '../contracts/stream.js'
import type {reconcileClose} from '../contracts/streams/account.js'
import {isZero} from './exact.js'
import type {Belief, Difference, Inspection} from './reconcile.js'
import {venuePosition} from './reconcile.js'
import {hasNoStop, type ReconcileEvent} from './reconcile-report.js'
import {runLimits} from './reconcile-run.js'

/** Balances that nobody has pushed yet: told as corrections of what was unknown, and no drift. */
export const firstBalances = (run_id: string, {balances}: Belief, inspection: Inspection): readonly ReconcileEvent[] =>
	inspection.balances
		.filter(({asset, wallet_balance}) => balances[asset] === undefined && !isZero(wallet_balance))
		.map(({asset, wallet_balance}) => ({
			run_id,
			outcome: 'CORRECTION' as const,
			invariant: 'R6',
			expected: 'unknown',
			actual: wallet_balance,
			detail: asset,
		}))

/**
 * Balances as corrected. Positions are left to their owner, who publishes what it makes of a correction:
 * one that was overtaken by a fill is not taken there, and must not be believed here.
 */
export const believing = (belief: Belief, corrections: readonly ReconcileEvent[]): Belief => {
	const balances = corrections
		.filter(({invariant}) => invariant === 'R6')
		.map(({detail = '', actual = '0'}) => [detail, actual] as const)
	return balances.length === 0 ? belief : {...belief, balances: {...belief.balances, ...Object.fromEntries(balances)}}
}

/** Runs in a row that found each symbol without a stop. */
export const unprotectedRuns = (
	before: Readonly<Record<string, number>>,
	differences: readonly Difference[],
): Readonly<Record<string, number>> =>
	Object.fromEntries(differences.filter(hasNoStop).map(({subject}) => [subject, (before[subject] ?? 0) + 1]))

/** Positions that have stood without a stop for too long: recommended once. */
export const closesDue = (
	unprotected: Readonly<Record<string, number>>,
	inspection: Inspection | undefined,
): readonly PayloadOf<typeof reconcileClose>[] =>
	inspection === undefined
		? []
		: Object.entries(unprotected)
				.filter(([, runs]) => runs === runLimits.unprotected_max)
				.map(([symbol, runs]) => ({
					symbol,
					amount: venuePosition(inspection, symbol).amount,
					reason: `No stop rests for it in ${runs} comparisons in a row`,
				}))
