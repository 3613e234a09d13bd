import type {Policy} from '../contracts/policy.js'
import type {Plan} from '../contracts/streams/trade.js'
import {idOf} from '../runtime/identity.js'
import {clientIds, readClientId} from './client-id.js'
import {closingSide} from './closing.js'
import {keptEarly} from './early-news.js'
import {exact, textOf} from './exact.js'
import {type Asking, cancelLeftovers, isLeft, type Protecting, withoutLeftover} from './leftovers.js'
import {type Levels, plannedLevels} from './planned-levels.js'
import type {AlgoEvent, Leftover, Protection, SenderResult} from './protection-state.js'
import {isFlat, type TradeState} from './trade-life.js'

/** Machine time, all of them. */
const limits = {
	/** After a stop has ended, for the fill that it may have caused to come. */
	ended_ms: 1_000,
	/** After a plan, for its answer: then it is asked again. */
	answer_ms: 5_000,
	/** After the first fill of an entry, for the stop that it brings: then one is asked for beside it. */
	brought_ms: 1_000,
} as const
/** Asked this often in vain, the position is closed: what cannot be protected is not held. */
const TRIES_MAX = 3
const WOULD_TRIGGER = '-2021'
/** One stop per side may close the position, and one rests. */
const RESTS_ALREADY = '-4130'
const ENDED = new Set(['CANCELED', 'CANCELLED', 'EXPIRED', 'FINISHED', 'REJECTED'])

const saferStop = (amount: string, planned: string, rested: string | undefined): string =>
	rested !== undefined && exact(rested).minus(planned).isPositive() === exact(amount).isPositive() ? rested : planned

/** Stop and target of the plan that opened the position, or by policy from its price; undefined without a price. */
const levelsOf = ({plans, opened, amount, protection}: TradeState, policy: Policy): Levels | undefined => {
	if (!opened) return undefined
	const plan = plans.find(({plan_id}) => plan_id === opened.plan_id) ?? {}
	const levels = plannedLevels(plan, {price: opened.price, amount}, policy)
	return levels && {...levels, stop_price: saferStop(amount, levels.stop_price, protection.stop_price)}
}

/** Closes what cannot be protected; as long as it stands, protection is asked for again after a while. */
const close = (state: TradeState, why: string, {partition: symbol, machine_ms, entry}: Asking): Protecting => {
	const plan: Plan = {
		plan_id: idOf('unprotectable', symbol, entry.id, machine_ms),
		symbol,
		action: 'FULL_CLOSE_PROPOSED',
		side: closingSide(state.amount),
		quantity: textOf(exact(state.amount).abs()),
		source: 'execution',
		reason: `unprotectable ${why}`,
	}
	const {stop_client_id: _, ...rest} = state.protection
	const protection: Protection = {...rest, status: 'CLOSING', asked_ms: machine_ms, tries: 0}
	const message = `No stop can rest for ${state.amount} ${symbol} (${why}): closing it`
	return {state: {...state, protection}, plan, alert: {severity: 'critical', code: 'UNPROTECTABLE', message}}
}

/**
 * Asks for stop and target to rest at the venue; for what was asked in vain too often, closes. What is left to others
 * is left as it is.
 */
export const protect = (state: TradeState, asking: Asking, why = 'asked in vain'): Protecting => {
	const {partition: symbol, machine_ms, policy, entry} = asking
	const {opened, amount, protection} = state
	if (isLeft(state, policy)) return {state}
	const levels = levelsOf(state, policy)
	if (!levels) return close(state, 'its price is not known', asking)
	if (protection.tries >= TRIES_MAX) return close(state, why, asking)
	const plan_id = idOf('protect', symbol, entry.id, machine_ms)
	const {target_resting = false, target_client_id, stop_quantity: _, ...known} = protection
	const leftovers = superseded(state, machine_ms)
	const plan: Plan = {
		plan_id,
		symbol,
		action: 'PROTECT',
		side: closingSide(amount),
		stop_price: levels.stop_price,
		...(!target_resting && {target_price: levels.target_price}),
		source: 'execution',
		reason: `position ${opened?.plan_id ?? ''}`,
	}
	const asked: Protection = {
		...known,
		status: 'ASKED',
		plan_id,
		asked_ms: machine_ms,
		tries: protection.tries + 1,
		stop_client_id: clientIds.stop(plan_id),
		...(target_resting && {target_resting}),
		target_client_id: target_client_id !== undefined && target_resting ? target_client_id : clientIds.target(plan_id),
	}
	return {state: {...state, leftovers, protection: asked}, plan}
}

/** A stop of ours gives way to another: it is cancelled should it still rest once that one does. */
const superseded = ({protection, leftovers}: TradeState, machine_ms: number): readonly Leftover[] => {
	const {status, stop_client_id: id} = protection
	if (status !== 'RESTING' || id === undefined || readClientId(id).kind !== 'stop') return leftovers
	return [...withoutLeftover(leftovers, id), {client_id: id, since_ms: machine_ms, tries: 0}]
}

/** What rests closes a quantity, and the position has outgrown it. */
export const isOutgrown = ({amount, protection}: TradeState): boolean => {
	const {status, stop_quantity} = protection
	return status === 'RESTING' && stop_quantity !== undefined && exact(amount).abs().gt(stop_quantity)
}

/** Nothing rests: what is not followed by a fill is asked for again. */
export const unprotected = (state: TradeState, machine_ms: number): TradeState => {
	const {stop_client_id: _, ...rest} = state.protection
	return {...state, protection: {...rest, status: 'NONE', asked_ms: machine_ms}}
}

const onStopEnded = (state: TradeState, id: string, machine_ms: number): TradeState => {
	const {protection} = state
	const left = {...state, leftovers: withoutLeftover(state.leftovers, id)}
	if (id === protection.stop_client_id) return unprotected(left, machine_ms)
	if (id !== protection.target_client_id) return left
	const {target_client_id: _, target_resting: __, ...rest} = protection
	return {...left, protection: rest}
}

/** A stop came to rest: the one before it, of ours, has to go, unless the new one leaves some of the position open. */
const onStopResting = (state: TradeState, event: AlgoEvent, machine_ms: number): TradeState => {
	const {client_algo_id: id, trigger_price: stop_price, close_position, quantity} = event
	const {protection, leftovers, amount} = state
	const {stop_quantity: _, ...known} = protection
	const part = {client_id: id, since_ms: machine_ms, tries: 0}
	if (!close_position && exact(amount).abs().gt(quantity)) return {...state, leftovers: [...leftovers, part]}
	const ours = readClientId(id).kind === 'stop'
	const replaces = ours && protection.stop_client_id !== id
	return {
		...state,
		leftovers: replaces ? superseded(state, machine_ms) : leftovers,
		protection: {
			...known,
			status: 'RESTING',
			tries: 0,
			stop_client_id: id,
			stop_price,
			...(!close_position && {stop_quantity: quantity}),
		},
	}
}

/** A stop or target changed at the venue. */
export const onStopEvent = (state: TradeState, event: AlgoEvent, machine_ms: number): TradeState => {
	const {client_algo_id: id, status, order_type, side} = event
	const {kind, plan_id} = readClientId(id)
	const kept = keptEarly(state, plan_id, {events: [event]})
	if (kept) return kept
	if (ENDED.has(status)) return onStopEnded(state, id, machine_ms)
	if (status !== 'NEW') return state
	if (isFlat(state)) {
		// Ours, and too late: the position that it was asked for is closed.
		const ours = kind === 'stop' || kind === 'target'
		const known = state.leftovers.some(({client_id}) => client_id === id)
		if (!ours || known) return state
		return {...state, leftovers: [...state.leftovers, {client_id: id, since_ms: machine_ms, tries: 0}]}
	}
	if (side !== closingSide(state.amount)) return state
	const rests = {...state, leftovers: withoutLeftover(state.leftovers, id)}
	if (order_type === 'STOP_MARKET' && (kind === 'stop' || event.close_position))
		return onStopResting(rests, event, machine_ms)
	if (order_type === 'TAKE_PROFIT_MARKET' && kind === 'target')
		return {...rests, protection: {...state.protection, target_client_id: id, target_resting: true}}
	return state
}

/** Whether the stop that is awaited comes with the entry: nobody has asked for one. */
const isBrought = ({protection: {status, tries}}: TradeState): boolean => status === 'ASKED' && tries === 0

const afterStop = (state: TradeState, result: SenderResult): Protecting => {
	const {protection} = state
	// Its end may have been told before its acceptance.
	const rests = protection.stop_client_id === result.stop_client_id
	const next: Protection = rests ? {...protection, status: 'RESTING', tries: 0} : protection
	const {target_client_id: _, ...lone} = next
	if (result.target_client_id !== undefined || next.target_resting || next.target_client_id === undefined)
		return {state: {...state, protection: next}}
	const message = `The target could not be placed: ${result.error ?? ''} ${result.detail ?? ''}`.trim()
	return {state: {...state, protection: lone}, alert: {severity: 'warning', code: 'TARGET_REFUSED', message}}
}

/** The sender's answer to a request that brings protection, or to the cancelling of what was left over. */
export const afterResult = (state: TradeState, result: SenderResult, asking: Asking): Protecting | undefined => {
	const {protection} = state
	const kept = result.action === 'OPEN' && keptEarly(state, result.plan_id, {result})
	if (kept) return {state: kept}
	if (result.action === 'CANCEL_STOP') {
		if (result.decision !== 'EXECUTED') return undefined
		return {state: {...state, leftovers: state.leftovers.filter(({plan_id}) => plan_id !== result.plan_id)}}
	}
	const about = result.action === 'PROTECT' || result.action === 'OPEN'
	if (!about || result.plan_id !== protection.plan_id || isFlat(state)) return undefined
	if (result.stop_client_id !== undefined) return afterStop(state, result)
	if (protection.status !== 'ASKED') return undefined
	// An entry that brought none, for it had no levels or was sent by a version that asks for them afterwards.
	if (result.action === 'OPEN' && result.error === undefined) return protect(state, asking)
	const {error = result.decision, detail = ''} = result
	if (error === RESTS_ALREADY) {
		const {stop_client_id: _, target_client_id: __, ...rest} = protection
		return {state: {...state, protection: {...rest, status: 'RESTING', tries: 0}}}
	}
	if (error === WOULD_TRIGGER) return close(state, error, asking)
	const message = `${error} ${detail}`.trim()
	const alert = {severity: 'warning', code: 'STOP_REFUSED', message} as const
	// What was not sent, or met a position that the venue has closed, is asked for again by the clock.
	if (result.decision === 'SKIP' || error === NO_POSITION) return {state: unprotected(state, asking.machine_ms), alert}
	return {alert, ...protect(state, asking, message)}
}
const NO_POSITION = '-4509'

/** What the sweep of a symbol finds overdue: a stop that does not rest, or stops left over from a closed trade. */
export const overdue = (state: TradeState, asking: Asking): Protecting | undefined => {
	const {status, asked_ms} = state.protection
	if (!isFlat(state) && !isLeft(state, asking.policy) && status !== 'RESTING') {
		const patience = status === 'NONE' ? limits.ended_ms : isBrought(state) ? limits.brought_ms : limits.answer_ms
		if (asking.machine_ms - asked_ms >= patience) return protect(state, asking)
	}
	return cancelLeftovers(state, asking)
}
