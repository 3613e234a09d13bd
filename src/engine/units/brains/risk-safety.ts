import {keys} from '../../contracts/keys.js'
import {reconcileEvents} from '../../contracts/streams/account.js'
import {alerts} from '../../contracts/streams/ops.js'
import {budgetViolation, exposureAlerts, portfolioState} from '../../contracts/streams/portfolio.js'
import {essReset, essState, policyAudit, policyUpdate, policyUpdated} from '../../contracts/streams/risk.js'
import {applyResult, tradeClosed} from '../../contracts/streams/trade.js'
import {type Context, defineEffect, defineFeed, defineUnit, type Step, stay, type Wish} from '../../contracts/unit.js'
import {BROKEN, calm, type Ess, judged, readRules, reset} from '../../logic/ess.js'
import {
	atTime,
	type EssWatch,
	nothingSeen,
	withBroken,
	withEquity,
	withPrices,
	withReconcile,
	withResult,
	withTrade,
} from '../../logic/ess-watch.js'
import {judgeProposal, type Proposal} from '../../logic/policy-proposal.js'
import {type Appended, type StoredPolicy, updatedBy} from '../../logic/policy-store-events.js'

/** Of the whole system. */
type State = Readonly<{
	watch: EssWatch
	ess: Ess
	/** The version that was published last. */
	policy: Readonly<{version: number; hash: string}>
	/** Venue time of each source's newest proposal that became a version, or is becoming one. */
	applied: Readonly<Record<string, number>>
	/** What became of the newest reset. */
	reset: Readonly<{id: string; outcome: string; detail: string}>
}>

const initial: State = {
	watch: nothingSeen,
	ess: calm,
	policy: {version: 0, hash: ''},
	applied: {},
	reset: {id: '', outcome: '', detail: ''},
}
const writes = {updated: policyUpdated, audit: policyAudit, ess: essState, alert: alerts}
const ports = {policy: keys.policyActive, ess: keys.essState}
const effects = {append: defineEffect<Proposal, Appended>('Appends a version to the policy, once per proposal.')}
type Ctx = Context<typeof writes, typeof ports, typeof effects>

const WHOLE = ''
/** One version per source and hour of venue time. */
const PROPOSAL_EVERY_MS = 3_600_000
const SEVERITY = {NORMAL: 'info', WARNING: 'warning', CRITICAL: 'critical'} as const

/** The key says where every rule stands, and by its machine time that somebody still looks. */
const confirmed = ({watch, ess, reset: newest}: State, {key, policy, machine_ms, now_ms}: Ctx): Wish =>
	key.ess.put(
		{},
		{
			...ess,
			flatten: policy.ess.flatten,
			equity_known: watch.equity !== undefined,
			equity_usdt: watch.equity ?? '',
			rules: JSON.stringify(readRules(watch, {ess: policy.ess, machine_ms, now_ms})),
			reset_id: newest.id,
			reset_outcome: newest.outcome,
			reset_detail: newest.detail,
			venue_ms: now_ms,
			machine_ms,
		},
		{replace: true},
	)

/** Tells a change of the level to whoever acts on it and to people. */
const told = (before: Ess, ess: Ess, {emit, policy}: Ctx, why?: string): readonly Wish[] => {
	if (ess.state === before.state) return []
	const {state, rule, used, limit} = ess
	const flatten = state === 'CRITICAL' && policy.ess.flatten
	const cause = why ?? (rule === calm.rule ? 'every rule holds' : `${rule} at ${used} of ${limit}`)
	return [
		emit.ess({...ess, rule: why === undefined ? rule : 'OPERATOR_RESET', before: before.state, flatten}),
		emit.alert({
			severity: SEVERITY[state],
			code: `ESS_${state}`,
			subject: 'ess',
			message: `${before.state} to ${state}: ${cause}`,
		}),
	]
}

/** Judges what is known now. The key follows where something moved; the timer confirms it where nothing did. */
const watching = (state: State, watch: EssWatch, context: Ctx): Step<State> => {
	const {policy, machine_ms, now_ms, entry} = context
	if (entry.authority !== 'live' || watch === state.watch) return stay
	const ess = judged(state.ess, readRules(watch, {ess: policy.ess, machine_ms, now_ms}), {ess: policy.ess, now_ms})
	const next = {...state, watch, ess}
	return {state: next, wishes: [...told(state.ess, ess, context), confirmed(next, context)]}
}

const proposed = (state: State, proposal: Proposal, {emit, effect, entry, policy, now_ms}: Ctx): Step<State> => {
	const {source, proposal_id, changes} = proposal
	const answered = (outcome: 'RECORDED' | 'REFUSED' | 'UNCHANGED', detail: string): Step<State> => ({
		wishes: [emit.audit({proposal_id, source, outcome, detail, changes})],
	})
	if (entry.authority !== 'live') return answered('RECORDED', 'proposed in shadow')
	const answer = judgeProposal(policy, changes)
	if (answer.outcome !== 'TIGHTENS') return answered(answer.outcome, answer.detail)
	if (policy.unit_tightening === 'record') return answered('RECORDED', 'unit_tightening is record')
	const last_ms = state.applied[source]
	if (last_ms !== undefined && Math.abs(now_ms - last_ms) < PROPOSAL_EVERY_MS)
		return answered('REFUSED', `${source} has tightened within the hour: one version per source and hour`)
	return {
		state: {...state, applied: {...state.applied, [source]: now_ms}},
		wishes: [effect.append(proposal_id, proposal)],
	}
}

export const riskSafety = defineUnit({
	name: 'risk-safety',
	target: 'brains',
	kind: 'stream',
	port: 8003,
	summary:
		'Emergency Stop System: NORMAL, WARNING, CRITICAL from what was lost and what fails. PolicyStore: publishes each version, lets units only tighten.',
	reads: {
		portfolio: portfolioState,
		closed: tradeClosed,
		result: applyResult,
		budget: budgetViolation,
		exposure: exposureAlerts,
		reconcile: reconcileEvents,
		proposal: policyUpdate,
		reset: essReset,
	},
	writes,
	keys: ports,
	feeds: {policy: defineFeed<StoredPolicy>('Versions of the policy as they are appended, oldest first.')},
	effects,
	timers: {confirm: {every_ms: 1_000, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		portfolio: (state, {equity_usdt, transfers_usdt, asset_prices}, context) => {
			const watch = withPrices(state.watch, asset_prices)
			return watching(state, withEquity(watch, equity_usdt, context.now_ms, transfers_usdt), context)
		},
		/** What the policy leaves to others says nothing of our trading; its loss is in the equity all the same. */
		closed: (state, trade, context) =>
			trade.foreign === 'ignored' ? stay : watching(state, withTrade(state.watch, trade, context.entry.ts), context),
		result: (state, result, context) =>
			watching(
				state,
				withResult(state.watch, result, {
					ess: context.policy.ess,
					machine_ms: context.machine_ms,
					now_ms: context.now_ms,
				}),
				context,
			),
		/** Other scopes block what they concern at the gates; the day's loss concerns everything. */
		budget: (state, {scope, budget, broken, used_usdt, limit_usdt}, context) =>
			scope === 'day' && budget === 'LOSS'
				? watching(state, withBroken(state.watch, BROKEN.budget, {broken, used: used_usdt, limit: limit_usdt}), context)
				: stay,
		exposure: (state, {scope, broken, used_share, limit_share}, context) => {
			if (scope !== 'gross') return stay
			const said = {broken, used: String(used_share), limit: String(limit_share)}
			return watching(state, withBroken(state.watch, BROKEN.exposure, said), context)
		},
		reconcile: (state, {outcome}, context) => watching(state, withReconcile(state.watch, outcome), context),
		proposal: (state, {proposal_id, reason, changes}, context) =>
			proposed(state, {proposal_id, source: context.entry.unit, reason, changes}, context),
		reset: (state, {by, reason}, context) => {
			const {policy, machine_ms, now_ms, entry} = context
			if (entry.authority !== 'live') return stay
			const answer = reset(state.ess, state.watch, {ess: policy.ess, machine_ms, now_ms})
			const {outcome} = answer
			if (outcome !== 'RESET') {
				const next = {...state, reset: {id: entry.id, outcome, detail: answer.detail}}
				return {state: next, wishes: [confirmed(next, context)]}
			}
			const detail = `reset by ${by}: ${reason}`
			const {ess, watch} = answer
			const next = {...state, ess, watch, reset: {id: entry.id, outcome, detail}}
			return {state: next, wishes: [...told(state.ess, ess, context, detail), confirmed(next, context)]}
		},
	},
	onFeed: {
		policy: (state, event, {emit, key}) => {
			if (event.kind === 'broken')
				return {
					wishes: [
						emit.alert({severity: 'critical', code: 'POLICY_STORE_BROKEN', subject: 'policy', message: event.detail}),
					],
				}
			const {version, hash, author, time_ms, policy} = event
			const put = key.policy.put({}, {version, hash, author, time_ms, policy: JSON.stringify(policy)}, {replace: true})
			if (state.policy.hash === hash) return {wishes: [put]}
			return {state: {...state, policy: {version, hash}}, wishes: [emit.updated(updatedBy(event)), put]}
		},
	},
	onResult: {
		append: (state, outcome, {emit}) => {
			const {proposal_id, source, changes} = outcome.request
			const result: Appended = outcome.ok ? outcome.result : {outcome: 'REFUSED', detail: outcome.error}
			const audit = emit.audit({proposal_id, source, changes, ...result})
			if (result.outcome === 'APPLIED') return {wishes: [audit]}
			const {[source]: _, ...applied} = state.applied
			return {state: {...state, applied}, wishes: [audit]}
		},
	},
	onTimer: {
		confirm: (state, context) => {
			const {policy, machine_ms, now_ms} = context
			const timed = atTime(state.watch, now_ms)
			const watch = timed.began_ms > 0 ? timed : {...timed, began_ms: machine_ms}
			const ess = judged(state.ess, readRules(watch, {ess: policy.ess, machine_ms, now_ms}), {ess: policy.ess, now_ms})
			const moved = watch !== state.watch || ess.rule !== state.ess.rule || ess.used !== state.ess.used
			const next = moved || ess.state !== state.ess.state ? {...state, watch, ess} : state
			const wishes = [...told(state.ess, ess, context), confirmed(next, context)]
			return next === state ? {wishes} : {state: next, wishes}
		},
	},
})
