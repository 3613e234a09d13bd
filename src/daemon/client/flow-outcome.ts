import {deadLetters} from '../../engine/contracts/streams/ops.js'
import {applyResult, governorEvents, intentDeadLetter, portfolioGate} from '../../engine/contracts/streams/trade.js'
import {exact} from '../../engine/logic/exact.js'
import {bridgeReasons} from '../../engine/logic/intent-to-plan.js'
import {type FlowEntry, type Matched, timeOf} from './flow-chain.js'

export const OUTCOMES = [
	'REFUSED',
	'SKIPPED',
	'DEAD_LETTER',
	'REPEATED',
	'SHADOW',
	'EXPIRED',
	'NOT_SENT',
	'FAILED',
	'SENT',
] as const

/** The one recorded end of something that was asked for, with the unit that recorded it and its reason code. */
export type FlowOutcome = Readonly<{unit: string; outcome: (typeof OUTCOMES)[number]; reason: string}>
/** Where it ended, or who owes the next word since when (machine time, ms). */
export type Standing =
	| Readonly<{done: FlowOutcome; last: FlowEntry}>
	| Readonly<{open_at: string; since_ms: number; last: FlowEntry}>

/** Where an order is that the venue took and has not finished. */
export const VENUE = 'venue'

/** What the account stream says of orders. */
export type OrderStatus = Readonly<{
	/** Newest status by client id. */
	statusOf: ReadonlyMap<string, string>
	/** Machine time from which that stream is complete, ms. */
	from_ms: number
}>

/** Order states after which the venue does nothing more with an order (USD-M, ORDER_TRADE_UPDATE `X`). */
const FINISHED = new Set(['FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'EXPIRED_IN_MATCH'])

const sent = (entry: FlowEntry, {statusOf, from_ms}: OrderStatus): Standing => {
	const {
		unit = '',
		client_order_id,
		filled_quantity = '0',
		quantity = '0',
		error,
		stop_client_id,
		target_client_id,
	} = entry.fields
	const done = (reason: string): Standing => ({done: {unit, outcome: 'SENT', reason}, last: entry})
	if (client_order_id === undefined)
		return done(error ?? (stop_client_id || target_client_id ? 'STOPS_PLACED' : 'STOPS_CANCELLED'))
	if (exact(filled_quantity).gt(0) && exact(filled_quantity).gte(quantity)) return done('FILLED')
	const status = statusOf.get(client_order_id) ?? ''
	if (FINISHED.has(status)) return done(status)
	if (timeOf(entry) < from_ms) return done('FILLS_NOT_ON_RECORD')
	return {open_at: VENUE, since_ms: timeOf(entry), last: entry}
}

const ended = (entry: FlowEntry, orders: OrderStatus): Standing | undefined => {
	const {unit = '', reason = '', decision, verdict, error = ''} = entry.fields
	const done = (outcome: FlowOutcome['outcome'], why: string): Standing => ({
		done: {unit, outcome, reason: why},
		last: entry,
	})
	switch (entry.stream) {
		case intentDeadLetter.name:
		case deadLetters.name:
			return done(reason in bridgeReasons ? 'SKIPPED' : 'DEAD_LETTER', reason)
		case portfolioGate.name:
			return decision === 'PASS' ? undefined : done('REFUSED', reason)
		case governorEvents.name:
			if (verdict === 'ALLOW') return undefined
			return verdict === 'REPEAT' ? done('REPEATED', reason) : done('REFUSED', reason)
		case applyResult.name:
			if (decision === 'EXECUTED') return sent(entry, orders)
			return done(decision === 'SKIP' ? 'NOT_SENT' : 'FAILED', error)
		default:
			return undefined
	}
}

export type Follower = Readonly<{
	stages: readonly Matched[]
	orders: OrderStatus
	/** Verdicts that a permit's time ran out, by plan. */
	expired: ReadonlyMap<string, FlowEntry>
}>

/** Follows an entry from step to step until it ended, or until somebody owes it an answer. */
export const standingOf = (root: FlowEntry, {stages, orders, expired}: Follower): Standing => {
	let entry = root
	for (;;) {
		const end = ended(entry, orders)
		if (end) return end
		const {stream, fields} = entry
		const at = stages.find(({stage}) => stage.reads.some(({name}) => name === stream))
		if (!at) throw new Error(`no step of the chain reads ${stream}`)
		if (!at.stage.asks(fields)) {
			const unit = fields.unit ?? ''
			return {done: {unit, outcome: 'SHADOW', reason: 'NOT_TRADED'}, last: entry}
		}
		const answer = at.answerOf.get(entry)
		if (answer) {
			entry = answer
			continue
		}
		const late = stream === governorEvents.name ? expired.get(fields.plan_id ?? '') : undefined
		if (late) {
			const {unit = '', reason = ''} = late.fields
			return {done: {unit, outcome: 'EXPIRED', reason}, last: late}
		}
		return {open_at: at.stage.unit, since_ms: timeOf(entry), last: entry}
	}
}
