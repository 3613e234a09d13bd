import {Redis} from 'ioredis'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {connectRedis} from '../../../src/engine/adapters/redis/connect.js'
import {RedisBus} from '../../../src/engine/adapters/redis/redis-bus.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {limits} from '../../../src/engine/contracts/limits.js'
import type {Naming} from '../../../src/engine/contracts/naming.js'
import {anyUnit} from '../../../src/engine/contracts/unit.js'
import type {UnitLoop} from '../../../src/engine/runtime/unit-loop.js'
import {Fenced} from '../../../src/engine/runtime/unit-runner.js'
import {eventually} from '../../support/eventually.js'
import {type PrivateRedis, startRedis} from '../../support/redis.js'
import {type Bell, marketStall, orders, quotes, totals} from './market-stall.js'
import {
	freshNaming,
	isDone,
	loopOf,
	orderFields,
	outcomeOf,
	place,
	QuickClock,
	ringing,
	runUntilDone,
} from './stall-run.js'

let server: PrivateRedis
let bus: RedisBus
let naming: Naming
const open: RedisBus[] = []
const connect = (): RedisBus => {
	const fresh = new RedisBus(() => connectRedis(`unix:${server.path}`))
	open.push(fresh)
	return fresh
}
beforeAll(async () => {
	server = await startRedis()
})
afterAll(() => server.stop())
beforeEach(() => {
	naming = freshNaming()
	bus = connect()
})
afterEach(async () => {
	for (const each of open.splice(0)) await each.close()
})

const started = async (loop: UnitLoop) => {
	const stop = new AbortController()
	const running = loop.run(stop.signal)
	running.catch(() => undefined)
	await eventually(() => loop.ready)
	return {
		running,
		stop: async () => {
			stop.abort()
			await running
		},
	}
}
const add = (n: number, symbol = 'AAA') => ({symbol, what: 'add', n})
const emitted = async (of: RedisBus = bus) =>
	(await of.range(naming.stream(totals.name), {count: 100_000})).map(({fields}) => Number(fields.n))
const held = () => bus.pending(naming.stream(orders.name), naming.group(marketStall.name, orders.name), 10)

describe('an entry that cannot be handled', () => {
	it('is delivered five times, then lies in the dead letters with the reason; later ones go on in order', async () => {
		let attempts = 0
		const failing = anyUnit({
			...marketStall,
			on: {
				...marketStall.on,
				order: (...args: Parameters<typeof marketStall.on.order>) => {
					if (args[1].what === 'fail') attempts += 1
					return marketStall.on.order(...args)
				},
			},
		})
		await place(bus, naming, [add(1), {symbol: 'AAA', what: 'fail', n: 2}, add(3), add(4)])
		const loop = loopOf(bus, naming, {unit: failing})
		await runUntilDone(loop, bus, naming)
		expect(attempts).toBe(limits.deliveries_max)
		expect(await emitted()).toEqual([1, 3, 4])
		const [letter] = await bus.range(naming.stream('dead.letter'), {count: 10})
		expect(letter?.fields).toMatchObject({
			reason: 'HANDLER_FAILED',
			deliveries: '5',
			stream: orders.name,
			cause: 'order-1',
			unit: marketStall.name,
		})
		expect(letter?.fields.detail).toMatch(/^Error: cannot handle 2\n +at .*market-stall\.ts/)
		expect(JSON.parse(letter?.fields.fields ?? '')).toEqual(orderFields({symbol: 'AAA', what: 'fail', n: 2}, 1))
		expect(loop.runner.dead_lettered).toBe(1)
	})

	it('is laid aside whole when it breaks the contract, is too long, or was trimmed away', async () => {
		const name = naming.stream(orders.name)
		const group = naming.group(marketStall.name, orders.name)
		await bus.ensureGroup(name, group)
		await bus.append(name, orderFields(add(0), 0))
		await bus.read({stream: name, group, consumer: naming.consumer('test', marketStall.name, 0), count: 1})
		await bus.redis.xtrim(name, 'MAXLEN', 0)
		await place(
			bus,
			naming,
			[
				{symbol: 'A B', what: 'add', n: 'NaN'},
				{...add(1), symbol: '\u0000left'},
			],
			1,
		)
		await place(bus, naming, [{...add(2), extra: '币'.repeat(limits.entry_bytes_max / 3)}, add(3)], 3)
		await runUntilDone(loopOf(bus, naming), bus, naming)
		const letters = (await bus.range(naming.stream('dead.letter'), {count: 10})).map(({fields}) => fields)
		expect(letters.map(({reason}) => reason)).toEqual([
			'TRIMMED_UNREAD',
			'CONTRACT_BROKEN',
			'CONTRACT_BROKEN',
			'TOO_LONG',
		])
		expect(letters[1]?.detail).toMatch(/symbol: expected an exchange symbol.*; n: /)
		expect(JSON.parse(letters[1]?.fields ?? '')).toMatchObject({symbol: 'A B', n: 'NaN', id: 'order-1'})
		expect(letters.map(({deliveries}) => deliveries)).toEqual(['1', '1', '1', '1'])
		expect(await emitted()).toEqual([3])
	})

	it('is laid aside at once when its script fails', async () => {
		await place(bus, naming, [add(1), {symbol: 'AAA', what: 'crash', n: 2}, {symbol: 'AAA', what: 'spend', n: 3}])
		await runUntilDone(loopOf(bus, naming), bus, naming)
		const [letter] = await bus.range(naming.stream('dead.letter'), {count: 10})
		expect(letter?.fields).toMatchObject({reason: 'SCRIPT_FAILED', deliveries: '1'})
		expect(letter?.fields.detail).toMatch(/^Script spend failed: .*told to fail/)
		expect(await emitted()).toEqual([1, 3])
	})
})

describe('a second process of the same unit', () => {
	/** Never heartbeats: it learns of its successor only when it commits. */
	class NumbClock extends QuickClock {
		override wait(_: number, signal: AbortSignal): Promise<void> {
			return new Promise(resolve => signal.addEventListener('abort', () => resolve(), {once: true}))
		}
	}

	it('fences the first by its heartbeat', async () => {
		const first = await started(loopOf(bus, naming))
		const second = await started(loopOf(connect(), naming))
		await expect(first.running).rejects.toThrow(Fenced)
		await place(bus, naming, [add(1)])
		await eventually(() => isDone(bus, naming))
		expect(await emitted()).toEqual([1])
		await second.stop()
	})

	it.each(['test', 'another-host'])('takes what the first was given meanwhile, in order (first on %s)', async host => {
		const first = await started(loopOf(connect(), naming, {clock: new NumbClock(), host}))
		await eventually(async () => ((await bus.redis.client('LIST')) as string).includes('cmd=xreadgroup'))
		const second = await started(loopOf(connect(), naming))
		await place(bus, naming, [add(1)])
		await expect(first.running).rejects.toThrow(Fenced)
		// The one blocked first was served first: its entry is pending, and the second does not know of it.
		expect(await held()).toHaveLength(1)
		await place(bus, naming, [add(2), add(3)], 1)
		await eventually(() => isDone(bus, naming))
		expect(await emitted()).toEqual([1, 2, 3])
		await second.stop()
	})

	it('finds what the first was given though nothing else comes', async () => {
		const first = await started(loopOf(connect(), naming, {clock: new NumbClock()}))
		await eventually(async () => ((await bus.redis.client('LIST')) as string).includes('cmd=xreadgroup'))
		const second = await started(loopOf(connect(), naming))
		await place(bus, naming, [add(1)])
		await expect(first.running).rejects.toThrow(Fenced)
		await eventually(() => isDone(bus, naming), {within_ms: 3 * limits.read_block_ms})
		expect(await emitted()).toEqual([1])
		await second.stop()
	})

	it('takes over what a host that is gone left behind', async () => {
		await place(bus, naming, [add(1), add(2)])
		const stream = naming.stream(orders.name)
		const group = naming.group(marketStall.name, orders.name)
		await bus.ensureGroup(stream, group)
		await bus.read({stream, group, consumer: naming.consumer('gone', marketStall.name, 0), count: 2})
		await place(bus, naming, [add(3)], 2)
		await runUntilDone(loopOf(bus, naming), bus, naming)
		expect(await emitted()).toEqual([1, 2, 3])
	})

	it('and puts on record what was removed from the stream before anybody handled it', async () => {
		await place(bus, naming, [add(1), add(2), add(3)])
		const stream = naming.stream(orders.name)
		const group = naming.group(marketStall.name, orders.name)
		await bus.ensureGroup(stream, group)
		const taken = await bus.read({stream, group, consumer: naming.consumer('gone', marketStall.name, 0), count: 3})
		const lost = taken[1]?.id ?? ''
		await bus.redis.xdel(stream, lost)
		await runUntilDone(loopOf(bus, naming), bus, naming)
		expect(await emitted()).toEqual([1, 3])
		const letters = await bus.range(naming.stream('dead.letter'), {count: 10})
		expect(letters.map(({fields}) => [fields.entry_id, fields.reason])).toEqual([[lost, 'TRIMMED_UNREAD']])
		expect(await held()).toEqual([])
	})
})

describe('effects', () => {
	const notify = (n: number) => ({symbol: 'AAA', what: 'notify', n})
	const notes = async () => (await outcomeOf(bus, naming)).notices.map(({note}) => note).toSorted()
	const recorded = () => bus.hashAll(naming.key(keys.unitEffects, {unit: marketStall.name}))

	it('are recorded before they are performed, and their results committed once', async () => {
		const seen: unknown[] = []
		const adapters = ringing(async (request, {idempotency_key, recovered}) => {
			const record = (await recorded())[`ring/${idempotency_key}`]
			seen.push([idempotency_key, recovered, record !== undefined])
			return `rung ${(request as Bell).n}`
		})
		await place(bus, naming, [notify(7)])
		await runUntilDone(loopOf(bus, naming, {adapters}), bus, naming)
		expect(seen).toEqual([
			['a-order-0', false, true],
			['b-order-0', false, true],
		])
		const {notices} = await outcomeOf(bus, naming)
		expect(notices.map(({note}) => note).toSorted()).toEqual(['rung -7', 'rung 7'])
		expect(new Set(notices.map(({id}) => id)).size).toBe(2)
		expect(notices.map(({cause, authority}) => [cause, authority])).toEqual([
			['order-0', 'live'],
			['order-0', 'live'],
		])
	})

	it('that were under way when the process stopped are handed over as recovered', async () => {
		await place(bus, naming, [notify(1)])
		const begun: string[] = []
		const never = ringing((_, {idempotency_key, signal}) => {
			begun.push(idempotency_key)
			return new Promise((_resolve, reject) => {
				signal.addEventListener('abort', () => reject(new Error('stopping')), {once: true})
			})
		})
		const first = await started(loopOf(bus, naming, {adapters: never}))
		await eventually(() => begun.length === 2)
		await first.stop()
		expect(Object.keys(await recorded())).toHaveLength(2)
		expect(await notes()).toEqual([])
		const again: unknown[] = []
		const adapters = ringing(async (_, {idempotency_key, recovered}) => {
			again.push([idempotency_key, recovered])
			return 'rung late'
		})
		await runUntilDone(loopOf(bus, naming, {adapters}), bus, naming)
		expect(again.toSorted()).toEqual([
			['a-order-0', true],
			['b-order-0', true],
		])
		expect(await notes()).toEqual(['rung late', 'rung late'])
	})

	it('that certainly did not happen come back as an error, and may be asked for again', async () => {
		await place(bus, naming, [notify(1)])
		const errors: unknown[] = []
		let attempts = 0
		const adapters = ringing(async (request, {idempotency_key}) => {
			attempts += 1
			if (idempotency_key.startsWith('a') && attempts < 6) throw new Error('again')
			if (idempotency_key.startsWith('b')) throw new Error('refused')
			return `rung ${(request as Bell).n}`
		})
		await runUntilDone(
			loopOf(bus, naming, {adapters, onEffectError: record => errors.push(record.idempotency_key)}),
			bus,
			naming,
		)
		expect(await notes()).toEqual(['refused', 'rung 1'])
		expect(attempts).toBe(6)
		expect(errors).toHaveLength(5)
	})

	it('that are asked for again while they are under way are the same effect', async () => {
		const twice = [notify(1), notify(1)].map((order, index) => ({...orderFields(order, index), id: 'same'}))
		for (const fields of twice) await bus.append(naming.stream(orders.name), fields)
		let performed = 0
		const adapters = ringing(async () => {
			performed += 1
			await eventually(async () => (await emitted()).length === 2)
			return 'rung'
		})
		await runUntilDone(loopOf(bus, naming, {adapters}), bus, naming)
		expect(performed).toBe(2)
		expect(await notes()).toEqual(['rung', 'rung'])
	})

	it('are bounded in number while they are under way', async () => {
		let under_way = 0
		let most = 0
		const adapters = ringing(async () => {
			under_way += 1
			most = Math.max(most, under_way)
			await new Promise(resolve => setImmediate(resolve))
			under_way -= 1
			return 'rung'
		})
		await place(
			bus,
			naming,
			Array.from({length: 60}, (_, n) => notify(n)),
		)
		await runUntilDone(loopOf(bus, naming, {adapters}), bus, naming)
		expect(most).toBe(limits.effects_in_flight_max)
		expect(await notes()).toHaveLength(120)
	})
})

describe('feeds', () => {
	it('lose nothing where every event counts, and hold their source up', async () => {
		let pushed = 0
		const adapters = ringing()
		const till = {
			run: async (push: (event: unknown) => Promise<void>) => {
				for (let n = 1; n <= 500; n += 1) {
					await push({symbol: 'AAA', n})
					pushed += 1
				}
			},
		}
		const loop = await started(loopOf(bus, naming, {adapters: {...adapters, feeds: {...adapters.feeds, till}}}))
		await eventually(async () => (await emitted()).length === 500)
		expect(pushed).toBe(500)
		expect(await emitted()).toEqual(Array.from({length: 500}, (_, n) => n + 1))
		await loop.stop()
	})

	it('give equal events of one moment ids of their own', async () => {
		const adapters = ringing()
		const till = {
			run: async (push: (event: unknown) => Promise<void>) => {
				for (let n = 1; n <= 300; n += 1) await push({symbol: 'AAA', n: 5})
			},
		}
		const loop = await started(loopOf(bus, naming, {adapters: {...adapters, feeds: {...adapters.feeds, till}}}))
		await eventually(async () => (await emitted()).length === 300)
		const ids = (await outcomeOf(bus, naming)).totals.map(({id}) => id)
		expect(new Set(ids).size).toBe(300)
		await loop.stop()
	})

	it('end the loop when their source fails', async () => {
		const adapters = ringing()
		const till = {run: () => Promise.reject(new Error('the till is broken'))}
		const loop = loopOf(bus, naming, {adapters: {...adapters, feeds: {...adapters.feeds, till}}})
		await expect(loop.run(new AbortController().signal)).rejects.toThrow('the till is broken')
	})
})

describe('entries of which only the newest counts', () => {
	it('are all acknowledged, whatever stands between them', async () => {
		const quote = (symbol: string, price: number) =>
			bus.append(naming.stream(quotes.name), {symbol, price: String(price)})
		for (const symbol of ['AAA', 'BBB', 'AAA', '  ', 'CCC', 'BBB', 'AAA']) await quote(symbol, 1)
		await quote('AAA', 9)
		const loop = loopOf(bus, naming)
		await runUntilDone(loop, bus, naming)
		expect(loop.runner.handled).toBe(3)
		const states = await bus.hashAll(naming.key(keys.unitState, {unit: marketStall.name}))
		expect(JSON.parse(states.AAA ?? '')).toMatchObject({price: '9'})
		expect(loop.runner.dead_lettered).toBe(1)
	})
})

describe('timers', () => {
	it('follow the venue’s clock, each partition in turn, and stand still with it', async () => {
		const clock = new QuickClock()
		await place(bus, naming, [add(1, 'BBB'), add(2, 'AAA')])
		const loop = await started(loopOf(bus, naming, {clock}))
		await eventually(() => isDone(bus, naming))
		const sweeps = async () => (await outcomeOf(bus, naming)).totals.filter(({what}) => what === 'tidy')
		clock.venue_ms += 59_999
		await eventually(
			async () => loop && (await bus.hashGet(naming.key(keys.unitLease, {unit: marketStall.name}), 'heartbeat_ms')),
		)
		expect(await sweeps()).toEqual([])
		clock.venue_ms += 1
		await eventually(async () => (await sweeps()).length === 2)
		clock.venue_ms += 60_000
		await eventually(async () => (await sweeps()).length === 4)
		expect((await sweeps()).map(({symbol, n}) => `${symbol} ${n}`)).toEqual(['AAA 0', 'BBB 0', 'AAA 1', 'BBB 1'])
		await loop.stop()
	})
})

describe('stopping', () => {
	const connections = async (observer: Redis) =>
		((await observer.client('LIST')) as string).split('\n').filter(line => line !== '').length

	it('takes no time, and leaves no connection', async () => {
		const observer = new Redis(server.path)
		const before = await connections(observer)
		const own = new RedisBus(() => connectRedis(`unix:${server.path}`))
		const loop = await started(loopOf(own, naming, {clock: new QuickClock(undefined, 1)}))
		await eventually(async () => ((await observer.client('LIST')) as string).includes('cmd=xreadgroup'))
		expect(await connections(observer)).toBe(before + 3)
		const begun = performance.now()
		await loop.stop()
		expect(performance.now() - begun).toBeLessThan(limits.read_block_ms / 4)
		await eventually(async () => (await connections(observer)) === before + 1)
		await own.close()
		await eventually(async () => (await connections(observer)) === before)
		observer.disconnect()
	})

	it('ends in the pause between two deliveries; the next start goes on', async () => {
		await place(bus, naming, [add(1), {symbol: 'AAA', what: 'fail', n: 2}, add(3)])
		const loop = await started(loopOf(bus, naming, {clock: new QuickClock(undefined, 0.1)}))
		await eventually(async () => (await emitted()).length === 1)
		const begun = performance.now()
		await loop.stop()
		expect(performance.now() - begun).toBeLessThan(500)
		expect(await held()).toHaveLength(2)
		await runUntilDone(loopOf(bus, naming), bus, naming)
		expect(await emitted()).toEqual([1, 3])
	})

	it('again in the same process loses nothing', async () => {
		for (let round = 0; round < 5; round += 1) {
			const loop = await started(loopOf(bus, naming))
			await place(bus, naming, [add(round)], round)
			await loop.stop()
		}
		await runUntilDone(loopOf(bus, naming), bus, naming)
		expect(await emitted()).toEqual([0, 1, 2, 3, 4])
	})
})

describe('a heartbeat', () => {
	it('is in the lease, and counts no step', async () => {
		const loop = await started(loopOf(bus, naming))
		const lease = () => bus.hashAll(naming.key(keys.unitLease, {unit: marketStall.name}))
		const first = await eventually(async () => (await lease()).heartbeat_ms)
		await eventually(async () => (await lease()).heartbeat_ms !== first)
		expect(await lease()).toMatchObject({generation: '1', commits: '0', host: 'test', handled: '0'})
		await loop.stop()
	})
})
