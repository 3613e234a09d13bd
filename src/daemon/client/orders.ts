import {applyResult} from '../../engine/contracts/streams/trade.js'
import {type ClientIdKind, readClientId} from '../../engine/logic/client-id.js'
import type {State} from './state.js'
import type {RestingOrder, VenueDesk} from './venue-desk.js'

/** An order at the venue with the plan that it belongs to. */
export type OrderRow = RestingOrder & Readonly<{plan_id: string; role: ClientIdKind}>

/** What became of a plan lately, as the sender recorded it. */
export type ResultRow = Readonly<{
	plan_id: string
	symbol: string
	action: string
	decision: string
	error: string
	detail: string
	quantity: string
	average_price: string
	latency_ms: number | null
	/** Venue time, ms. */
	ts_ms: number
}>

/** Everything that rests at the venue, by symbol. */
export const openOrders = async (desk: VenueDesk): Promise<readonly OrderRow[]> =>
	(await desk.openOrders())
		.map(order => {
			const {plan_id, kind: role} = readClientId(order.client_order_id)
			return {...order, plan_id, role}
		})
		.sort((left, right) => (left.symbol + left.role < right.symbol + right.role ? -1 : 1))

/** The newest results, newest first. */
export const recentResults = async ({bus, naming}: State, count: number): Promise<readonly ResultRow[]> => {
	const entries = await bus.range(naming.stream(applyResult.name), {count, newest_first: true})
	return entries.map(({fields}) => ({
		plan_id: fields.plan_id ?? '',
		symbol: fields.symbol ?? '',
		action: fields.action ?? '',
		decision: fields.decision ?? '',
		error: fields.error ?? '',
		detail: fields.detail ?? '',
		quantity: fields.filled_quantity ?? fields.quantity ?? '',
		average_price: fields.average_price ?? '',
		latency_ms: fields.latency_ms === undefined ? null : Number(fields.latency_ms),
		ts_ms: Number(fields.ts ?? 0),
	}))
}
