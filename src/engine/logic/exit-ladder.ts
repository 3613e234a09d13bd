import type {Policy} from '../contracts/policy.js'
import {priceText} from './exact.js'

/** 1 for long, -1 for short. */
export type Direction = 1 | -1

/** What the ladder of a position is made of. Prices as numbers; shares are of the entry price unless they say otherwise. */
export type LadderBasis = Readonly<{
	direction: Direction
	entry_price: number
	/** Trigger of the first stop that rested; left out while none is known. */
	initial_stop_price?: number | undefined
	leverage?: number | undefined
	/** Standard deviation of a 15-minute return; left out while the market's state is not known. */
	sigma_15m?: number | undefined
}>
type Rules = Pick<Policy, 'exit_brain' | 'harvest'>

export type Ladder = Readonly<{
	direction: Direction
	entry_price: number
	/** Distance of the internal stop. */
	distance: number
	/** The internal stop before any target is taken, and then after each one. */
	stops: readonly [number, ...number[]]
	targets: readonly number[]
	/** Where the loss is `loss_max` and `loss_emergency` of the margin; left out while the leverage is not known. */
	loss_max_price?: number
	emergency_price?: number
}>

const rounded = (price: number): number => Number(priceText(price))

const BPS = 10_000
const MINUTES = 15
/** sigma of 15 minutes from that of one: returns of different minutes are taken as independent, so variances add up. */
export const sigma15mOf = (sigma_1m: number): number => sigma_1m * Math.sqrt(MINUTES)

/**
 * Distance of the internal stop, as a share of the entry price:
 * `clamp(stop_volatility_multiple x sigma_15m, stop_min, stop_max)`, or `stop_max` while the volatility is not known;
 * never beyond the initial stop, nor beyond the loss of `loss_max` of the margin (`loss_max / leverage`).
 */
export const stopDistance = (basis: LadderBasis, {exit_brain}: Pick<Rules, 'exit_brain'>): number => {
	const {direction, entry_price, initial_stop_price, leverage, sigma_15m} = basis
	const {stop_volatility_multiple, stop_min, stop_max, loss_max} = exit_brain
	const wanted =
		sigma_15m === undefined ? stop_max : Math.min(Math.max(stop_volatility_multiple * sigma_15m, stop_min), stop_max)
	const initial =
		initial_stop_price === undefined ? wanted : (direction * (entry_price - initial_stop_price)) / entry_price
	return Math.min(
		wanted,
		// A stop at or beyond the entry is one that has been moved: it bounds no risk.
		initial > 0 ? initial : wanted,
		leverage === undefined ? wanted : loss_max / leverage,
	)
}

/**
 * Every level of a position. Target k lies `targets[k]` internal stop distances beyond the entry, the first one at
 * least `target_min`, each one beyond the one before. After target 1 the stop stands at break-even with its cost,
 * after target k at target k - 1.
 */
export const ladderOf = (basis: LadderBasis, {exit_brain, harvest}: Rules): Ladder => {
	const {direction, entry_price, leverage} = basis
	const distance = stopDistance(basis, {exit_brain})
	const at = (share: number): number => rounded(entry_price * (1 + direction * share))
	const scale = Math.max(1, exit_brain.target_min / (distance * (exit_brain.targets[0] ?? 1)))
	const targets = exit_brain.targets.map(multiple => at(multiple * distance * scale))
	const stops = [at(-distance), at(harvest.cost_bps / BPS), ...targets.slice(0, -1)] as const
	if (leverage === undefined) return {direction, entry_price, distance, stops, targets}
	const loss_max_price = at(-exit_brain.loss_max / leverage)
	const emergency_price = at(-exit_brain.loss_emergency / leverage)
	return {direction, entry_price, distance, stops, targets, loss_max_price, emergency_price}
}

/** Whether price has come to a level against the position, or beyond it; never for a level that is not known. */
export const fallenTo = ({direction}: Pick<Ladder, 'direction'>, price: number, level: number | undefined): boolean =>
	level !== undefined && direction * (price - level) <= 0
/** Whether price has come to a level in favour of the position, or beyond it. */
export const risenTo = ({direction}: Pick<Ladder, 'direction'>, price: number, level: number): boolean =>
	direction * (price - level) >= 0
/** The one of two levels that leaves less at risk. */
export const safer = ({direction}: Pick<Ladder, 'direction'>, one: number, other: number): number =>
	direction > 0 ? Math.max(one, other) : Math.min(one, other)

/** Gain of price as a share of the entry price; a loss is below 0. */
export const gainAt = ({direction, entry_price}: Pick<Ladder, 'direction' | 'entry_price'>, price: number): number =>
	(direction * (price - entry_price)) / entry_price

/** How many targets price has reached. */
export const targetsReached = (ladder: Ladder, price: number): number =>
	ladder.targets.filter(target => risenTo(ladder, price, target)).length

/** The internal stop after so many targets. */
export const ratchetOf = ({stops}: Ladder, taken: number): number =>
	stops[Math.min(taken, stops.length - 1)] ?? stops[0]

/** Where trailing closes: `trailing` of the entry price behind the best closing price. Undefined before target 1. */
export const trailOf = (
	{direction, entry_price}: Ladder,
	{taken, best}: Readonly<{taken: number; best?: number | undefined}>,
	{exit_brain}: Pick<Rules, 'exit_brain'>,
): number | undefined =>
	taken === 0 || best === undefined ? undefined : rounded(best - direction * exit_brain.trailing * entry_price)
