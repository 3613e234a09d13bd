import {positionSnapshot} from '../../contracts/streams/account.js'
import {exitBrainPnl} from '../../contracts/streams/exits.js'
import {marketTick} from '../../contracts/streams/market.js'
import {alerts} from '../../contracts/streams/ops.js'
import {applyPlan} from '../../contracts/streams/trade.js'
import {type Context, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {allowanceMs, isStale} from '../../logic/allowance.js'
import {
	better,
	closingPrice,
	closingSide,
	directionOf,
	type ExitReason,
	levelCrossed,
	type Position,
	sizeOf,
} from '../../logic/exit-watch.js'
import {managed} from '../../logic/foreign.js'
import {idOf} from '../../runtime/identity.js'

/** Of one symbol; empty while flat. Times are venue time. */
type State = Readonly<{
	position?: Position
	/** Best closing price since the position was opened. */
	best?: number
	/** When the exit owner spoke of it last. */
	owner_ms?: number
	/** Since when no stop rests for it. */
	unprotected_ms?: number
	/** Said once per spell without a stop. */
	alerted?: true
	/** The newest plan to close it. */
	planned_ms?: number
}>

const NAME = 'exit-monitor'
const initial: State = {}
const writes = {plan: applyPlan, alert: alerts}
type Ports = Context<typeof writes, Record<never, never>, Record<never, never>>

/** How long a fill may wait for its stop to rest: venue time, and at speed the same in machine time. */
const UNPROTECTED = {limit_ms: 5_000, machine_grace_ms: 5_000} as const

const isUnprotected = ({unprotected_ms}: State, {now_ms, speed}: Ports): boolean =>
	unprotected_ms !== undefined && now_ms - unprotected_ms > allowanceMs(UNPROTECTED.limit_ms, UNPROTECTED, speed)

/** Whether the exit owner has been silent on the position for too long; it has that time from the opening on, too. */
const isOwnerless = ({owner_ms}: State, {opened_ms}: Position, context: Ports): boolean =>
	isStale(Math.max(owner_ms ?? opened_ms, opened_ms), context.policy.exit_monitor.owner_stale_ms, context)

/** Proposes to close the whole position, unless a plan to do so is still on its way. */
const close = (state: State, position: Position, why: ExitReason, context: Ports, price?: string): Step<State> => {
	const {policy, emit, entry, partition: symbol, now_ms} = context
	if (state.planned_ms !== undefined && !isStale(state.planned_ms, policy.exit_monitor.every_ms, context))
		return {state}
	const {opened_ms} = position
	const plan = emit.plan({
		plan_id: idOf(NAME, symbol, opened_ms, entry.id),
		symbol,
		action: 'FULL_CLOSE_PROPOSED',
		side: closingSide(position),
		quantity: sizeOf(position),
		source: NAME,
		reason: why,
		...(price !== undefined && {reference_price: price}),
	})
	if (why !== 'no_stop' || state.alerted) return {state: {...state, planned_ms: now_ms}, wishes: [plan]}
	const message = `No stop rests at the venue for ${position.amount} ${symbol}: it cannot be protected, closing it`
	const alert = emit.alert({severity: 'critical', code: 'POSITION_UNPROTECTED', subject: symbol, message})
	return {state: {...state, planned_ms: now_ms, alerted: true}, wishes: [plan, alert]}
}

/**
 * Steps back while the exit owner speaks of a position and a stop rests for it. Otherwise its own levels close, and
 * what has no stop for too long is closed whatever the owner does.
 */
export const exitMonitor = defineUnit({
	name: NAME,
	target: 'exec',
	process: 'exits',
	kind: 'stream',
	summary: 'Last line of exits: target, stop and trailing at every tick, and positions without a resting stop.',
	reads: {position: positionSnapshot, tick: marketTick, owner: exitBrainPnl},
	conflates: ['tick', 'owner'],
	writes,
	keys: {},
	timers: {protection: {every_ms: 1_000, clock: 'machine'}},
	initial: () => initial,
	on: {
		/** An increase keeps what was seen of the position; an opening or a turn through flat begins anew. */
		position: (state, snapshot, {entry, now_ms}) => {
			if (entry.authority !== 'live') return stay
			const {amount, entry_price, opened_ms, stop_resting} = managed(snapshot)
			const position: Position = {amount, entry_price, opened_ms}
			if (directionOf(position) === 0) return {state: initial}
			const same = state.position?.opened_ms === opened_ms && directionOf(state.position) === directionOf(position)
			const {unprotected_ms = now_ms, alerted, ...watched} = same ? state : initial
			if (stop_resting) return {state: {...watched, position}}
			return {state: {...watched, position, unprotected_ms, ...(alerted && {alerted})}}
		},
		tick: (state, tick, context) => {
			const {position} = state
			const {entry, policy} = context
			if (!position || entry.authority !== 'live' || isStale(entry.ts, policy.data_stale_ms, context)) return stay
			const price = closingPrice(position, tick)
			const best = better(position, state.best, Number(price))
			const acts = state.unprotected_ms !== undefined || isOwnerless(state, position, context)
			const why = acts ? levelCrossed(position, Number(price), best, policy.exit_monitor) : undefined
			const seen: State = best === state.best ? state : {...state, best}
			if (why) return close(seen, position, why, context, price)
			if (isUnprotected(state, context)) return close(seen, position, 'no_stop', context, price)
			return seen === state ? stay : {state: seen}
		},
		owner: (state, {opened_ms}, {entry}) => {
			const ours = entry.authority === 'live' && state.position?.opened_ms === opened_ms
			return ours ? {state: {...state, owner_ms: entry.ts}} : stay
		},
	},
	onTimer: {
		/** A position without a stop must not wait for a tick that may never come. */
		protection: (state, context) =>
			state.position && isUnprotected(state, context) ? close(state, state.position, 'no_stop', context) : stay,
	},
})
