import type {Fields} from '../../engine/contracts/field.js'
import type {Policy} from '../../engine/contracts/policy.js'
import type {Plan} from '../../engine/contracts/streams/trade.js'
import {prepareMarket} from '../../engine/exchange/order-params.js'
import {requestOf} from '../../engine/logic/order-steps.js'

/** The market order that a plan would become, by the sender's own rules: its size in base units after rounding, or why it would not be sent. */
export type OrderPreview = Readonly<{quantity: string}> | Readonly<{refused: Readonly<{code: string; message: string}>}>

/** What is known when an order is rounded: the symbol's rules, and the position in base units that an exit may not pass. */
type Known = Readonly<{
	policy: Policy
	now_ms: number
	notional_usdt: string | null
	rules: Fields
	position_amount: string | undefined
}>

/** Null for a plan that is no market order, and where the rules of the symbol are not known. */
export const previewOrder = (
	plan: Plan,
	{policy, now_ms, notional_usdt, rules, position_amount}: Known,
): OrderPreview | null => {
	const asked = {plan, policy, now_ms, epoch: 0, operator: true, quote_price: undefined}
	const request = requestOf({...asked, notional_usdt: notional_usdt ?? undefined})
	const step = request?.steps.find(({do: what}) => what === 'market')
	if (step?.do !== 'market' || rules.step_size === undefined) return null
	const {step_size, tick_size = '0', min_quantity = '0', max_market_quantity = '0', min_notional_usdt = '0'} = rules
	const least = {step_size, tick_size, min_quantity, max_market_quantity, min_notional_usdt}
	const tradable = rules.tradable === 'true'
	const prepared = prepareMarket(step, {symbol: plan.symbol, ...least, tradable}, position_amount)
	if (!prepared.ok) return {refused: {code: prepared.refused.code, message: prepared.refused.message}}
	return {quantity: prepared.quantity ?? ''}
}
