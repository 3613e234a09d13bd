import * as fc from 'fast-check'
import type {RedisBus} from '../../src/engine/adapters/redis/redis-bus.js'
import {replayScript, runScript} from '../../src/engine/adapters/redis/scripts.js'
import {compareIds} from '../../src/engine/bus/stream-id.js'

/** Dead letters, what was put back of them before, and who is put back now. */

type Fields = Readonly<Record<string, string>>

/** Older and younger than each other in either part, also where the text says otherwise; the last is of the future. */
const IDS = ['9-0', '9-2', '9-10', '10-0', '10-2', '9000000000000-0']
const ORIGINS = ['a.stream/1-0', '币安/2-0'] as const
const words = (name: string): fc.Arbitrary<Fields> =>
	fc.array(fc.constantFrom('x', '', '-1', '币安人生USDT'), {minLength: 1, maxLength: 3}).map(values => ({
		[name]: values[0] ?? '',
		...Object.fromEntries(values.slice(1).map((value, index) => [`${name}${index}`, value])),
	}))
const id = fc.constantFrom(...IDS)
const record = fc.record({
	by: fc.constantFrom<string>('ada', '"', '{}'),
	time_ms: fc.constantFrom<number>(0, 1, 1_795_000_000_000),
})

export const replayHistory = fc.record({
	buried: fc.uniqueArray(id, {minLength: 1, maxLength: IDS.length}),
	/** What the hash holds from before: under which id it went back. */
	before: fc.array(fc.record({origin: fc.constantFrom(...ORIGINS), entry_id: id}), {maxLength: 2}),
	calls: fc.array(fc.record({id, origin: fc.constantFrom(...ORIGINS), record, entry: words('e'), event: words('v')}), {
		minLength: 1,
		maxLength: 4,
	}),
})
export type ReplayHistory = typeof replayHistory extends fc.Arbitrary<infer T> ? T : never

/** Each id against each that went back before it, and against none. */
export const replayExamples: readonly ReplayHistory[] = IDS.flatMap(buried =>
	[undefined, ...IDS].map(entry_id => {
		const [origin] = ORIGINS
		const call = {id: buried, origin, record: {by: 'ada', time_ms: 1}, entry: {e: 'x', e0: 'y'}, event: {v: 'z'}}
		return {buried: [buried], before: entry_id === undefined ? [] : [{origin, entry_id}], calls: [call, call]}
	}),
)

export type Replayed = Readonly<{
	answers: readonly (readonly unknown[])[]
	records: Readonly<Record<string, unknown>>
	dead: readonly string[]
	own: readonly Fields[]
	events: readonly Fields[]
}>

/** An id that the server gave is known by its place on the stream. */
const placed = (value: unknown, ids: readonly string[]): unknown =>
	typeof value === 'string' && ids.includes(value) ? `entry ${ids.indexOf(value)}` : value
const recordOf = (text: string, ids: readonly string[]): unknown =>
	JSON.parse(text, (name, value: unknown) => (name === 'entry_id' ? placed(value, ids) : value))
const flat = (fields: Fields): string[] => Object.entries(fields).flat()
const counted = (fields: Fields): string[] => [String(flat(fields).length), ...flat(fields)]
const fieldsOf = (flatFields: readonly string[]): Fields =>
	Object.fromEntries(
		Array.from({length: flatFields.length / 2}, (_, n) => [flatFields[2 * n] ?? '', flatFields[2 * n + 1] ?? '']),
	)

export const replayOnRedis = async (
	{redis}: RedisBus,
	prefix: string,
	{buried, before, calls}: ReplayHistory,
): Promise<Replayed> => {
	const [dead, own, hash, events] = ['d', 's', 'h', 'e'].map(name => prefix + name) as [string, string, string, string]
	for (const letter of [...buried].sort(compareIds)) await redis.xadd(dead, letter, 'n', letter)
	for (const {origin, entry_id} of before) await redis.hset(hash, origin, JSON.stringify({by: 'bob', entry_id}))
	const replies: (readonly [string, string?])[] = []
	for (const {id: letter, origin, record: of, entry, event} of calls) {
		const argv = [letter, origin, JSON.stringify(of), ...counted(entry), ...counted(event)]
		replies.push((await runScript(redis, replayScript, [dead, own, hash, events], argv)) as [string, string?])
	}
	const [letters, entries, told] = await Promise.all([dead, own, events].map(stream => redis.xrange(stream, '-', '+')))
	const ids = (entries ?? []).map(([of]) => of)
	const answers = replies.map(([outcome, value]) =>
		outcome === 'already' ? [outcome, recordOf(value ?? '', ids)] : [outcome, placed(value, ids)],
	)
	const records = Object.entries(await redis.hgetall(hash)).map(([origin, text]) => [origin, recordOf(text, ids)])
	return {
		answers,
		records: Object.fromEntries(records),
		dead: (letters ?? []).map(([of]) => of),
		own: (entries ?? []).map(([, fields]) => fieldsOf(fields)),
		events: (told ?? []).map(([, fields]) => fieldsOf(fields)),
	}
}

/** The same said plainly. What is put back now is younger than all but what is of the future. */
export const replayPlainly = ({buried, before, calls}: ReplayHistory): Replayed => {
	const records = new Map<string, Readonly<Record<string, unknown>> & {entry_id: string}>(
		before.map(({origin, entry_id}) => [origin, {by: 'bob', entry_id}]),
	)
	const own: Fields[] = []
	const events: Fields[] = []
	const timeOf = (entry_id: string): string => (entry_id.startsWith('entry ') ? '1000000000000-0' : entry_id)
	const answers = calls.map(({id: letter, origin, record: of, entry, event}) => {
		const known = records.get(origin)
		if (known && compareIds(letter, timeOf(known.entry_id)) < 0) return ['already', known]
		if (!buried.includes(letter)) return ['gone', undefined]
		const entry_id = `entry ${own.length}`
		own.push(entry)
		events.push(event)
		records.set(origin, {...of, entry_id})
		return ['replayed', entry_id]
	})
	return {answers, records: Object.fromEntries(records), dead: [...buried].sort(compareIds), own, events}
}
