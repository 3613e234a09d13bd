import * as fc from 'fast-check'
import type {RedisBus} from '../../src/engine/adapters/redis/redis-bus.js'
import {reapScript} from '../../src/engine/adapters/redis/scripts.js'

/** Work of consumers on a stream of a few entries, and who is then removed from its group. */

const ENTRIES = 4
const GROUPS = ['g', 'h'] as const
const CONSUMERS = ['one', 'two', '币安人生'] as const
/** So idle is nobody within a trial. */
const NEVER_MS = 3_600_000

const who = {group: fc.constantFrom(...GROUPS), consumer: fc.constantFrom(...CONSUMERS)}
const operation = fc.oneof(
	/** A consumer comes, and is given this many entries or none. */
	{
		weight: 3,
		arbitrary: fc.record({kind: fc.constant('take' as const), ...who, count: fc.constantFrom<number>(0, 1, 1, 2)}),
	},
	{weight: 2, arbitrary: fc.record({kind: fc.constant('done' as const), ...who, count: fc.constantFrom<number>(1, 2)})},
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constant('reap' as const),
			...who,
			idle_ms: fc.constantFrom<number>(0, 0, NEVER_MS),
			/** It came in the same instant: idle for 0 ms, which is no less than 0. */
			at_once: fc.boolean(),
		}),
	},
)
export const reapHistory = fc.array(operation, {minLength: 1, maxLength: 10})
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never
export type ReapHistory = readonly Operation[]

/** One that comes and goes, one that holds one entry, one that holds two; each asked about on both sides of the limit. */
export const reapExamples: readonly ReapHistory[] = [0, 1, 2].flatMap(count =>
	[0, NEVER_MS].map((idle_ms): ReapHistory => {
		const [group, consumer] = ['g', 'two'] as const
		const reap = {kind: 'reap', group, consumer, idle_ms, at_once: count === 0} as const
		return [
			{kind: 'take', group, consumer: 'one', count: 1},
			{kind: 'take', group, consumer, count},
			{kind: 'take', group: 'h', consumer, count: 1},
			reap,
			{...reap, at_once: false},
			{...reap, group: 'h'},
		]
	}),
)

type Answer = readonly [outcome: string, count: number]
/** Entries that each consumer holds, by group and consumer. */
type Held = Readonly<Record<string, number>>
export type Reaped = Readonly<{answers: readonly Answer[]; held: Held}>

/** How long it has been idle differs from run to run; that it is a time below the limit does not. */
const plainAnswer = ([outcome, value]: Answer): Answer =>
	outcome === 'busy' && value >= 0 && value < NEVER_MS ? ['busy', 0] : [outcome, value]

export const reapOnRedis = async ({redis}: RedisBus, prefix: string, history: ReapHistory): Promise<Reaped> => {
	const stream = `${prefix}s`
	for (let n = 0; n < ENTRIES; n += 1) await redis.xadd(stream, '*', 'n', String(n))
	for (const group of GROUPS) await redis.xgroup('CREATE', stream, group, '0')
	const answers: Answer[] = []
	for (const operation of history) {
		const {kind, group, consumer} = operation
		const comes = ['CREATECONSUMER', stream, group, consumer] as const
		if (kind === 'take') {
			await redis.xgroup(...comes)
			if (operation.count > 0)
				await redis.xreadgroup('GROUP', group, consumer, 'COUNT', operation.count, 'STREAMS', stream, '>')
		} else if (kind === 'done') {
			const pending = await redis.xpending(stream, group, '-', '+', operation.count, consumer)
			for (const row of pending) if (Array.isArray(row)) await redis.xack(stream, group, String(row[0]))
		} else {
			const transaction = redis.multi()
			if (operation.at_once) transaction.xgroup(...comes)
			transaction.eval(reapScript.lua, 1, stream, group, consumer, String(operation.idle_ms))
			const [error, answer] = (await transaction.exec())?.at(-1) ?? []
			if (error) throw error
			answers.push(plainAnswer(answer as Answer))
		}
	}
	const held: Record<string, number> = {}
	for (const group of GROUPS)
		for (const row of (await redis.xinfo('CONSUMERS', stream, group)) as unknown[][])
			held[`${group} ${String(row[1])}`] = Number(row[3])
	return {answers, held}
}

/** The same said plainly. */
export const reapPlainly = (history: ReapHistory): Reaped => {
	const left: Record<string, number> = Object.fromEntries(GROUPS.map(group => [group, ENTRIES]))
	const held: Record<string, number> = {}
	const answers: Answer[] = []
	for (const operation of history) {
		const {kind, group, consumer} = operation
		const name = `${group} ${consumer}`
		if (kind === 'take') {
			const given = Math.min(operation.count, left[group] ?? 0)
			left[group] = (left[group] ?? 0) - given
			held[name] = (held[name] ?? 0) + given
		} else if (kind === 'done') {
			if (held[name] !== undefined) held[name] = Math.max(0, held[name] - operation.count)
		} else {
			if (operation.at_once) held[name] ??= 0
			const pending = held[name]
			if (pending === undefined) answers.push(['gone', 0])
			else if (pending > 0) answers.push(['pending', pending])
			else if (operation.idle_ms > 0) answers.push(['busy', 0])
			else {
				delete held[name]
				answers.push(['reaped', 0])
			}
		}
	}
	return {answers, held}
}
