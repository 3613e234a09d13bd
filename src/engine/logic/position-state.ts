import type {PayloadOf} from '../contracts/stream.js'
import type {positionSnapshot} from '../contracts/streams/account.js'
import {add, equal, exact, isZero, textOf} from './exact.js'
import {type Holding, holdingOf, nearestStop, newTrack, protects, type RestingStop, type Track} from './position.js'
import type {AlgoEvent} from './protection-state.js'
import {compareVenueIds, remember} from './seen-window.js'

export type Snapshot = PayloadOf<typeof positionSnapshot>

/** What an execution result says of the plan behind a fill. */
export type FillPlan = Readonly<{
	trade_id: string
	plan_id: string
	source?: string | undefined
	leverage?: number | undefined
}>

/** What is known about the position of one symbol. */
export type PositionState = Readonly<{
	track: Track
	/** Plans of recent fills by trade id, since a result may come before its fill. */
	plans: readonly FillPlan[]
	/** Stops that rest at the venue, by algo id. */
	stops: Readonly<Record<string, RestingStop>>
	/** Ended lately: an older NEW that comes late must not bring them back. */
	ended_stops: readonly string[]
	/** Reconciliation saw a stop whose events have not been seen. */
	unseen_stop: boolean
	/** The amount that the venue last pushed, and since when it disagrees, machine ms; 0 when it agrees. */
	venue: Readonly<{amount: string; disagrees_since_ms: number; reported: boolean}> | null
	/** What moved it last: the order of the newest fills and their sum in base units, or a correction. */
	moved?: Readonly<{by: string; quantity: string}>
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
export const withAlgo = (state: PositionState, event: AlgoEvent, ts_ms: number): PositionState => {
	if (event.order_type !== 'STOP_MARKET') return state
	const {algo_id, client_algo_id, side, trigger_price, quantity, close_position, status} = event
	if (ENDS.includes(status)) {
		const {[algo_id]: ended, ...stops} = state.stops
		const ended_stops = remember(state.ended_stops, algo_id, ENDED_KEPT)
		return {...state, stops, ended_stops, unseen_stop: ended === undefined ? false : state.unseen_stop}
	}
	if (status !== RESTS || state.ended_stops.includes(algo_id)) return state
	const stop = {client_algo_id, side, trigger_price, quantity, close_position, since_ms: ts_ms}
	return {...state, stops: {...state.stops, [algo_id]: stop}, unseen_stop: false}
}

export const withPlan = (state: PositionState, plan: FillPlan): PositionState =>
	state.plans.some(({trade_id}) => trade_id === plan.trade_id)
		? state
		: {...state, plans: [...state.plans, plan].slice(-PLANS_KEPT)}

/** A fill of an order has moved the position. */
export const movedBy = (state: PositionState, by: string, quantity: string): PositionState => ({
	...state,
	moved: {by, quantity: state.moved?.by === by ? add(state.moved.quantity, quantity) : quantity},
})

/** A correction has moved it to the amount, if it is another. */
export const movedTo = (state: PositionState, amount: string, by: string): PositionState => {
	const change = exact(amount).sub(holdingOf(state.track).amount).abs()
	return change.isZero() ? state : {...state, moved: {by, quantity: textOf(change)}}
}

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

const sameSide = (first: string, second: string): boolean =>
	!isZero(first) && !isZero(second) && exact(first).isPositive() === exact(second).isPositive()

/** Who opened the position, and with which leverage its newest entry went to the venue. */
const authorOf = ({plans}: PositionState, {opened_by}: Holding, before: PositionState['shown']) => {
	const opener = plans.find(({trade_id}) => trade_id === opened_by)
	const since = opened_by === '' ? [] : plans.filter(({trade_id}) => compareVenueIds(trade_id, opened_by) >= 0)
	const geared = since.findLast(({leverage}) => leverage !== undefined)
	const {plan_id = before?.plan_id, source = before?.opened_by} = opener ?? {}
	const leverage = geared?.leverage ?? before?.leverage
	return {
		...(plan_id !== undefined && {plan_id}),
		...(source !== undefined && {opened_by: source}),
		...(leverage !== undefined && {leverage}),
	}
}

/** A stop that rested before the position was opened is left over from another: it says nothing about its risk. */
const stopsOf = (nearest: RestingStop | undefined, opened_ms: number, before: PositionState['shown']) => {
	const own = nearest && (nearest.since_ms ?? opened_ms) >= opened_ms
	const first = before?.initial_stop_price ?? (own ? nearest.trigger_price : undefined)
	return {
		...(nearest && {stop_price: nearest.trigger_price, stop_client_id: nearest.client_algo_id}),
		...(first !== undefined && {initial_stop_price: first}),
	}
}

/** The position as it is published. What was known of it stays known until it is flat or turned. */
export const shownOf = (state: PositionState): NonNullable<PositionState['shown']> => {
	const holding = holdingOf(state.track)
	const {amount, entry_price, opened_ms} = holding
	if (isZero(amount)) return {amount, entry_price, opened_ms, stop_resting: false}
	const stops = Object.values(state.stops)
	const stop_resting = state.unseen_stop || protects(amount, stops)
	const {shown} = state
	const same = shown !== null && shown.opened_ms === opened_ms && sameSide(shown.amount, amount)
	const before = same ? shown : null
	const nearest = stop_resting ? nearestStop(amount, stops) : undefined
	return {
		amount,
		entry_price,
		opened_ms,
		stop_resting,
		...authorOf(state, holding, before),
		...stopsOf(nearest, opened_ms, before),
	}
}
