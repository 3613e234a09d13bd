import type {Redis} from 'ioredis'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {surveyStreams} from '../engine/adapters/redis/stream-survey.js'
import {type Bench, spreadOf} from './bench.js'

const STREAMS = 100
const GROUPS = 3
const CONSUMERS = 20
/** Entries of every stream; what each group has behind it differs, from nothing to all. */
const ENTRIES = 2_000
const LONG = 1_000_000
const RUNS = 15
const BATCH = 5_000
const WITHIN_MS = 1_000

const fill = async (redis: Redis, stream: string, count: number): Promise<void> => {
	for (let done = 0; done < count; done += BATCH) {
		const pipeline = redis.pipeline()
		for (let n = done; n < Math.min(count, done + BATCH); n += 1)
			pipeline.xadd(stream, `${n + 1}-0`, 'symbol', 'BTCUSDT', 'price', String(60_000 + n), 'quantity', '0.015')
		await pipeline.exec()
	}
}

/** Groups at their start, in the middle and near the end, each with consumers that hold something. */
const addGroups = async (redis: Redis, stream: string, count: number, consumers: number): Promise<void> => {
	for (let group = 0; group < GROUPS; group += 1) {
		const begins = Math.max(0, Math.round((group / GROUPS) * count) - consumers)
		await redis.xgroup('CREATE', stream, `group-${group}`, `${begins}-0`)
		const pipeline = redis.pipeline()
		for (let consumer = 0; consumer < consumers; consumer += 1)
			pipeline.call('XREADGROUP', 'GROUP', `group-${group}`, `c${consumer}`, 'COUNT', '1', 'STREAMS', stream, '>')
		await pipeline.exec()
	}
}

const timesOf = async (redis: Redis, streams: readonly string[], runs: number): Promise<readonly number[]> => {
	const times: number[] = []
	for (let run = 0; run < runs; run += 1) {
		const begun = performance.now()
		const found = await surveyStreams(redis, streams)
		times.push(performance.now() - begun)
		const groups = found.flatMap(survey => (survey.state === 'stream' ? survey.groups : []))
		if (groups.length !== streams.length * GROUPS) throw new Error(`${groups.length} groups were found`)
	}
	return times
}

export const streams: Bench = {
	name: 'streams',
	summary: 'A look at many streams with their groups and consumers: how far behind, what is pending, since when.',
	run: async ({redis_url, scale, rounds}) => {
		const redis = connectRedis(redis_url)
		const consumers = Math.max(1, Math.round(CONSUMERS * Math.min(1, scale * 100)))
		const count = Math.max(1, Math.round(STREAMS * scale))
		const runs = Math.max(1, Math.round(RUNS * rounds * scale))
		const long = Math.max(ENTRIES, Math.round(LONG * scale))
		const names = Array.from({length: count}, (_, index) => `bench:${index}`)
		try {
			for (const name of names) {
				await fill(redis, name, ENTRIES)
				await addGroups(redis, name, ENTRIES, consumers)
			}
			await fill(redis, 'bench:long', long)
			await addGroups(redis, 'bench:long', long, consumers)
			const size = `${count} streams x ${GROUPS} groups x ${consumers} consumers`
			return {
				measurements: [],
				ratios: [],
				floors: [],
				spreads: [
					spreadOf(`survey of ${size}`, 'ms', await timesOf(redis, names, runs), WITHIN_MS, 'p99'),
					spreadOf(
						`survey of one stream of ${long} entries`,
						'ms',
						await timesOf(redis, ['bench:long'], runs),
						WITHIN_MS,
					),
				],
				notes: [`${ENTRIES} entries per stream; groups are behind by everything, two thirds and one third of it`],
			}
		} finally {
			await redis.flushall()
			redis.disconnect()
		}
	},
}
