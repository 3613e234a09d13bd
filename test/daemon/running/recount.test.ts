import type {Redis} from 'ioredis'
import {afterAll, beforeAll, beforeEach, expect, it} from 'vitest'
import {keepCounted} from '../../../src/daemon/running/recount.js'
import {waitMs} from '../../../src/engine/adapters/clock/wait.js'
import {connectRedis} from '../../../src/engine/adapters/redis/connect.js'
import {RedisBus} from '../../../src/engine/adapters/redis/redis-bus.js'
import {recountGroups} from '../../../src/engine/adapters/redis/stream-recount.js'
import {surveyStreams} from '../../../src/engine/adapters/redis/stream-survey.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {Naming} from '../../../src/engine/contracts/naming.js'
import {tradeIntent} from '../../../src/engine/contracts/streams/trade.js'
import type {Clock} from '../../../src/engine/runtime/clock.js'
import {eventually} from '../../support/eventually.js'
import {type PrivateRedis, startRedis} from '../../support/redis.js'

const naming = new Naming('t:')
const STREAM = naming.stream(tradeIntent.name)
let server: PrivateRedis
let bus: RedisBus
let redis: Redis
beforeAll(async () => {
	server = await startRedis()
	bus = new RedisBus(() => connectRedis(`unix:${server.path}`))
	redis = bus.redis
})
beforeEach(() => redis.flushall())
afterAll(async () => {
	await bus.close()
	await server.stop()
})

const fill = async (count: number) => {
	for (let n = 0; n < count; n += 1) await redis.xadd(STREAM, '*', 'n', String(n))
}
const begin = (group: string) => redis.xgroup('CREATE', STREAM, group, '0', 'MKSTREAM')
const read = (group: string, count: number) =>
	redis.xreadgroup('GROUP', group, 'c', 'COUNT', count, 'STREAMS', STREAM, '>')
const lost = async () => {
	const [survey] = await surveyStreams(redis, [STREAM])
	if (survey?.state !== 'stream') throw new Error(`${STREAM} is ${survey?.state}`)
	return Object.fromEntries(survey.groups.map(({group, undelivered, lost}) => [group, {undelivered, lost}]))
}
const restarted = async () => {
	await server.kill9()
	await server.restart()
	await eventually(async () => (await redis.ping()) === 'PONG')
}
const readAndTrim = async () => {
	for (const group of ['whole', 'part', 'before']) await begin(group)
	await fill(10)
	await read('whole', 1)
	await read('part', 2)
	// From here on the file tells how far a group has come, and not how many entries that were.
	await redis.bgrewriteaof()
	await eventually(async () => (await redis.info('persistence')).includes('aof_rewrite_in_progress:0'))
	await read('whole', 9)
	await read('part', 5)
	await redis.xtrim(STREAM, 'MAXLEN', 5)
}

it('a server that was started again calls lost what was read; counted anew, nothing is', async () => {
	await readAndTrim()
	expect(await lost()).toMatchObject({whole: {undelivered: 0, lost: 0}, part: {undelivered: 3, lost: 0}})
	await restarted()
	// The lie: should a newer server have learned to tell the truth, this is to be left out.
	expect(await lost()).toMatchObject({whole: {undelivered: 0, lost: 9}, part: {undelivered: 3, lost: 5}})
	expect(await recountGroups(redis, [STREAM, naming.stream('nosuch')])).toBe(true)
	expect(await lost()).toEqual({
		whole: {undelivered: 0, lost: 0},
		part: {undelivered: 3, lost: 0},
		// It was given none of what is left, and who can say what of the rest.
		before: {undelivered: 5, lost: null},
	})
})

it('nothing is read again, and what is lost afterwards is told', async () => {
	await readAndTrim()
	await restarted()
	await recountGroups(redis, [STREAM])
	const [[, entries] = []] = ((await read('part', 10)) ?? []) as [string, [string, string[]][]][]
	expect(entries?.map(([, [, n]]) => n)).toEqual(['7', '8', '9'])
	await fill(4)
	await redis.xtrim(STREAM, 'MAXLEN', 1)
	expect(await lost()).toMatchObject({whole: {undelivered: 1, lost: 3}, part: {undelivered: 1, lost: 3}})
})

/** Looks often, so that nobody waits. */
const clock: Clock = {machine: Date.now, venue: Date.now, speed: () => 1, wait: (_, signal) => waitMs(20, signal)}

it('is done once per start of the server, by whom keeps watch', async () => {
	await readAndTrim()
	const end = new AbortController()
	const keeping = keepCounted(bus, naming, clock, end.signal, () => undefined)
	const countedRun = () => redis.get(naming.key(keys.countedRun, {}))
	const first = await eventually(async () => (await countedRun()) ?? undefined)
	await fill(3)
	await redis.xtrim(STREAM, 'MAXLEN', 1)
	expect((await lost()).whole).toEqual({undelivered: 1, lost: 2})
	await restarted()
	await eventually(async () => (await countedRun()) !== first)
	expect((await lost()).whole).toEqual({undelivered: 1, lost: null})
	end.abort()
	await keeping
})
