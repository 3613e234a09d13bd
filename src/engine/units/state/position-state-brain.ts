import type {Envelope} from '../../contracts/envelope.js'
import {keys} from '../../contracts/keys.js'
import type {Policy} from '../../contracts/policy.js'
import {exchangeNormalized, positionSnapshot, reconcileEvents} from '../../contracts/streams/account.js'
import {alerts} from '../../contracts/streams/ops.js'
import {executionResult} from '../../contracts/streams/trade.js'
import {type Context, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {isZero} from '../../logic/exact.js'
import {isForeign, markUnder} from '../../logic/foreign.js'
import {corrected, holdingOf, owned, track} from '../../logic/position.js'
import {appliesTo, withStopSeen} from '../../logic/position-correction.js'
import {
	compared,
	movedBy,
	movedTo,
	newPosition,
	type PositionState,
	type Snapshot,
	shownOf,
	withAlgo,
	withPlan,
} from '../../logic/position-state.js'

const writes = {snapshot: positionSnapshot, alert: alerts}
const ports = {snapshot: keys.positionSnapshot, position: keys.position}
type Ctx = Context<typeof writes, typeof ports, Record<never, never>>

/** Longer than any disorder between a fill and the account update beside it, machine time. */
const DISAGREEMENT_MS = 5_000
const SHOWN = [
	'amount',
	'entry_price',
	'opened_ms',
	'plan_id',
	'opened_by',
	'foreign',
	'leverage',
	'stop_resting',
	'stop_price',
	'stop_client_id',
	'initial_stop_price',
] as const satisfies readonly (keyof NonNullable<PositionState['shown']>)[]
const unchanged = (state: PositionState, next: NonNullable<PositionState['shown']>): boolean =>
	state.shown === null ? isZero(next.amount) : SHOWN.every(field => state.shown?.[field] === next[field])

const markOf = ({track: held}: PositionState, policy: Policy) =>
	holdingOf(held).foreign ? {foreign: markUnder(policy)} : {}

const movedOf = ({moved}: PositionState) => (moved ? {moved_by: moved.by, moved_quantity: moved.quantity} : {})

/** Publishes the position if it changed. */
const publish = (
	state: PositionState,
	source: Snapshot['source'],
	{emit, key, partition: symbol, now_ms, policy}: Ctx,
): Step<PositionState> => {
	const shown = {...shownOf(state), ...markOf(state, policy)}
	if (unchanged(state, shown)) return {state}
	const {amount, entry_price, opened_ms} = shown
	const side = amount.startsWith('-') ? 'SHORT' : 'LONG'
	return {
		state: {...state, shown},
		wishes: [
			emit.snapshot({symbol, ...shown, source}),
			key.snapshot.put({symbol}, {...shown, ...movedOf(state), source, updated_ms: now_ms}, {replace: true}),
			isZero(amount)
				? key.position.remove({symbol})
				: key.position.put({symbol}, {amount, entry_price, side, opened_ms}, {replace: true}),
		],
	}
}

const isLive = ({authority}: Envelope): boolean => authority === 'live'

/**
 * Amounts come from the fills of the account stream: first to arrive, complete, and foreign trades are among them.
 * Execution results only say which plan a fill belongs to. The venue's pushed positions are a check, not a source,
 * since they may be older than the fills beside them; what corrects is reconciliation.
 */
export const positionStateBrain = defineUnit({
	name: 'position-state-brain',
	target: 'state',
	kind: 'stream',
	port: 8045,
	aliases: ['portfolio-state-brain'],
	summary:
		'Canonical position per symbol from fills and from the corrections of reconciliation; the only writer of positions.',
	reads: {account: exchangeNormalized, result: executionResult, reconcile: reconcileEvents},
	writes,
	keys: ports,
	timers: {check: {every_ms: 2_000, clock: 'machine'}},
	initial: (): PositionState => newPosition,
	on: {
		account: (state, event, context) => {
			switch (event.kind) {
				case 'fill': {
					const {trade_id, side, price, quantity, client_order_id} = event
					const foreign = isForeign(client_order_id) && {foreign: true as const}
					const fill = {trade_id, side, price, quantity, ts_ms: context.entry.ts, ...foreign}
					const counted = track(state.track, fill)
					const next = counted ?? owned(state.track, fill)
					if (next === state.track) return stay
					const moved = counted ? movedBy(state, client_order_id, quantity) : state
					return publish(compared({...moved, track: next}, context.machine_ms), 'fill', context)
				}
				case 'algo':
					return publish(withAlgo(state, event, context.entry.ts), 'venue', context)
				case 'position': {
					const venue = state.venue ?? {disagrees_since_ms: 0, reported: false}
					return {state: compared({...state, venue: {...venue, amount: event.amount}}, context.machine_ms)}
				}
				default:
					return stay
			}
		},
		result: (state, {trade_id, plan_id, source, leverage}, context) =>
			isLive(context.entry) ? publish(withPlan(state, {trade_id, plan_id, source, leverage}), 'fill', context) : stay,
		reconcile: (state, event, context) => {
			if (event.outcome !== 'CORRECTION' || event.symbol === undefined) return stay
			if (!isLive(context.entry) || !appliesTo(state, event)) return stay
			const {amount, entry_price = '0', stop_resting, as_of_ms = -1, ours} = event
			const {id, ts: ts_ms} = context.entry
			const next =
				amount === undefined
					? state
					: {
							...movedTo(state, amount, id),
							track: corrected(state.track, {amount, entry_price, ts_ms, as_of_ms, ours}),
						}
			return publish(compared(withStopSeen(next, stop_resting), context.machine_ms), 'reconcile', context)
		},
	},
	onTimer: {
		check: (state, context) => {
			// A policy that treats what is foreign otherwise is told at once.
			const marked = publish(state, 'policy', context)
			if (marked.wishes) return marked
			const {emit, machine_ms, partition} = context
			const {venue} = state
			if (!venue || venue.reported || venue.disagrees_since_ms === 0) return stay
			if (machine_ms - venue.disagrees_since_ms < DISAGREEMENT_MS) return stay
			return {
				state: {...state, venue: {...venue, reported: true}},
				wishes: [
					emit.alert({
						severity: 'critical',
						code: 'POSITION_DISAGREES',
						subject: partition,
						message: `Fills make ${holdingOf(state.track).amount}, the venue pushed ${venue.amount}; reconciliation decides.`,
					}),
				],
			}
		},
	},
})
