import type {Policy} from '../contracts/policy.js'
import type {Side} from '../contracts/streams/account.js'
import {type Action, classOf, type Plan} from '../contracts/streams/trade.js'
import {exact, isZero, sizeText} from './exact.js'
import {leverageWithin, stopDistance} from './loss-at-stop.js'

const CLOSED_SHARE: Partial<Record<Action, string>> = {
	PARTIAL_CLOSE_25: '0.25',
	PARTIAL_CLOSE_50: '0.5',
	PARTIAL_CLOSE_75: '0.75',
	HARVEST_PARTIAL: '0.25',
}

/** The side that reduces a position; `amount` is signed and not 0. */
export const closingSide = (amount: string): Side => (exact(amount).isPositive() ? 'SELL' : 'BUY')

/** How much of a position an action closes, rounded down. */
export const closingQuantity = (action: Action, amount: string): string => {
	const part = exact(amount)
		.abs()
		.times(CLOSED_SHARE[action] ?? '1')
	return sizeText(part)
}

/**
 * A plan with what its author left out: side and size of an exit or of a protection as the position tells, the leverage
 * of an entry as its stop allows.
 * Plans by hand name their action only; a replacement stop stands beside the old one, so it needs a size of its own.
 */
export const completed = (plan: Plan, amount: string, policy: Policy): Plan => {
	const kind = classOf(plan.action)
	if (kind === 'ENTRY') return {...plan, leverage: plan.leverage ?? leverageWithin(stopDistance(plan, policy), policy)}
	if (isZero(amount)) return plan
	const sized = kind === 'EXIT' || (plan.stop_price !== undefined && plan.cancel_ids !== undefined)
	const {side = closingSide(amount), quantity = sized ? closingQuantity(plan.action, amount) : undefined} = plan
	return {...plan, side, ...(quantity !== undefined && {quantity})}
}
