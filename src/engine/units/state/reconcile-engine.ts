import {keys} from '../../contracts/keys.js'
import {exchangeNormalized, positionSnapshot, reconcileClose, reconcileEvents} from '../../contracts/streams/account.js'
import {alerts} from '../../contracts/streams/ops.js'
import {type Context, defineEffect, defineUnit, type Step, stay, type Wish} from '../../contracts/unit.js'
import type {Difference, Inspection} from '../../logic/reconcile.js'
import {believing, closesDue, firstBalances, unprotectedRuns} from '../../logic/reconcile-outcome.js'
import {alertOf, correctionsOf, describe, listed} from '../../logic/reconcile-report.js'
import {
	asked,
	assetCount,
	heard,
	judge,
	newReconcile,
	type ReconcileState,
	runLimits,
	wantsInspection,
} from '../../logic/reconcile-run.js'

const writes = {event: reconcileEvents, close: reconcileClose, alert: alerts}
const ports = {last: keys.reconcileLast}
const effects = {
	inspect: defineEffect<Readonly<Record<string, never>>, Inspection>(
		'Asks the venue for positions, orders, stops and balances.',
	),
}
type Ctx = Context<typeof writes, typeof ports, typeof effects>
type Outcome = Readonly<{
	outcome: 'CLEAN' | 'DRIFT' | 'FAILED'
	detail: string
	differences: readonly Difference[]
	inspection?: Inspection
	/** The venue's numbers are not taken yet. */
	hold?: boolean
}>

const inspect = (state: ReconcileState, {effect, machine_ms}: Ctx): Step<ReconcileState> => {
	const run = asked(state, machine_ms)
	return {state: {...state, run, due: false}, wishes: [effect.inspect(`${run.run_id}/${run.inspections}`, {})]}
}

/** Ends a run: what it found is published, and where the venue wins it is what we believe from now on. */
const finish = (state: ReconcileState, run_id: string, ended: Outcome, context: Ctx): Step<ReconcileState> => {
	const {emit, key, machine_ms} = context
	const {outcome, detail, differences, inspection, hold = false} = ended
	const corrections =
		inspection && outcome !== 'FAILED'
			? [
					...firstBalances(run_id, state.belief, inspection),
					...(hold ? [] : correctionsOf(run_id, differences, state.belief, inspection)),
				]
			: []
	const failures = outcome === 'FAILED' ? state.failures + 1 : 0
	const reported = outcome === 'FAILED' ? state.reported : differences.map(describe)
	const unprotected = outcome === 'FAILED' ? state.unprotected : unprotectedRuns(state.unprotected, differences)
	const fresh = differences.filter(difference => !state.reported.includes(describe(difference)))
	const wishes: Wish[] = [
		...corrections.map(correction => emit.event(correction)),
		emit.event({run_id, outcome, detail}),
		...fresh.map(difference => emit.alert(alertOf(difference))),
		...(failures === runLimits.failures_reported
			? [emit.alert({severity: 'warning', code: 'RECONCILE_FAILED', subject: 'venue', message: detail})]
			: []),
		...closesDue(unprotected, inspection).map(close => emit.close(close)),
		key.last.put(
			{},
			{run_id, outcome, machine_ms, venue_ms: inspection?.venue_ms, differences: differences.length, detail},
			{replace: true},
		),
	]
	return {
		state: {
			...state,
			belief: believing(state.belief, corrections),
			run: null,
			last: {run_id, outcome, machine_ms},
			reported,
			unprotected,
			failures,
			held: hold ? state.held + 1 : 0,
		},
		wishes,
	}
}

export const reconcileEngine = defineUnit({
	name: 'reconcile-engine',
	target: 'state',
	kind: 'stream',
	port: 8046,
	summary:
		'Compares positions, orders, stops and balances with the venue, which wins: at start, after each resync, and by the clock.',
	reads: {position: positionSnapshot, account: exchangeNormalized},
	writes,
	keys: ports,
	effects,
	timers: {look: {every_ms: 1_000, clock: 'machine'}},
	initial: (): ReconcileState => newReconcile,
	partition: () => '',
	on: {
		position: (state, {symbol, amount, entry_price, stop_resting, foreign}) => {
			const next = heard(state, symbol)
			const believed = {amount, entry_price, stop_resting, ...(foreign && {foreign})}
			const positions = {...next.belief.positions, [symbol]: believed}
			return {state: {...next, belief: {...next.belief, positions}}}
		},
		account: (state, event) => {
			switch (event.kind) {
				case 'connection':
					return {state: {...state, connection: event.status, due: state.due || event.status !== 'CONNECTED'}}
				case 'balance': {
					const next = heard(state, assetCount(event.asset))
					const balances = {...next.belief.balances, [event.asset]: event.wallet_balance}
					return {state: {...next, belief: {...next.belief, balances}}}
				}
				case 'income':
					return {state: heard(state, assetCount(event.asset))}
				default:
					return {state: heard(state, event.symbol)}
			}
		},
	},
	onTimer: {
		look: (state, context) => {
			const {machine_ms, policy} = context
			const {run} = state
			if (run?.waiting && machine_ms - run.asked_ms >= runLimits.answer_within_ms) {
				const detail = `The venue has not answered within ${runLimits.answer_within_ms} ms`
				return finish(state, run.run_id, {outcome: 'FAILED', detail, differences: []}, context)
			}
			return wantsInspection(state, machine_ms, policy.reconcile_every_machine_ms) ? inspect(state, context) : stay
		},
	},
	onResult: {
		inspect: (state, outcome, context) => {
			const {run} = state
			// The answer to a run that was given up.
			if (!run?.waiting || outcome.idempotency_key !== `${run.run_id}/${run.inspections}`) return stay
			if (!outcome.ok)
				return finish(state, run.run_id, {outcome: 'FAILED', detail: outcome.error, differences: []}, context)
			const inspection = outcome.result
			const verdict = judge(state, run, inspection, context.policy)
			switch (verdict.is) {
				case 'clean':
					return finish(state, run.run_id, {outcome: 'CLEAN', detail: '', differences: [], inspection}, context)
				case 'failed':
					return finish(state, run.run_id, {outcome: 'FAILED', detail: verdict.detail, differences: []}, context)
				case 'drift': {
					const {differences, hold} = verdict
					const detail = `${listed(differences)}${hold === undefined ? '' : `. ${hold}`}`
					return finish(
						state,
						run.run_id,
						{outcome: 'DRIFT', detail, differences, inspection, hold: hold !== undefined},
						context,
					)
				}
				case 'ask-again': {
					const {differences} = verdict
					return {state: {...state, run: {...run, waiting: false, answered_ms: context.machine_ms, differences}}}
				}
			}
		},
	},
})
