import type {Redis} from 'ioredis'
import {objectOf} from '../../bus/name-values.js'
import type {Fields} from '../../contracts/field.js'
import {limits} from '../../contracts/limits.js'

/** One of the newest entries of a stream; without fields when it is longer than any reader takes. */
export type NewestEntry = Readonly<{id: string; bytes: number; fields: Fields | null}>

/** Entries fetched at a time, newest first: the first shows how long they are before more are asked for. */
const PAGES = [1, 2, 7] as const
/** The newest entries of one stream after which no more are fetched, bytes. */
const BYTES_MAX = 2 * limits.entry_bytes_max
const STREAMS_AT_A_TIME = 50

type Row = readonly [id: string, flat: readonly string[]]

const entryOf = ([id, flat]: Row): NewestEntry => {
	let bytes = 0
	for (const text of flat) bytes += Buffer.byteLength(text)
	return {id, bytes, fields: bytes > limits.entry_bytes_max ? null : objectOf(flat)}
}

type Found = {readonly stream: string; readonly entries: NewestEntry[]; done: boolean}

const fetchPage = async (redis: Redis, found: readonly Found[], count: number): Promise<void> => {
	const wanted = found.filter(({done}) => !done)
	const pipeline = redis.pipeline()
	for (const {stream, entries} of wanted) {
		const last = entries.at(-1)
		pipeline.xrevrange(stream, last ? `(${last.id}` : '+', '-', 'COUNT', count)
	}
	const replies = wanted.length === 0 ? [] : ((await pipeline.exec()) ?? [])
	for (const [index, of] of wanted.entries()) {
		const [error, rows] = replies[index] ?? []
		// Whatever lies under its name now is no stream, or nothing.
		const page = error || !Array.isArray(rows) ? [] : (rows as readonly Row[])
		of.entries.push(...page.map(entryOf))
		const sum = of.entries.reduce((total, {bytes}) => total + bytes, 0)
		of.done = page.length < count || sum >= BYTES_MAX
	}
}

/**
 * The newest entries of each stream, newest first: ten, or fewer where they are long. None of a stream that cannot be
 * read, whatever is there under its name. Only reads.
 */
export const readNewest = async (
	redis: Redis,
	streams: readonly string[],
): Promise<readonly (readonly NewestEntry[])[]> => {
	const all: Found[] = streams.map(stream => ({stream, entries: [], done: false}))
	for (let from = 0; from < all.length; from += STREAMS_AT_A_TIME)
		for (const count of PAGES) await fetchPage(redis, all.slice(from, from + STREAMS_AT_A_TIME), count)
	return all.map(({entries}) => entries)
}
