import {keys} from '../../contracts/keys.js'
import {positionSnapshot} from '../../contracts/streams/account.js'
import {harvestCalibrated, harvestHeatDecision, harvestSuggestions} from '../../contracts/streams/exits.js'
import {applyPlan, executionResult} from '../../contracts/streams/trade.js'
import {type Context, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {isStale} from '../../logic/allowance.js'
import {managed} from '../../logic/foreign.js'
import {type Harvested, harvestedOf, harvestOf, type Proposal} from '../../logic/harvesting.js'
import {remember} from '../../logic/seen-window.js'
import {idOf} from '../../runtime/identity.js'

/** A plan that was sent, how often so far, and when. Venue time, as all times here. */
type Flight = Readonly<{plan_id: string; ms: number; proposal: Proposal; tries: number}>
type State = Readonly<{
	positions: Readonly<Record<string, Harvested>>
	/** What the heat of the portfolio does to parts. */
	factor: number
	/** Plans of the last minute. */
	acted_ms: readonly number[]
	/** The plan of a symbol that has not been seen to work yet. */
	in_flight: Readonly<Record<string, Flight>>
	/** Proposals that could not be sent yet, the newest of each symbol and action. */
	waiting: Readonly<Record<string, Readonly<{proposal: Proposal; since_ms: number; tries: number}>>>
	/** Proposals that were sent, the newest. */
	sent: readonly string[]
}>

const NAME = 'harvest-brain'
const writes = {suggestion: harvestSuggestions, plan: applyPlan}
const ports = {dedup: keys.dedupHarvest}
type Ports = Context<typeof writes, typeof ports, Record<never, never>>

const initial: State = {positions: {}, factor: 1, acted_ms: [], in_flight: {}, waiting: {}, sent: []}
/** The limit of actions is over all symbols, so all of them are one partition. */
const WHOLE = ''
const PORTFOLIO = 'portfolio'
const MINUTE_MS = 60_000
/** A proposal that could not be sent for this long is dropped: the price that it was made at is gone. */
const WAIT_MS = 60_000
const RETRY_MS = 1_000
/** A plan that was not seen to work, such as one that met the lock of another exit, is asked for this often in all. */
const TRIES_MAX = 3
const SENT_KEPT = 200

const without = <Value>(record: Readonly<Record<string, Value>>, name: string): Readonly<Record<string, Value>> =>
	Object.fromEntries(Object.entries(record).filter(([key]) => key !== name))

/** Why a plan must wait; undefined when it may go. */
const obstacle = ({in_flight, acted_ms}: State, symbol: string, context: Ports): string | undefined => {
	const {policy, now_ms} = context
	const flight = in_flight[symbol]
	if (flight && !isStale(flight.ms, policy.permit_ttl_ms, context)) return 'another is in flight'
	const recent = acted_ms.filter(ms => now_ms - ms < MINUTE_MS).length
	return recent < policy.harvest.actions_per_minute_max ? undefined : 'too many actions in a minute'
}

const said = ({heat: _, factor: __, proposal_id, ...what}: Proposal, close_share: number | undefined) => ({
	...what,
	suggestion_id: proposal_id,
	...(close_share !== undefined && {close_share}),
})

/** Sends the plan of a proposal, or says why not. One that only has to wait is kept for the next look. */
const consider = (state: State, proposal: Proposal, since_ms: number, context: Ports, tries = 1): Step<State> => {
	const {emit, key, policy, now_ms} = context
	const {symbol, proposal_id, action, reason, opened_ms} = proposal
	const place = `${symbol} ${action}`
	const rest: State = {...state, waiting: without(state.waiting, place)}
	const harvest = harvestOf(proposal, state.positions[symbol], state.factor)
	const silent = (why: string, close_share?: number): Step<State> => {
		const suggestion = {...said(proposal, close_share), reason: `${reason} (${why})`, sent: false}
		return {state: rest, wishes: [emit.suggestion(suggestion)]}
	}
	if ('why' in harvest) return silent(harvest.why)
	if (policy.harvest.mode !== 'live') return silent('shadow', harvest.close_share)
	const why = obstacle(state, symbol, context)
	if (why !== undefined) {
		if (isStale(since_ms, WAIT_MS, context)) return silent(why, harvest.close_share)
		return {state: {...state, waiting: {...state.waiting, [place]: {proposal, since_ms, tries}}}}
	}
	const plan_id = idOf(NAME, symbol, opened_ms, proposal_id, tries)
	return {
		state: {
			...rest,
			acted_ms: [...state.acted_ms.filter(ms => now_ms - ms < MINUTE_MS), now_ms],
			in_flight: {...state.in_flight, [symbol]: {plan_id, ms: now_ms, proposal, tries}},
			sent: remember(state.sent, proposal_id, SENT_KEPT),
		},
		wishes: [
			emit.suggestion({...said(proposal, harvest.close_share), sent: true}),
			emit.plan({plan_id, symbol, action, ...harvest.order, source: NAME, reason: `harvest ${reason}`}),
			key.dedup.put({symbol, id: proposal_id}, plan_id),
		],
	}
}

/** Acts through the same gates as every other exit; in shadow, which is the default, it only says what it would do. */
export const harvestBrain = defineUnit({
	name: NAME,
	target: 'exec',
	process: 'exits',
	kind: 'stream',
	summary: 'Partial closes, stops to break-even and trailing stops by R; suggestions in shadow, plans when live.',
	reads: {
		position: positionSnapshot,
		result: executionResult,
		calibrated: harvestCalibrated,
		heat: harvestHeatDecision,
	},
	writes,
	keys: ports,
	timers: {retry: {every_ms: RETRY_MS, clock: 'venue'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		/** What changed the size or the stop was the plan in flight, or makes it pointless. */
		position: (state, snapshot, {entry}) => {
			if (entry.authority !== 'live') return stay
			const {symbol} = snapshot
			const before = state.positions[symbol]
			const held = harvestedOf(managed(snapshot))
			if (!held) return before ? {state: forgotten(state, symbol)} : stay
			const same = before?.amount === held.amount && before.stop_client_id === held.stop_client_id
			const in_flight = same ? state.in_flight : without(state.in_flight, symbol)
			return {state: {...state, in_flight, positions: {...state.positions, [symbol]: held}}}
		},
		/** The sizes come with the snapshots; a fill says earlier that a plan worked, or that nothing is left. */
		result: (state, {symbol, plan_id, effect}, {entry}) => {
			const held = state.positions[symbol]
			if (entry.authority !== 'live' || !held) return stay
			if (effect === 'CLOSE' && held.opened_ms < entry.ts) return {state: forgotten(state, symbol)}
			if (state.in_flight[symbol]?.plan_id !== plan_id) return stay
			return {state: landed(state, symbol)}
		},
		calibrated: (state, proposal, context) =>
			context.entry.authority !== 'live' || state.sent.includes(proposal.proposal_id)
				? stay
				: consider(state, proposal, context.now_ms, context),
		heat: (state, {scope, factor}, {entry}) =>
			entry.authority === 'live' && scope === PORTFOLIO ? {state: {...state, factor}} : stay,
	},
	onTimer: {
		retry: (state, context) => {
			const lost = Object.values(state.in_flight).filter(({ms}) => isStale(ms, context.policy.permit_ttl_ms, context))
			const again = lost.reduce<Step<State>>(
				(step, {proposal, tries}) =>
					joined(
						step,
						now => {
							const grounded = landed(now, proposal.symbol)
							return tries < TRIES_MAX
								? consider(grounded, proposal, context.now_ms, context, tries + 1)
								: {state: grounded}
						},
						state,
					),
				stay,
			)
			return Object.values(state.waiting).reduce<Step<State>>(
				(step, {proposal, since_ms, tries}) =>
					joined(
						step,
						now => {
							const next = consider(now, proposal, since_ms, context, tries)
							return next.wishes ? next : stay
						},
						state,
					),
				again,
			)
		},
	},
})

/** A step, and the one that follows from the state that it leaves. */
const joined = (step: Step<State>, follow: (state: State) => Step<State>, initially: State): Step<State> => {
	const next = follow(step.state ?? initially)
	const wishes = [...(step.wishes ?? []), ...(next.wishes ?? [])]
	return {...step, ...next, ...(wishes.length > 0 && {wishes})}
}

const landed = (state: State, symbol: string): State => ({...state, in_flight: without(state.in_flight, symbol)})

const forgotten = (state: State, symbol: string): State => ({
	...state,
	positions: without(state.positions, symbol),
	in_flight: without(state.in_flight, symbol),
	waiting: Object.fromEntries(Object.entries(state.waiting).filter(([, {proposal}]) => proposal.symbol !== symbol)),
})
