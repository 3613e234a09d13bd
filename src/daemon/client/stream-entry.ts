import {surveyStreams} from '../../engine/adapters/redis/stream-survey.js'
import type {Entry, PendingEntry} from '../../engine/bus/bus.js'
import {compareIds} from '../../engine/bus/stream-id.js'
import {decodeEnvelope, type Envelope} from '../../engine/contracts/envelope.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {streams} from '../../engine/registry.js'
import {contractFlaw} from '../../engine/runtime/input.js'
import type {Home} from './home.js'
import type {State} from './state.js'
import {requireSubject} from './stream-names.js'
import type {Subject} from './stream-status.js'
import {traceId} from './trace.js'
import type {TraceNode} from './trace-links.js'

/** What became of an entry at one group. Redis forgets what is acknowledged: PASSED is behind the cursor and not pending. */
export type Delivery = Readonly<{
	group: string
	/** Null for a group that nobody declares. */
	unit: string | null
	state: 'WAITING' | 'PENDING' | 'PASSED'
	pending: PendingEntry | null
}>

/** Another entry, by where it lies. */
export type Linked = Readonly<{stream: string; stream_id: string; id: string; unit: string; latency_ms: number | null}>

export type InspectedEntry = Readonly<{
	stream: string
	stream_id: string
	envelope: Envelope
	fields: Entry['fields']
	/** UTF-8 bytes of names and values. */
	bytes: number
	/** What breaks the contract of its stream; null when nothing does, or nobody declares the stream. */
	broken: Readonly<{reason: string; detail: string}> | null
	deliveries: readonly Delivery[]
	cause: Linked | null
	/** The id of a cause that no stream holds any more; empty when there is none. */
	cause_missing: string
	caused: readonly Linked[]
}>

const STREAM_ID = /^\d+-\d+$/

const linked = ({stream, stream_id, id, unit, latency_ms}: TraceNode): Linked => ({
	...{stream, stream_id, id, unit, latency_ms},
})

type Found = Readonly<{node: TraceNode; parent: TraceNode | null}>
const nodesOf = (nodes: readonly TraceNode[], parent: TraceNode | null = null): readonly Found[] =>
	nodes.flatMap(node => [{node, parent}, ...nodesOf(node.children, node)])

/** What led to the entry and what it led to; nothing of either when no trace names it. */
const linksOf = async (home: Home, state: State, stream: string, {id, fields}: Entry) => {
	const none = {cause: null, cause_missing: fields.cause ?? '', caused: []}
	try {
		const {roots} = await traceId(home, state, fields.id ?? id)
		const found = nodesOf(roots).find(({node}) => node.stream === stream && node.stream_id === id)
		if (!found) return none
		const {node, parent} = found
		const cause = parent && linked(parent)
		return {cause, cause_missing: cause ? '' : node.cause, caused: node.children.map(linked)}
	} catch (error) {
		if (error instanceof OperatorError) return none
		throw error
	}
}

const deliveriesOf = async (state: State, {key, readers}: Subject, id: string): Promise<readonly Delivery[]> => {
	const {bus} = state
	const [survey] = await surveyStreams(bus.redis, [key])
	const groups = survey?.state === 'stream' ? survey.groups : []
	const pendings = await Promise.all(groups.map(({group}) => bus.pending(key, group, 1, id)))
	return groups.map(({group, last_delivered_id}, index) => {
		const pending = pendings[index]?.find(row => row.id === id) ?? null
		const unit = readers.find(reader => reader.group === group)?.unit ?? null
		const waits = compareIds(id, last_delivered_id) > 0
		return {group, unit, state: pending ? 'PENDING' : waits ? 'WAITING' : 'PASSED', pending}
	})
}

const bytesOf = (fields: Entry['fields']): number =>
	Object.entries(fields).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)

/** One entry whole: held against its contract, who has it, what led to it and what it led to. */
export const inspectEntry = async (
	home: Home,
	state: State,
	subject: Subject,
	id: string,
	now_ms: number,
): Promise<InspectedEntry> => {
	const {name, key, contract} = subject
	const [entry] = STREAM_ID.test(id) ? await state.bus.range(key, {from: id, to: id, count: 1}) : []
	if (!entry) {
		const [oldest] = await state.bus.range(key, {count: 1})
		throw new OperatorError(`${name} has no entry ${id}`, {
			hint: oldest ? `its oldest is ${oldest.id}; qt streams tail ${name} shows the newest` : 'it is empty',
		})
	}
	const [deliveries, links] = [await deliveriesOf(state, subject, id), await linksOf(home, state, name, entry)]
	return {
		stream: name,
		stream_id: entry.id,
		envelope: decodeEnvelope(entry.fields, entry.id, now_ms),
		fields: entry.fields,
		bytes: bytesOf(entry.fields),
		broken: contract ? (contractFlaw(contract, entry.fields) ?? null) : null,
		deliveries,
		...links,
	}
}

type Place = Readonly<{stream: string; stream_id: string}>

/** Declared streams with an entry under this id of a stream. */
const placesOf = async ({bus, naming}: State, id: string): Promise<readonly Place[]> => {
	const found = await Promise.all(
		streams.map(({name}) => bus.range(naming.stream(name), {from: id, to: id, count: 1}).catch(() => [])),
	)
	return streams.flatMap(({name}, index) => (found[index]?.length ? [{stream: name, stream_id: id}] : []))
}

const tracedPlaces = async (home: Home, state: State, id: string): Promise<readonly Place[]> => {
	const {roots} = await traceId(home, state, id)
	const named = nodesOf(roots).filter(({node}) => node.id === id)
	return [...new Map(named.map(({node}) => [`${node.stream} ${node.stream_id}`, node])).values()]
}

/**
 * The entry that an id names in any declared stream: its own id, or its stream's.
 * @throws OperatorError (usage) when several streams have one
 */
export const inspectById = async (home: Home, state: State, id: string, now_ms: number): Promise<InspectedEntry> => {
	const direct = STREAM_ID.test(id) ? await placesOf(state, id) : []
	const places = direct.length > 0 ? direct : await tracedPlaces(home, state, id)
	const [only] = places
	if (!only)
		throw new OperatorError(`${id} is the id of no entry, though entries name it`, {hint: `see qt trace ${id}`})
	if (places.length > 1) {
		const named = places.map(({stream, stream_id}) => `${stream} ${stream_id}`).join(', ')
		throw new OperatorError(`${id} is the id of ${places.length} entries: ${named}`, {
			exit_code: EXIT_CODES.usage,
			hint: `name the stream: qt streams inspect ${only.stream} ${only.stream_id}`,
		})
	}
	return inspectEntry(home, state, await requireSubject(state, only.stream), only.stream_id, now_ms)
}
