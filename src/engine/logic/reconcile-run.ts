import type {Policy} from '../contracts/policy.js'
import type {Belief, Difference, Inspection} from './reconcile.js'
import {confirmed, contradictionOf, differencesOf, vanished} from './reconcile.js'

/** How often something was heard of each symbol and asset. */
export type Counts = Readonly<Record<string, number>>

export type Run = Readonly<{
	run_id: string
	/** Inspections asked for so far. */
	inspections: number
	/** Machine time at which the newest was asked for. */
	asked_ms: number
	waiting: boolean
	/** Counts at the newest question, and at the one before. */
	marks: Counts
	marks_before: Counts
	/** What the inspection before showed; null while there is none. */
	differences: readonly Difference[] | null
	/** Machine time at which the last answer came. */
	answered_ms: number
}>

export type Connection = 'UNKNOWN' | 'CONNECTED' | 'LOST' | 'RESYNCED'

export type ReconcileState = Readonly<{
	belief: Belief
	counts: Counts
	connection: Connection
	run: Run | null
	/** Asked for by a resync: the next run begins at once. */
	due: boolean
	last: Readonly<{run_id: string; outcome: 'CLEAN' | 'DRIFT' | 'FAILED'; machine_ms: number}> | null
	/** What has been reported and still stands: reported once. */
	reported: readonly string[]
	/** Runs in a row that found a position without a stop, by symbol. */
	unprotected: Readonly<Record<string, number>>
	/** Runs in a row that failed. */
	failures: number
	/** Runs in a row whose corrections were held back. */
	held: number
}>

export const newReconcile: ReconcileState = {
	belief: {positions: {}, balances: {}},
	counts: {},
	connection: 'UNKNOWN',
	run: null,
	due: false,
	last: null,
	reported: [],
	unprotected: {},
	failures: 0,
	held: 0,
}

export const runLimits = {
	/** Between an answer and the question that must confirm it, machine time. */
	confirm_after_ms: 300,
	/** Symbols that keep moving are left to the next run after so many inspections. */
	inspections_max: 6,
	/** An inspection that is not answered by then has failed, machine time. */
	answer_within_ms: 30_000,
	/** After a run that was not clean the next begins this soon, machine time. */
	again_after_ms: 5_000,
	/** Failures in a row that are reported: the first passes by itself whenever the account stream connects. */
	failures_reported: 2,
	/** Runs for which amounts are left alone while the wallet speaks against them. */
	held_max: 3,
	/** Runs in a row without a stop after which closing the position is recommended. */
	unprotected_max: 6,
} as const

export const assetCount = (asset: string): string => `asset:${asset}`
const countOf = ({invariant, subject}: Difference): string => (invariant === 'R6' ? assetCount(subject) : subject)

export const heard = (state: ReconcileState, subject: string): ReconcileState => ({
	...state,
	counts: {...state.counts, [subject]: (state.counts[subject] ?? 0) + 1},
})

/** A run, or the next inspection of the one that is on. */
export const asked = (state: ReconcileState, machine_ms: number): Run => ({
	run_id: state.run?.run_id ?? `run-${machine_ms}`,
	inspections: (state.run?.inspections ?? 0) + 1,
	asked_ms: machine_ms,
	waiting: true,
	marks: state.counts,
	marks_before: state.run?.marks ?? {},
	differences: state.run?.differences ?? null,
	answered_ms: state.run?.answered_ms ?? 0,
})

/** Whether the timer has something to ask now. */
export const wantsInspection = (state: ReconcileState, machine_ms: number, every_ms: number): boolean => {
	const {run, last, due} = state
	if (run) return !run.waiting && machine_ms - run.answered_ms >= runLimits.confirm_after_ms
	if (!last || due) return true
	return machine_ms - last.machine_ms >= (last.outcome === 'CLEAN' ? every_ms : runLimits.again_after_ms)
}

export type Verdict =
	| Readonly<{is: 'clean'}>
	| Readonly<{is: 'ask-again'; differences: readonly Difference[]}>
	| Readonly<{is: 'drift'; differences: readonly Difference[]; hold: string | undefined}>
	| Readonly<{is: 'failed'; detail: string}>

/** What the newest inspection of the run says, with the one before. */
export const judge = (
	state: ReconcileState,
	run: Run,
	inspection: Inspection,
	policy: Pick<Policy, 'foreign'>,
): Verdict => {
	const differences = differencesOf(state.belief, inspection, policy)
	const {connection} = state
	// What is not being told cannot be proven; and what a resync is about to tell must not be corrected before.
	if (connection === 'LOST' || connection === 'CONNECTED')
		return {is: 'failed', detail: `The account stream is ${connection}, not RESYNCED: nothing is proven meanwhile`}
	const contradiction = contradictionOf(inspection)
	const enough = run.inspections >= runLimits.inspections_max
	if (contradiction !== undefined)
		return enough ? {is: 'failed', detail: contradiction} : {is: 'ask-again', differences}
	if (differences.length === 0) return {is: 'clean'}
	if (connection === 'UNKNOWN')
		return {
			is: 'failed',
			detail: `The account stream has not been resynced yet; meanwhile ${differences.length} differences`,
		}
	const isQuiet = (difference: Difference): boolean => {
		const subject = countOf(difference)
		return (run.marks_before[subject] ?? 0) === (state.counts[subject] ?? 0)
	}
	const real = confirmed(run.differences ?? [], differences, isQuiet)
	if (real.length === differences.length || (enough && real.length > 0))
		return {is: 'drift', differences: real, hold: state.held < runLimits.held_max ? whyHeld(state, real) : undefined}
	if (enough) {
		const subjects = [...new Set(differences.map(({subject}) => subject))].join(', ')
		return {is: 'failed', detail: `${subjects} changed during each of ${run.inspections} inspections`}
	}
	return {is: 'ask-again', differences}
}

/**
 * Why the venue's numbers are not taken yet. Every fill moves the wallet: when both are ahead of us, the fill has most
 * likely not reached us yet. And a position that is gone while the wallet has not moved was not closed: the list may be
 * short of it, so it is asked for again a few times before it is believed.
 */
const whyHeld = ({belief}: ReconcileState, differences: readonly Difference[]): string | undefined => {
	const moved = differences.some(({invariant}) => invariant === 'R6')
	if (moved && differences.some(({invariant}) => invariant === 'R1'))
		return 'Left alone: the wallet says that events are on their way'
	const gone = vanished(differences)
	return !moved && gone.length > 0 && Object.keys(belief.balances).length > 0
		? `Not believed yet: ${gone.join(', ')} would be flat without the wallet having moved`
		: undefined
}
