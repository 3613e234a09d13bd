import * as fc from 'fast-check'
import type {RedisBus} from '../../src/engine/adapters/redis/redis-bus.js'
import {recountScript} from '../../src/engine/adapters/redis/scripts.js'

/** Groups that stand somewhere on a stream of a few entries, and what is said to be known of them. */

const ENTRIES = 4
const GROUPS = ['g', 'h', '币安人生'] as const
const idOf = (n: number): string => `${n}-0`

const said = fc.record({
	/** `gone` is no group of the stream. */
	group: fc.constantFrom(...GROUPS, 'gone'),
	/** Where it was seen; it may have gone on since. */
	seen: fc.integer({min: 0, max: ENTRIES}),
	read: fc.constantFrom('', '0', '1', '4', '99'),
})
export const recountHistory = fc.record({
	/** Entries that each group was given. */
	given: fc.tuple(...GROUPS.map(() => fc.integer({min: 0, max: ENTRIES}))),
	said: fc.array(said, {maxLength: 4}),
})
type History = typeof recountHistory extends fc.Arbitrary<infer T> ? T : never

export const recountExamples: readonly History[] = (['', '4'] as const).flatMap(read =>
	[2, 1].map(seen => ({
		given: [2, 0, 4],
		said: [
			{group: 'g' as const, seen, read},
			{group: '币安人生' as const, seen: 4, read},
		],
	})),
)

type Stand = Readonly<{group: string; delivered: string; read: number | null}>
export type Recounted = Readonly<{set: number; stands: readonly Stand[]}>

export const recountOnRedis = async ({redis}: RedisBus, prefix: string, {given, said: words}: History) => {
	const stream = `${prefix}s`
	for (let n = 1; n <= ENTRIES; n += 1) await redis.xadd(stream, idOf(n), 'n', String(n))
	for (const [index, group] of GROUPS.entries()) {
		await redis.xgroup('CREATE', stream, group, '0')
		const count = given[index] ?? 0
		if (count > 0) await redis.xreadgroup('GROUP', group, 'c', 'COUNT', count, 'STREAMS', stream, '>')
	}
	const argv = words.flatMap(({group, seen, read}) => [group, seen === 0 ? '0-0' : idOf(seen), read])
	const set = Number(await redis.eval(recountScript.lua, 1, stream, ...argv))
	const rows = (await redis.xinfo('GROUPS', stream)) as unknown[][]
	const stands = rows.map(row => {
		const of = (name: string) => row[row.indexOf(name) + 1]
		return {group: String(of('name')), delivered: String(of('last-delivered-id')), read: of('entries-read')}
	})
	return {set, stands}
}

/** The same said plainly. */
export const recountPlainly = ({given, said: words}: History): Recounted => {
	const delivered = (index: number) => given[index] ?? 0
	const read = new Map<string, number | null>(
		GROUPS.map((group, index) => [group, delivered(index) === 0 ? null : delivered(index)]),
	)
	let set = 0
	for (const {group, seen, read: text} of words) {
		const index = (GROUPS as readonly string[]).indexOf(group)
		if (index < 0 || delivered(index) !== seen) continue
		read.set(group, text === '' ? null : Number(text))
		set += 1
	}
	const stands = GROUPS.map((group, index) => ({
		group,
		delivered: delivered(index) === 0 ? '0-0' : idOf(delivered(index)),
		read: read.get(group) ?? null,
	}))
	return {set, stands: stands.toSorted((a, b) => Buffer.compare(Buffer.from(a.group), Buffer.from(b.group)))}
}
