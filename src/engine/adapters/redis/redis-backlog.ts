import type {Redis} from 'ioredis'
import {record} from './reply.js'

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
