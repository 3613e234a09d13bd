import type {PayloadOf} from '../contracts/stream.js'
import type {reconcileEvents} from '../contracts/streams/account.js'
import type {alerts} from '../contracts/streams/ops.js'
import {type Belief, type Difference, type Inspection, type Invariant, invariants, venuePosition} from './reconcile.js'

export type ReconcileEvent = PayloadOf<typeof reconcileEvents>
type Alert = PayloadOf<typeof alerts>

/** Detail and lists in entries stay readable. */
const LISTED_MAX = 20

export const describe = ({invariant, subject, expected, actual}: Difference): string =>
	`${invariant} ${subject}: we have ${expected}, the venue ${actual}`

export const listed = (differences: readonly Difference[]): string => {
	const more = differences.length - LISTED_MAX
	return [...differences.slice(0, LISTED_MAX).map(describe), ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}

/** Venue time up to which every fill of a symbol is in the position that was read: its last change may be later than the question. */
const coveredUntil = ({venue_ms, positions}: Inspection, symbol: string): number =>
	Math.max(venue_ms, positions.find(position => position.symbol === symbol)?.updated_ms ?? 0)

/**
 * The corrections that follow: one per position, by the venue's numbers; `expected` is the amount that is corrected,
 * so that a reader can tell a correction that a fill has overtaken. For R6 `detail` is the asset.
 */
export const correctionsOf = (
	run_id: string,
	differences: readonly Difference[],
	belief: Belief,
	inspection: Inspection,
): readonly ReconcileEvent[] => {
	const moved = new Set<string>()
	return differences.flatMap((difference): readonly ReconcileEvent[] => {
		const {invariant, subject, expected, actual} = difference
		const event = {run_id, outcome: 'CORRECTION' as const, invariant, expected, actual}
		// A setting of the account is for an operator to put back.
		if (invariant === 'R7') return []
		if (invariant === 'R6') return [{...event, detail: subject}]
		const {amount, entry_price, stop_resting, ours: known} = venuePosition(inspection, subject)
		const about = {...event, symbol: subject, detail: describe(difference)}
		if (invariant === 'R1' || invariant === 'R2') {
			moved.add(subject)
			const ours = belief.positions[subject]?.amount ?? '0'
			const as_of_ms = coveredUntil(inspection, subject)
			const whose = known && {ours: true}
			return [{...about, expected: ours, actual: amount, amount, entry_price, stop_resting, as_of_ms, ...whose}]
		}
		if (invariant !== 'R3') return [about]
		// Believed and absent, or there and not known. Absent on both sides there is nothing to correct: it is an alarm.
		return moved.has(subject) || expected === actual ? [] : [{...about, stop_resting}]
	})
}

const codes: Readonly<Record<Invariant, readonly [severity: Alert['severity'], code: string]>> = {
	R1: ['critical', 'POSITION_DRIFT'],
	R2: ['warning', 'ENTRY_PRICE_DRIFT'],
	R3: ['warning', 'STOP_UNKNOWN'],
	R4: ['warning', 'ORPHAN_STOP'],
	R5: ['warning', 'FOREIGN_ORDER'],
	R6: ['warning', 'BALANCE_DRIFT'],
	R7: ['critical', 'HEDGE_MODE'],
}

export const hasNoStop = ({invariant, actual}: Difference): boolean => invariant === 'R3' && actual === 'no stop'

export const alertOf = (difference: Difference): Alert => {
	const {invariant, subject} = difference
	const [severity, code] = hasNoStop(difference) ? (['critical', 'POSITION_WITHOUT_STOP'] as const) : codes[invariant]
	return {severity, code, subject, message: `${describe(difference)}. ${invariants[invariant]}.`}
}
