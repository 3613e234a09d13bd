import {clientIds, readClientId} from './client-id.js'
import type {Asking, Protecting} from './leftovers.js'
import {afterResult, onStopEvent} from './protection.js'
import {noProtection, type Protection} from './protection-state.js'
import type {TradeState} from './trade-life.js'

/**
 * The trade at the first fill of an entry that was allowed: the sender places its stop and target in the same request,
 * and may have told of them already. Undefined for any other fill, and where something rests or was asked for.
 */
export const awaitingStop = (
	state: TradeState,
	{client_order_id}: Readonly<{client_order_id: string}>,
	asking: Asking,
): Protecting | undefined => {
	const {kind, plan_id} = readClientId(client_order_id)
	const early = kind === 'market' ? state.plans.find(plan => plan.plan_id === plan_id)?.early : undefined
	if (!early || state.protection.status !== 'NONE') return undefined
	const plans = state.plans.map(plan => (plan.plan_id === plan_id ? {...plan, early: undefined} : plan))
	const protection: Protection = {
		...noProtection,
		status: 'ASKED',
		plan_id,
		asked_ms: asking.machine_ms,
		stop_client_id: clientIds.stop(plan_id),
		target_client_id: clientIds.target(plan_id),
	}
	const awaiting: TradeState = {...state, plans, protection}
	const told = early.events.reduce((known, event) => onStopEvent(known, event, asking.machine_ms), awaiting)
	return (early.result && afterResult(told, early.result, asking)) ?? {state: told}
}
