import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {stringify} from 'yaml'
import type {DaemonStatus, UnitStatus} from '../../src/daemon/client/control-api.js'
import {runIdOf} from '../../src/daemon/supervision/run-record.js'
import {socketPath} from '../../src/daemon/supervision/socket-path.js'
import {encodeMark, markVariable} from '../../src/daemon/supervision/supervision-mark.js'
import {ensureVersion} from '../../src/daemon/system/policy-file.js'
import {paperCredentials} from '../../src/daemon/system/secrets.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {defaultPolicy} from '../../src/engine/contracts/policy.js'
import {serveJson, statusOf, type TestSystem} from '../daemon/client/system-fixture.js'

/** A home with what a test plants into it: real processes, real sockets, real files. */
export class Machine {
	readonly #children: ChildProcess[] = []
	readonly #servers: {close(): Promise<void>}[] = []
	readonly run_id: string

	constructor(readonly system: TestSystem) {
		const processes = join(system.home.run, 'processes')
		mkdirSync(processes, {recursive: true})
		this.run_id = runIdOf(processes)
	}

	/** A process that listens, by default on a free port of loopback; with a name it carries the mark of our supervisor. */
	async listener({
		port = 0,
		host = '127.0.0.1',
		name,
	}: {
		port?: number
		host?: string
		name?: string
	} = {}): Promise<{pid: number; port: number}> {
		const script = `const s = require('node:net').createServer().listen(${port}, '${host}', () => console.log(s.address().port))`
		const mark = {run_id: this.run_id, name: name ?? '', generation: 1, spec_hash: 'test', version: '0.0.0+other'}
		const child = spawn(process.execPath, ['-e', script], {
			detached: true,
			stdio: ['ignore', 'pipe', 'inherit'],
			env: {...process.env, ...(name !== undefined && {[markVariable]: encodeMark(mark)})},
		})
		this.#children.push(child)
		const [line] = (await once(child.stdout, 'data')) as [Buffer]
		return {pid: child.pid ?? -1, port: Number(line.toString())}
	}

	/** An id that a process had that has ended. */
	async endedPid(): Promise<number> {
		const child = spawn(process.execPath, ['-e', ''], {stdio: 'ignore'})
		await once(child, 'exit')
		return child.pid ?? -1
	}

	/** Somebody who answers on the control socket as a daemon would. */
	async daemonSays(of: Partial<DaemonStatus>): Promise<void> {
		const {run, controlSocketName} = this.system.home
		const body = statusOf({pid: process.pid, ...of})
		this.#servers.push(await serveJson(socketPath(run, controlSocketName), async () => ({body})))
	}

	ports(ports: Readonly<Record<string, number>>): void {
		const {home, redis} = this.system
		const settings = {mode: 'PAPER', prefix: 'quantum:', redis_url: `unix:${redis.path}`, ports: 'ephemeral'}
		writeFileSync(home.settings, JSON.stringify(settings))
		writeFileSync(home.ports, JSON.stringify(ports))
	}

	async end(): Promise<void> {
		for (const server of this.#servers) await server.close()
		for (const child of this.#children) {
			const exit = once(child, 'exit')
			if (child.exitCode === null && child.kill('SIGKILL')) await exit
		}
	}
}

export const unitSaid = (of: Partial<UnitStatus>): UnitStatus => ({
	name: 'governor',
	target: 'exec',
	process: 'host-exec',
	state: 'RUNNING',
	pid: null,
	port: null,
	handled: 0,
	dead_lettered: 0,
	last_turn_age_ms: 0,
	reason: null,
	...of,
})

const freePort = async (): Promise<number> => {
	const server = createServer().listen(0, '127.0.0.1')
	await once(server, 'listening')
	const address = server.address()
	server.close()
	await once(server, 'close')
	return typeof address === 'object' && address ? address.port : 0
}

/** A fault that is planted into a machine, the rule that has to find it, and what it says. */
export type MachineFault = Readonly<{
	fault: string
	rule: string
	/** @returns subject and observation of the one finding */
	plant: (machine: Machine) => Promise<readonly [subject: string, observed: RegExp]>
}>

export const machineFaults: readonly MachineFault[] = [
	{
		fault: 'a foreign process on a port of the range',
		rule: 'foreign-port',
		plant: async machine => {
			const {pid, port} = await machine.listener()
			machine.ports({governor: port})
			return [`port ${port}`, new RegExp(`^process ${pid} listens on 127.0.0.1$`)]
		},
	},
	{
		fault: 'a process of ours that other machines can reach',
		rule: 'public-bind',
		plant: async machine => {
			const {pid, port} = await machine.listener({host: '0.0.0.0', name: 'host-exec'})
			machine.ports({})
			return [`port ${port}`, new RegExp(`^host-exec \\(pid ${pid}\\) listens on 0.0.0.0$`)]
		},
	},
	{
		fault: 'a declared port on which nobody listens',
		rule: 'silent-port',
		plant: async machine => {
			machine.ports({governor: await freePort()})
			await machine.daemonSays({units: [unitSaid({})]})
			return ['governor', /^RUNNING, and nobody listens there$/]
		},
	},
	{
		fault: 'two units on one port',
		rule: 'contested-port',
		plant: async machine => {
			const port = await freePort()
			machine.ports({governor: port, execution: port})
			return [`port ${port}`, /^governor and execution both have it$/]
		},
	},
	{
		fault: 'a unit that is up in the daemon and dead in the process table',
		rule: 'dead-unit',
		plant: async machine => {
			const pid = await machine.endedPid()
			await machine.daemonSays({units: [unitSaid({pid})]})
			return ['governor', new RegExp(`^no process ${pid} lives$`)]
		},
	},
	{
		fault: 'a unit that the daemon has given up',
		rule: 'failed-unit',
		plant: async machine => {
			await machine.daemonSays({units: [unitSaid({state: 'FAILED', reason: 'it \u001b[31mbroke'})]})
			return ['governor', /^FAILED: it \\u\{1b\}\[31mbroke$/]
		},
	},
	{
		fault: 'a stale heartbeat',
		rule: 'stale-heartbeat',
		plant: async machine => {
			const {naming, bus} = machine.system.state
			const heartbeat_ms = String(Date.now() - 60_000)
			await bus.redis.hset(naming.key(keys.unitLease, {unit: 'governor'}), {
				host: 'exec',
				heartbeat_ms,
				generation: '1',
			})
			await machine.daemonSays({units: [unitSaid({})]})
			return ['governor', /^the newest, of host exec, is 6\d{4} ms old$/]
		},
	},
	{
		fault: 'two instances of one process',
		rule: 'duplicate-instance',
		plant: async machine => {
			const first = await machine.listener({name: 'host-exec'})
			const second = await machine.listener({name: 'host-exec'})
			const [low = 0, high = 0] = [first.pid, second.pid].sort((left, right) => left - right)
			return ['host-exec', new RegExp(`^2: pids (${low}, ${high}|${high}, ${low})$`)]
		},
	},
	{
		fault: 'a process of the home that no daemon watches over',
		rule: 'orphan-process',
		plant: async machine => {
			const {pid} = await machine.listener({name: 'host-exec'})
			return ['host-exec', new RegExp(`^pid ${pid} runs, and no daemon does$`)]
		},
	},
	{
		fault: 'credentials that everybody can read',
		rule: 'readable-credentials',
		plant: async ({system: {home}}) => {
			paperCredentials(home)
			chmodSync(home.secrets, 0o644)
			return [home.secrets, /^mode 0644$/]
		},
	},
	{
		fault: 'a policy file that says what no version in the store says',
		rule: 'policy-drift',
		plant: async ({system: {home}}) => {
			await ensureVersion(home, {author: 'test', time_ms: 1})
			writeFileSync(home.policy, stringify({...defaultPolicy, positions_max: 3}))
			return [home.policy, /^differs in positions_max$/]
		},
	},
]
