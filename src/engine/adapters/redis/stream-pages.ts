import type {Redis} from 'ioredis'
import {objectOf} from '../../bus/name-values.js'
import type {StreamPage} from '../../logic/stream-cursor.js'
import {record} from './reply.js'

type RawEntry = readonly [id: string, flat: readonly string[]]

const pageOf = (reply: unknown, raw: readonly RawEntry[], count: number): StreamPage => {
	const info = record(reply)
	const [first_id] = (info['first-entry'] as RawEntry | null) ?? []
	const added = info['entries-added']
	return {
		entries: raw.map(([id, flat]) => ({id, fields: objectOf(flat)})),
		complete: raw.length < count,
		length: Number(info.length),
		added: typeof added === 'number' ? added : undefined,
		first_id,
		last_id: String(info['last-generated-id']),
	}
}

const ABSENT: StreamPage = {entries: [], complete: true, length: 0, added: 0, first_id: undefined, last_id: '0-0'}

/**
 * What lies behind these ids, oldest first, and what the streams say of themselves, all in one cut. Leaves nothing
 * behind in Redis: no group, no consumer.
 * @param after ids, by name in Redis
 * @throws Error of the server, other than for a stream that is not there
 */
export const readStreamPages = async (
	redis: Redis,
	after: ReadonlyMap<string, string>,
	count: number,
): Promise<ReadonlyMap<string, StreamPage>> => {
	const asked = redis.multi()
	for (const [stream, id] of after)
		asked.call('XINFO', 'STREAM', stream).call('XRANGE', stream, `(${id}`, '+', 'COUNT', String(count))
	const replies = (await asked.exec()) ?? []
	return new Map(
		[...after.keys()].map((stream, index) => {
			const [[absent, info] = [], [error, raw] = []] = [replies[2 * index], replies[2 * index + 1]]
			if (absent?.message.includes('no such key')) return [stream, ABSENT] as const
			const failure = absent ?? error
			if (failure) throw failure
			return [stream, pageOf(info, raw as RawEntry[], count)] as const
		}),
	)
}
