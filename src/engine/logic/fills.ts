import type {Side} from '../contracts/streams/account.js'
import {type Exact, exact} from './exact.js'

export type FillEffect = 'OPEN' | 'INCREASE' | 'REDUCE' | 'CLOSE' | 'FLIP'

/** A fill's quantity as a change of the position: bought above 0, sold below. */
export const signedQuantity = ({side, quantity}: Readonly<{side: Side; quantity: string}>): Exact =>
	side === 'BUY' ? exact(quantity) : exact(quantity).negated()

/** What a fill did to the position. */
export const effectOfFill = (before: Exact, after: Exact): FillEffect => {
	if (before.isZero()) return 'OPEN'
	if (after.isZero()) return 'CLOSE'
	if (before.isPositive() !== after.isPositive()) return 'FLIP'
	return after.abs().gt(before.abs()) ? 'INCREASE' : 'REDUCE'
}
