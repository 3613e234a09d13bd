import type {Entry} from '../bus/bus.js'
import {type Authority, decodeEnvelope, type Envelope, envelopeFlaws} from '../contracts/envelope.js'
import type {Fields} from '../contracts/field.js'
import {limits} from '../contracts/limits.js'
import type {StreamContract} from '../contracts/stream.js'
import type {AnyUnit, EffectOutcome} from '../contracts/unit.js'
import {idOf, type Occurrences} from './identity.js'

/** One thing for a handler to handle, from wherever it came. */
export type Input = Readonly<{
	kind: 'entry' | 'feed' | 'result' | 'timer'
	port: string
	partition: string
	event: unknown
	entry: Envelope & Readonly<{stream_id: string}>
	/** Tells this input from every other of the unit: what it leads to derives its ids from it. */
	identity: string
	/** The entry as it lay on the stream. */
	raw?: Entry
	/** The effect that this is the result of. */
	record?: EffectRecord
}>

export type Unreadable = Readonly<{entry: Entry; reason: string; detail: string}>

const symbolOf = (event: unknown): string => {
	const symbol = (event as {symbol?: unknown} | null)?.symbol
	return typeof symbol === 'string' ? symbol : ''
}
export const partitionOf = (unit: AnyUnit, event: unknown): string => unit.partition?.(event) ?? symbolOf(event)

type Flaw = Omit<Unreadable, 'entry'>

const NUL = 0
/** What is wrong with an entry whatever its contract says. A leading NUL is how scripts mark a place to fill. */
const flawOf = (stream: StreamContract, fields: Fields): Flaw | undefined => {
	let chars = 0
	let count = 0
	for (const name in fields) {
		const value = fields[name] ?? ''
		if (value.charCodeAt(0) === NUL)
			return {reason: 'CONTRACT_BROKEN', detail: `${name}: begins with a NUL character; expected text`}
		chars += name.length + value.length
		count += 1
	}
	if (count === 0) return {reason: 'TRIMMED_UNREAD', detail: 'the entry was trimmed away before it was handled'}
	// A letter about an entry that is too long would be too long itself, and so the letter about that letter.
	if (stream.wraps_entries) return undefined
	// No character takes more than three bytes: only long entries are measured exactly.
	if (chars * 3 <= limits.entry_bytes_max) return undefined
	let bytes = 0
	for (const name in fields) bytes += Buffer.byteLength(name) + Buffer.byteLength(fields[name] ?? '')
	if (bytes <= limits.entry_bytes_max) return undefined
	return {reason: 'TOO_LONG', detail: `${bytes} bytes; at most ${limits.entry_bytes_max} are read`}
}

/** Fields under the names of the contract; one that is there under its own name is not replaced. */
const named = ({field_aliases}: StreamContract, fields: Fields): Fields => {
	if (!field_aliases) return fields
	const renamed: Record<string, string> = {...fields}
	for (const [name, alias] of Object.entries(field_aliases)) {
		const value = fields[alias]
		if (fields[name] === undefined && value !== undefined) renamed[name] = value
	}
	return renamed
}

/** The payload of an entry by the contract of its stream, or why it breaks it. */
const payloadOf = (stream: StreamContract, fields: Fields): Readonly<{payload: unknown}> | Flaw => {
	const flaw = flawOf(stream, fields)
	if (flaw) return flaw
	const parsed = stream.payload.safeParse(named(stream, fields))
	const unnamed = envelopeFlaws(fields)
	if (parsed.success && unnamed.length === 0) return {payload: parsed.data}
	const issues = parsed.error?.issues ?? []
	const broken = issues.map(issue => `${issue.path.join('.') || 'entry'}: ${issue.message}`)
	return {reason: 'CONTRACT_BROKEN', detail: [...broken, ...unnamed].join('; ')}
}

/** Why an entry breaks the contract of its stream, as every reader would say; undefined when it does not. */
export const contractFlaw = (stream: StreamContract, fields: Fields): Flaw | undefined => {
	const read = payloadOf(stream, fields)
	return 'reason' in read ? read : undefined
}

/** An entry as input, or why it breaks its contract. */
export const readEntry = (
	unit: AnyUnit,
	port: string,
	stream: StreamContract,
	entry: Entry,
	now_ms: number,
): Input | Unreadable => {
	const read = payloadOf(stream, entry.fields)
	if ('reason' in read) return {entry, ...read}
	const envelope = decodeEnvelope(entry.fields, entry.id, now_ms)
	return {
		kind: 'entry',
		port,
		partition: partitionOf(unit, read.payload),
		event: read.payload,
		entry: {...envelope, stream_id: entry.id},
		identity: envelope.id,
		raw: entry,
	}
}

const madeUp = (unit: AnyUnit, id: string, cause: string, now_ms: number): Input['entry'] => ({
	id,
	cause,
	unit: unit.name,
	ts: now_ms,
	v: 1,
	authority: 'live',
	stream_id: '',
})

/** What tells a feed's event from others: what it says, when, and how many equal ones came before it. */
export const feedIdentity = (
	unit: AnyUnit,
	port: string,
	event: unknown,
	now_ms: number,
	occurrences: Occurrences,
): string => occurrences.idOf(now_ms, unit.name, 'feed', port, JSON.stringify(event))

export const readFeed = (unit: AnyUnit, port: string, event: unknown, identity: string, now_ms: number): Input => ({
	kind: 'feed',
	port,
	partition: partitionOf(unit, event),
	event,
	entry: madeUp(unit, identity, '', now_ms),
	identity,
})

export const timerIdentity = (
	unit: AnyUnit,
	port: string,
	partition: string,
	now_ms: number,
	occurrences: Occurrences,
): string => occurrences.idOf(now_ms, unit.name, 'timer', port, partition)

export const timerInput = (
	unit: AnyUnit,
	port: string,
	partition: string,
	identity: string,
	now_ms: number,
): Input => ({kind: 'timer', port, partition, event: undefined, entry: madeUp(unit, identity, '', now_ms), identity})

export type EffectRecord = Readonly<{
	port: string
	partition: string
	/** Envelope id of what led to the effect. */
	cause: string
	/** Identity of the input that asked for it. */
	origin: string
	authority: Authority
	idempotency_key: string
	request: unknown
}>

export const resultInput = (
	unit: AnyUnit,
	record: EffectRecord,
	outcome: EffectOutcome<unknown>,
	now_ms: number,
): Input => ({
	kind: 'result',
	port: record.port,
	partition: record.partition,
	event: outcome,
	// What a result leads to names the effect's own cause, so that a chain of entries has no holes.
	entry: {...madeUp(unit, record.cause, record.cause, now_ms), authority: record.authority},
	identity: idOf(unit.name, 'result', record.port, record.idempotency_key, record.origin),
	record,
})

/** The newest input of each partition. */
export const newestOf = (read: ReadonlyArray<Input | Unreadable>): ReadonlyMap<string, Input> =>
	new Map(read.flatMap(item => ('reason' in item ? [] : [[item.partition, item] as const])))
