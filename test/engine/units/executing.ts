import type {Policy} from '../../../src/engine/contracts/policy.js'
import {execution} from '../../../src/engine/units/exec/execution.js'
import {drive, type Emitted} from '../../support/drive.js'
import {algo, fill} from './account-events.js'

export const SYMBOL = 'BTCUSDT'
export const startExecution = (policy: Partial<Policy> = {}) => drive(execution, {policy})
export type Execution = Awaited<ReturnType<typeof startExecution>>

/** The verdict on a plan as the governor emits it. */
export const allowed = (plan_id: string, plan: Readonly<Record<string, unknown>> = {}) => ({
	plan_id,
	symbol: SYMBOL,
	verdict: 'ALLOW',
	reason: 'ALLOW',
	plan: {plan_id, symbol: SYMBOL, action: 'OPEN', side: 'BUY', source: 'intent-bridge', ...plan},
})

let trade = 0
/** A fill of an order with this client id; `quantity` above 0 buys. */
export const traded = (client_order_id: string, quantity: number, changes: Readonly<Record<string, unknown>> = {}) => {
	trade += 1
	return fill({
		trade_id: String(trade),
		client_order_id,
		side: quantity > 0 ? 'BUY' : 'SELL',
		quantity: String(Math.abs(quantity)),
		price: '100',
		fee: '0',
		...changes,
	})
}

/** An answer to the newest request for protection. */
export const answered = (plan: Plan, changes: Readonly<Record<string, unknown>> = {}) => ({
	plan_id: plan.plan_id,
	symbol: SYMBOL,
	action: plan.action,
	decision: 'EXECUTED',
	executed: true,
	reduce_only: true,
	stop_client_id: `s-${plan.plan_id}`,
	target_client_id: `t-${plan.plan_id}`,
	...changes,
})
export const failed = (plan: Plan, error: string | undefined, changes: Readonly<Record<string, unknown>> = {}) =>
	answered(plan, {
		decision: 'FAILED',
		executed: false,
		error,
		stop_client_id: undefined,
		target_client_id: undefined,
		...changes,
	})

/** A conditional order of a plan changes at the venue. */
export const stopIs = (
	plan: Plan,
	status: string,
	kind: 's' | 't' = 's',
	changes: Readonly<Record<string, unknown>> = {},
) =>
	algo({
		client_algo_id: `${kind}-${plan.plan_id}`,
		algo_id: `${kind}-${plan.plan_id}`,
		order_type: kind === 's' ? 'STOP_MARKET' : 'TAKE_PROFIT_MARKET',
		status,
		trigger_price: kind === 's' ? '97' : '103.99',
		...changes,
	})

export type Plan = Readonly<{plan_id: string; action: string; [field: string]: unknown}>
const of =
	(stream: string) =>
	(emitted: readonly Emitted[]): Plan[] =>
		emitted.filter(entry => entry.stream === stream).map(({payload}) => payload as Plan)
export const plans = of('apply.plan')
export const closed = of('trade.closed')
export const fills = of('trade.execution.res')
export const alerts = of('alerts')
export const only = <T>(list: readonly T[]): T => {
	const [first] = list
	if (first === undefined || list.length !== 1) throw new Error(`Expected one, got ${JSON.stringify(list)}`)
	return first
}
/** Handles an algo, fill or other account event. */
export const tell = (unit: Execution, event: Readonly<Record<string, unknown>>) => unit.send('account', event)

/** A long of 1 at 100 whose protection was asked for. */
export const opened = async (quantity = 1) => {
	const unit = await startExecution()
	const plan = only(plans(await tell(unit, traded('q-open', quantity))))
	return {unit, plan}
}
/** An entry that was allowed, as one asks for protection with it. */
export const entry: Plan = {plan_id: 'entry', action: 'OPEN'}
/** Told of that entry, not of its fill. */
export const awaiting = async (plan: Readonly<Record<string, unknown>>) => {
	const unit = await startExecution()
	await unit.send('verdict', allowed(entry.plan_id, plan))
	return unit
}
/** The same with its stop resting. */
export const protectedLong = async () => {
	const {unit, plan} = await opened()
	await unit.send('result', answered(plan))
	return {unit, plan}
}
/** Moves the machine's clock and sweeps. */
export const later = async (unit: Execution, ms: number) => {
	unit.clock.advance(ms)
	return unit.timer('sweep')
}
