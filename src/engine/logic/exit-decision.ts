import type {Policy} from '../contracts/policy.js'
import type {Action} from '../contracts/streams/trade.js'
import {exact, sizeText, textOf} from './exact.js'
import type {Holding} from './exit-holding.js'
import {fallenTo, type Ladder, ratchetOf, risenTo, safer, targetsReached, trailOf} from './exit-ladder.js'

/** Why the owner closes, in the order of precedence; `target_1` and so on for parts. */
export type CloseReason =
	| 'emergency'
	| 'max_loss'
	| 'stop'
	| 'break_even'
	| 'ratchet'
	| 'trailing'
	| 'kill_score'
	| 'target'
	| `target_${number}`

export type ExitDecision =
	| Readonly<{kind: 'whole'; reason: CloseReason}>
	| Readonly<{kind: 'part'; reason: CloseReason; action: Action; upto: number; quantity: string}>
	/** The part of these targets rounds to nothing. */
	| Readonly<{kind: 'skip'; upto: number}>
	| undefined

/** What the venue and the policy call too small. Sizes in base units; left out while it is not known. */
export type LotSize = Readonly<{step_size: string; min_quantity: string}>

type Rules = Pick<Policy, 'exit_brain' | 'harvest' | 'dust_usdt'>
type Seen = Readonly<{
	holding: Holding
	ladder: Ladder
	price: number
	kill_score: number
	lot?: LotSize | undefined
}>

/** The levels that protect a holding now: the internal stop, and where trailing closes once a target is taken. */
export const guardsOf = (
	{stop, taken, best}: Pick<Holding, 'stop' | 'taken' | 'best'>,
	ladder: Ladder,
	rules: Pick<Rules, 'exit_brain'>,
): Readonly<{stop: number; trail?: number}> => {
	const ratchet = ratchetOf(ladder, taken)
	const trail = trailOf(ladder, {taken, best}, rules)
	const reached = stop === undefined ? ratchet : safer(ladder, stop, ratchet)
	return trail === undefined || safer(ladder, trail, reached) === reached ? {stop: reached} : {stop: reached, trail}
}

/** The holding with the best closing price: followed once the price has come to target 1. */
export const withBest = (holding: Holding, ladder: Ladder, price: number): Holding => {
	const [first] = ladder.targets
	const far = first !== undefined && risenTo(ladder, price, first)
	const {best} = holding
	return far || best !== undefined ? {...holding, best: safer(ladder, best ?? price, price)} : holding
}

const NAMES = ['stop', 'break_even'] as const

const againstReason = ({holding, ladder, price}: Seen, rules: Rules): CloseReason | undefined => {
	if (fallenTo(ladder, price, ladder.emergency_price)) return 'emergency'
	if (fallenTo(ladder, price, ladder.loss_max_price)) return 'max_loss'
	const {stop, trail} = guardsOf(holding, ladder, rules)
	// Where it trails, that lies nearer than the stop.
	if (fallenTo(ladder, price, trail)) return 'trailing'
	return fallenTo(ladder, price, stop) ? (NAMES[holding.taken] ?? 'ratchet') : undefined
}

/** The action whose share is nearest: its size is stated, so the name only tells. */
const partAction = (share: number): Action =>
	share <= 0.375 ? 'PARTIAL_CLOSE_25' : share <= 0.625 ? 'PARTIAL_CLOSE_50' : 'PARTIAL_CLOSE_75'

/** A size on the grid of the venue, never above it; as it is where the grid is not known. */
export const downTo = (size: string, step_size: string | undefined): string => {
	if (step_size === undefined || Number(step_size) <= 0) return sizeText(exact(size))
	return textOf(exact(size).div(step_size).floor().mul(step_size))
}

const inFavour = ({holding, ladder, price, lot}: Seen, {exit_brain, dust_usdt}: Rules): ExitDecision => {
	const upto = targetsReached(ladder, price)
	const {taken, initial_size, amount} = holding
	if (upto <= taken) return undefined
	if (upto >= ladder.targets.length) return {kind: 'whole', reason: 'target'}
	const share = exit_brain.target_shares.slice(taken, upto).reduce((sum, part) => exact(sum).add(part), exact(0))
	const quantity = downTo(textOf(share.mul(initial_size)), lot?.step_size)
	const size = exact(amount).abs()
	const rest = size.sub(quantity)
	if (exact(quantity).lte(0)) return {kind: 'skip', upto}
	if (rest.lte(0) || rest.lt(lot?.min_quantity ?? 0) || rest.mul(price).lt(dust_usdt))
		return {kind: 'whole', reason: 'target'}
	return {kind: 'part', reason: `target_${upto}`, action: partAction(share.toNumber()), upto, quantity}
}

/**
 * What is to be done at this price: the harder reason first. Targets come last, so that a price which is at a target
 * and a reason to be out closes whole.
 */
export const decideExit = (seen: Seen, rules: Rules): ExitDecision => {
	const reason = againstReason(seen, rules)
	if (reason) return {kind: 'whole', reason}
	if (seen.kill_score >= rules.exit_brain.kill_score_close) return {kind: 'whole', reason: 'kill_score'}
	return inFavour(seen, rules)
}

/** Less than this is not worth a request: of the entry price. */
const MOVE_MIN_SHARE = 0.001

export type StopMove = Readonly<{action: Action; stop_price: number; cancel_id: string}>

/**
 * Where the resting stop should be moved to: to the safest level that is guarded, from target 1 on, and only where
 * that leaves less at risk than the one that rests.
 */
export const stopMove = (holding: Holding, ladder: Ladder, rules: Pick<Rules, 'exit_brain'>): StopMove | undefined => {
	const {resting, taken} = holding
	if (!resting || taken === 0) return undefined
	const {stop, trail} = guardsOf(holding, ladder, rules)
	const stop_price = trail ?? stop
	const least = Number(resting.price) + ladder.direction * MOVE_MIN_SHARE * ladder.entry_price
	if (!risenTo(ladder, stop_price, least)) return undefined
	const action = trail !== undefined ? 'TRAIL_UPDATE' : taken === 1 ? 'MOVE_SL_BE' : 'REPLACE_STOP'
	return {action, stop_price, cancel_id: resting.client_id}
}
