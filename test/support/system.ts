import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {Redis} from 'ioredis'
import {stringify} from 'yaml'
import type {DaemonStatus} from '../../src/daemon/client/control-api.js'
import {ControlClient} from '../../src/daemon/client/control-client.js'
import {changeLatch, readLatch} from '../../src/daemon/client/latch.js'
import {loginFor} from '../../src/daemon/client/state.js'
import {
	identify,
	type ProcessIdentity,
	sameProcess,
	signalProcess,
} from '../../src/daemon/supervision/process-identity.js'
import {socketPath} from '../../src/daemon/supervision/socket-path.js'
import {type Home, homeAt} from '../../src/daemon/system/home.js'
import type {SettingsInput} from '../../src/daemon/system/settings.js'
import {RedisBus} from '../../src/engine/adapters/redis/redis-bus.js'
import {Naming} from '../../src/engine/contracts/naming.js'
import {eventually} from './eventually.js'
import {SystemVenue} from './system-venue.js'
import {temporaryHome} from './temporary-home.js'
import {testSettings} from './test-settings.js'
import {tradingPolicy} from './trading-policy.js'

const program = fileURLToPath(new URL('../../dist/daemon/main.js', import.meta.url))
/** A busy machine starts processes slowly: these bound hangs, not speed. */
const DAEMON_UP_MS = 60_000
const STAGES_OPEN_MS = 170_000
const STOP_MS = 60_000

/** A zombie is not alive: nobody may be there to collect it once its daemon was killed. */
export const alive = (pid: number): boolean => identify(pid) !== null

export type SystemOptions = Readonly<{
	/** Over a synthetic market at 300 times speed on ephemeral ports. */
	settings?: Partial<SettingsInput>
	/** Over `tradingPolicy`. */
	policy?: Readonly<Record<string, unknown>>
	/** A home that exists already; it is not removed at the end. */
	home?: string
	/** Leave the stages alone: only the daemon, Redis included. */
	daemonOnly?: boolean
	env?: NodeJS.ProcessEnv
}>

/** A daemon process of a test, with what it printed. */
export class DaemonProcess {
	readonly child: ChildProcess
	output = ''

	constructor(home: string, env: NodeJS.ProcessEnv = {}) {
		this.child = spawn(process.execPath, [program, home], {
			stdio: ['ignore', 'pipe', 'pipe'],
			env: {...process.env, ...env},
		})
		for (const stream of [this.child.stdout, this.child.stderr])
			stream?.on('data', (chunk: Buffer) => {
				this.output += chunk.toString('utf8')
			})
	}

	get pid(): number {
		return this.child.pid ?? -1
	}

	get ended(): boolean {
		return this.child.exitCode !== null || this.child.signalCode !== null
	}

	/** The exit code, or the signal that ended it. */
	async exit(): Promise<number | string | null> {
		if (!this.ended) await once(this.child, 'exit')
		return this.child.exitCode ?? this.child.signalCode
	}
}

/** Ends what is left should this test process die: the guard reads a pipe that closes with us. */
const guard = (pids: string, home: string, removes: boolean): ChildProcess => {
	const script = 'read -r _; kill -9 $(cat "$0") 2>/dev/null; [ "$2" = yes ] && rm -rf "$1"; rm -f "$0"'
	const watcher = spawn('/bin/sh', ['-c', script, pids, home, removes ? 'yes' : 'no'], {
		stdio: ['pipe', 'ignore', 'ignore'],
		detached: true,
	})
	watcher.unref()
	return watcher
}

/** A whole system in a home of its own: daemon, Redis, venue, hosts, all of them real processes. */
export class RunningSystem {
	readonly naming: Naming
	readonly control: ControlClient
	daemon: DaemonProcess
	#bus: RedisBus | undefined
	#venue: SystemVenue | undefined
	readonly #known = new Map<number, ProcessIdentity>()
	readonly #pidFile: string
	readonly #guard: ChildProcess

	constructor(
		readonly home: Home,
		private readonly options: SystemOptions,
		private readonly remove: () => Promise<void>,
	) {
		this.naming = new Naming(options.settings?.prefix)
		this.control = new ControlClient(home)
		this.#pidFile = `${home.root}.pids`
		writeFileSync(this.#pidFile, '')
		this.#guard = guard(this.#pidFile, home.root, options.home === undefined)
		this.daemon = this.startDaemon()
	}

	/** Another daemon process on this home, e.g. after the first was killed. */
	startDaemon(): DaemonProcess {
		this.daemon = new DaemonProcess(this.home.root, this.options.env)
		this.#know(this.daemon.pid)
		return this.daemon
	}

	get redisSocket(): string {
		return socketPath(this.home.run, 'redis.sock')
	}

	get bus(): RedisBus {
		const url = this.options.settings?.redis_url
		this.#bus ??= new RedisBus(() => {
			const login = loginFor(this.home, 'host')
			if (!url && !login) throw new Error('the daemon has not made the users of its Redis yet')
			const redis = url ? new Redis(url) : new Redis({path: this.redisSocket, ...login, maxRetriesPerRequest: null})
			// It connects again by itself after the server was killed.
			redis.on('error', () => undefined)
			return redis
		})
		return this.#bus
	}

	get redis(): Redis {
		return this.bus.redis
	}

	/** The venue as somebody else sees it: signed requests of our own, and its log. */
	get venue(): SystemVenue {
		this.#venue ??= new SystemVenue(this.home)
		return this.#venue
	}

	/** @throws Error when the daemon does not answer */
	async status(): Promise<DaemonStatus> {
		const status = await this.control.status()
		if (!status) throw new Error(`No daemon answers on ${this.home.root}: ${this.daemon.output}`)
		for (const {pid} of status.processes) if (pid !== null) this.#know(pid)
		return status
	}

	async pidOf(process_name: string): Promise<number> {
		const found = (await this.status()).processes.find(({name}) => name === process_name)
		if (!found?.pid) throw new Error(`${process_name} does not run: ${JSON.stringify(found)}`)
		return found.pid
	}

	/** Resolves when the daemon answers on its socket with Redis ready. */
	async daemonUp(): Promise<void> {
		await eventually(
			async () => {
				if (this.daemon.ended) return true
				await this.redis.ping()
				return await this.redis.exists(`${this.naming.prefix}mode`)
			},
			{within_ms: DAEMON_UP_MS, every_ms: 50, what: 'the daemon is up'},
		)
		if (this.daemon.ended)
			throw new Error(`The daemon ended with ${await this.daemon.exit()}: ${this.daemon.output}${this.logs()}`)
	}

	/** Starts every stage and resolves when all are open. */
	async allOpen(within_ms = STAGES_OPEN_MS): Promise<void> {
		await this.control.start([])
		await eventually(
			async () => {
				const {stages} = await this.status()
				const shut = stages.filter(({open}) => !open)
				if (shut.length > 0) throw new Error(shut.map(({name, blocked_by}) => `${name}: ${blocked_by}`).join('; '))
				return true
			},
			{within_ms, every_ms: 100, what: 'all stages are open'},
		).catch(error => {
			throw new Error(`${String(error)}\n${this.logs()}`, {cause: error})
		})
	}

	/** Arms through the latch, as an operator does, and resolves when the gateway has it in its own file. */
	async arm(): Promise<number> {
		const state = {bus: this.bus, naming: this.naming, url: ''}
		const expected_epoch = (await readLatch(state))?.record.epoch ?? 0
		const change = {by: 'test', reason: 'test', mode: 'PAPER', time_ms: Date.now()}
		const {outcome, epoch} = await changeLatch(state, {...change, what: 'arm', expected_epoch})
		if (outcome !== 'armed') throw new Error(`Arming over epoch ${expected_epoch} was ${outcome}`)
		await this.#gatewayObeys(epoch, true)
		return epoch
	}

	/** Kills through the latch, and resolves when the gateway has it in its own file. */
	async kill(): Promise<number> {
		const change = {by: 'test', reason: 'test', mode: 'PAPER', time_ms: Date.now()}
		const state = {bus: this.bus, naming: this.naming, url: ''}
		const {epoch} = await changeLatch(state, {...change, what: 'kill'})
		await this.#gatewayObeys(epoch, false)
		return epoch
	}

	async #gatewayObeys(epoch: number, armed: boolean): Promise<void> {
		await eventually(
			() => {
				const file = JSON.parse(readFileSync(this.home.arm, 'utf8')) as {epoch: number; armed: boolean}
				return file.epoch >= epoch && file.armed === armed
			},
			{within_ms: 30_000, what: `the gateway's file has epoch ${epoch}, armed ${armed}`},
		)
	}

	/** The ends of the log files, for a failure message. */
	logs(chars = 600): string {
		const {logs} = this.home
		if (!existsSync(logs)) return ''
		return readdirSync(logs)
			.filter(name => name.endsWith('.log'))
			.map(name => join(logs, name))
			.map(path => `== ${path}\n${readFileSync(path, 'utf8').slice(-chars)}`)
			.join('\n')
	}

	/** Ends everything: in order through the daemon where that answers, by SIGKILL what is left after that. */
	async stop(): Promise<void> {
		await this.status().catch(() => undefined)
		const ended_before = this.daemon.ended
		const refused = await this.control.stop().then(
			() => '',
			(error: unknown) => String(error),
		)
		const deadline = AbortSignal.timeout(STOP_MS)
		deadline.addEventListener('abort', () => this.daemon.child.kill('SIGKILL'))
		if (!this.daemon.ended && (await this.control.status().catch(() => undefined)) !== undefined)
			this.daemon.child.kill('SIGKILL')
		await this.daemon.exit()
		await this.#bus?.close()
		const left = [...this.#known.values()].filter(sameProcess)
		for (const identity of left) signalProcess(identity, 'SIGKILL')
		await eventually(() => !left.some(sameProcess), {within_ms: 10_000, what: 'what was left over has ended'})
		this.#guard.kill('SIGKILL')
		rmSync(this.#pidFile, {force: true})
		await this.remove()
		if (left.length === 0) return
		const why = ended_before ? 'the daemon had ended before' : refused
		throw new Error(
			`Processes ${left.map(({pid}) => pid).join(', ')} outlived their daemon: ${why} ${this.daemon.output.slice(-2_000)}`,
		)
	}

	#know(pid: number): void {
		const identity = identify(pid)
		if (!identity || this.#known.get(pid)?.start_time === identity.start_time) return
		this.#known.set(pid, identity)
		appendFileSync(this.#pidFile, `${pid}\n`)
	}
}

/** Writes settings and policy into a fresh home (or the one given) and starts its daemon, by default every stage too. */
export const startSystem = async (options: SystemOptions = {}): Promise<RunningSystem> => {
	const temporary = options.home === undefined ? await temporaryHome() : undefined
	const home = homeAt(options.home ?? temporary?.path ?? '')
	const settings = testSettings(options.settings)
	if (temporary) {
		writeFileSync(home.settings, JSON.stringify(settings))
		writeFileSync(home.policy, stringify({...tradingPolicy, ...options.policy}))
	}
	const system = new RunningSystem(home, options, async () => {
		await temporary?.remove()
	})
	try {
		await system.daemonUp()
		if (!options.daemonOnly) await system.allOpen()
		return system
	} catch (error) {
		await system.stop().catch(() => undefined)
		throw error
	}
}
