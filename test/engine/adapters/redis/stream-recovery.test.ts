import {beforeAll, beforeEach, describe, expect, it} from 'vitest'
import type {RedisBus} from '../../../../src/engine/adapters/redis/redis-bus.js'
import {reapScript, runScript} from '../../../../src/engine/adapters/redis/scripts.js'
import {sweepGroups} from '../../../../src/engine/adapters/redis/stream-recovery.js'
import {keys} from '../../../../src/engine/contracts/keys.js'
import {limits} from '../../../../src/engine/contracts/limits.js'
import {Naming} from '../../../../src/engine/contracts/naming.js'
import {applyPlan} from '../../../../src/engine/contracts/streams/trade.js'
import {recoveryProblems} from '../../../../src/engine/logic/stream-recovery.js'
import {startBus} from '../../../support/bus.js'

const naming = new Naming('t:')
const UNIT = 'governor'
const stream = naming.stream(applyPlan.name)
const group = naming.group(UNIT, applyPlan.name)
const now_ms = 1_000_000

let bus: RedisBus
beforeAll(async () => {
	const own = await startBus()
	bus = own.bus
	return own.close
})
beforeEach(async () => {
	await bus.redis.flushall()
	await bus.ensureGroup(stream, group)
	for (let n = 0; n < 6; n += 1) await bus.append(stream, {n: String(n)})
})

const take = (consumer: string, count: number) => bus.read({stream, group, consumer, count})
/** A consumer that has come and holds nothing. */
const finish = async (consumer: string) => {
	const taken = await take(consumer, 1)
	await bus.acknowledge(
		stream,
		group,
		taken.map(({id}) => id),
	)
}
const lease = (host: string, heartbeat_ms = now_ms) =>
	bus.redis.hset(naming.key(keys.unitLease, {unit: UNIT}), {host, heartbeat_ms: String(heartbeat_ms)})
const sweep = (options: {dry_run?: boolean; idle_ms?: number} = {}) =>
	sweepGroups({
		...{redis: bus.redis, naming, streams: [applyPlan], readersOf: () => [UNIT], now_ms},
		...{idle_ms: 0, dry_run: false, ...options},
	})
const consumers = async () =>
	((await bus.redis.call('XINFO', 'CONSUMERS', stream, group)) as unknown[][]).map(row => String(row[1])).sort()
const held = async () => (await bus.pending(stream, group, 100)).length

describe('a sweep', () => {
	it('removes the dead that hold nothing, and nobody else', async () => {
		await lease('host-a')
		for (const consumer of ['host-a.governor.0', 'host-b.governor.0', 'host-c.governor.0']) await finish(consumer)
		await take('host-c.governor.0', 2)
		const report = await sweep()
		expect(report.groups).toMatchObject([
			{reaped: ['host-b.governor.0'], abandoned: [{consumer: 'host-c.governor.0', pending: 2}], alive: true},
		])
		expect(await consumers()).toEqual(['host-a.governor.0', 'host-c.governor.0'])
		expect(await held()).toBe(2)
	})

	it('leaves everybody where it only looks, and who was idle for too short', async () => {
		await lease('host-a')
		await finish('host-b.governor.0')
		expect((await sweep({dry_run: true})).groups).toMatchObject([{reaped: ['host-b.governor.0']}])
		expect((await sweep({idle_ms: 60_000})).groups).toEqual([])
		expect(await consumers()).toEqual(['host-b.governor.0'])
	})

	it('keeps the name under which a unit that is down comes back, and tells what waits for it', async () => {
		await lease('host-a', now_ms - limits.heartbeat_stale_ms - 1)
		await finish('host-a.governor.0')
		expect((await sweep()).groups).toEqual([])
		await take('host-a.governor.0', 3)
		const report = await sweep()
		expect(await consumers()).toEqual(['host-a.governor.0'])
		expect(recoveryProblems(report)).toEqual([
			{subject: applyPlan.name, message: `${UNIT} does not run: what host-a.governor.0 left behind waits for it`},
		])
	})

	it('names a group that no unit reads with, and takes nothing from it', async () => {
		await bus.ensureGroup(stream, 'old:group')
		await bus.read({stream, group: 'old:group', consumer: 'x', count: 4})
		const report = await sweep()
		expect(report.groups).toMatchObject([{group: 'old:group', unit: null, reaped: [], abandoned: [{pending: 4}]}])
		expect(recoveryProblems(report)).toHaveLength(1)
		expect(await bus.pending(stream, 'old:group', 10)).toHaveLength(4)
	})
})

describe('the script that removes a consumer', () => {
	const reap = (consumer: string, idle = 0) =>
		runScript(bus.redis, reapScript, [stream], [group, consumer, String(idle)])

	it('never removes one that holds an entry, whoever asks', async () => {
		await take('b', 1)
		expect(await reap('b')).toEqual(['pending', 1])
		expect(await held()).toBe(1)
	})

	it('tells busy from gone', async () => {
		await finish('b')
		expect(((await reap('b', 600_000)) as string[])[0]).toBe('busy')
		expect(await reap('b')).toEqual(['reaped', 0])
		expect(await reap('b')).toEqual(['gone', 0])
	})
})
