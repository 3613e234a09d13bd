import type {Policy} from '../contracts/policy.js'
import {type Exact, exact, isZero, priceText} from './exact.js'

/** Triggers of a stop and a target, in the quote asset. */
export type Levels = Readonly<{stop_price: string; target_price: string}>
export type SomeLevels = Readonly<{[Level in keyof Levels]?: string | undefined}>

const awayFrom = (price: string, amount: string, {stop}: Policy): Exact =>
	exact(price)
		.times(stop.distance_min)
		.times(exact(amount).isPositive() ? 1 : -1)

/** The stop of a position that no plan gave one; `amount` is signed. */
export const policyStop = (price: string, amount: string, policy: Policy): string =>
	priceText(exact(price).minus(awayFrom(price, amount, policy)))

/**
 * What a plan says, or by policy from the price; of `amount` only the sign counts. Undefined where nothing is left of
 * one of them after rounding.
 */
export const plannedLevels = (
	planned: SomeLevels,
	{price, amount}: Readonly<{price: string; amount: string}>,
	policy: Policy,
): Levels | undefined => {
	const away = awayFrom(price, amount, policy).times(policy.stop.target_multiple)
	const stop_price = planned.stop_price ?? policyStop(price, amount, policy)
	const target_price = planned.target_price ?? priceText(exact(price).plus(away))
	return isZero(stop_price) || isZero(target_price) ? undefined : {stop_price, target_price}
}
