import * as fc from 'fast-check'
import type {Redis} from 'ioredis'
import type {RedisBus} from '../../src/engine/adapters/redis/redis-bus.js'
import {surveyScript} from '../../src/engine/adapters/redis/scripts.js'
import {compareIds} from '../../src/engine/bus/stream-id.js'

/** What is done to a stream, as words of a command without its name, and what the script is asked about it then. */

const STREAM = 'the stream'
const GROUPS = ['g', '币安'] as const
const group = fc.constantFrom(...GROUPS)
const consumer = fc.constantFrom('one', 'two')
/** Ids whose order as texts is another than their own. */
const id = fc.constantFrom('0-0', '1-0', '2-0', '9-2', '9-10', '10-0', '11-0')
const few = fc.integer({min: 1, max: 3}).map(String)
/** Of a size that bounds below are just at. */
const text = fc.constantFrom('', 'x', 'xx', 'x'.repeat(9))

const words = fc.oneof(
	{
		weight: 6,
		arbitrary: fc
			.tuple(fc.constantFrom('*', '*', '9-2', '9-10'), text)
			.map(([at, value]) => ['XADD', STREAM, at, 'n', value]),
	},
	{
		weight: 2,
		arbitrary: fc.tuple(group, id).map(([name, from]) => ['XGROUP', 'CREATE', STREAM, name, from, 'MKSTREAM']),
	},
	{
		weight: 3,
		arbitrary: fc
			.tuple(group, consumer, few)
			.map(([name, who, count]) => ['XREADGROUP', 'GROUP', name, who, 'COUNT', count, 'STREAMS', STREAM, '>']),
	},
	fc.tuple(group, id).map(([name, from]) => ['XGROUP', 'SETID', STREAM, name, from]),
	fc.tuple(group, consumer).map(([name, who]) => ['XGROUP', 'DELCONSUMER', STREAM, name, who]),
	fc.integer({min: 0, max: 4}).map(keep => ['XTRIM', STREAM, 'MAXLEN', String(keep)]),
	id.map(of => ['XDEL', STREAM, of]),
	id.map(of => ['XACK', STREAM, 'g', of]),
)

const ask = fc.record({
	count_max: fc.constantFrom<number>(0, 1, 2, 3, 4, 5, 1_000),
	bytes_max: fc.constantFrom<number>(0, 1, 2, 3, 4, 5, 6, 11, 1_000_000),
	only: fc.constantFrom<string>('', '', '', ...GROUPS, 'nobody'),
})
const asks = fc.array(ask, {minLength: 2, maxLength: 4})
export const surveyHistory = fc.record({commands: fc.array(words, {maxLength: 14}), asks})
export type SurveyHistory = Readonly<{commands: readonly string[][]; asks: ReadonlyArray<Ask>}>
type Ask = typeof ask extends fc.Arbitrary<infer T> ? T : never

const filled = (count: number) => Array.from({length: count}, (_, n) => ['XADD', STREAM, `${n + 1}-0`, 'n', 'x'])
const created = (name: string, from: string) => ['XGROUP', 'CREATE', STREAM, name, from, 'MKSTREAM']
const readBy = (name: string, count: number) => [
	'XREADGROUP',
	'GROUP',
	name,
	'one',
	'COUNT',
	String(count),
	'STREAMS',
	STREAM,
	'>',
]
const [ENTRIES, BYTES] = [1_000, 1_000_000]
const bounds: readonly Ask[] = [
	...[0, 1, 2, 3, 4, 7].map(count_max => ({count_max, bytes_max: BYTES, only: ''})),
	...[0, 2, 3, 6, 7, BYTES].map(bytes_max => ({count_max: ENTRIES, bytes_max, only: ''})),
]

/** Nothing, no stream, an empty one; one or two groups at each place of a stream, with each bound. */
export const surveyExamples: readonly SurveyHistory[] = [
	{commands: [], asks: bounds.slice(0, 1)},
	{commands: [['SET', STREAM, 'x']], asks: bounds.slice(0, 1)},
	{commands: [created('g', '0')], asks: bounds.slice(-2)},
	{commands: [...filled(1), created('g', '0'), ['XTRIM', STREAM, 'MAXLEN', '0']], asks: bounds.slice(-2)},
	{commands: [...filled(3), ['XDEL', STREAM, '2-0'], created('g', '0')], asks: bounds.slice(-1)},
	...[0, 1, 3, 7, 8].map(behind => ({
		commands: [created('g', '0'), created('币安', '0'), ...filled(8), readBy('g', 8 - behind), readBy('币安', 2)],
		asks: [...bounds, {count_max: ENTRIES, bytes_max: BYTES, only: 'g'}],
	})),
]

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (row: unknown): Fields => {
	const flat = row as readonly unknown[]
	return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[String(name), flat[at + 1]]] : [])))
}

/** How long one was idle, and what the clock said, differ from look to look: held against one before and one after. */
const between = (value: unknown, first: unknown, second: unknown): unknown =>
	Number(value) >= Number(first) && Number(value) <= Number(second) ? 'in time' : [first, value, second]

/** Entries newer than an id that are counted within the bounds, and whether they are all: pages of 1, 2, 4, 8… */
class Counter {
	#counted = 0
	#bytes = 0
	#page = 1
	#ended = false

	constructor(
		private readonly newest: ReadonlyArray<readonly [id: string, texts: readonly string[]]>,
		private readonly bounds: Ask,
	) {}

	newerThan(delivered: string): readonly [count: number, all: number] {
		const newer = this.newest.filter(([of]) => compareIds(of, delivered) > 0).length
		while (newer >= this.#counted && !this.#isOver()) this.#further()
		return [Math.min(newer, this.#counted), this.#ended || newer < this.#counted ? 1 : 0]
	}

	#isOver(): boolean {
		return this.#ended || this.#counted >= this.bounds.count_max || this.#bytes >= this.bounds.bytes_max
	}

	#further(): void {
		const wanted = Math.min(this.#page, this.bounds.count_max - this.#counted)
		const page = this.newest.slice(this.#counted, this.#counted + wanted)
		for (const [, texts] of page) this.#bytes += texts.reduce((sum, of) => sum + Buffer.byteLength(of), 0)
		this.#ended = page.length < wanted
		this.#counted += page.length
		this.#page *= 2
	}
}

const groupSaid = async (redis: Redis, stream: string, of: Fields, counter: Counter) => {
	const [name, delivered] = [String(of.name), String(of['last-delivered-id'])]
	const pending = (await redis.xpending(stream, name, '-', '+', 100)) as unknown[][]
	const waiting = await redis.xrange(stream, `(${delivered}`, '+')
	const [count, all] = waiting.length > 0 ? counter.newerThan(delivered) : [0, 1]
	const consumers = ((await redis.xinfo('CONSUMERS', stream, name)) as unknown[]).map(fieldsOf)
	return [
		...[name, delivered, of['entries-read'], of.lag, of.pending, pending[0] ?? null, waiting[0]?.[0] ?? null],
		...[count, all, consumers.map(row => [row.name, row.pending, row.idle])],
	]
}

/** The same said plainly: by one command after the other, and counted by hand. */
const saidPlainly = async (redis: Redis, stream: string, asked: Ask): Promise<unknown[]> => {
	const kind = await redis.type(stream)
	if (kind !== 'stream') return [kind]
	const info = fieldsOf(await redis.xinfo('STREAM', stream))
	const entries = await redis.xrange(stream, '-', '+')
	const counter = new Counter(entries.toReversed(), asked)
	const groups: unknown[] = []
	for (const row of ((await redis.xinfo('GROUPS', stream)) as unknown[]).map(fieldsOf))
		if (asked.only === '' || row.name === asked.only) groups.push(await groupSaid(redis, stream, row, counter))
	const deleted = info['max-deleted-entry-id']
	return [
		...[kind, 'the time', entries.length, info['entries-added'], entries[0]?.[0] ?? null, entries.at(-1)?.[0] ?? null],
		...[info['last-generated-id'], deleted === '0-0' ? null : deleted, groups],
	]
}

type Row = readonly unknown[]
const msOf = (time: unknown): number => {
	const [seconds, micros] = time as Row
	return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
}

/** What the script says, and when that was, by the server's clock just before and just after it. */
const told = async (redis: Redis, stream: string, {count_max, bytes_max, only}: Ask) => {
	const argv = [String(count_max), String(bytes_max), only]
	const replies = await redis
		.multi()
		.time()
		.eval(surveyScript.lua, 1, stream, ...argv)
		.time()
		.exec()
	const [first, said, last] = (replies ?? []).map(([error, reply]) => {
		if (error) throw error
		return reply
	})
	return {said: said as Row, first_ms: msOf(first), last_ms: msOf(last)}
}

const oldestOf = (of: Row): Row | null => of[5] as Row | null
const consumersOf = (of: Row): readonly Row[] => of[9] as readonly Row[]

/** A group as the script tells it, with its idle times held against those that were told before and after it. */
const groupInTime = (of: Row, before: Row, after: Row): unknown[] => {
	const [oldest, was, is] = [oldestOf(of), oldestOf(before), oldestOf(after)]
	const idle = oldest && [oldest[0], oldest[1], between(oldest[2], was?.[2], is?.[2]), oldest[3]]
	const consumers = consumersOf(of).map((row, at) => {
		const [first, second] = [consumersOf(before)[at], consumersOf(after)[at]]
		return [row[0], row[1], between(row[2], first?.[2], second?.[2])]
	})
	return [...of.slice(0, 5), idle, ...of.slice(6, 9), consumers]
}
const inTime = (row: Row, before: Row, after: Row, at_ms: unknown): unknown[] => {
	if (row[0] !== 'stream') return [...row]
	const groupsOf = (of: Row): readonly Row[] => of[8] as readonly Row[]
	const [first, second] = [groupsOf(before), groupsOf(after)]
	const groups = groupsOf(row).map((of, n) => groupInTime(of, first[n] ?? [], second[n] ?? []))
	return [row[0], at_ms, ...row.slice(2, 8), groups]
}

/**
 * What the script says beside what Redis itself says, command by command, before it and after it.
 * @returns an empty list where they agree; else what was asked, what the script said and what is so
 */
export const surveyOnRedis = async (
	{redis}: RedisBus,
	prefix: string,
	{commands, asks: questions}: SurveyHistory,
): Promise<unknown[]> => {
	const stream = `${prefix}s`
	// What the server refuses, such as an id that is too old, leaves the stream as it was.
	for (const command of commands) {
		const [name = '', ...rest] = command.map(word => (word === STREAM ? stream : word))
		await redis.call(name, ...rest).catch(() => undefined)
	}
	const found: unknown[] = []
	for (const asked of questions) {
		const before = await saidPlainly(redis, stream, asked)
		const {said, first_ms, last_ms} = await told(redis, stream, asked)
		const after = await saidPlainly(redis, stream, asked)
		const at_ms = between(said[1], first_ms, last_ms) === 'in time' ? 'the time' : [first_ms, said[1], last_ms]
		const [told_so, is_so] = [inTime(said, before, after, at_ms), inTime(after, after, after, 'the time')]
		if (JSON.stringify(told_so) !== JSON.stringify(is_so)) found.push({asked, told_so, is_so})
	}
	return found
}
