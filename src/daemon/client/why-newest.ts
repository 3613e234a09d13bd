import {idTime} from '../../engine/bus/stream-id.js'
import {governorEvents, tradeIntent} from '../../engine/contracts/streams/trade.js'
import {CLIENT_LIMITS} from './client-limits.js'
import {followIntents} from './flow-follow.js'
import type {FlowOutcome, Standing} from './flow-outcome.js'
import {readableUntil, readCompleteness, readFlowStreams} from './flow-reading.js'
import type {State} from './state.js'
import {identityOf, type TraceEntry} from './trace-links.js'
import {findTraceEntry} from './trace-reading.js'
import {type Intent, notionalOf} from './why-ask.js'

/** An intent of a symbol, and what became of it. */
export type ToldIntent = Readonly<{
	id: string
	unit: string
	authority: string
	side: string
	notional_usdt: string | null
	/** Machine time, ms. */
	at_ms: number
	/** Venue time, ms. */
	ts_ms: number
	/** Its one recorded end; null while it is open, or when its record is gone. */
	outcome: FlowOutcome | null
	/** Who owes the next word; empty once it has ended. */
	open_at: string
	/** What the last word carried: the value that counted against its limit, or its text. */
	used: string
	limit: string
	detail: string
}>

/** How much of the streams is read behind an intent, machine time: enough for most, then for all. */
const BEHIND_MS = [60_000, 600_000] as const

/** The newest intent of a symbol that was written until a machine time, ms. */
export const newestIntent = (state: State, symbol: string, until_ms: number): Promise<TraceEntry | undefined> => {
	const span = {to: String(until_ms), newest_first: true, max: CLIENT_LIMITS.trace_entries_max}
	return findTraceEntry(state, [tradeIntent], span, ({fields}) => fields.symbol === symbol)
}

/** The fields of an intent that say what it asks for; empty where it breaks its contract. */
export const askedBy = ({fields}: TraceEntry): Partial<Intent> => {
	const read = tradeIntent.payload.safeParse(fields)
	return read.success ? read.data : {}
}

const toldOf = (entry: TraceEntry, standing: Standing | undefined): ToldIntent => {
	const {used = '', limit = '', detail = ''} = standing?.last.fields ?? {}
	return {
		id: identityOf(entry),
		unit: entry.fields.unit ?? 'hand',
		authority: entry.fields.authority ?? 'live',
		side: askedBy(entry).side ?? '',
		notional_usdt: notionalOf(askedBy(entry)) ?? null,
		at_ms: idTime(entry.stream_id),
		ts_ms: Number(entry.fields.ts ?? 0),
		outcome: standing && 'done' in standing ? standing.done : null,
		open_at: standing && 'open_at' in standing ? standing.open_at : '',
		// A verdict that allows carries no value of its own.
		...(standing?.last.stream === governorEvents.name && standing.last.fields.verdict === 'ALLOW'
			? {used: '', limit: '', detail: ''}
			: {used, limit, detail}),
	}
}

/** Follows one intent to its end. */
export const followIntent = async (state: State, entry: TraceEntry): Promise<ToldIntent> => {
	const from_ms = idTime(entry.stream_id)
	const now_ms = await readableUntil(state)
	let standing: Standing | undefined
	for (const behind_ms of BEHIND_MS) {
		const until_ms = Math.min(now_ms, from_ms + behind_ms)
		const streams = await readFlowStreams(state, {from_ms, until_ms})
		const {orders_from_ms} = await readCompleteness(state)
		const followed = followIntents({streams, orders_from_ms, from_ms})
		standing = followed.find(({root}) => root.stream_id === entry.stream_id)?.standing
		if ((standing && 'done' in standing) || until_ms === now_ms) break
	}
	return toldOf(entry, standing)
}
