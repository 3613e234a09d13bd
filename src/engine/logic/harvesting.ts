import type {PayloadOf} from '../contracts/stream.js'
import type {positionSnapshot} from '../contracts/streams/account.js'
import type {harvestCalibrated} from '../contracts/streams/exits.js'
import {classOf, type Plan} from '../contracts/streams/trade.js'
import {exact, isZero, sizeText} from './exact.js'
import {closingSide, sizeOf} from './exit-watch.js'
import {beyond} from './harvest-levels.js'
import {heated} from './heat.js'

export type Proposal = PayloadOf<typeof harvestCalibrated>
/** The position that a proposal is about, as it is now. */
export type Harvested = Readonly<{
	amount: string
	entry_price: string
	opened_ms: number
	stop_price?: string
	stop_client_id?: string
}>
type Order = Pick<Plan, 'side' | 'quantity' | 'stop_price' | 'cancel_ids'>
/** What would be sent, or why nothing is. */
export type Harvest = Readonly<{order: Order; close_share?: number} | {why: string}>

/**
 * A calibrated proposal as an order. A part is taken of the position as it is now, more of it when the portfolio is
 * hot. A new stop is for the whole position and takes the place of the one that rests, which it must be better than.
 */
export const harvestOf = (proposal: Proposal, position: Harvested | undefined, factor: number): Harvest => {
	if (!position) return {why: 'no position'}
	if (position.opened_ms !== proposal.opened_ms) return {why: 'of another position'}
	return classOf(proposal.action) === 'PROTECT' ? stopOf(proposal, position) : partOf(proposal, position, factor)
}

const partOf = ({close_share}: Proposal, position: Harvested, factor: number): Harvest => {
	if (close_share === undefined) return {why: 'no part named'}
	const share = heated(close_share, factor)
	const quantity = sizeText(exact(sizeOf(position)).mul(share))
	if (exact(quantity).lte(0)) return {why: 'the part is nothing'}
	return {order: {side: closingSide(position), quantity}, close_share: share}
}

const stopOf = ({stop_price}: Proposal, position: Harvested): Harvest => {
	const {stop_price: resting, stop_client_id} = position
	if (stop_price === undefined) return {why: 'no stop named'}
	if (resting === undefined || stop_client_id === undefined) return {why: 'the resting stop is not known'}
	if (beyond(position, stop_price, resting).lte(0)) return {why: `the stop at ${resting} is as good`}
	return {
		order: {side: closingSide(position), quantity: sizeOf(position), stop_price, cancel_ids: [stop_client_id]},
	}
}

type Snapshot = Pick<PayloadOf<typeof positionSnapshot>, keyof Harvested>
/** The position of a snapshot; undefined while flat. */
export const harvestedOf = (snapshot: Snapshot): Harvested | undefined => {
	const {amount, entry_price, opened_ms, stop_price, stop_client_id} = snapshot
	if (isZero(amount)) return undefined
	return {
		amount,
		entry_price,
		opened_ms,
		...(stop_price !== undefined && {stop_price}),
		...(stop_client_id !== undefined && {stop_client_id}),
	}
}
