import type {Redis} from 'ioredis'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {surveyStreams} from '../engine/adapters/redis/stream-survey.js'
import {type Bench, inTurn, ratiosOf, type Sample, sampleOf, spreadOf} from './bench.js'
import {calm, fillStream} from './full-streams.js'

const STREAMS = 100
const GROUPS = 3
const CONSUMERS = 20
/** Entries of every stream; what each group has before it differs. */
const ENTRIES = 2_000
const LONG = 200_000
/** Looks that are timed in each round. */
const RUNS = 3
const WITHIN_MS = 1_000
const TOGETHER = 'streams surveyed'
const ONE_BY_ONE = 'streams asked one by one'

const surveyOnce = async (redis: Redis, streams: readonly string[]): Promise<void> => {
	const found = await surveyStreams(redis, streams)
	const groups = found.flatMap(survey => (survey.state === 'stream' ? survey.groups : []))
	if (groups.length !== streams.length * GROUPS) throw new Error(`${groups.length} groups were found`)
}

/** What one would type: a question, then the next. Tells less, and not in one cut. */
const askOneByOne = async (redis: Redis, streams: readonly string[]): Promise<void> => {
	for (const stream of streams) {
		await redis.xinfo('STREAM', stream)
		const groups = (await redis.xinfo('GROUPS', stream)) as string[][]
		for (const row of groups) {
			const group = row[row.indexOf('name') + 1] ?? ''
			await redis.xpending(stream, group, '-', '+', 1)
			await redis.xinfo('CONSUMERS', stream, group)
		}
		if (groups.length !== GROUPS) throw new Error(`${stream} has ${groups.length} groups`)
	}
}

type Look = (redis: Redis, streams: readonly string[]) => Promise<void>

/** Looks at all of them again and again; how long each look took, ms, goes to `times`. */
const sampleLooks = async (
	redis: Redis,
	look: Look,
	{streams, runs, times}: Readonly<{streams: readonly string[]; runs: number; times: number[]}>,
): Promise<Sample> =>
	sampleOf(redis, runs * streams.length, async () => {
		for (let run = 0; run < runs; run += 1) {
			const begun = performance.now()
			await look(redis, streams)
			times.push(performance.now() - begun)
		}
	})

const measure = async (redis: Redis, scale: number, rounds: number) => {
	const consumers = Math.max(1, Math.round(CONSUMERS * Math.min(1, scale * 100)))
	const count = Math.max(1, Math.round(STREAMS * scale))
	const runs = Math.max(1, Math.round(RUNS * scale))
	const entries = Math.max(ENTRIES, Math.round(LONG * scale))
	const streams = Array.from({length: count}, (_, index) => `bench:${index}`)
	const groups = {groups: GROUPS, consumers}
	for (const name of streams) await fillStream(redis, {name, entries: ENTRIES, ...groups})
	await fillStream(redis, {name: 'bench:long', entries, ...groups})
	await calm(redis)
	const [together, apart, long] = [[] as number[], [] as number[], [] as number[]]
	const unit = 'streams/s'
	const measurements = await inTurn(
		[
			{name: TOGETHER, unit, measure: () => sampleLooks(redis, surveyOnce, {streams, runs, times: together})},
			{name: ONE_BY_ONE, unit, measure: () => sampleLooks(redis, askOneByOne, {streams, runs, times: apart})},
		],
		rounds,
	)
	await sampleLooks(redis, surveyOnce, {streams: ['bench:long'], runs: runs * rounds, times: long})
	const size = `${count} streams x ${GROUPS} groups x ${consumers} consumers`
	return {
		measurements,
		ratios: ratiosOf(measurements, [[TOGETHER, ONE_BY_ONE]]),
		floors: [],
		spreads: [
			spreadOf(`survey of ${size}`, 'ms', together, WITHIN_MS, 'p99'),
			spreadOf('the same, asked one by one', 'ms', apart),
			spreadOf(`survey of one stream of ${entries} entries`, 'ms', long, WITHIN_MS),
		],
		notes: [
			`${ENTRIES} entries per stream; the groups have all, two thirds and one third of them before them: as far as a survey counts`,
			'one by one: XINFO STREAM, GROUPS and CONSUMERS and XPENDING, without what lies before a group that was moved, and since when',
		],
	}
}

export const streams: Bench = {
	name: 'streams',
	summary: 'A look at many streams with their groups and consumers: how far behind, what is pending, since when.',
	run: async ({redis_url, scale, rounds}) => {
		const redis = connectRedis(redis_url)
		try {
			return await measure(redis, scale, rounds)
		} finally {
			await redis.flushall()
			redis.disconnect()
		}
	},
}
