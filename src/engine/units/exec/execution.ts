import type {Policy} from '../../contracts/policy.js'
import {exchangeNormalized, reconcileEvents} from '../../contracts/streams/account.js'
import {alerts} from '../../contracts/streams/ops.js'
import {
	applyPlan,
	applyResult,
	classOf,
	governorEvents,
	type Plan,
	tradeClosed,
	tradeExecutionRes,
} from '../../contracts/streams/trade.js'
import {type Context, defineUnit, type Step, stay, type Wish} from '../../contracts/unit.js'
import {correctedAmount} from '../../logic/correction.js'
import {awaitingStop} from '../../logic/entry-stop.js'
import {equal} from '../../logic/exact.js'
import {forcedAlert} from '../../logic/forced-close.js'
import {markUnder} from '../../logic/foreign.js'
import type {Protecting} from '../../logic/leftovers.js'
import {leverageOf} from '../../logic/order-steps.js'
import {afterResult, isOutgrown, onStopEvent, overdue, protect, unprotected} from '../../logic/protection.js'
import {adopted, isFlat, newTrade, onFill, type TradeState} from '../../logic/trade-life.js'

const PLANS_REMEMBERED = 16

const writes = {plan: applyPlan, fill: tradeExecutionRes, closed: tradeClosed, alert: alerts}
type Ctx = Context<typeof writes, Record<never, never>, Record<never, never>>

const stepOf = (
	{state, plan, alert}: Protecting,
	{emit, partition: subject}: Ctx,
	first: readonly Wish[] = [],
): Step<TradeState> => ({
	state,
	wishes: [...first, ...(plan ? [emit.plan(plan)] : []), ...(alert ? [emit.alert({...alert, subject})] : [])],
})

/** Why a trade is closed by a stop that was moved. */
const MOVED_STOPS: Partial<Record<Plan['action'], string>> = {
	MOVE_SL_BE: 'break_even',
	REPLACE_STOP: 'ratchet',
	TRAIL_UPDATE: 'trailing',
}

/** The plans that fills may belong to. The one that opened the position is not forgotten before it is closed. */
const remembered = ({plans, opened}: TradeState, plan: Plan, policy: Policy): TradeState['plans'] => {
	const {plan_id, action, stop_price, target_price, reason, source} = plan
	if (plans.some(known => known.plan_id === plan_id)) return plans
	const moved = MOVED_STOPS[action]
	if (classOf(action) === 'PROTECT' && moved === undefined) return plans
	const opener = plans.find(known => known.plan_id === opened?.plan_id)
	const others = plans.filter(known => known !== opener).slice(2 - PLANS_REMEMBERED)
	const leverage = classOf(action) === 'ENTRY' ? leverageOf(plan, policy) : undefined
	const known = {
		plan_id,
		action,
		stop_price,
		target_price,
		reason: moved ?? reason ?? source,
		source,
		leverage,
		early: action === 'OPEN' ? {events: []} : undefined,
	}
	return [...(opener ? [opener] : []), ...others, known]
}

export const execution = defineUnit({
	name: 'execution',
	target: 'exec',
	kind: 'stream',
	port: 8002,
	summary:
		'Life of orders and trades: sees to the protective stop and target of each fill, asks for those that no entry brought, removes orphans, says when a trade is closed.',
	reads: {verdict: governorEvents, result: applyResult, account: exchangeNormalized, correction: reconcileEvents},
	writes,
	keys: {},
	timers: {sweep: {every_ms: 1_000, clock: 'machine'}},
	initial: newTrade,
	on: {
		// Known before the order leaves, so that the first fill can be protected without waiting for the answer.
		verdict: (state, {verdict, plan_id, plan}, {machine_ms, policy}) => {
			const {protection} = state
			if (verdict === 'REFUSE' && plan_id === protection.plan_id && protection.status === 'ASKED')
				return {state: unprotected(state, machine_ms)}
			if (verdict !== 'ALLOW' || !plan) return stay
			return {state: {...state, plans: remembered(state, plan, policy)}}
		},
		account: (state, event, context) => {
			if (event.kind === 'algo') return {state: onStopEvent(state, event, context.machine_ms)}
			if (event.kind !== 'fill') return stay
			const {emit} = context
			const {next: after, fill, closed, effect} = onFill(state, event, context)
			const forced = forcedAlert(state, event)
			const theirs = state.foreign && {foreign: markUnder(context.policy)}
			const told = [
				emit.fill(fill),
				...(closed ? [emit.closed({...closed, ...theirs})] : []),
				...(forced ? [emit.alert({...forced, subject: event.symbol})] : []),
			]
			const next = forced && !isFlat(after) ? {...after, forced_order_id: event.order_id} : after
			// What reduces may be the stop itself, still filling: whether it leaves something unprotected the sweep finds.
			const opens = effect === 'OPEN' || effect === 'INCREASE' || effect === 'FLIP'
			const bare = opens && (next.protection.status === 'NONE' || isOutgrown(next))
			if (!bare) return {state: next, wishes: told}
			return stepOf(awaitingStop(next, event, context) ?? protect(next, context), context, told)
		},
		result: (state, result, context) => {
			const answer = afterResult(state, result, context)
			return answer ? stepOf(answer, context) : stay
		},
		correction: (state, event, context) => {
			const {outcome, symbol, amount, expected, entry_price, stop_resting, as_of_ms = -1, ours} = event
			if (outcome !== 'CORRECTION' || symbol === undefined) return stay
			const {machine_ms, entry} = context
			const held = amount === undefined ? state.amount : correctedAmount(state.amount, {amount, expected})
			const moved = !equal(held, state.amount)
			const price = entry_price ?? state.opened?.price ?? '0'
			const next = moved
				? adopted(state, {amount: held, entry_price: price, ts_ms: entry.ts, machine_ms, as_of_ms, ours})
				: state
			if (isFlat(next)) return moved ? {state: next} : stay
			const {status} = next.protection
			if (stop_resting === true && status !== 'RESTING')
				return {state: {...next, protection: {...next.protection, status: 'RESTING', tries: 0}}}
			// The venue says that no stop rests: what we believed of ours is wrong.
			if (stop_resting === false && status === 'RESTING')
				return stepOf(protect(unprotected(next, machine_ms), context), context)
			return moved && (status === 'NONE' || isOutgrown(next)) ? stepOf(protect(next, context), context) : {state: next}
		},
	},
	onTimer: {
		sweep: (state, context) => {
			const due = overdue(state, context)
			return due ? stepOf(due, context) : stay
		},
	},
})
