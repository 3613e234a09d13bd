import {readClientId} from './client-id.js'

/** What happens to the countdown of one symbol. Times are machine time, ms. */
export type CountdownEvent = Readonly<{
	symbol: string
	/**
	 * LATE: not confirmed for so long that resting entries are cancelled by the venue, or have been; KEPT: confirmed
	 * again after that; RELEASED: no entry rests any more after that.
	 */
	state: 'LATE' | 'KEPT' | 'RELEASED'
	silent_ms: number
}>

/** Countdowns that run at the venue, by symbol: when each was confirmed last, and whether it was said to be late. */
export type Countdowns = Readonly<Record<string, Readonly<{confirmed_ms: number; late: boolean}>>>

type Resting = Readonly<{symbol: string; client_order_id: string; reduce_only: boolean}>

/**
 * Symbols in which an entry of ours rests. An order that only reduces protects, and an order of another hand is not ours
 * to cancel; but where both rest in one symbol the venue's countdown takes them together.
 */
export const symbolsWithEntries = (orders: readonly Resting[]): readonly string[] => [
	...new Set(
		orders
			.filter(({client_order_id, reduce_only}) => !reduce_only && readClientId(client_order_id).kind === 'market')
			.map(({symbol}) => symbol),
	),
]

/** A countdown is confirmed three times while it runs: one lost request is no accident, two in a row are. */
export const refreshMs = (countdown_ms: number): number => Math.floor(countdown_ms / 3)
const isLate = (silent_ms: number, countdown_ms: number): boolean => silent_ms >= 2 * refreshMs(countdown_ms)

type Looked = Readonly<{countdowns: Countdowns; events: readonly CountdownEvent[]}>
type At = Readonly<{machine_ms: number; countdown_ms: number}>

/** Says once of each countdown that it is late. */
export const withLateness = (countdowns: Countdowns, {machine_ms, countdown_ms}: At): Looked => {
	const late = Object.entries(countdowns).filter(
		([, {confirmed_ms, late: said}]) => !said && isLate(machine_ms - confirmed_ms, countdown_ms),
	)
	return {
		countdowns: {
			...countdowns,
			...Object.fromEntries(late.map(([symbol, {confirmed_ms}]) => [symbol, {confirmed_ms, late: true}])),
		},
		events: late.map(([symbol, {confirmed_ms}]) => ({symbol, state: 'LATE', silent_ms: machine_ms - confirmed_ms})),
	}
}

/** The venue has confirmed the countdown of a symbol, or its end. */
export const withConfirmed = (countdowns: Countdowns, symbol: string, runs: boolean, machine_ms: number): Looked => {
	const {[symbol]: before, ...others} = countdowns
	const event = {
		symbol,
		state: runs ? ('KEPT' as const) : ('RELEASED' as const),
		silent_ms: machine_ms - (before?.confirmed_ms ?? machine_ms),
	}
	return {
		countdowns: runs ? {...others, [symbol]: {confirmed_ms: machine_ms, late: false}} : others,
		events: before?.late ? [event] : [],
	}
}
