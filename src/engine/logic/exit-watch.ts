import type {Policy} from '../contracts/policy.js'
import type {PayloadOf} from '../contracts/stream.js'
import type {positionSnapshot, Side} from '../contracts/streams/account.js'
import type {marketTick} from '../contracts/streams/market.js'

export type Position = Pick<PayloadOf<typeof positionSnapshot>, 'amount' | 'entry_price' | 'opened_ms'>
export type ExitReason = 'target' | 'stop' | 'trailing' | 'no_stop'

/** 1 for long, -1 for short, 0 for flat. */
export const directionOf = ({amount}: Pick<Position, 'amount'>): number => Math.sign(Number(amount))

/** The side that closes. */
export const closingSide = (position: Position): Side => (directionOf(position) > 0 ? 'SELL' : 'BUY')

/** Size of the position: its amount without the sign, as it came. */
export const sizeOf = ({amount}: Position): string => amount.replace(/^-/, '')

/** What closing would get: the bid for a long, the ask for a short. */
export const closingPrice = (position: Position, {bid, ask}: PayloadOf<typeof marketTick>): string =>
	directionOf(position) > 0 ? bid : ask

/** The best of two closing prices. */
export const better = (position: Position, best: number | undefined, price: number): number =>
	best === undefined ? price : directionOf(position) > 0 ? Math.max(best, price) : Math.min(best, price)

/**
 * Why the position should be closed at this price: shares of the entry price for target and stop; trailing as a share
 * of the best price, once that was `trailing_from` beyond the entry. The stop comes first: it is the harder reason.
 * @param best the best closing price since the position was opened, this one included
 */
export const levelCrossed = (
	position: Position,
	price: number,
	best: number,
	policy: Policy['exit_monitor'],
): ExitReason | undefined => {
	const entry = Number(position.entry_price)
	if (!(entry > 0)) return undefined
	const direction = directionOf(position)
	const gain = (direction * (price - entry)) / entry
	if (gain <= -policy.stop) return 'stop'
	if (gain >= policy.target) return 'target'
	const best_gain = (direction * (best - entry)) / entry
	const given_back = (direction * (best - price)) / best
	return best_gain >= policy.trailing_from && given_back >= policy.trailing ? 'trailing' : undefined
}
