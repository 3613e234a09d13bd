import type {Redis} from 'ioredis'
import {withState} from '../../daemon/client/state.js'
import type {Home} from '../../daemon/system/home.js'
import {readNewest} from '../../engine/adapters/redis/newest-entries.js'
import {surveyStreams} from '../../engine/adapters/redis/stream-survey.js'
import {matchPattern} from '../../engine/contracts/key.js'
import {keys as contracts} from '../../engine/contracts/keys.js'
import type {Naming} from '../../engine/contracts/naming.js'
import {messageOf} from '../../engine/errors.js'
import {type KeySeen, type LeaseSeen, type Part, type RedisSeen, type StreamSeen, seen, unseen} from '../observed.js'

/** Names after which no more are looked at, and calls that look for them on a server that is shared with many. */
const KEYS_MAX = 100_000
const SCANS_MAX = 5_000
const SCAN_COUNT = 1_000
const KEYS_AT_A_TIME = 2_000
const READ_WITHIN_MS = 30_000

const escapeGlob = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&')

/** Names as bytes: one that is no UTF-8 would be another name as text. */
const namesUnder = async (redis: Redis, prefix: string): Promise<{names: readonly Buffer[]; left_out: boolean}> => {
	const found = new Map<string, Buffer>()
	let cursor = '0'
	for (let scan = 0; scan < SCANS_MAX; scan += 1) {
		const [next, names] = await redis.scanBuffer(cursor, 'MATCH', `${escapeGlob(prefix)}*`, 'COUNT', SCAN_COUNT)
		for (const name of names) found.set(name.toString('latin1'), name)
		cursor = next.toString()
		if (cursor === '0') return {names: [...found.values()], left_out: false}
		if (found.size >= KEYS_MAX) break
	}
	return {names: [...found.values()].slice(0, KEYS_MAX), left_out: true}
}

type Typed = Readonly<{bytes: Buffer; type: string; ttl_ms: number | null}>

const typed = async (redis: Redis, names: readonly Buffer[]): Promise<readonly Typed[]> => {
	const found: Typed[] = []
	for (let from = 0; from < names.length; from += KEYS_AT_A_TIME) {
		const some = names.slice(from, from + KEYS_AT_A_TIME)
		const pipeline = redis.pipeline()
		for (const name of some) pipeline.type(name).pttl(name)
		const replies = ((await pipeline.exec()) ?? []).map(([error, reply]) => {
			if (error) throw error
			return reply
		})
		for (const [index, bytes] of some.entries()) {
			const ttl = Number(replies[2 * index + 1])
			found.push({bytes, type: String(replies[2 * index]), ttl_ms: ttl >= 0 ? ttl : null})
		}
	}
	return found
}

const readStreams = async (redis: Redis, naming: Naming, names: readonly string[]): Promise<readonly StreamSeen[]> => {
	const keys = names.map(name => naming.stream(name))
	const [surveys, newest] = await Promise.all([surveyStreams(redis, keys), readNewest(redis, keys)])
	return names.flatMap((name, index) => {
		const survey = surveys[index]
		// It may have gone since its name was read.
		if (survey?.state !== 'stream') return []
		const {stream: _, state: __, ...facts} = survey
		return [{name, facts, newest: newest[index] ?? []}]
	})
}

const readLeases = async (redis: Redis, naming: Naming, keys: readonly KeySeen[]): Promise<readonly LeaseSeen[]> => {
	const units = keys.flatMap(({name, type}) => {
		const unit = type === 'hash' ? matchPattern(contracts.unitLease.pattern, name)?.unit : undefined
		return unit === undefined ? [] : [unit]
	})
	const pipeline = redis.pipeline()
	for (const unit of units)
		pipeline.hmget(naming.key(contracts.unitLease, {unit}), 'host', 'heartbeat_ms', 'generation')
	const replies = (await pipeline.exec()) ?? []
	return units.flatMap((unit, index) => {
		const reply = replies[index]?.[1]
		if (!Array.isArray(reply)) return []
		const [host, heartbeat_ms, generation] = reply as readonly (string | null)[]
		return [{unit, host: host ?? '', heartbeat_ms: Number(heartbeat_ms ?? 0), generation: Number(generation ?? 0)}]
	})
}

/** Everything under the prefix: nobody else's is looked at, and nothing is written. */
export const readRedis = async (redis: Redis, naming: Naming, url: string): Promise<RedisSeen> => {
	const {names, left_out} = await namesUnder(redis, naming.prefix)
	const streamPrefix = naming.stream('')
	const streams: string[] = []
	const keys: KeySeen[] = []
	for (const {bytes, type, ttl_ms} of await typed(redis, names)) {
		const text = bytes.toString('utf8')
		const readable = Buffer.from(text).equals(bytes)
		if (type === 'stream' && readable && text.startsWith(streamPrefix)) streams.push(text.slice(streamPrefix.length))
		else keys.push({name: text.slice(naming.prefix.length), type, ttl_ms})
	}
	streams.sort()
	keys.sort((left, right) => (left.name < right.name ? -1 : 1))
	return {
		url,
		streams: await readStreams(redis, naming, streams),
		keys,
		leases: await readLeases(redis, naming, keys),
		keys_left_out: left_out,
	}
}

/** Streams with groups and consumers, and keys with types and times to live, of one home. */
export const observeRedis = async (home: Home): Promise<Part<RedisSeen>> => {
	try {
		return seen(
			await withState(home, ({bus, naming, url}) => readRedis(bus.redis, naming, url), {within_ms: READ_WITHIN_MS}),
		)
	} catch (error) {
		return unseen(messageOf(error))
	}
}
