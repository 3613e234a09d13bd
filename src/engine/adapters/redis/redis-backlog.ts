import type {Redis} from 'ioredis'
import type {Backlog} from '../../bus/bus.js'
import {compareIds, nextId} from '../../bus/stream-id.js'

const COUNT_MAX = 1_000

/** A flat RESP2 list or a RESP3 map as an object. */
export const record = (reply: unknown): Record<string, unknown> => {
	if (reply instanceof Map) return Object.fromEntries(reply)
	if (!Array.isArray(reply)) return reply as Record<string, unknown>
	const object: Record<string, unknown> = {}
	for (let index = 0; index + 1 < reply.length; index += 2) object[String(reply[index])] = reply[index + 1]
	return object
}

export type GroupInfo = Readonly<{
	name: string
	consumers: number
	pending: number
	last_delivered_id: string
	entries_read: number | undefined
	lag: number | undefined
}>
export const groupOf = (reply: unknown): GroupInfo => {
	const row = record(reply)
	return {
		name: String(row.name),
		consumers: Number(row.consumers),
		pending: Number(row.pending),
		last_delivered_id: String(row['last-delivered-id']),
		entries_read: typeof row['entries-read'] === 'number' ? row['entries-read'] : undefined,
		lag: typeof row.lag === 'number' ? row.lag : undefined,
	}
}

export type StreamInfo = Readonly<{
	length: number
	/** Entries that were ever added. */
	added: number
	first_id: string | undefined
	last_id: string
	/** Newest entry that was taken out by its id; `0-0` for none. Trimming is not counted. */
	deleted_id: string
}>

/** What the server knows of a stream; undefined when there is none. */
export const readStreamInfo = async (redis: Redis, stream: string): Promise<StreamInfo | undefined> => {
	if ((await redis.exists(stream)) === 0) return undefined
	const info = record(await redis.call('XINFO', 'STREAM', stream))
	return {
		length: Number(info.length),
		added: Number(info['entries-added']),
		first_id: (info['first-entry'] as [string] | null)?.[0],
		last_id: String(info['last-generated-id']),
		deleted_id: String(info['max-deleted-entry-id']),
	}
}

/** Entries after an id, counted as far as the bound; undefined when there are more. */
const countAfter = async (redis: Redis, stream: string, id: string): Promise<number | undefined> => {
	const rows = await redis.xrange(stream, nextId(id), '+', 'COUNT', COUNT_MAX)
	return rows.length < COUNT_MAX ? rows.length : undefined
}

/**
 * How far a group is behind. `lag` is not trusted alone: after entries were trimmed unread it counts the lost ones
 * too, and a drained group reports their number for ever. It is null after deletions ahead of the group and for
 * groups that began in the middle; then entries are counted, up to a bound.
 */
export const readBacklog = async (redis: Redis, stream: string, group: string): Promise<Backlog> => {
	const [infoReply, groupsReply] = await Promise.all([
		redis.call('XINFO', 'STREAM', stream),
		redis.call('XINFO', 'GROUPS', stream),
	])
	const info = record(infoReply)
	const row = (groupsReply as readonly unknown[]).map(groupOf).find(({name}) => name === group)
	if (!row) throw new Error(`Stream ${stream} has no group ${group}`)
	const {pending, last_delivered_id, consumers, lag, entries_read} = row
	const common = {pending, last_delivered_id, consumers}
	const length = Number(info.length)
	if (compareIds(last_delivered_id, String(info['last-generated-id'])) >= 0)
		return {...common, undelivered: 0, lost: lag}

	const first = (info['first-entry'] as [string] | null)?.[0]
	if (first === undefined || compareIds(last_delivered_id, first) < 0) {
		// A group that has read nothing may be younger than what was trimmed.
		const lost = entries_read === undefined ? undefined : Number(info['entries-added']) - length - entries_read
		return {...common, ...(first !== undefined && {oldest_undelivered_id: first}), undelivered: length, lost}
	}
	const [oldest] = (await redis.xrange(stream, nextId(last_delivered_id), '+', 'COUNT', 1)) as unknown as Array<
		[string]
	>
	const oldestField = oldest ? {oldest_undelivered_id: oldest[0]} : {}
	const counted = lag === undefined || lag <= COUNT_MAX ? await countAfter(redis, stream, last_delivered_id) : undefined
	if (counted !== undefined)
		return {
			...common,
			...oldestField,
			undelivered: counted,
			lost: lag === undefined ? undefined : Math.max(0, lag - counted),
		}
	return {
		...common,
		...oldestField,
		undelivered: lag === undefined ? undefined : Math.min(lag, length),
		lost: undefined,
	}
}
