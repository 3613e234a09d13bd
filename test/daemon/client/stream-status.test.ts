import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {troubles} from '../../../src/daemon/client/stream-status.js'
import {allSubjects, observeStreams, StreamWatch, subjectOf} from '../../../src/daemon/client/stream-watch.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {applyPlan} from '../../../src/engine/contracts/streams/trade.js'
import {retiredStreams} from '../../../src/engine/registry.js'
import {eventually} from '../../support/eventually.js'
import {startSystem, type TestSystem} from './system-fixture.js'

describe('streams', () => {
	let system: TestSystem
	let key: string
	let group: string
	beforeAll(async () => {
		system = await startSystem()
		key = system.state.naming.stream(applyPlan.name)
		group = system.state.naming.group('governor', applyPlan.name)
	})
	beforeEach(async () => {
		await system.reset()
		await beat()
	})
	afterAll(() => system.stop())

	const lease = () => system.state.naming.key(keys.unitLease, {unit: 'governor'})
	const beat = () => system.state.bus.redis.hset(lease(), 'heartbeat_ms', String(Date.now()))
	const append = async (count: number): Promise<void> => {
		for (let index = 0; index < count; index += 1) await system.state.bus.append(key, {n: String(index)})
	}
	const newWatch = () => new StreamWatch(allSubjects(system.state.naming), 60_000, Date.now)
	const look = async (watch = newWatch()) => {
		const {streams: all} = await watch.look(system.state)
		const stream = all.find(({stream: name}) => name === applyPlan.name)
		return {all, stream, governor: stream?.groups.find(({unit}) => unit === 'governor')}
	}
	const finish = async (count: number) =>
		system.state.bus.acknowledge(
			key,
			group,
			(await take(count)).map(({id}) => id),
		)
	const take = (count: number) => system.state.bus.read({stream: key, group, consumer: 'a.governor.0', count})

	it('tells what is absent and who has not come yet from what is empty', async () => {
		const {all, stream, governor} = await look()
		expect(stream).toMatchObject({state: 'ABSENT', length: 0, newest_ms: null})
		expect(governor).toMatchObject({
			...{group, unit: 'governor', presence: 'MISSING', status: 'UNKNOWN', undelivered: null, pending: null},
			...{lost: null, consumers: null, behind_ms: null, in_per_s: null},
		})
		expect(troubles(all)).toEqual([])
	})

	it('judges nothing by one look, though it counts what waits', async () => {
		await system.state.bus.ensureGroup(key, group)
		await append(5)
		await take(2)
		const {governor, all} = await look()
		expect(governor).toMatchObject({
			...{presence: 'PRESENT', status: 'UNKNOWN', undelivered: 3, undelivered_exact: true, pending: 2, lost: 0},
			...{consumers: [{name: 'a.governor.0', pending: 2}], history: [3]},
		})
		expect(governor?.behind_ms).toBeLessThan(60_000)
		expect(troubles(all)).toEqual([`governor on ${applyPlan.name} is UNKNOWN`])
	})

	it('says STOP of a reader whose unit does not run while something waits', async () => {
		await system.state.bus.ensureGroup(key, group)
		await append(1)
		await system.state.bus.redis.del(lease())
		expect((await look()).governor).toMatchObject({status: 'STOP'})
	})

	it('names entries that were trimmed before they were read, also once all is read', async () => {
		await system.state.bus.ensureGroup(key, group)
		await append(10)
		await finish(2)
		await system.state.bus.redis.xtrim(key, 'MAXLEN', 4)
		expect((await look()).governor).toMatchObject({status: 'LOST', lost: 4, undelivered: 4})
		await finish(10)
		const {all, governor} = await look()
		expect(governor).toMatchObject({status: 'LOST', lost: 4, undelivered: 0})
		expect(troubles(all)).toEqual([`governor on ${applyPlan.name} is LOST`])
	})

	it('sees a cursor go back, a consumer forgotten with what it held, and a stream that began anew', async () => {
		const watch = newWatch()
		await system.state.bus.ensureGroup(key, group)
		await append(6)
		const [first] = await take(4)
		await look(watch)
		await system.state.bus.redis.xgroup('DELCONSUMER', key, group, 'a.governor.0')
		const later = () => eventually(() => look(watch).then(({governor}) => (governor?.samples ?? 0) > 1 && governor))
		expect(await later()).toMatchObject({status: 'LOST', reason: expect.stringContaining('with 4 entries')})
		await system.state.bus.redis.xgroup('SETID', key, group, first?.id ?? '')
		expect(await later()).toMatchObject({status: 'REWIND', undelivered: 5})
		await system.state.bus.redis.del(key)
		expect((await look(watch)).stream).toMatchObject({state: 'ABSENT'})
		await system.state.bus.ensureGroup(key, group)
		expect((await look(watch)).governor).toMatchObject({status: 'UNKNOWN', samples: 1})
	})

	it('shows groups that nobody declares, retired streams that hold entries, and keys that are no streams', async () => {
		const [retired] = retiredStreams
		const {bus, naming} = system.state
		await append(1)
		await bus.ensureGroup(key, 'somebody')
		await bus.redis.xadd(naming.stream(retired.name), '1-0', 'a', 'b')
		await bus.redis.set(naming.stream('trade.intent'), 'x')
		const {all, stream} = await look()
		expect(stream?.groups.find(({group: name}) => name === 'somebody')).toMatchObject({
			presence: 'UNDECLARED',
			unit: null,
		})
		expect(all.at(-1)).toMatchObject({stream: retired.name, state: 'RETIRED', length: 1})
		expect(all.find(({state}) => state === 'OTHER')).toMatchObject({stream: 'trade.intent', length: null})
		expect(troubles(all)).toContain('trade.intent is a string, not a stream')
	})

	it('judges over a window: who works, who stands still, whom nobody feeds', async () => {
		const {bus, naming} = system.state
		const ends = new AbortController()
		const idle = naming.stream('trade.intent')
		const still = naming.stream('apply.result')
		await bus.ensureGroup(key, group)
		await bus.ensureGroup(idle, naming.group('portfolio-gate', 'trade.intent'))
		await bus.ensureGroup(still, 'somebody')
		await bus.append(still, {n: '1'})
		await bus.redis.call('XREADGROUP', 'GROUP', 'somebody', 'c', 'STREAMS', still, '>')
		await bus.append(still, {n: '2'})
		const working = eventually(
			async () => {
				await append(1)
				await bus.acknowledge(
					key,
					group,
					(await take(10)).map(({id}) => id),
				)
				await beat()
				return ends.signal.aborted
			},
			{within_ms: 60_000, every_ms: 20},
		)
		const subjects = [applyPlan.name, 'trade.intent', 'apply.result'].map(name => subjectOf(naming, name))
		const reading = await observeStreams(system.state, subjects, {window_ms: 2_200, every_ms: 250, now_ms: Date.now})
		ends.abort()
		await working
		const statusOf = (name: string) =>
			reading.streams.flatMap(({groups}) => groups).find(of => of.group === name) ?? {status: 'not there'}
		expect(statusOf(group)).toMatchObject({status: 'OK', undelivered: expect.any(Number)})
		const {in_per_s, out_per_s} = reading.streams[0]?.groups.find(of => of.group === group) ?? {}
		expect(in_per_s).toBeGreaterThan(0)
		expect(out_per_s).toBeGreaterThan(0)
		expect(statusOf(naming.group('portfolio-gate', 'trade.intent'))).toMatchObject({status: 'IDLE'})
		expect(statusOf('somebody')).toMatchObject({undelivered: 1, pending: 1})
		expect(['STALL', 'STOP']).toContain(statusOf('somebody').status)
	})
})
