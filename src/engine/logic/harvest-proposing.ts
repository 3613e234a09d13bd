import type {Policy} from '../contracts/policy.js'
import type {Action} from '../contracts/streams/trade.js'
import {rounded} from './decimal-text.js'
import {exact} from './exact.js'
import {beyond, gainInR, type Harvestable, type HarvestLevels, harvestLevels, trailingStop} from './harvest-levels.js'

/** What was proposed for a position: each level once. */
export type Taken = Readonly<{
	first?: true
	break_even?: true
	/** The newest stop that was proposed. */
	stop?: string
	/** Best closing price from break-even on, in steps of `TRAIL_STEP_R`. */
	best?: string
}>
export type Held = Harvestable & Readonly<{stop_price?: string | undefined}>

/** A level that is reached. `taken` is what counts as proposed once it was. */
export type Due = Readonly<{
	level: 'first' | 'break_even' | 'trail'
	action: Action
	close_share?: number
	stop_price?: string
	r: number
	r_usdt: string
	taken: Taken
}>

/** A stop is moved by at least this much: less is not worth an order. */
const TRAIL_STEP_R = 0.1

type Seen = Readonly<{position: Held; taken: Taken; price: string; policy: Policy['harvest']; levels: HarvestLevels}>

const reached = ({position}: Seen, price: string, level: string): boolean => beyond(position, price, level).gte(0)

/** The better of the stop that rests and the one that was proposed. */
const standing = ({position, taken}: Seen): string | undefined => {
	const {stop_price} = position
	if (stop_price === undefined || taken.stop === undefined) return stop_price ?? taken.stop
	return beyond(position, taken.stop, stop_price).gt(0) ? taken.stop : stop_price
}

/** Whether a stop lies behind the price, where it can rest, and is better by a step than the one that stands. */
const improves = (seen: Seen, stop: string, step_r: number): boolean => {
	const {position, price, levels} = seen
	const before = standing(seen)
	const step = exact(levels.distance).mul(step_r)
	return (
		beyond(position, price, stop).gt(0) &&
		(before === undefined || (beyond(position, stop, before).gt(0) && beyond(position, stop, before).gte(step)))
	)
}

const stopMove = (seen: Seen): Pick<Due, 'level' | 'action' | 'stop_price' | 'taken'> | undefined => {
	const {position, taken, price, levels, policy} = seen
	if (taken.best === undefined) return undefined
	const {break_even_stop} = levels
	if (taken.break_even === undefined && improves(seen, break_even_stop, 0))
		return {
			level: 'break_even',
			action: 'MOVE_SL_BE',
			stop_price: break_even_stop,
			taken: {...taken, break_even: true, stop: break_even_stop},
		}
	const best = beyond(position, price, taken.best).gt(0) ? price : taken.best
	const stop = trailingStop(position, levels, best, policy.trail_r)
	if (stop === undefined || !improves(seen, stop, TRAIL_STEP_R)) return undefined
	return {level: 'trail', action: 'TRAIL_UPDATE', stop_price: stop, taken: {...taken, best, break_even: true, stop}}
}

/** The best price, from break-even on; the same record until it is better by a step. */
const withBest = ({position, taken, price, levels}: Seen): Taken => {
	const {best} = taken
	if (best === undefined)
		return beyond(position, price, levels.break_even_price).gte(0) ? {...taken, best: price} : taken
	const step = exact(levels.distance).mul(TRAIL_STEP_R)
	return beyond(position, price, best).gte(step) ? {...taken, best: price} : taken
}

/**
 * The next level that a position has reached at a closing price, one at a time: the first part, the stop to
 * break-even, then the stop that trails the best price. A stop only ever moves towards profit. Nothing is due while R
 * is not known. `taken` of the answer holds the best price also when nothing is due.
 */
export const dueHarvest = (
	position: Held,
	before: Taken,
	price: string,
	policy: Policy['harvest'],
): Readonly<{due?: Due; taken: Taken}> => {
	const levels = harvestLevels(position, policy)
	if (!levels) return {taken: before}
	const seen: Seen = {position, taken: before, price, policy, levels}
	const taken = withBest(seen)
	const amounts = {r: rounded(gainInR(position, price, levels)), r_usdt: levels.r_usdt}
	if (taken.first === undefined && reached(seen, price, levels.first_price)) {
		const first: Taken = {...taken, first: true}
		const close_share = policy.first_share
		return {due: {level: 'first', action: 'HARVEST_PARTIAL', close_share, ...amounts, taken: first}, taken}
	}
	const move = stopMove({...seen, taken})
	return move ? {due: {...move, ...amounts}, taken} : {taken}
}
