import type {Policy} from '../contracts/policy.js'
import type {PayloadOf} from '../contracts/stream.js'
import type {Side} from '../contracts/streams/account.js'
import {type applyResult, classOf, type Plan} from '../contracts/streams/trade.js'
import type {Effect, EffectOutcome} from '../contracts/unit.js'
import type {RestingStep, SendRequest, SendResult, Step, StepOutcome} from '../exchange/order-request.js'
import {clientIds} from './client-id.js'
import {closingSide} from './closing.js'
import {exact, sizeText} from './exact.js'
import {plannedLevels, type SomeLevels} from './planned-levels.js'

type Result = PayloadOf<typeof applyResult>
type RequestInput = Readonly<{
	plan: Plan
	epoch: number
	notional_usdt: string | undefined
	/** Ask at the verdict; without it the plan's own price counts. */
	quote_price: string | undefined
	policy: Policy
	operator: boolean
	now_ms: number
}>

/** The permitted notional decides; a size that was asked for and fits inside is taken as it is. */
const sizeOf = ({plan, notional_usdt = '0', quote_price, policy}: RequestInput): Sized | undefined => {
	const reference_price = quote_price || plan.reference_price
	if (!reference_price || exact(notional_usdt).lte(0)) return undefined
	const {slippage_bps} = policy
	if (plan.quantity === undefined) return {notional_usdt, reference_price, slippage_bps}
	const worst = exact(slippage_bps).div(10_000).add(1).mul(reference_price)
	const room = exact(notional_usdt).div(worst)
	if (room.gte(plan.quantity)) return {quantity: plan.quantity, reference_price}
	return {quantity: sizeText(room), reference_price}
}
type Sized = Readonly<{quantity?: string; notional_usdt?: string; reference_price: string; slippage_bps?: number}>

/** The leverage that an entry sets at the venue: what its plan asks for, within the policy; without one the highest. */
export const leverageOf = ({leverage}: Pick<Plan, 'leverage'>, {leverage_max}: Pick<Policy, 'leverage_max'>): number =>
	Math.max(1, Math.min(leverage ?? leverage_max, leverage_max))

const entrySteps = (input: RequestInput, side: Side): Step[] => {
	const {plan, policy} = input
	const sized = sizeOf(input)
	if (!sized) return []
	return [
		{do: 'leverage', leverage: leverageOf(plan, policy)},
		{do: 'market', side, client_order_id: clientIds.market(plan.plan_id), reduce_only: false, ...sized},
		...(plan.action === 'OPEN' ? broughtSteps(input, side, sized.reference_price) : []),
	]
}

type Closing = Pick<RestingStep, 'side' | 'close_position' | 'quantity'>

const restingSteps = ({plan_id}: Plan, levels: SomeLevels, closing: Closing): Step[] => {
	const steps: Step[] = []
	const {stop_price, target_price} = levels
	if (stop_price)
		steps.push({do: 'stop', client_order_id: clientIds.stop(plan_id), trigger_price: stop_price, ...closing})
	if (target_price)
		steps.push({do: 'target', client_order_id: clientIds.target(plan_id), trigger_price: target_price, ...closing})
	return steps
}

/**
 * What opens a position brings its stop and target: they rest soonest where the sender places them as it hears of the
 * fill. What adds to a position finds them at rest, and they close it however large it is.
 */
const broughtSteps = ({plan, policy}: RequestInput, side: Side, price: string): Step[] => {
	const amount = side === 'BUY' ? '1' : '-1'
	const levels = plannedLevels(plan, {price, amount}, policy) ?? {}
	return restingSteps(plan, levels, {side: closingSide(amount), close_position: true})
}

const exitSteps = ({plan}: RequestInput, side: Side): Step[] => [
	{
		do: 'market',
		side,
		client_order_id: clientIds.market(plan.plan_id),
		...(plan.quantity !== undefined && {quantity: plan.quantity}),
		reduce_only: true,
		close_all: plan.action === 'FULL_CLOSE_PROPOSED' || plan.action === 'CLOSE',
	},
]

/**
 * New protection stands before old protection falls: a replacement leaves no gap. The venue takes one stop per side
 * that closes the position, so one that is to stand beside it closes a quantity.
 */
const protectSteps = ({plan}: RequestInput, side: Side): Step[] => {
	const beside = plan.cancel_ids !== undefined && plan.quantity !== undefined
	const closing = beside ? {side, close_position: false, quantity: plan.quantity} : {side, close_position: true}
	const steps = restingSteps(plan, plan, closing)
	for (const client_order_id of plan.cancel_ids ?? []) steps.push({do: 'cancel', client_order_id, algo: true})
	return steps
}

const STEPS_MAX = 10

/** The requests that carry out a plan, in order; undefined when it says too little, or too much, to be carried out. */
export const requestOf = (input: RequestInput): SendRequest | undefined => {
	const {plan, epoch, operator, now_ms} = input
	const kind = classOf(plan.action)
	const opens = plan.stop_price !== undefined || plan.target_price !== undefined || kind !== 'PROTECT'
	if (plan.side === undefined && opens) return undefined
	const {side = 'SELL'} = plan
	const steps =
		kind === 'ENTRY' ? entrySteps(input, side) : kind === 'EXIT' ? exitSteps(input, side) : protectSteps(input, side)
	if (steps.length === 0 || steps.length > STEPS_MAX) return undefined
	return {
		plan_id: plan.plan_id,
		epoch,
		class: kind,
		symbol: plan.symbol,
		operator,
		action: plan.action,
		side,
		sent_after_ms: now_ms,
		steps,
	}
}

type Sent = EffectOutcome<Effect<SendRequest, SendResult>>
const failed = (outcome: StepOutcome): outcome is Exclude<StepOutcome, {status: 'ACCEPTED'}> =>
	outcome.status !== 'ACCEPTED'

const whyOf = (wrong: Exclude<StepOutcome, {status: 'ACCEPTED'}>): Readonly<{error: string; detail?: string}> =>
	wrong.status === 'NOT_SENT'
		? {error: wrong.reason, ...(wrong.detail !== undefined && {detail: wrong.detail})}
		: {error: wrong.code, detail: wrong.message}

/** What the sender found out, as one result of the plan. What was placed counts, whatever went wrong after it. */
export const resultsOf = (sent: Sent): Result => {
	const {plan_id, symbol, action, side, steps} = sent.request
	const common = {plan_id, symbol, action, side, reduce_only: sent.request.class !== 'ENTRY'}
	if (!sent.ok) return {...common, decision: 'FAILED', executed: false, error: 'SENDER_FAILED', detail: sent.error}

	const {outcomes, latency_ms} = sent.result
	const at = (kind: Step['do']) => outcomes[steps.findIndex(step => step.do === kind)]
	const order = at('market')
	const stop = at('stop')
	const target = at('target')
	const first = outcomes.find(failed)
	// An order that filled nothing ends its request without anything having failed.
	const unfilled =
		order?.status === 'ACCEPTED' && first?.status === 'NOT_SENT' && first.reason === 'EARLIER_STEP_FAILED'
	const wrong = unfilled ? undefined : first
	const base = {
		...common,
		latency_ms,
		...(order?.status === 'ACCEPTED' && {
			order_id: order.order_id,
			client_order_id: order.client_order_id,
			quantity: order.quantity,
			filled_quantity: order.filled_quantity,
			average_price: order.average_price,
		}),
		...(stop?.status === 'ACCEPTED' && {stop_client_id: stop.client_order_id, stop_price: stop.trigger_price}),
		...(target?.status === 'ACCEPTED' && {
			target_client_id: target.client_order_id,
			target_price: target.trigger_price,
		}),
	}
	const why = wrong && whyOf(wrong)
	const placed = [order, stop, target].some(outcome => outcome?.status === 'ACCEPTED')
	if (!wrong || placed) return {...base, ...why, decision: 'EXECUTED', executed: true}
	return {...base, ...why, decision: wrong.status === 'NOT_SENT' ? 'SKIP' : 'FAILED', executed: false}
}
