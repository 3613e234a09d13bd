import {meanOf} from '../indicators/window.js'
import {trailDistances} from './excursion.js'

/** What a trade would have gained, in R, with the stop trailing at each of some distances in R. */
export type TrailSample = Readonly<{closed_ms: number; gains: Readonly<Record<string, number>>}>
export type Tuning = Readonly<{
	trail_r: number
	/** Mean gain over the distance in force on the trades that it was not chosen on, in R, and its t-value. */
	gain_r: number
	t_value: number
	trades: number
}>

export const TRADES_MIN = 40
/** The older part chooses, the newer one confirms. */
const CHOOSING_PART = 0.6
/** One-sided 95 %. */
const T_MIN = 1.645
/** A tighter trail is set off by the spread. */
const TRAIL_MIN_R = 0.1

/** Student's t of the mean of paired differences; infinite where all are equal and not 0. */
const tOf = (differences: readonly number[]): number => {
	const mean = meanOf(differences)
	const squares = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0)
	const error = Math.sqrt(squares / (differences.length - 1) / differences.length)
	return mean === 0 ? 0 : mean / error
}

/**
 * A tighter trailing distance that paid: chosen by its mean gain on the older 60 % of the trades, and confirmed on the
 * newer 40 % by a one-sided paired t-test against the distance in force. Only tighter ones can be judged: they close
 * while the price path was still watched. Undefined without enough trades, or when nothing tighter is confirmed.
 */
export const tunedTrail = (
	samples: readonly TrailSample[],
	policy: Parameters<typeof trailDistances>[0],
): Tuning | undefined => {
	const distances = trailDistances(policy)
	const usable = samples
		.filter(({gains}) => distances.every(distance => gains[distance] !== undefined))
		.sort((first, second) => first.closed_ms - second.closed_ms)
	if (usable.length < TRADES_MIN) return undefined
	const cut = Math.floor(usable.length * CHOOSING_PART)
	const [older, newer] = [usable.slice(0, cut), usable.slice(cut)]
	const against = (part: readonly TrailSample[], distance: number): readonly number[] =>
		part.map(({gains}) => (gains[distance] ?? 0) - (gains[policy.trail_r] ?? 0))
	const [best] = distances
		.filter(distance => distance < policy.trail_r && distance >= TRAIL_MIN_R)
		.map(distance => ({distance, mean: meanOf(against(older, distance))}))
		.sort((first, second) => second.mean - first.mean || second.distance - first.distance)
	if (!best || best.mean <= 0) return undefined
	const differences = against(newer, best.distance)
	const [gain_r, t_value] = [meanOf(differences), tOf(differences)]
	return t_value >= T_MIN ? {trail_r: best.distance, gain_r, t_value, trades: usable.length} : undefined
}
