import {Decimal} from 'decimal.js'
import {keys} from '../../engine/contracts/keys.js'
import {readClientId} from '../../engine/logic/client-id.js'
import {type ForeignMark, markOf} from '../../engine/logic/foreign.js'
import {liquidationDistance} from '../../engine/logic/liquidation.js'
import type {Home} from './home.js'
import {type State, withState} from './state.js'
import {isProtectiveStop, type RestingOrder, type VenueDesk, type VenuePosition} from './venue-desk.js'

/** An open position with what protects it at the venue. */
export type ProtectedPosition = VenuePosition &
	Readonly<{
		side: 'LONG' | 'SHORT'
		notional_usdt: string
		/** Share of the mark price that it may move against the position before the venue closes it; null: no price does. */
		liquidation_distance: number | null
		/** The stop that covers the whole position; null: nothing does. */
		stop: Readonly<{client_order_id: string; trigger_price: string; plan_id: string}> | null
		target: Readonly<{client_order_id: string; trigger_price: string}> | null
	}>

const covers = (order: RestingOrder, {symbol, amount}: VenuePosition): boolean => {
	const closing = amount.startsWith('-') ? 'BUY' : 'SELL'
	if (order.symbol !== symbol || order.side !== closing) return false
	return order.close_position || new Decimal(order.quantity).gte(new Decimal(amount).abs())
}

export const protectedBy = (position: VenuePosition, orders: readonly RestingOrder[]): ProtectedPosition => {
	const covering = orders.filter(order => covers(order, position))
	const stop = covering.find(isProtectiveStop)
	const target = covering.find(({order_type}) => order_type.startsWith('TAKE_PROFIT'))
	return {
		...position,
		side: position.amount.startsWith('-') ? 'SHORT' : 'LONG',
		notional_usdt: new Decimal(position.amount).abs().times(position.mark_price).toFixed(2),
		liquidation_distance: liquidationDistance(position),
		stop: stop
			? {
					client_order_id: stop.client_order_id,
					trigger_price: stop.trigger_price,
					plan_id: readClientId(stop.client_order_id).plan_id,
				}
			: null,
		target: target ? {client_order_id: target.client_order_id, trigger_price: target.trigger_price} : null,
	}
}

/** A position with whose it is: null for one of ours, and where the shared state that knows it cannot be read. */
export type ListedPosition = ProtectedPosition & Readonly<{foreign: ForeignMark | null}>

/** Whose each position is, as every unit sees it. */
export const marksOf = (
	{bus, naming}: State,
	positions: readonly Readonly<{symbol: string}>[],
): Promise<readonly (ForeignMark | null)[]> =>
	Promise.all(
		positions.map(async ({symbol}) =>
			markOf(await bus.hashGet(naming.key(keys.positionSnapshot, {symbol}), 'foreign')),
		),
	)

/** The positions with whose they are; nothing is known of that without the shared state. */
export const markedPositions = async (
	home: Home,
	positions: readonly ProtectedPosition[],
): Promise<readonly ListedPosition[]> => {
	const marks = await withState(home, state => marksOf(state, positions)).catch(() => [])
	return positions.map((position, index) => ({...position, foreign: marks[index] ?? null}))
}

/** Open positions as the venue has them, sorted by symbol. */
export const protectedPositions = async (desk: VenueDesk): Promise<readonly ProtectedPosition[]> => {
	const [positions, orders] = await Promise.all([desk.positions(), desk.openOrders()])
	return positions
		.filter(({amount}) => !new Decimal(amount).isZero())
		.map(position => protectedBy(position, orders))
		.sort((left, right) => (left.symbol < right.symbol ? -1 : 1))
}
