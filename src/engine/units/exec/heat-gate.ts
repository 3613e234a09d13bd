import {keys} from '../../contracts/keys.js'
import {
	applyHeatObserved,
	harvestCalibrated,
	harvestHeatDecision,
	harvestProposal,
} from '../../contracts/streams/exits.js'
import {applyPlan, classOf} from '../../contracts/streams/trade.js'
import {type Context, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {factorOf, heated, heatOf, type PlanCounts, plansIn, withinHour, withPlan} from '../../logic/heat.js'

/** Of one symbol. */
type State = Readonly<{
	counts: PlanCounts
	/** The newest count and heat that were told. */
	told: number
	heat: number
}>

const writes = {observed: applyHeatObserved, calibrated: harvestCalibrated, decision: harvestHeatDecision}
const ports = {heat: keys.heatSymbol}
type Ports = Context<typeof writes, typeof ports, Record<never, never>>

const initial: State = {counts: {}, told: 0, heat: 0}
const SWEEP_MS = 60_000

/** Tells the count when it changed, and the heat when that did. */
const observe = (state: State, counts: PlanCounts, context: Ports): Step<State> => {
	const {emit, key, policy, now_ms, partition: symbol} = context
	const plans_per_hour = plansIn(counts)
	const limit_per_hour = policy.portfolio.plans_per_hour_hot
	const heat = heatOf(plans_per_hour, limit_per_hour)
	if (plans_per_hour === state.told && heat === state.heat)
		return counts === state.counts ? stay : {state: {...state, counts}}
	const observed = {plans_per_hour, limit_per_hour, heat}
	return {
		state: {counts, told: plans_per_hour, heat},
		wishes: [
			emit.observed({symbol, ...observed}),
			key.heat.put({symbol}, {...observed, venue_ms: now_ms}, {replace: true}),
			...(heat === state.heat ? [] : [emit.decision({scope: symbol, heat, factor: factorOf(heat)})]),
		],
	}
}

/** Refuses nothing itself: a plan counts whatever becomes of it, since many refused plans are overtrading as well. */
export const heatGate = defineUnit({
	name: 'heat-gate',
	target: 'exec',
	process: 'exits',
	kind: 'stream',
	port: 8061,
	summary: 'Overtrading by the rate of entry plans per symbol; calibrates harvest proposals by that heat.',
	reads: {plan: applyPlan, proposal: harvestProposal},
	writes,
	keys: ports,
	timers: {sweep: {every_ms: SWEEP_MS, clock: 'venue'}},
	initial: () => initial,
	on: {
		plan: (state, {action}, context) =>
			context.entry.authority === 'live' && classOf(action) === 'ENTRY'
				? observe(state, withPlan(state.counts, context.now_ms), context)
				: stay,
		proposal: (state, proposal, {entry, emit, policy, now_ms}) => {
			if (entry.authority !== 'live') return stay
			const heat = heatOf(plansIn(withinHour(state.counts, now_ms)), policy.portfolio.plans_per_hour_hot)
			const factor = factorOf(heat)
			const {close_share} = proposal
			const share = close_share === undefined ? {} : {close_share: heated(close_share, factor)}
			return {wishes: [emit.calibrated({...proposal, ...share, heat, factor})]}
		},
	},
	onTimer: {
		sweep: (state, context) => observe(state, withinHour(state.counts, context.now_ms), context),
	},
})
