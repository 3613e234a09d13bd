import {setTimeout as pause} from 'node:timers/promises'
import type {Redis} from 'ioredis'
import {serverFigure} from './server-info.js'

/** Appended by the server itself: what is looked at is not how it came there, and a million messages take minutes. */
const APPEND = `
for n = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  redis.call('XADD', KEYS[1], string.format('%.0f-0', ARGV[3] + n), 'symbol', 'BTCUSDT', 'price', 60000 + n, 'quantity', '0.015')
end`
const BATCH = 5_000
const LOOK_EVERY_MS = 50
/** This bounds a hang. */
const CALM_WITHIN_MS = 120_000

export type FullStream = Readonly<{
	name: string
	entries: number
	groups: number
	/** Of each group; each holds one entry. */
	consumers: number
}>

const append = async (redis: Redis, {name, entries}: FullStream, before_ms: number): Promise<void> => {
	for (let from = 1; from <= entries; from += BATCH)
		await redis.eval(APPEND, 1, name, from, Math.min(entries, from + BATCH - 1), before_ms)
}

/** A stream an entry a millisecond, until now; its groups have all of it, two thirds, one third and so on before them. */
export const fillStream = async (redis: Redis, full: FullStream): Promise<void> => {
	const {name, entries, groups, consumers} = full
	const before_ms = Date.now() - entries
	await append(redis, full, before_ms)
	const pipeline = redis.pipeline()
	for (let group = 0; group < groups; group += 1) {
		const read = Math.max(0, Math.round((group / groups) * entries) - consumers)
		pipeline.xgroup('CREATE', name, `g${group}`, `${before_ms + read}-0`)
		for (let consumer = 0; consumer < consumers; consumer += 1)
			pipeline.xreadgroup('GROUP', `g${group}`, `c${consumer}`, 'COUNT', 1, 'STREAMS', name, '>')
	}
	for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error
}

/** Waits until the server has written anew what it appended to: that would run beside whatever is measured. */
export const calm = async (redis: Redis): Promise<void> => {
	const deadline = performance.now() + CALM_WITHIN_MS
	while ((await serverFigure(redis, 'persistence', 'aof_rewrite_in_progress')) !== 0) {
		if (performance.now() > deadline) throw new Error(`The server rewrites its file for more than ${CALM_WITHIN_MS} ms`)
		await pause(LOOK_EVERY_MS)
	}
}
