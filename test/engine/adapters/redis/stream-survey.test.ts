import fc from 'fast-check'
import type {Redis} from 'ioredis'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {connectRedis} from '../../../../src/engine/adapters/redis/connect.js'
import {readBacklog, type StreamSurvey, surveyStreams} from '../../../../src/engine/adapters/redis/stream-survey.js'
import type {GroupFacts} from '../../../../src/engine/logic/stream-backlog.js'
import {type PrivateRedis, startRedis} from '../../../support/redis.js'

let server: PrivateRedis
let redis: Redis
beforeAll(async () => {
	server = await startRedis()
	redis = connectRedis(`unix:${server.path}`)
})
beforeEach(() => redis.flushall())
afterAll(async () => {
	redis.disconnect()
	await server.stop()
})

const STREAM = 's'
const fill = async (count: number, from = 1, text = 'x'): Promise<void> => {
	const pipeline = redis.pipeline()
	for (let n = from; n < from + count; n += 1) pipeline.xadd(STREAM, `${n}-0`, 'n', text)
	await pipeline.exec()
}
const group = (name: string, from: string, ...more: readonly string[]) =>
	redis.call('XGROUP', 'CREATE', STREAM, name, from, 'MKSTREAM', ...more)
const read = (name: string, count: number, consumer = 'c') =>
	redis.call('XREADGROUP', 'GROUP', name, consumer, 'COUNT', String(count), 'STREAMS', STREAM, '>')
const surveyed = async (name = STREAM) => {
	const [survey] = await surveyStreams(redis, [name])
	if (survey?.state !== 'stream') throw new Error(`${name} is ${survey?.state}`)
	return survey
}
const facts = async (name = 'g'): Promise<GroupFacts> => {
	const found = (await surveyed()).groups.find(of => of.group === name)
	if (!found) throw new Error(`no group ${name}`)
	return found
}

describe('a group of which the server', () => {
	it('reports a lag for ever after what was trimmed unread: it has lost that, and waits for nothing', async () => {
		await group('g', '0')
		await fill(10)
		await read('g', 2)
		await redis.xtrim(STREAM, 'MAXLEN', 3)
		expect(await facts()).toMatchObject({undelivered: 3, lost: 5, oldest_undelivered: {id: '8-0'}})
		await read('g', 1)
		expect(await facts()).toMatchObject({reported_lag: 7, undelivered: 2, undelivered_exact: true, lost: 5})
		await read('g', 10)
		expect(await facts()).toMatchObject({reported_lag: 5, undelivered: 0, lost: 5, oldest_undelivered: null})
	})

	it('reports no lag after an entry ahead was deleted: what is left is counted', async () => {
		await group('g', '0')
		await fill(6)
		await read('g', 2)
		await redis.xdel(STREAM, '4-0')
		expect(await surveyed()).toMatchObject({max_deleted_id: '4-0', length: 5, added: 6})
		expect(await facts()).toMatchObject({reported_lag: null, undelivered: 3, undelivered_exact: true, lost: null})
	})

	it('reports no lag because it began in the middle, at the end or at an id', async () => {
		await fill(3)
		await group('end', '$')
		await group('middle', '2-0')
		expect(await facts('end')).toMatchObject({undelivered: 0, oldest_undelivered: null})
		expect(await facts('middle')).toMatchObject({entries_read: null, reported_lag: null, undelivered: 1})
		await fill(2, 4)
		expect(await facts('end')).toMatchObject({entries_read: null, reported_lag: null, undelivered: 2, lost: 0})
		expect(await facts('middle')).toMatchObject({undelivered: 3, oldest_undelivered: {id: '3-0'}})
	})

	it('says that nothing is pending once a consumer was deleted: all it had was acknowledged, it seems', async () => {
		await group('g', '0')
		await fill(4)
		await read('g', 3, 'dead')
		expect(await facts()).toMatchObject({
			pending: 3,
			acknowledged_id: '0-18446744073709551615',
			last_delivered_id: '3-0',
		})
		await redis.xgroup('DELCONSUMER', STREAM, 'g', 'dead')
		expect(await facts()).toMatchObject({pending: 0, acknowledged_id: '3-0', undelivered: 1, consumers: []})
	})

	it('has pending entries that were trimmed away: nobody can handle them', async () => {
		await group('g', '0')
		await fill(6)
		await read('g', 4)
		await redis.xack(STREAM, 'g', '1-0')
		await redis.xtrim(STREAM, 'MINID', '3')
		expect(await facts()).toMatchObject({
			pending: 3,
			acknowledged_id: '1-18446744073709551615',
			oldest_pending: {id: '2-0', consumer: 'c', deliveries: 1, trimmed: true},
		})
		await redis.xtrim(STREAM, 'MAXLEN', 0)
		expect(await surveyed()).toMatchObject({length: 0, added: 6, first_id: null, newest_id: null, newest_age_ms: null})
		expect(await facts()).toMatchObject({undelivered: 0, lost: 2, oldest_pending: {trimmed: true}})
	})

	it('counts as never read what a group was given before the server was started again: nothing is lost', async () => {
		await group('g', '0')
		await fill(10)
		await read('g', 10)
		await redis.xack(STREAM, 'g', ...Array.from({length: 10}, (_, n) => `${n + 1}-0`))
		await server.kill9()
		await server.restart()
		expect(await facts()).toMatchObject({entries_read: null, undelivered: 0, lost: 0, pending: 0})
		await fill(2, 11)
		await read('g', 1)
		expect(await facts()).toMatchObject({undelivered: 1, lost: 0})
	})

	it('is told nonsense by XSETID: what is there is counted', async () => {
		await group('g', '0')
		await fill(4)
		await read('g', 4)
		await redis.call('XSETID', STREAM, '900-0')
		expect(await facts()).toMatchObject({undelivered: 0, oldest_undelivered: null})
		await redis.call('XSETID', STREAM, '900-0', 'ENTRIESADDED', '5000', 'MAXDELETEDID', '0-0')
		const {reported_lag, undelivered, undelivered_exact} = await facts()
		expect(reported_lag).toBe(4_996)
		expect({undelivered, undelivered_exact}).toEqual({undelivered: 0, undelivered_exact: true})
	})

	it('was rewound, with a count of what it read that is true or not', async () => {
		await group('g', '0')
		await fill(5)
		await read('g', 5)
		await redis.call('XGROUP', 'SETID', STREAM, 'g', '2-0')
		expect(await facts()).toMatchObject({entries_read: null, undelivered: 3, last_delivered_id: '2-0'})
		await redis.call('XGROUP', 'SETID', STREAM, 'g', '2-0', 'ENTRIESREAD', '5')
		expect(await facts()).toMatchObject({reported_lag: 0, undelivered: 3, oldest_undelivered: {id: '3-0'}})
		await redis.call('XGROUP', 'SETID', STREAM, 'g', '0')
		expect(await facts()).toMatchObject({undelivered: 5, lost: null})
	})

	it('is so far behind that counting ends: a lag bounds it, and without one at least so many wait', async () => {
		await fill(2)
		await group('unknown', '$')
		await group('known', '0')
		await fill(1_500, 3)
		expect(await facts('unknown')).toMatchObject({undelivered: null, undelivered_min: 1_000, undelivered_exact: false})
		expect(await facts('known')).toMatchObject({undelivered: 1_502, undelivered_exact: true})
		await read('known', 10)
		expect(await facts('known')).toMatchObject({undelivered: 1_492, undelivered_exact: true, lost: 0})
		await redis.xtrim(STREAM, 'MAXLEN', 1_495)
		expect(await facts('known')).toMatchObject({undelivered: 1_492, undelivered_exact: false, lost: null})
		await read('unknown', 495)
		expect(await facts('unknown')).toMatchObject({undelivered_min: 1_000, undelivered_exact: false})
		await read('unknown', 1)
		expect(await facts('unknown')).toMatchObject({undelivered: 999, undelivered_exact: true})
	})
})

it('ends counting early where entries are huge, and never says 0 of what waits', async () => {
	await fill(2)
	await group('g', '$')
	await fill(30, 3, 'x'.repeat(2 ** 20))
	const {undelivered, undelivered_min} = await facts()
	expect(undelivered).toBeNull()
	expect(undelivered_min).toBeGreaterThan(3)
	expect(undelivered_min).toBeLessThan(30)
})

it('tells ages by the clock of the server, and none of an id that is no time', async () => {
	await group('g', '0')
	await redis.xadd(STREAM, '*', 'n', '1')
	const soon = await surveyed()
	expect(soon.newest_age_ms).toBeLessThan(60_000)
	expect(soon.groups[0]?.oldest_undelivered?.age_ms).toBe(soon.first_age_ms)
	await redis.xadd(STREAM, '9999999999999-0', 'n', '2')
	expect(await surveyed()).toMatchObject({newest_age_ms: null, newest_id: '9999999999999-0'})
})

it('names what is no stream, what is not there and what the server refuses, beside what is', async () => {
	const hostile = 'a\u001b[2J\r\nb\u0000\u202e:*?'
	await redis.set('text', 'x')
	await redis.xadd(hostile, '1-0', 'a', 'b')
	await redis.xgroup('CREATE', hostile, hostile, '0')
	await redis.script('FLUSH')
	const found = await surveyStreams(redis, ['text', 'none', hostile])
	expect(found).toMatchObject([
		{stream: 'text', state: 'other', type: 'string'},
		{stream: 'none', state: 'absent'},
		{stream: hostile, state: 'stream', groups: [{group: hostile, undelivered: 1}]},
	])
	await redis.call('ACL', 'SETUSER', 'narrow', 'on', 'nopass', '~mine', '+@all')
	const narrow = redis.duplicate({username: 'narrow', password: 'any'})
	await redis.xadd('mine', '1-0', 'a', 'b')
	const refused = await surveyStreams(narrow, ['mine', 'theirs'])
	narrow.disconnect()
	expect(refused).toMatchObject([
		{state: 'stream', length: 1},
		{state: 'unreadable', problem: expect.stringContaining('NOPERM')},
	])
	await expect(readBacklog(redis, 'none', 'g')).rejects.toThrow('Stream none has no group g')
})

it('survives streams and groups that come and go while it looks', async () => {
	const names = Array.from({length: 120}, (_, n) => `t${n}`)
	const other = redis.duplicate()
	let over = false
	const churn = async () => {
		while (!over) {
			const pipeline = other.pipeline()
			for (const name of names) {
				pipeline.xgroup('CREATE', name, 'g', '0', 'MKSTREAM')
				pipeline.xadd(name, '*', 'a', 'b')
				pipeline.xgroup('DESTROY', name, 'g')
				pipeline.del(name)
			}
			await pipeline.exec()
		}
	}
	const churning = churn()
	const states = new Set<StreamSurvey['state']>()
	for (let n = 0; n < 20; n += 1) {
		const found = await surveyStreams(redis, names)
		expect(found.map(({stream}) => stream)).toEqual(names)
		for (const {state} of found) states.add(state)
	}
	over = true
	await churning
	other.disconnect()
	expect([...states].filter(state => state !== 'absent' && state !== 'stream')).toEqual([])
})

it('never says that less waits than does, and is exact where it says so, whatever was done', async () => {
	const id = fc.integer({min: 0, max: 60}).map(n => `${n}-0`)
	const act = fc.oneof(
		fc.record({do: fc.constant('add' as const), count: fc.integer({min: 1, max: 9})}),
		fc.record({do: fc.constant('read' as const), count: fc.integer({min: 1, max: 9})}),
		fc.record({do: fc.constant('trim' as const), count: fc.integer({min: 0, max: 9})}),
		fc.record({do: fc.constant('delete' as const), id}),
		fc.record({do: fc.constant('move' as const), id}),
		fc.record({do: fc.constant('forget' as const)}),
	)
	await fc.assert(
		fc.asyncProperty(fc.array(act, {maxLength: 25}), id, async (acts, start) => {
			await redis.flushall()
			await group('g', start)
			let next = 1
			for (const step of acts) {
				if (step.do === 'add') {
					await fill(step.count, next)
					next += step.count
				}
				if (step.do === 'read') await read('g', step.count)
				if (step.do === 'trim') await redis.xtrim(STREAM, 'MAXLEN', step.count)
				if (step.do === 'delete') await redis.xdel(STREAM, step.id)
				if (step.do === 'move') await redis.xgroup('SETID', STREAM, 'g', step.id)
				if (step.do === 'forget') await redis.xgroup('DELCONSUMER', STREAM, 'g', 'c')
			}
			const {undelivered, undelivered_exact, oldest_undelivered, last_delivered_id, lost} = await facts()
			const waiting = await redis.xrange(STREAM, `(${last_delivered_id}`, '+')
			expect({undelivered, undelivered_exact}).toEqual({undelivered: waiting.length, undelivered_exact: true})
			expect(oldest_undelivered?.id).toBe(waiting[0]?.[0])
			expect(lost ?? 0).toBeGreaterThanOrEqual(0)
		}),
		{numRuns: 60},
	)
})
