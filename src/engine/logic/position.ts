import type {Side} from '../contracts/streams/account.js'
import {averagePrice, equal, exact, isZero, textOf, zero} from './exact.js'
import {compareVenueIds, emptyWindow, hasSeen, type SeenWindow, see} from './seen-window.js'

/** A position at average cost. Exact decimals as text; amount signed, above 0 long. */
export type Holding = Readonly<{
	amount: string
	entry_price: string
	/** Venue time of the fill that opened it, ms; 0 when flat. */
	opened_ms: number
	/** Trade id of that fill; empty when flat or when a correction opened it. */
	opened_by: string
	/** Opened by others, and not increased by a plan of ours since. */
	foreign?: true
}>

export const flat: Holding = {amount: '0', entry_price: '0', opened_ms: 0, opened_by: ''}

export type PositionFill = Readonly<{
	trade_id: string
	side: Side
	price: string
	quantity: string
	ts_ms: number
	/** Of an order that others placed. */
	foreign?: true
}>

const asOurs = ({foreign: _, ...holding}: Holding): Holding => holding

/** Average cost: an increase moves the entry price, a reduction does not, a flip starts anew at the fill's price. */
export const afterFill = (before: Holding, fill: PositionFill): Holding => {
	const {trade_id, side, price, quantity, ts_ms, foreign} = fill
	const held = exact(before.amount)
	const signed = side === 'BUY' ? exact(quantity) : exact(quantity).neg()
	const amount = held.add(signed)
	if (amount.isZero()) return flat
	const opened = {opened_ms: ts_ms, opened_by: trade_id, ...(foreign && {foreign})}
	if (held.isZero() || held.isPositive() !== amount.isPositive())
		return {amount: textOf(amount), entry_price: textOf(exact(price)), ...opened}
	if (held.isPositive() !== signed.isPositive()) return {...before, amount: textOf(amount)}
	const cost = held.abs().mul(before.entry_price).add(signed.abs().mul(price))
	const grown = {...before, amount: textOf(amount), entry_price: textOf(averagePrice(cost.div(amount.abs())))}
	return foreign ? grown : asOurs(grown)
}

/** Fills that may still be joined by an older one that arrives late. */
const FILLS_KEPT = 64

/**
 * A position as the fold of its fills in the order of their trade ids, whatever order they arrive in:
 * the newest fills are kept and folded again when an older one comes late.
 */
export type Track = Readonly<{
	base: Holding
	seen: SeenWindow
	fills: readonly PositionFill[]
	/** Venue time of the last correction: fills up to then are part of it, also those that have not arrived. -1 before the first. */
	corrected_ms: number
}>

export const newTrack: Track = {base: flat, seen: emptyWindow, fills: [], corrected_ms: -1}

export const holdingOf = ({base, fills}: Track): Holding => fills.reduce(afterFill, base)

/** The track with one fill more; undefined when it holds the fill, or one that is older than all it can still order or than its last correction. */
export const track = (before: Track, fill: PositionFill): Track | undefined => {
	if (hasSeen(before.seen, fill.trade_id) || fill.ts_ms <= before.corrected_ms) return undefined
	const {window} = see(before.seen, fill.trade_id, FILLS_KEPT)
	const later = before.fills.findIndex(known => compareVenueIds(known.trade_id, fill.trade_id) > 0)
	const fills = before.fills.toSpliced(later === -1 ? before.fills.length : later, 0, fill)
	const settled = fills.slice(0, Math.max(0, fills.length - FILLS_KEPT))
	return {...before, seen: window, base: settled.reduce(afterFill, before.base), fills: fills.slice(settled.length)}
}

/** The venue's word: a new base. Fills up to the newest known, and up to `as_of_ms`, are part of it, whenever they arrive. */
export const corrected = (
	before: Track,
	{
		amount,
		entry_price,
		ts_ms,
		as_of_ms,
		ours = false,
	}: Readonly<{amount: string; entry_price: string; ts_ms: number; as_of_ms: number; ours?: boolean | undefined}>,
): Track => {
	const corrected_ms = Math.max(before.corrected_ms, as_of_ms)
	const held = holdingOf(before)
	const floor = before.seen.ids.at(-1) ?? before.seen.floor
	const seen = {floor, ids: []}
	if (isZero(amount)) return {base: flat, seen, fills: [], corrected_ms}
	const same = !isZero(held.amount) && exact(held.amount).isPositive() === exact(amount).isPositive()
	const opened = same ? held : {opened_ms: ts_ms, opened_by: '', foreign: true as const}
	const base = {...opened, amount, entry_price}
	return {base: ours ? asOurs(base) : base, seen, fills: [], corrected_ms}
}

/**
 * A fill that came after the correction which has it, and increased the position by a plan of ours: the position is
 * ours. In doubt it is: what we protect too much costs less than what nobody does.
 */
export const owned = (before: Track, {trade_id, side, ts_ms, foreign}: PositionFill): Track => {
	const {amount, foreign: others} = holdingOf(before)
	const late = ts_ms <= before.corrected_ms && !hasSeen(before.seen, trade_id)
	const increases = side === (exact(amount).isPositive() ? 'BUY' : 'SELL')
	return late && others && !foreign && increases ? {...before, base: asOurs(before.base)} : before
}

/** A conditional order of the venue that closes when its trigger price is reached. */
export type RestingStop = Readonly<{
	client_algo_id: string
	side: Side
	trigger_price: string
	quantity: string
	close_position: boolean
	/** Venue time since when it rests, ms; left out where it is not known. */
	since_ms?: number
}>

/** The stop against a position that triggers first; of equal ones any. */
export const nearestStop = (amount: string, stops: readonly RestingStop[]): RestingStop | undefined => {
	const long = exact(amount).isPositive()
	const nearer = (one: RestingStop, other: RestingStop): boolean =>
		long ? exact(one.trigger_price).gt(other.trigger_price) : exact(one.trigger_price).lt(other.trigger_price)
	return stops
		.filter(({side}) => side === (long ? 'SELL' : 'BUY'))
		.reduce<RestingStop | undefined>(
			(near, stop) => (near === undefined || nearer(stop, near) ? stop : near),
			undefined,
		)
}

/** Stops protect a position when they close all of it: one that closes the position, or quantities that cover it. */
export const protects = (amount: string, stops: readonly RestingStop[]): boolean => {
	if (isZero(amount)) return false
	const closing = exact(amount).isPositive() ? 'SELL' : 'BUY'
	const against = stops.filter(stop => stop.side === closing)
	if (against.some(stop => stop.close_position)) return true
	return against.reduce((sum, stop) => sum.add(stop.quantity), zero).gte(exact(amount).abs())
}

export const sameHolding = (first: Holding, second: Holding): boolean =>
	equal(first.amount, second.amount) && equal(first.entry_price, second.entry_price)
