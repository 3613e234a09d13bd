import type {PayloadOf} from '../contracts/stream.js'
import type {positionSnapshot} from '../contracts/streams/account.js'
import {exact, isZero, textOf, zero} from './exact.js'
import type {Direction, LadderBasis} from './exit-ladder.js'

type Snapshot = PayloadOf<typeof positionSnapshot>

/** A close that was asked for. */
export type Pending = Readonly<{
	reason: string
	/** Venue time. */
	planned_ms: number
	/** Of a part: the targets that are taken with it, the size before it, and what it closes. */
	part?: Readonly<{upto: number; from: string; quantity: string}>
}>
/** A replacement of the resting stop that was asked for, by the id of the one that it replaces. */
export type Moving = Readonly<{client_id: string; machine_ms: number; venue_ms: number}>

/** An open position as the exit owner knows it. JSON; changes only when something that matters moved. */
export type Holding = Readonly<{
	/** Signed. */
	amount: string
	entry_price: string
	opened_ms: number
	leverage?: number
	initial_stop_price?: string
	/** The stop that rests at the venue. */
	resting?: Readonly<{price: string; client_id: string}>
	/** All that was opened: what the shares of the targets are of. */
	initial_size: string
	/** Standard deviation of a 15-minute return as the position was opened, or as soon as it was known. */
	sigma_15m?: number
	taken: number
	/** Targets whose part rounded to nothing. */
	skipped: number
	/** Best closing price; followed from target 1 on. */
	best?: number
	/** The safest internal stop so far: it never falls back. */
	stop?: number
	pending?: Pending
	moving?: Moving
	/** Venue time of the last word on the position. */
	told_ms?: number
}>

const sizeOf = (amount: string): string => textOf(exact(amount).abs())
export const directionOf = ({amount}: Pick<Holding, 'amount'>): Direction => (exact(amount).isPositive() ? 1 : -1)

/** How much of a part that was asked for is closed. */
const closedOf = ({from}: NonNullable<Pending['part']>, amount: string) => exact(from).sub(sizeOf(amount))

/** What a part that was asked for makes of the holding: its targets are taken once it is closed. */
const settled = (holding: Holding): Holding => {
	const {pending, ...rest} = holding
	const part = pending?.part
	if (!part || closedOf(part, holding.amount).lt(part.quantity)) return holding
	return {...rest, taken: Math.max(holding.taken, part.upto)}
}

/** Forgets a close that did not happen. A part that was closed only partly counts: the market had no more. */
export const givenUp = (holding: Holding): Holding => {
	const {pending, ...rest} = holding
	const part = pending?.part
	const partly = part !== undefined && closedOf(part, holding.amount).gt(0)
	return partly ? {...rest, taken: Math.max(holding.taken, part.upto)} : rest
}

/**
 * The holding after a snapshot of its position; undefined while flat. The same position keeps what was seen of it, an
 * opening or a turn through flat begins anew. A position that was found open has its present stop for the initial one.
 */
export const withSnapshot = (before: Holding | undefined, snapshot: Snapshot): Holding | undefined => {
	const {amount, entry_price, opened_ms, leverage, stop_price, stop_client_id} = snapshot
	if (isZero(amount)) return undefined
	const same = before?.opened_ms === opened_ms && directionOf(before) === directionOf(snapshot)
	const known: Holding = same ? before : {amount: '0', entry_price, opened_ms, initial_size: '0', taken: 0, skipped: 0}
	const grown = exact(sizeOf(amount)).sub(sizeOf(known.amount))
	const initial_stop_price = known.initial_stop_price ?? snapshot.initial_stop_price ?? stop_price
	const {resting: _, ...kept} = known
	const next: Holding = {
		...kept,
		amount,
		entry_price,
		initial_size: textOf(exact(known.initial_size).add(grown.gt(0) ? grown : zero)),
		...(leverage !== undefined && {leverage}),
		...(initial_stop_price !== undefined && {initial_stop_price}),
		...(stop_price !== undefined &&
			stop_client_id !== undefined && {resting: {price: stop_price, client_id: stop_client_id}}),
	}
	return settled(next)
}

export const basisOf = (holding: Holding): LadderBasis => {
	const {entry_price, initial_stop_price, leverage, sigma_15m} = holding
	return {
		direction: directionOf(holding),
		entry_price: Number(entry_price),
		initial_stop_price: initial_stop_price === undefined ? undefined : Number(initial_stop_price),
		leverage,
		sigma_15m,
	}
}
