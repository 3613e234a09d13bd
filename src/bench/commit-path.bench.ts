import type * as BullMqModule from 'bullmq'
import type {Job as JobOf, Queue as QueueOf} from 'bullmq'
import type {Redis} from 'ioredis'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {type Bench, type Contender, figureOf, inTurn, ratiosOf, type Sample, sampleOf} from './bench.js'
import {placeRequests, relay, requestFields, sampleLoop} from './relay.js'

const ENTRIES = 100_000
const JOBS = 20_000
const RAW_BATCH = 100
const BULK = 500
/** Jobs that one worker handles at a time; more made it no faster. */
const CONCURRENCY = 100

/** Read, write and acknowledge with nothing in between: what the client and the server can do at most. */
const rawSample = async (redis: Redis, count: number): Promise<Sample> => {
	await placeRequests(redis, 'raw:in', count)
	await redis.xgroup('CREATE', 'raw:in', 'g', '0')
	const sample = await sampleOf(redis, count, async () => {
		for (let done = 0; done < count; ) {
			const reply = (await redis.xreadgroup('GROUP', 'g', 'c', 'COUNT', RAW_BATCH, 'STREAMS', 'raw:in', '>')) as Array<
				[string, Array<[string, string[]]>]
			> | null
			const entries = reply?.[0]?.[1] ?? []
			const pipeline = redis.pipeline()
			for (const [, fields] of entries) pipeline.xadd('raw:out', '*', ...fields)
			pipeline.xack('raw:in', 'g', ...entries.map(([id]) => id))
			await pipeline.exec()
			done += entries.length
		}
	})
	await redis.flushall()
	return sample
}

type BullMq = Pick<typeof BullMqModule, 'Queue' | 'Worker'>
const bullMq = async (): Promise<BullMq | undefined> => import('bullmq').catch(() => undefined)

const addJobs = async (queue: QueueOf, count: number): Promise<void> => {
	for (let from = 0; from < count; from += BULK) {
		const size = Math.min(BULK, count - from)
		await queue.addBulk(Array.from({length: size}, (_, n) => ({name: 'request', data: requestFields(from + n)})))
	}
}

/** Jobs added and processed, both at once in one process. */
const bullMqSample = async ({Queue, Worker}: BullMq, path: string, redis: Redis, count: number): Promise<Sample> => {
	const connection = {path, maxRetriesPerRequest: null}
	const options = {connection, defaultJobOptions: {removeOnComplete: true, removeOnFail: true}}
	const queue = new Queue('bench', options)
	await queue.waitUntilReady()
	let done = 0
	let finished: () => void = () => undefined
	const all = new Promise<void>(resolve => {
		finished = resolve
	})
	const worker = new Worker(
		'bench',
		async (job: JobOf) => {
			done += 1
			if (done === count) finished()
			return job.data
		},
		{connection, concurrency: CONCURRENCY, autorun: false},
	)
	await worker.waitUntilReady()
	const sample = await sampleOf(redis, count, async () => {
		const running = worker.run()
		running.catch(() => undefined)
		await Promise.all([addJobs(queue, count), all])
	})
	await worker.close()
	await queue.close()
	await redis.flushall()
	return sample
}

export const commitPath: Bench = {
	name: 'commit-path',
	summary: 'One process, one unit, one entry in and one out, through the whole commit path.',
	run: async ({redis_url, scale, rounds}) => {
		const redis = connectRedis(redis_url)
		const entries = Math.round(ENTRIES * scale)
		const jobs = Math.round(JOBS * scale)
		const library = await bullMq()
		const contenders: Contender[] = [
			{name: 'unit-loop', unit: 'entries/s', measure: round => sampleLoop(redis_url, relay, `loop${round}:`, entries)},
			{name: 'raw-ioredis', unit: 'entries/s', measure: () => rawSample(redis, entries)},
		]
		if (library)
			contenders.push({
				name: 'bullmq',
				unit: 'jobs/s',
				note: `add and process at once, concurrency ${CONCURRENCY}`,
				measure: () => bullMqSample(library, redis_url.slice('unix:'.length), redis, jobs),
			})
		const measurements = await inTurn(contenders, rounds)
		redis.disconnect()
		return {
			measurements,
			ratios: ratiosOf(measurements, [
				['unit-loop', 'bullmq', 2],
				['unit-loop', 'raw-ioredis'],
			]),
			floors: [{name: 'unit-loop', value: figureOf(measurements, 'unit-loop') ?? 0, unit: 'entries/s', floor: 30_000}],
			notes: library ? [] : ['bullmq is not installed: left out; `npm ci` installs it'],
		}
	},
}
