import type {PayloadOf} from '../contracts/stream.js'
import type {positionSnapshot} from '../contracts/streams/account.js'
import {equal, exact, textOf} from './exact.js'
import {liquidationDistance} from './liquidation.js'

type Snapshot = PayloadOf<typeof positionSnapshot>

/** What the venue says of the margin of a position, and of the account that it belongs to. Decimals as it wrote them. */
export type MarginReading = Readonly<{
	symbol: string
	amount: string
	/** 0 where no price closes it. */
	liquidation_price: string
	maintenance_margin?: string
	/** Of the account: maintenance margin of everything over the margin balance. The venue liquidates at 1. */
	margin_ratio: number
}>

/** Of an open position. */
export type Watched = Readonly<{
	position: Pick<Snapshot, 'amount' | 'entry_price' | 'opened_ms' | 'stop_price' | 'leverage'>
	/** The price that it is valued at; before the first tick that of its entry. */
	price: string
	/** Venue time of the price; machine time at which it was taken over. */
	price_ms: number
	priced_machine_ms: number
	margin?: Omit<MarginReading, 'symbol'> & Readonly<{machine_ms: number}>
	/** Said once per spell near liquidation. */
	near?: true
}>

/** A position this close to liquidation (share of the price) is an alarm, and is none again this far away. */
export const NEAR = {from: 0.02, until: 0.03} as const

/** Room to the price at which the venue closes it; null where there is none, or where the venue spoke of another size. */
export const toLiquidation = ({position: {amount}, price, margin}: Watched): number | null =>
	margin && equal(margin.amount, amount)
		? liquidationDistance({amount, mark_price: price, liquidation_price: margin.liquidation_price})
		: null

/** Room to the stop as a share of the price, below 0 beyond it; null without a stop. */
export const toStop = ({position: {amount, stop_price}, price}: Watched): number | null => {
	if (stop_price === undefined || exact(price).lte(0)) return null
	const room = amount.startsWith('-') ? exact(stop_price).sub(price) : exact(price).sub(stop_price)
	return room.div(price).toDecimalPlaces(4).toNumber()
}

/**
 * Why the venue may close the position before we do: liquidation comes before the stop, or is near. Undefined: neither.
 * @param near whether it was so before: it must get a bit farther away to be over
 */
export const dangerOf = (watched: Watched, near: boolean): 'BEFORE_STOP' | 'NEAR' | undefined => {
	const [room, stop] = [toLiquidation(watched), toStop(watched)]
	if (room === null) return undefined
	if (stop !== null && stop > 0 && room <= stop) return 'BEFORE_STOP'
	return room < (near ? NEAR.until : NEAR.from) ? 'NEAR' : undefined
}

export type PositionRow = Readonly<{
	symbol: string
	side: 'LONG' | 'SHORT'
	amount: string
	entry_price: string
	price: string
	/** Signed as the amount. */
	notional_usdt: string
	unrealised_pnl: string
	leverage: number | null
	stop_price: string | null
	/** Shares of the price. */
	to_stop: number | null
	liquidation_price: string | null
	to_liquidation: number | null
	maintenance_margin: string | null
	/** Of the account. */
	margin_ratio: number | null
	near_liquidation: boolean
	/** Venue time. */
	age_ms: number
	price_age_ms: number
	/** Machine time. */
	margin_age_ms: number | null
}>

const PLACES = 8

/** Everything that is known of an open position, with how old it is. */
export const positionRow = (
	symbol: string,
	watched: Watched,
	{venue_ms, machine_ms}: Readonly<{venue_ms: number; machine_ms: number}>,
): PositionRow => {
	const {position, price, price_ms, margin, near = false} = watched
	const {amount, entry_price, opened_ms, stop_price = null, leverage = null} = position
	const usdt = (one: string, other: string) => textOf(exact(one).mul(other).toDecimalPlaces(PLACES))
	return {
		symbol,
		side: amount.startsWith('-') ? 'SHORT' : 'LONG',
		amount,
		entry_price,
		price,
		notional_usdt: usdt(amount, price),
		unrealised_pnl: usdt(amount, textOf(exact(price).sub(entry_price))),
		leverage,
		stop_price,
		to_stop: toStop(watched),
		liquidation_price: margin && exact(margin.liquidation_price).gt(0) ? margin.liquidation_price : null,
		to_liquidation: toLiquidation(watched),
		maintenance_margin: margin?.maintenance_margin ?? null,
		margin_ratio: margin?.margin_ratio ?? null,
		near_liquidation: near,
		age_ms: Math.max(0, venue_ms - opened_ms),
		price_age_ms: Math.max(0, venue_ms - price_ms),
		margin_age_ms: margin ? Math.max(0, machine_ms - margin.machine_ms) : null,
	}
}
