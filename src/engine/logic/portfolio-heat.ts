import type {Policy} from '../contracts/policy.js'
import {type Exact, exact, isZero, textOf, zero} from './exact.js'

/** What the loss of a position at its stop is taken from. */
export type Risked = Readonly<{
	/** Signed: above 0 long, below 0 short. */
	amount: string
	entry_price: string
	leverage?: number
	/** Trigger price of the resting stop, if one rests and is known. */
	stop_price?: string
}>
export type PortfolioRisk = Readonly<{
	heat_share: number
	loss_at_stops_usdt: string
	equity_usdt: string
	open_positions: number
	/** Positions without a stop that is known. */
	unprotected: number
}>
type Limits = Pick<Policy, 'leverage_max' | 'stop'>

/** A stop that is still to be placed comes late, and fills worse than it would have in time. */
const UNPROTECTED_FACTOR = 2
const USDT_PLACES = 8
const SHARE_PLACES = 8

/** Loss of a position at its resting stop, costs aside; 0 for a stop on the side of profit. */
const atStop = ({amount, entry_price}: Risked, stop_price: string): Exact => {
	const loss = exact(entry_price).sub(stop_price).mul(amount)
	return loss.gt(0) ? loss : zero
}

/**
 * Without a stop a position may be held until it is liquidated, which takes about its whole margin; it is never taken
 * for less than twice the least distance of a stop. A leverage that is not known counts as the highest that we use:
 * positions of a lower one have a larger margin, and are closed by the last line of exits long before they lose it.
 */
const withoutStop = ({amount, entry_price, leverage}: Risked, {leverage_max, stop}: Limits): Exact => {
	const notional = exact(entry_price).mul(amount).abs()
	const margin = notional.div(leverage !== undefined && leverage > 0 ? leverage : leverage_max)
	const least = notional.mul(stop.distance_min).mul(UNPROTECTED_FACTOR)
	return margin.gt(least) ? margin : least
}

const lossOf = (position: Risked, limits: Limits): Exact =>
	position.stop_price === undefined ? withoutStop(position, limits) : atStop(position, position.stop_price)

/**
 * Loss of all positions at their stops over equity. A stop beyond break-even risks nothing, and lends nothing to
 * others. Undefined while it cannot be told: without equity, or with a position whose entry price is not known.
 */
export const portfolioRisk = (
	positions: readonly Risked[],
	equity_usdt: string | undefined,
	limits: Limits,
): PortfolioRisk | undefined => {
	if (equity_usdt === undefined || exact(equity_usdt).lte(0)) return undefined
	const open = positions.filter(({amount}) => !isZero(amount))
	if (open.some(({entry_price}) => exact(entry_price).lte(0))) return undefined
	const loss = open.reduce((sum, position) => sum.add(lossOf(position, limits)), zero)
	return {
		heat_share: loss.div(equity_usdt).toDecimalPlaces(SHARE_PLACES, UP).toNumber(),
		loss_at_stops_usdt: textOf(loss.toDecimalPlaces(USDT_PLACES, UP)),
		equity_usdt,
		open_positions: open.length,
		unprotected: open.filter(({stop_price}) => stop_price === undefined).length,
	}
}
/** Rounded away from zero: a limit is never missed by rounding. */
const UP = 0
