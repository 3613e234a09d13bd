import {events} from '../../contracts/streams/ops.js'
import {defineEffect, defineUnit, stay} from '../../contracts/unit.js'
import {latencyOf, type OrderWay, percentile} from '../../logic/latency-chain.js'

type State = Readonly<{
	looking: boolean
	/** Plan of the newest order that was measured. */
	plan_id: string
	/** From tick to order, ms, of the newest orders. */
	totals: readonly number[]
}>

const initial: State = {looking: false, plan_id: '', totals: []}
const effects = {
	newest: defineEffect<Readonly<{except: string}>, OrderWay | null>(
		'Walks back from the newest entry order that left to the tick it came of; null where there is no newer one.',
	),
}
const WHOLE = ''
const EVERY_MS = 60_000
const KEPT = 100
const MEDIAN = 0.5
const HIGH = 0.99

/**
 * A marked probe would have to be an order: whatever stops short of one does not measure the way. So the newest real
 * order is the probe, marked by the causes that its entries carry.
 */
export const latencyProof = defineUnit({
	name: 'latency-proof',
	target: 'obs',
	kind: 'timer',
	aliases: ['p28a3-latency-proof'],
	summary: 'How long the newest order took from tick to venue, stage by stage, by the causes its entries carry.',
	reads: {},
	writes: {event: events},
	keys: {},
	effects,
	timers: {measure: {every_ms: EVERY_MS, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {},
	onTimer: {
		measure: (state, {effect, machine_ms}) =>
			state.looking
				? stay
				: {
						state: {...state, looking: true},
						wishes: [effect.newest(`newest/${machine_ms}`, {except: state.plan_id})],
					},
	},
	onResult: {
		newest: (state, outcome, {emit}) => {
			const rested = {...state, looking: false}
			if (!outcome.ok || outcome.result === null) return {state: rested}
			const {plan_id, links, from_market, venue_ms} = outcome.result
			const latency = latencyOf(links)
			if (!latency) return {state: {...rested, plan_id}}
			// The way of what people ask for does not begin with a tick.
			const totals = from_market ? [...state.totals, latency.total_ms].slice(-KEPT) : state.totals
			const spread = {orders: totals.length, p50_ms: percentile(totals, MEDIAN), p99_ms: percentile(totals, HIGH)}
			const detail = JSON.stringify({...latency, venue_ms, from_market, tick_to_order: spread})
			return {
				state: {...rested, plan_id, totals},
				wishes: [emit.event({event: 'LATENCY_PROOF', subject: plan_id, detail})],
			}
		},
	},
})
