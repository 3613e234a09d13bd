import type {Policy} from '../contracts/policy.js'
import {type Exact, exact, planPrice, textOf, zero} from './exact.js'
import {directionOf} from './exit-watch.js'

/** What is known of a position whose profit is measured in units of its initial risk (R). */
export type Harvestable = Readonly<{
	/** Signed: above 0 long, below 0 short. Only the sign counts here. */
	amount: string
	entry_price: string
	/** The largest size that the position had, without a sign, base units. */
	largest: string
	/** Trigger price of the first stop that rested for it. */
	initial_stop_price?: string | undefined
	leverage?: number | undefined
}>

/** Prices at which profit is taken and stops are moved, as they go into orders. */
export type HarvestLevels = Readonly<{
	/** One R as a distance of price. */
	distance: string
	/** One R of the position at its largest, USDT, costs aside. */
	r_usdt: string
	/** From here `first_share` is closed. */
	first_price: string
	/** From here the stop moves to `break_even_stop`. */
	break_even_price: string
	/** The entry and what getting in and out costs, on the side of profit. */
	break_even_stop: string
}>

type Harvest = Policy['harvest']

const USDT_PLACES = 18
const BPS = 10_000

/** How far a price lies beyond another on the side of profit; below 0 behind it. */
export const beyond = ({amount}: Pick<Harvestable, 'amount'>, price: string, other: string): Exact =>
	exact(price).sub(other).mul(directionOf({amount}))

/**
 * One R as a distance of price: from the entry to the initial stop (Van Tharp's R), or the margin per unit, which is
 * entry / leverage, where `r_of` is `margin`. Undefined when what it needs is not known, while flat, and when the stop
 * does not lie on the side of loss.
 */
export const riskDistance = (position: Harvestable, r_of: Harvest['r_of']): Exact | undefined => {
	const {entry_price, initial_stop_price, leverage} = position
	const entry = exact(entry_price)
	const sign = directionOf(position)
	if (sign === 0 || entry.lte(0)) return undefined
	if (r_of === 'margin') return leverage === undefined || leverage <= 0 ? undefined : entry.div(leverage)
	const distance = initial_stop_price === undefined ? zero : entry.sub(initial_stop_price).mul(sign)
	return distance.gt(0) ? distance : undefined
}

/** Gain of the position at a price in R, below 0 for a loss; costs aside. */
export const gainInR = (position: Harvestable, price: string, {distance}: Pick<HarvestLevels, 'distance'>): number =>
	beyond(position, price, position.entry_price).div(distance).toNumber()

/** The levels of a position, mirrored for a short; undefined as `riskDistance`, and where a price would not be above 0. */
export const harvestLevels = (position: Harvestable, policy: Harvest): HarvestLevels | undefined => {
	const distance = riskDistance(position, policy.r_of)
	if (!distance) return undefined
	const entry = exact(position.entry_price)
	const sign = directionOf(position)
	const at = (of: Exact): Exact => planPrice(entry.add(of.mul(sign)))
	const first = at(distance.mul(policy.first_r))
	const break_even = at(distance.mul(policy.break_even_r))
	const stop = at(entry.mul(policy.cost_bps).div(BPS))
	if ([first, break_even, stop].some(price => price.lte(0))) return undefined
	return {
		distance: textOf(distance),
		r_usdt: textOf(distance.mul(position.largest).toDecimalPlaces(USDT_PLACES)),
		first_price: textOf(first),
		break_even_price: textOf(break_even),
		break_even_stop: textOf(stop),
	}
}

/** Where the stop trails: `trail_r` behind the best price. Undefined where that is no price. */
export const trailingStop = (
	{amount}: Pick<Harvestable, 'amount'>,
	{distance}: Pick<HarvestLevels, 'distance'>,
	best: string,
	trail_r: number,
): string | undefined => {
	const stop = planPrice(exact(best).sub(exact(distance).mul(trail_r).mul(directionOf({amount}))))
	return stop.gt(0) ? textOf(stop) : undefined
}
