import {Decimal} from 'decimal.js'
import {type VenueLine, venueStory} from '../bench/venue-story.js'
import {readClientId} from '../engine/logic/client-id.js'
import type {Span} from './operator.js'
import {clientIdOf, creations, fillsOf, type VenueRecord} from './system-venue.js'
import {LIMITS} from './trial.js'

/** G1 and G2: what was open at any time, by the fills. */
export const limitProblems = (log: readonly VenueRecord[]): string[] => {
	const {positions_max, notional_max_usdt} = venueStory(log as readonly VenueLine[])
	return [
		...(positions_max > LIMITS.positions_max
			? [`${positions_max} positions were open at once, ${LIMITS.positions_max} is the limit`]
			: []),
		...(notional_max_usdt > LIMITS.notional_total_usdt
			? [`${notional_max_usdt} USDT were open at once, ${LIMITS.notional_total_usdt} is the limit`]
			: []),
	]
}

const protects = ({path, params = {}}: VenueRecord): boolean =>
	path === '/fapi/v1/algoOrder' && (params.closePosition === 'true' || params.reduceOnly === 'true')

const isWithin = ({machine_ms}: VenueRecord, spans: readonly Span[]): Span | undefined =>
	spans.find(({from_ms, to_ms}) => machine_ms > from_ms && machine_ms < to_ms)

/** G3: each order comes from a plan that the governor allowed, or is a stop that an operator's kill completed. */
export const permitProblems = (
	log: readonly VenueRecord[],
	allowed: ReadonlySet<string>,
	kills: readonly Span[],
): string[] =>
	creations(log).flatMap(record => {
		const id = clientIdOf(record)
		const known = allowed.has(readClientId(id).plan_id) || (protects(record) && isWithin(record, kills))
		return known ? [] : [`order ${id} has no verdict that allows it`]
	})

/** G4: between a confirmed kill and the next arming nothing but protection reaches the venue. */
export const killProblems = (log: readonly VenueRecord[], halts: readonly Span[]): string[] =>
	creations(log)
		.filter(record => !protects(record))
		.flatMap(record => {
			const halt = isWithin(record, halts)
			const late_ms = record.machine_ms - (halt?.from_ms ?? 0)
			return halt ? [`order ${clientIdOf(record)} reached the venue ${late_ms} ms after a kill`] : []
		})

/** G5: no order that closes is larger than its position as it arrives, and none turns a position around. */
export const closingProblems = (log: readonly VenueRecord[]): string[] => {
	const held = new Map<string, Decimal>()
	const problems: string[] = []
	for (const record of log) {
		const {params = {}, http, method, path} = record
		const before = held.get(params.symbol ?? '') ?? new Decimal(0)
		const closes = method === 'POST' && path === '/fapi/v1/order' && http === 200 && params.reduceOnly === 'true'
		if (closes && before.abs().lt(params.quantity ?? 0))
			problems.push(`order ${clientIdOf(record)} closes ${params.quantity} of ${before.toString()} ${params.symbol}`)
		for (const {symbol, side, quantity} of fillsOf([record])) {
			const amount = held.get(symbol) ?? new Decimal(0)
			const next = amount.plus(new Decimal(quantity).times(side === 'BUY' ? 1 : -1))
			if (amount.times(next).lt(0)) problems.push(`seq ${record.seq} turns ${amount} ${symbol} into ${next}`)
			held.set(symbol, next)
		}
	}
	return problems
}
