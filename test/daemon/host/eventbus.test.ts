import {once} from 'node:events'
import {createServer, type IncomingMessage, request, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {pino} from 'pino'
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest'
import type {Environment} from '../../../src/daemon/host/environment.js'
import {EVENT_LIMITS, type StreamLimits} from '../../../src/daemon/host/event-stream.js'
import {eventbusAdapters} from '../../../src/daemon/host/eventbus-adapters.js'
import {SystemClock} from '../../../src/engine/adapters/clock/system-clock.js'
import {connectRedis} from '../../../src/engine/adapters/redis/connect.js'
import {RedisBus} from '../../../src/engine/adapters/redis/redis-bus.js'
import {Naming} from '../../../src/engine/contracts/naming.js'
import {eventually} from '../../support/eventually.js'
import {type PrivateRedis, startRedis} from '../../support/redis.js'

const naming = new Naming('t:')
const [EVENTS, ALERTS] = ['events', 'alerts'].map(name => naming.stream(name)) as [string, string]
const patient = {within_ms: 30_000}
type Told = Readonly<{id: string; event: string; data: Record<string, unknown>}>

let redis: PrivateRedis
let bus: RedisBus
let stop: AbortController
let losses: unknown[]
let server: Server
const clients: Client[] = []

/** An HTTP client that keeps what it was told, and may stop reading. */
class Client {
	text = ''
	readonly told: Told[] = []
	#begun = ''
	ended = false
	private constructor(readonly response: IncomingMessage) {
		response.setEncoding('utf8')
		response.on('data', (chunk: string) => {
			this.text += chunk
			const blocks = (this.#begun + chunk).split('\n\n')
			this.#begun = blocks.pop() ?? ''
			for (const block of blocks) this.#take(block)
		})
		response.on('error', () => undefined)
		response.on('close', () => {
			this.ended = true
		})
	}
	static async connect(path = '/events', headers: Record<string, string> = {}, method = 'GET'): Promise<Client> {
		const {port} = server.address() as AddressInfo
		const asked = request({host: '127.0.0.1', port, path, method, headers, agent: false}).end()
		const [response] = (await once(asked, 'response')) as [IncomingMessage]
		const client = new Client(response)
		clients.push(client)
		return client
	}
	#take(block: string): void {
		const [id, event, data, ...more] = block.split('\n')
		if (!id?.startsWith('id: ')) return
		expect(more).toEqual([])
		expect([event?.slice(0, 7), data?.slice(0, 6)]).toEqual(['event: ', 'data: '])
		this.told.push({
			...{id: id.slice(4), event: event?.slice(7) ?? ''},
			data: JSON.parse(data?.slice(6) ?? '') as Told['data'],
		})
	}
	async tells(count: number): Promise<readonly Told[]> {
		await eventually(() => this.told.length >= count, {...patient, what: `${count} events`})
		return [...this.told]
	}
	leave(): void {
		this.response.destroy()
	}
}

const serve = async (limits: Partial<StreamLimits> = {}): Promise<void> => {
	const [unitListeners, unitMetrics] = [new Map(), new Map()] as [
		Environment['unitListeners'],
		Environment['unitMetrics'],
	]
	const around = {bus, naming, signal: stop.signal, clock: new SystemClock(), log: pino({level: 'silent'})}
	const adapters = eventbusAdapters({...around, unitListeners, unitMetrics}, {...EVENT_LIMITS, poll_ms: 10, ...limits})
	void adapters.feeds.loss?.run(async loss => void losses.push(loss), stop.signal)
	server = createServer(unitListeners.get('eventbus-bridge')?.get('/events'))
	await once(server.listen(0, '127.0.0.1'), 'listening')
}

beforeAll(async () => {
	redis = await startRedis()
	bus = new RedisBus(() => connectRedis(`unix:${redis.path}`))
})
afterAll(async () => {
	await bus.close()
	await redis.stop()
})
beforeEach(async () => {
	await bus.redis.flushall()
	stop = new AbortController()
	losses = []
})
afterEach(async () => {
	stop.abort()
	for (const client of clients.splice(0)) client.leave()
	server.closeAllConnections()
	await new Promise(resolve => server.close(resolve))
})

const add = (stream: string, message: string, id = '*') => bus.redis.xadd(stream, id, 'message', message)
const messages = (told: readonly Told[]) => told.map(({event, data}) => `${event} ${String(data.message)}`)

test('two clients are told the same, text that looks like frames stays one line, and nothing is left in Redis', async () => {
	await serve()
	await add(EVENTS, 'before they came')
	const both = [await Client.connect(), await Client.connect('/events?since=0')]
	await both[1]?.tells(1)
	const hostile = 'a\n\nid: 9\r\nevent: gap\rdata: {}\n\n: \u2028\u0000"'
	await bus.redis.xadd(ALERTS, '*', 'message', hostile, '__proto__', 'kept')
	const [now, all] = [await both[0]?.tells(1), await both[1]?.tells(2)]
	expect(messages(now ?? [])).toEqual([`alerts ${hostile}`])
	expect(messages(all ?? [])).toEqual(['events before they came', `alerts ${hostile}`])
	expect(Object.entries(now?.[0]?.data ?? {})).toContainEqual(['__proto__', 'kept'])
	expect(await bus.redis.xinfo('GROUPS', ALERTS)).toEqual([])
})

test('goes on exactly where a client left off, also between entries of one id, and over what is on both streams', async () => {
	await serve()
	for (const [index, stream] of [EVENTS, ALERTS, EVENTS, ALERTS].entries())
		await add(stream, `m${index}`, `7-${index >> 1}`)
	const all = await (await Client.connect('/events?since=0')).tells(4)
	expect(messages(all)).toEqual(['events m0', 'alerts m1', 'events m2', 'alerts m3'])
	await add(EVENTS, 'm4')
	for (const [index, {id}] of all.entries()) {
		const resumed = await Client.connect('/events?since=now', {'last-event-id': id})
		expect(messages(await resumed.tells(4 - index))).toEqual([...messages(all).slice(index + 1), 'events m4'])
	}
	expect(losses).toEqual([])
})

test('what was removed before a client came back is told as a gap with its size, once', async () => {
	await serve()
	for (const number of [1, 2, 3, 4, 5, 6]) await add(EVENTS, `m${number}`, `${number}-0`)
	const first = await Client.connect('/events?since=0')
	const {id} = (await first.tells(2))[1] as Told
	first.leave()
	await bus.redis.xtrim(EVENTS, 'MAXLEN', 2)
	const told = await (await Client.connect('/events', {'last-event-id': id})).tells(3)
	expect(told[0]).toMatchObject({event: 'gap', data: {stream: 'events', from: '2-0', to: '5-0', missed: 2}})
	expect(messages(told.slice(1))).toEqual(['events m5', 'events m6'])
	expect(losses).toMatchObject([{kind: 'GAP', detail: expect.stringContaining('2 entries of events behind 2-0')}])
	const behind = await Client.connect('/events', {'last-event-id': told[0]?.id ?? ''})
	expect(messages(await behind.tells(2))).toEqual(['events m5', 'events m6'])
})

test('a client that does not read is ended, has the last word, and goes on with nothing lost', {
	timeout: 60_000,
}, async () => {
	await serve({buffer_bytes_max: 32 * 1_024, drain_within_ms: 500})
	const slow = await Client.connect()
	slow.response.pause()
	const [COUNT, LONG] = [200, 'x'.repeat(60_000)]
	for (let number = 0; number < COUNT; number += 1) await add(EVENTS, `${number} ${LONG}`)
	await eventually(() => losses.length === 1, patient)
	expect(losses).toMatchObject([{kind: 'SLOW_CLIENT'}])
	slow.response.resume()
	await eventually(() => slow.ended, patient)
	expect(slow.text.endsWith(': too slow: connect again with Last-Event-ID\n\n')).toBe(true)
	const all = [...slow.told]
	expect(all.length).toBeLessThan(COUNT)
	await eventually(async () => {
		const next = await Client.connect('/events', {'last-event-id': all.at(-1)?.id ?? ''})
		await eventually(() => next.ended || all.length + next.told.length >= COUNT, patient)
		all.push(...next.told)
		next.leave()
		return all.length >= COUNT
	}, patient)
	const numbers = all.map(({data}) => Number.parseInt(String(data.message), 10))
	expect(numbers).toEqual(Array.from({length: COUNT}, (_, index) => index))
})

test('refuses what it does not serve, keeps to its number of clients, lives while nothing happens, and ends at once', async () => {
	await serve({clients_max: 2, heartbeat_ms: 20})
	const posted = await Client.connect('/events', {}, 'POST')
	expect([posted.response.statusCode, posted.response.headers.allow]).toEqual([405, 'GET'])
	const astray = await Client.connect('/events?since=yesterday')
	expect(astray.response.statusCode).toBe(400)
	await eventually(() => astray.text.includes('yesterday is no place'))
	const [one, two] = [await Client.connect(), await Client.connect()]
	expect(one.response.headers['content-type']).toBe('text/event-stream')
	const third = await Client.connect()
	expect([third.response.statusCode, third.response.headers['retry-after']]).toEqual([503, '10'])
	await eventually(() => one.text.includes(': still here\n\n'))
	two.leave()
	await eventually(async () => (await Client.connect()).response.statusCode === 200, patient)
	stop.abort()
	await eventually(() => one.ended)
	expect(one.text.endsWith(': the system stops\n\n')).toBe(true)
})
