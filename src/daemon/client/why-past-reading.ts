import {readStreamInfo} from '../../engine/adapters/redis/redis-backlog.js'
import {idTime} from '../../engine/bus/stream-id.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {messageOf} from '../../engine/errors.js'
import {auditLog} from './audit.js'
import {CLIENT_LIMITS} from './client-limits.js'
import {completeFrom} from './flow-reading.js'
import type {Home} from './home.js'
import type {State} from './state.js'
import type {TraceEntry} from './trace-links.js'
import {findTraceEntry, traceEntries} from './trace-reading.js'
import {requireKnown} from './why-known.js'
import {followIntent, newestIntent} from './why-newest.js'
import {
	AROUND_MS,
	codeOf,
	DATA_BY,
	HELD_BY,
	isOf,
	operatorAt,
	POSITION_BY,
	positionAt,
	saidOf,
	TOLD_BY,
	type WhyPast,
} from './why-past.js'

/** Entries that are looked through for the newest one before the instant. */
const BACK_MAX = 20_000
const AUDIT_LINES_MAX = 10_000

/** The newest entry until the instant that counts. */
const newestBefore = (
	state: State,
	stream: StreamContract,
	at_ms: number,
	counts: (entry: TraceEntry) => boolean,
): Promise<TraceEntry | undefined> => {
	const span = {to: String(at_ms), newest_first: true, max: Math.min(BACK_MAX, CLIENT_LIMITS.trace_entries_max)}
	return findTraceEntry(state, [stream], span, counts)
}

const around = async (state: State, symbol: string, at_ms: number): Promise<readonly TraceEntry[]> => {
	const span = {from: String(Math.max(0, at_ms - AROUND_MS)), to: String(at_ms + AROUND_MS)}
	const all: TraceEntry[] = []
	for (const stream of TOLD_BY) all.push(...(await traceEntries(state, stream, span)))
	return all.filter(entry => isOf(entry, symbol)).sort((one, other) => idTime(one.stream_id) - idTime(other.stream_id))
}

/** Machine time from which each stream is complete, ms, of those that are not back to the instant. */
const missing = async ({bus, naming}: State, at_ms: number): Promise<ReadonlyMap<string, number>> => {
	const found = new Map<string, number>()
	for (const {name} of [...TOLD_BY, POSITION_BY, ...HELD_BY]) {
		const from_ms = completeFrom(await readStreamInfo(bus.redis, naming.stream(name)))
		if (from_ms > at_ms) found.set(name, from_ms)
	}
	return found
}

const auditAt = (home: Home, at_ms: number): Readonly<{operator: WhyPast['operator']; problem: string}> => {
	try {
		return {operator: operatorAt(auditLog(home, AUDIT_LINES_MAX), at_ms), problem: ''}
	} catch (error) {
		return {operator: null, problem: `the audit log cannot be read: ${messageOf(error)}`}
	}
}

const NEVER_KEPT = 'value and limit of gates that passed: a verdict carries those of the one that refused'

/**
 * What the record says of a symbol at an instant of machine time, ms, and what it does not say any more.
 * @throws OperatorError (usage) for a symbol that nobody knows and nothing tells of
 */
export const readPast = async (
	home: Home,
	state: State,
	{symbol, at_ms}: Readonly<{symbol: string; at_ms: number}>,
): Promise<WhyPast> => {
	const ofSymbol = (entry: TraceEntry) => isOf(entry, symbol)
	const [entries, snapshot, intent] = await Promise.all([
		around(state, symbol, at_ms),
		newestBefore(state, POSITION_BY, at_ms, ofSymbol),
		newestIntent(state, symbol, at_ms),
	])
	if (!snapshot && !intent && entries.length === 0) {
		const {readPolicy} = await import('../system/policy-file.js')
		await requireKnown(state, symbol, readPolicy(home))
	}
	const newest = intent ? await followIntent(state, intent) : null
	const data = await Promise.all(
		DATA_BY.map(async stream => {
			const found = await newestBefore(state, stream, at_ms, ofSymbol)
			return {stream: stream.name, age_ms: found ? at_ms - idTime(found.stream_id) : null}
		}),
	)
	const held: TraceEntry[] = []
	for (const stream of HELD_BY) {
		const found = await newestBefore(state, stream, at_ms, ({fields}) => fields.symbol === undefined)
		if (found) held.push(found)
	}
	const gone = await missing(state, at_ms)
	const {operator, problem} = auditAt(home, at_ms)
	const position = positionAt(snapshot)
	return {
		symbol,
		at_ms,
		code: codeOf({position, newest, recorded: gone.size === 0}),
		position,
		newest,
		data,
		held: held.map(saidOf),
		operator,
		entries: entries.map(saidOf),
		unrecorded: [
			...[...gone].map(([name, from_ms]) => `${name} before ${new Date(from_ms).toISOString()}`),
			...data.filter(({age_ms}) => age_ms === null).map(({stream}) => `${stream} of then`),
			...(problem === '' ? [] : [problem]),
			NEVER_KEPT,
		],
	}
}
