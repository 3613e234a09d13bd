import type {Policy} from '../contracts/policy.js'
import type {Plan} from '../contracts/streams/trade.js'

/** Shares such as 0.1 / 0.05 come out a hair below the whole number. */
const ROUNDING = 1e-9

/**
 * The highest leverage at which a stop so far away costs no more of the margin than policy allows
 * (`stop.loss_share_max`): loss over margin = leverage x distance. A whole number from 1, at most `leverage_max`.
 * @param distance of the stop from the entry, a share of the price
 */
export const leverageWithin = (distance: number, {stop, leverage_max}: Policy): number =>
	Math.max(1, Math.min(leverage_max, Math.floor(stop.loss_share_max / distance + ROUNDING)))

/** Whether even without leverage such a stop costs more than allowed. */
export const isBeyondLossLimit = (distance: number, {stop}: Policy): boolean =>
	distance > stop.loss_share_max * (1 + ROUNDING)

/** How far the stop of a plan is from its price, a share of it; by policy where the plan does not say. */
export const stopDistance = (
	{reference_price, stop_price}: Pick<Plan, 'reference_price' | 'stop_price'>,
	{stop}: Policy,
): number => {
	if (reference_price === undefined || stop_price === undefined) return stop.distance_min
	const price = Number(reference_price)
	return Math.abs(price - Number(stop_price)) / price
}
