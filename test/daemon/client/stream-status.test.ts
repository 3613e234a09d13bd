import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {type GroupStatus, readStreams, troubles} from '../../../src/daemon/client/stream-status.js'
import {applyPlan} from '../../../src/engine/contracts/streams/trade.js'
import {retiredStreams} from '../../../src/engine/registry.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {streamsView} from '../../../src/tui/plain/streams-view.js'
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
	beforeEach(() => system.reset())
	afterAll(() => system.stop())

	const append = async (count: number, from_ms = 1_000): Promise<void> => {
		for (let index = 0; index < count; index += 1)
			await system.state.bus.redis.xadd(key, `${from_ms + index}-0`, 'n', String(index))
	}
	const read = async () => {
		const all = await readStreams(system.state, 61_000)
		const stream = all.find(({stream: name}) => name === applyPlan.name)
		return {all, stream, governor: stream?.groups.find(({unit}) => unit === 'governor')}
	}
	const take = (count: number) => system.state.bus.read({stream: key, group, consumer: 'a.governor.0', count})

	it('tells what is absent and who has not come yet from what is empty', async () => {
		const {stream, governor} = await read()
		expect(stream).toMatchObject({state: 'ABSENT', length: 0, newest_ms: null})
		expect(governor).toEqual({
			group,
			unit: 'governor',
			state: 'MISSING',
			undelivered: null,
			pending: null,
			lost: null,
			consumers: null,
			oldest_undelivered_ms: null,
		} satisfies GroupStatus)
	})

	it('counts what is undelivered and pending, with the age of the oldest', async () => {
		await system.state.bus.ensureGroup(key, group)
		await append(5)
		await take(2)
		expect((await read()).governor).toMatchObject({
			state: 'OK',
			undelivered: 3,
			pending: 2,
			lost: 0,
			consumers: 1,
			oldest_undelivered_ms: 59_998,
		})
	})

	it('calls a reader beyond its limit BEHIND', async () => {
		await system.state.bus.ensureGroup(key, group)
		await append(applyPlan.backlog_max + 1)
		const {all, governor} = await read()
		expect(governor?.state).toBe('BEHIND')
		expect(troubles(all)).toEqual([`governor on ${applyPlan.name} is BEHIND`])
	})

	it('names entries that were trimmed before they were read', async () => {
		await system.state.bus.ensureGroup(key, group)
		await append(10)
		await take(2)
		await system.state.bus.redis.xtrim(key, 'MAXLEN', 4)
		const {all, governor} = await read()
		expect(governor).toMatchObject({state: 'LOST', lost: 4})
		expect(troubles(all)).toEqual([`governor on ${applyPlan.name} is LOST`])
	})

	it('shows groups that nobody declares, and retired streams that hold entries', async () => {
		const [retired] = retiredStreams
		await append(1)
		await system.state.bus.ensureGroup(key, 'somebody')
		await system.state.bus.redis.xadd(system.state.naming.stream(retired.name), '1-0', 'a', 'b')
		const {all, stream} = await read()
		expect(stream?.groups.find(({group: name}) => name === 'somebody')).toMatchObject({state: 'UNDECLARED', unit: null})
		expect(all.at(-1)).toMatchObject({stream: retired.name, state: 'RETIRED', length: 1})
	})

	it('never shows unknown as nothing', () => {
		const unknown: GroupStatus = {
			group,
			unit: 'governor',
			state: 'UNKNOWN',
			undelivered: null,
			pending: 0,
			lost: null,
			consumers: 1,
			oldest_undelivered_ms: 4_000,
		}
		const stream = {
			stream: 'a.stream',
			criticality: 'money',
			state: 'PRESENT',
			length: 9,
			backlog_max: 1,
			newest_ms: 20,
			groups: [unknown],
		} as const
		expect(streamsView([stream], plainPaint)).toMatchInlineSnapshot(`
			"STREAM    LENGTH  NEWEST  READER    STATE    BACKLOG    AGE  PENDING     LOST  CONSUMERS
			a.stream       9   20 ms  governor  UNKNOWN  unknown  4.0 s        0  unknown          1"
		`)
	})
})
