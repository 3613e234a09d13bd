import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import {join} from 'node:path'
import {readArmFile} from '../../../src/daemon/client/arm-file.js'
import type {DaemonStatus} from '../../../src/daemon/client/control-api.js'
import {homeAt} from '../../../src/daemon/client/home.js'
import {readLatch} from '../../../src/daemon/client/latch.js'
import {openState, type State} from '../../../src/daemon/client/state.js'
import {socketPath} from '../../../src/daemon/supervision/socket-path.js'
import type {Home} from '../../../src/daemon/system/home.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import type {ArmRecord} from '../../../src/engine/exchange/arm-record.js'
import {eventually} from '../../support/eventually.js'
import {type PrivateRedis, startRedis} from '../../support/redis.js'
import {temporaryHome} from '../../support/temporary-home.js'

/** A home whose state is a real Redis of its own. */
export type TestSystem = Readonly<{
	home: Home
	redis: PrivateRedis
	/** A connection for the test itself. */
	state: State
	/** As if it had never run: no keys, no arm file. */
	reset(): Promise<void>
	stop(): Promise<void>
}>

export const startSystem = async (): Promise<TestSystem> => {
	const [place, redis] = await Promise.all([temporaryHome('qt-c-'), startRedis()])
	const home = homeAt(place.path)
	for (const path of [home.run, home.logs, home.journal]) mkdirSync(path, {recursive: true})
	writeFileSync(home.settings, JSON.stringify({mode: 'PAPER', prefix: 'quantum:', redis_url: `unix:${redis.path}`}))
	const state = await openState(home)
	return {
		home,
		redis,
		state,
		reset: async () => {
			await state.bus.redis.flushall()
			rmSync(home.arm, {force: true})
		},
		stop: async () => {
			await state.close()
			await redis.stop()
			await place.remove()
		},
	}
}

/** Answers JSON on a unix socket by path; the body of a request is handed to the answer. */
export const serveJson = async (
	socket: string,
	answer: (call: string, body: unknown) => Promise<{status?: number; body: unknown}>,
): Promise<{close(): Promise<void>}> => {
	const server: Server = createServer((request, response) => {
		const chunks: Buffer[] = []
		request.on('data', (chunk: Buffer) => chunks.push(chunk))
		request.on('end', () => {
			const text = Buffer.concat(chunks).toString('utf8')
			answer(`${request.method} ${request.url}`, text === '' ? undefined : JSON.parse(text)).then(
				({status = 200, body}) => {
					response.writeHead(status, {'content-type': 'application/json'})
					response.end(JSON.stringify(body))
				},
				(error: unknown) => response.destroy(error as Error),
			)
		})
	})
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject)
		server.listen(socket, resolve)
	})
	return {
		close: async () => {
			server.closeAllConnections()
			await new Promise(resolve => server.close(resolve))
		},
	}
}

/** A gateway as far as the client sees one: a host that answers, and says in Redis which epoch it obeys. */
export class TestGateway {
	#stopped = false
	#loop: Promise<void> = Promise.resolve()
	in_flight = 0
	/** Their symbols, parted by spaces. */
	symbols_in_flight = ''
	/** Reports nothing new. */
	deaf = false

	private constructor(
		private readonly system: TestSystem,
		private readonly server: {close(): Promise<void>},
	) {}

	static async start(
		system: TestSystem,
		{silent = false, deaf = false}: {silent?: boolean; deaf?: boolean} = {},
	): Promise<TestGateway> {
		const socket = socketPath(system.home.run, 'host-exec.sock')
		let gateway: TestGateway | undefined
		const never = new Promise<never>(() => undefined)
		const server = await serveJson(socket, async () =>
			silent
				? never
				: {
						body: {
							pid: process.pid,
							units: [{name: keys.gatewayEpoch.owner, ready: true, effects_in_flight: gateway?.in_flight ?? 0}],
						},
					},
		)
		gateway = new TestGateway(system, server)
		gateway.deaf = deaf
		gateway.#loop = gateway.#follow()
		return gateway
	}

	async #follow(): Promise<void> {
		const {bus, naming} = this.system.state
		await eventually(
			async () => {
				if (!this.deaf && !this.#stopped) {
					const {record} = await readLatch(this.system.state)
					const file = readArmFile(this.system.home.arm)
					const own = file.kind === 'record' ? file.record.epoch : 0
					await bus.redis.hset(naming.key(keys.gatewayEpoch, {gateway: 'exec'}), {
						epoch: String(Math.max(own, record.epoch)),
						in_flight: String(this.in_flight),
						symbols_in_flight: this.symbols_in_flight,
						machine_ms: String(Date.now()),
					})
				}
				return this.#stopped
			},
			{within_ms: 60_000, every_ms: 20},
		)
	}

	async stop(): Promise<void> {
		this.#stopped = true
		await this.#loop
		await this.server.close()
	}
}

export const record = (of: Partial<ArmRecord> = {}): ArmRecord => ({
	epoch: 1,
	armed: false,
	mode: 'PAPER',
	by: 'ada',
	reason: 'drill',
	time_ms: 1_000,
	...of,
})

export const statusOf = (of: Partial<DaemonStatus> = {}): DaemonStatus => ({
	pid: 4_242,
	version: '0.1.0',
	home: '/home/qt',
	started_at: '2026-01-02T03:04:05.000Z',
	mode: 'PAPER',
	market: {kind: 'synthetic', seed: 1},
	speed: 600,
	stages: ['core', 'state', 'brains', 'ai', 'rl', 'exec', 'obs'].map(name => ({
		name,
		open: true,
		requires: [],
		blocked_by: [],
	})),
	processes: [],
	units: [],
	redis: {url: 'unix:/run/redis.sock', pid: 77},
	venue: {rest: 'http://127.0.0.1:9000', ws: 'ws://127.0.0.1:9000'},
	alarms: [],
	...of,
})

export const logPath = (home: Home, name: string): string => join(home.logs, name)
