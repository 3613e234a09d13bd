import type {PayloadOf} from '../contracts/stream.js'
import type {exchangeNormalized, positionSnapshot} from '../contracts/streams/account.js'
import {equal, isZero} from './exact.js'
import {holdingOf, newTrack, protects, type RestingStop, type Track} from './position.js'
import {remember} from './seen-window.js'

type AlgoEvent = Extract<PayloadOf<typeof exchangeNormalized>, {kind: 'algo'}>
export type Snapshot = PayloadOf<typeof positionSnapshot>

/** What is known about the position of one symbol. */
export type PositionState = Readonly<{
	track: Track
	/** Plans of recent fills by trade id, since a result may come before its fill. */
	plans: readonly (readonly [trade_id: string, plan_id: string])[]
	/** Stops that rest at the venue, by algo id. */
	stops: Readonly<Record<string, RestingStop>>
	/** Ended lately: an older NEW that comes late must not bring them back. */
	ended_stops: readonly string[]
	/** Reconciliation saw a stop whose events have not been seen. */
	unseen_stop: boolean
	/** The amount that the venue last pushed, and since when it disagrees, machine ms; 0 when it agrees. */
	venue: Readonly<{amount: string; disagrees_since_ms: number; reported: boolean}> | null
	/** What was published last; null before the first. */
	shown: Omit<Snapshot, 'symbol' | 'source'> | null
}>

export const newPosition: PositionState = {
	track: newTrack,
	plans: [],
	stops: {},
	ended_stops: [],
	unseen_stop: false,
	venue: null,
	shown: null,
}

const PLANS_KEPT = 64
const ENDED_KEPT = 64
const RESTS = 'NEW'
const ENDS = ['CANCELED', 'EXPIRED', 'FINISHED', 'REJECTED']

/**
 * A stop rests from NEW until it ends; while it triggers it still stands for the position it is closing.
 * A limit stop may not fill and a trailing stop may not be active: neither counts.
 */
export const withAlgo = (state: PositionState, event: AlgoEvent): PositionState => {
	if (event.order_type !== 'STOP_MARKET') return state
	const {algo_id, client_algo_id, side, trigger_price, quantity, close_position, status} = event
	if (ENDS.includes(status)) {
		const {[algo_id]: ended, ...stops} = state.stops
		const ended_stops = remember(state.ended_stops, algo_id, ENDED_KEPT)
		return {...state, stops, ended_stops, unseen_stop: ended === undefined ? false : state.unseen_stop}
	}
	if (status !== RESTS || state.ended_stops.includes(algo_id)) return state
	const stop = {client_algo_id, side, trigger_price, quantity, close_position}
	return {...state, stops: {...state.stops, [algo_id]: stop}, unseen_stop: false}
}

export const withPlan = (state: PositionState, trade_id: string, plan_id: string): PositionState =>
	state.plans.some(([known]) => known === trade_id)
		? state
		: {...state, plans: [...state.plans, [trade_id, plan_id] as const].slice(-PLANS_KEPT)}

/** Follows a change of the position, and notes since when the venue's own amount differs. */
export const compared = (state: PositionState, machine_ms: number): PositionState => {
	if (!state.venue) return state
	const agrees = equal(holdingOf(state.track).amount, state.venue.amount)
	if (agrees === (state.venue.disagrees_since_ms === 0)) return state
	return {
		...state,
		venue: {...state.venue, disagrees_since_ms: agrees ? 0 : machine_ms, reported: false},
	}
}

/** The position as it is published. */
export const shownOf = (state: PositionState): NonNullable<PositionState['shown']> => {
	const holding = holdingOf(state.track)
	const open = !isZero(holding.amount)
	const stop_resting = open && (state.unseen_stop || protects(holding.amount, Object.values(state.stops)))
	const before = state.shown
	const same = before !== null && before.opened_ms === holding.opened_ms && !isZero(before.amount)
	const plan_id =
		state.plans.find(([trade_id]) => trade_id === holding.opened_by)?.[1] ?? (same ? before.plan_id : undefined)
	return {
		amount: holding.amount,
		entry_price: holding.entry_price,
		opened_ms: holding.opened_ms,
		stop_resting,
		...(open && plan_id !== undefined && {plan_id}),
	}
}
