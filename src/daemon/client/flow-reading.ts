import {readStreamInfo, type StreamInfo} from '../../engine/adapters/redis/redis-backlog.js'
import {idTime} from '../../engine/bus/stream-id.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {exchangeNormalized} from '../../engine/contracts/streams/account.js'
import {applyPlan} from '../../engine/contracts/streams/trade.js'
import {messageOf} from '../../engine/errors.js'
import {readClientId} from '../../engine/logic/client-id.js'
import {isForeign} from '../../engine/logic/foreign.js'
import type {FillRow} from '../../engine/logic/journal-rows.js'
import {auditFlow, type FlowReport} from './flow-audit.js'
import {entriesOf, FLOW_STREAMS, type FlowEntry, type FlowStreams} from './flow-chain.js'
import type {Home} from './home.js'
import {withJournal} from './journal.js'
import type {State} from './state.js'
import {traceEntries} from './trace-reading.js'

export type FlowAudit = FlowReport &
	Readonly<{
		/** Of before the record: what the journal knows was filled, of plans that Redis no longer holds. */
		before: Readonly<{fills: number; plans: number}>
		/** Why the journal could not be asked; empty when it could. */
		journal: string
	}>

const FILLS_MAX = 50_000

/** Machine time from which a stream holds everything that was written to it, ms. */
export const completeFrom = (info: StreamInfo | undefined): number => {
	if (!info || info.added === info.length) return 0
	const first_ms = idTime(info.first_id ?? info.last_id) + 1
	const deleted_ms = idTime(info.deleted_id) + 1
	return info.deleted_id === '0-0' ? first_ms : Math.max(first_ms, deleted_ms)
}

const isOurs = ({client_order_id, plan_id}: FillRow): boolean => plan_id !== '' || !isForeign(client_order_id)

/** Fills of the journal from before the oldest plan of the streams, in venue time. */
const beforeRecord = (fills: readonly FillRow[], streams: FlowStreams): readonly FillRow[] => {
	const dated = entriesOf(streams, applyPlan).find(({fields}) => fields.ts !== undefined)
	const first_ms = dated ? Number(dated.fields.ts) : Number.POSITIVE_INFINITY
	return fills.filter(fill => fill.ts_ms < first_ms && isOurs(fill))
}

const journalFills = async (home: Home): Promise<{fills: readonly FillRow[]; problem: string}> => {
	try {
		return {fills: await withJournal(home, journal => journal.fills({limit: FILLS_MAX})), problem: ''}
	} catch (error) {
		return {fills: [], problem: messageOf(error)}
	}
}

/** Machine time of the server up to which streams can be read whole: an entry is never older than its cause. */
export const readableUntil = async ({bus}: State): Promise<number> => {
	const [seconds, micros] = await bus.redis.time()
	return Math.floor(Number(seconds) * 1_000 + Number(micros) / 1_000) - 1
}

/** What streams of the chain hold within a span of machine time, as one cut. */
export const readFlowStreams = async (
	state: State,
	{
		from_ms = 0,
		until_ms,
		among = FLOW_STREAMS,
	}: Readonly<{from_ms?: number; until_ms: number; among?: readonly StreamContract[]}>,
): Promise<FlowStreams> => {
	const read: [string, readonly FlowEntry[]][] = []
	const span = {from: String(from_ms), to: String(until_ms)}
	for (const stream of among) read.push([stream.name, await traceEntries(state, stream, span)])
	return new Map(read)
}

/** From when on the streams of the chain tell everything. To be asked after they were read: trimming goes on. */
export const readCompleteness = async ({
	bus,
	naming,
}: State): Promise<Readonly<{complete_from_ms: number; orders_from_ms: number}>> => {
	const infos = await Promise.all(FLOW_STREAMS.map(({name}) => readStreamInfo(bus.redis, naming.stream(name))))
	const froms = new Map(FLOW_STREAMS.map((stream, index) => [stream, completeFrom(infos[index])]))
	const orders_from_ms = froms.get(exchangeNormalized) ?? 0
	froms.delete(exchangeNormalized)
	return {complete_from_ms: Math.max(0, ...froms.values()), orders_from_ms}
}

/**
 * Audits the flow over everything that the streams hold, as of one instant. Cut at the same time, the streams fit
 * together.
 */
export const readFlow = async (home: Home, state: State, since_ms: number): Promise<FlowAudit> => {
	const until_ms = await readableUntil(state)
	const streams = await readFlowStreams(state, {until_ms})
	const complete = await readCompleteness(state)
	const {fills, problem} = await journalFills(home)
	const older = beforeRecord(fills, streams)
	const record = {
		...complete,
		until_ms,
		// A journal that cannot be asked may know of older plans.
		older: problem !== '' || older.length > 0,
	}
	const plans = new Set(older.map(fill => fill.plan_id || readClientId(fill.client_order_id).plan_id))
	return {
		...auditFlow({streams, record, since_ms}),
		before: {fills: older.length, plans: plans.size},
		journal: problem,
	}
}
