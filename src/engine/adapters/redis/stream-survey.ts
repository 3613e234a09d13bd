import type {Redis} from 'ioredis'
import type {Backlog} from '../../bus/bus.js'
import {type GroupRow, type StreamFacts, type StreamRow, streamFacts} from '../../logic/stream-backlog.js'
import {runScripts, surveyScript} from './scripts.js'

/** Entries that are counted one by one behind the groups of a stream, and the bytes of them after which that ends. */
const COUNT_MAX = 1_000
const BYTES_MAX = 4 * 2 ** 20
/** Streams that are asked for in one round trip. */
const STREAMS_AT_A_TIME = 50

/**
 * What was found under the name of a stream: nothing, a key of another type, a question that the server refused (with
 * its words), or the stream with its groups.
 */
export type StreamSurvey =
	| Readonly<{stream: string; state: 'absent'}>
	| Readonly<{stream: string; state: 'other'; type: string}>
	| Readonly<{stream: string; state: 'unreadable'; problem: string}>
	| (StreamFacts & Readonly<{stream: string; state: 'stream'}>)

type Missing<Value> = Value | null
type RawGroup = readonly [
	name: string,
	last_delivered_id: string,
	entries_read: Missing<number>,
	lag: Missing<number>,
	pending: number,
	oldest_pending: Missing<readonly [id: string, consumer: string, idle_ms: number, deliveries: number]>,
	next_id: Missing<string>,
	counted: number,
	counted_all: number,
	consumers: ReadonlyArray<readonly [name: string, pending: number, idle_ms: number]>,
]
type RawStream = readonly [
	kind: 'stream',
	at_ms: number,
	length: number,
	added: Missing<number>,
	first_id: Missing<string>,
	newest_id: Missing<string>,
	last_generated_id: string,
	max_deleted_id: Missing<string>,
	groups: readonly RawGroup[],
]

const groupRow = (raw: RawGroup): GroupRow => {
	const [name, last_delivered_id, entries_read, lag, pending, oldest, next_id, counted, counted_all, consumers] = raw
	return {
		...{name, last_delivered_id, entries_read, lag, pending, next_id, counted},
		counted_all: counted_all === 1,
		oldest_pending: oldest && {id: oldest[0], consumer: oldest[1], idle_ms: oldest[2], deliveries: oldest[3]},
		consumers: consumers.map(([consumer, held, idle_ms]) => ({name: consumer, pending: held, idle_ms})),
	}
}

const streamRow = (raw: RawStream): StreamRow => {
	const [, at_ms, length, added, first_id, newest_id, last_generated_id, max_deleted_id, groups] = raw
	const ids = {first_id, newest_id, last_generated_id, max_deleted_id}
	return {at_ms, length, added, ...ids, groups: groups.map(groupRow)}
}

const surveyOf = (stream: string, reply: unknown): StreamSurvey => {
	if (reply instanceof Error) return {stream, state: 'unreadable', problem: reply.message}
	const [type] = reply as readonly [string]
	if (type === 'none') return {stream, state: 'absent'}
	if (type !== 'stream') return {stream, state: 'other', type}
	return {stream, state: 'stream', ...streamFacts(streamRow(reply as RawStream))}
}

const argumentsFor = (group: string): readonly string[] => [String(COUNT_MAX), String(BYTES_MAX), group]

/**
 * Looks at streams by their names in Redis, declared or not: 50 in a round trip, each in one cut of its own, so that
 * nothing of it can go away in the middle. Costs the server the same whether a stream has ten entries or ten million.
 *
 * @returns one survey per name, in their order; times in ms by the server's clock
 * @throws when the connection breaks
 */
export const surveyStreams = async (redis: Redis, names: readonly string[]): Promise<readonly StreamSurvey[]> => {
	const found: StreamSurvey[] = []
	for (let from = 0; from < names.length; from += STREAMS_AT_A_TIME) {
		const some = names.slice(from, from + STREAMS_AT_A_TIME)
		const replies = await runScripts(
			redis,
			surveyScript,
			some.map(name => ({keys: [name], argv: argumentsFor('')})),
		)
		found.push(...some.map((name, index) => surveyOf(name, replies[index])))
	}
	return found
}

/**
 * How far one group is behind.
 * @throws Error naming stream and group when one of them is not there
 */
export const readBacklog = async (redis: Redis, stream: string, group: string): Promise<Backlog> => {
	const [reply] = await runScripts(redis, surveyScript, [{keys: [stream], argv: argumentsFor(group)}])
	if (reply instanceof Error) throw reply
	const survey = surveyOf(stream, reply)
	const facts = survey.state === 'stream' ? survey.groups[0] : undefined
	if (!facts) throw new Error(`Stream ${stream} has no group ${group}`)
	const {undelivered, lost, pending, oldest_undelivered, last_delivered_id, consumers} = facts
	return {
		undelivered: undelivered ?? undefined,
		pending,
		lost: lost ?? undefined,
		...(oldest_undelivered && {oldest_undelivered_id: oldest_undelivered.id}),
		last_delivered_id,
		consumers: consumers.length,
	}
}
