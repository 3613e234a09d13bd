import {join} from 'node:path'
import {SystemClock} from '../engine/adapters/clock/system-clock.js'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {RedisBus} from '../engine/adapters/redis/redis-bus.js'
import {keys} from '../engine/contracts/keys.js'
import {Naming} from '../engine/contracts/naming.js'
import type {Policy} from '../engine/contracts/policy.js'
import {closureOf, type Target, targetNames} from '../engine/contracts/targets.js'
import {messageOf} from '../engine/errors.js'
import {resolveUnit} from '../engine/registry.js'
import {keepSynced} from './running/aof-sync.js'
import {type Composition, type Placement, placementsOf} from './running/composition.js'
import {disarm, ensureGovernor} from './running/governor-init.js'
import {keepHeartbeat} from './running/heartbeat.js'
import {HostPoll} from './running/host-poll.js'
import {Lockstep} from './running/lockstep.js'
import {stepOf} from './running/market.js'
import {keepCounted} from './running/recount.js'
import {stageViews} from './running/stages.js'
import {guardState} from './running/state-guard.js'
import {keepStopsRecorded} from './running/stops-recorded.js'
import {keepTrimmed} from './running/trimmer.js'
import {type UnitView, unitViews} from './running/unit-views.js'
import {systemClock} from './supervision/clock.js'
import {LogRotator} from './supervision/log-rotator.js'
import {requireFreePort} from './supervision/ports.js'
import {checkSchema, markSchema} from './supervision/redis-schema.js'
import {socketPath} from './supervision/socket-path.js'
import {Supervisor} from './supervision/supervisor.js'
import type {Home} from './system/home.js'
import type {Settings} from './system/settings.js'
import {shownUrl} from './system/shown-url.js'
import {buildVersion} from './system/version.js'

const LOG_BOUNDS = {max_bytes: 20_000_000, generations: 3}
const REDIS_READY_MS = 60_000
const ALARMS_KEPT = 50
const SCHEMA = {product: 'quantum-trader', schema_version: '1'}

export type DaemonOptions = Readonly<{
	home: Home
	settings: Settings
	policy: Policy
	composition: Composition
	started_at: string
	ports: Readonly<Record<string, number>>
	/** What an operator should know of this start: shown as alarms. */
	notes?: readonly string[]
}>
type Alarm = Readonly<{at: string; message: string}>

const log = (message: string): void => {
	process.stderr.write(`${new Date().toISOString()} ${message}\n`)
}

/** What runs a system: starts its processes in order, keeps them, says what is true of them, stops them. */
export class Daemon {
	readonly #supervisor: Supervisor
	readonly #placements: readonly Placement[]
	readonly #clock = new SystemClock()
	readonly #stop = new AbortController()
	readonly #alarms: Alarm[] = []
	readonly #hosts: HostPoll
	readonly #rotator: LogRotator
	#background: Promise<unknown>[] = []
	#bus: RedisBus | undefined
	#lockstep: Lockstep | undefined

	constructor(readonly options: DaemonOptions) {
		const {home, composition, settings} = options
		this.#placements = placementsOf(settings.isolate)
		this.#supervisor = new Supervisor({
			specs: composition.specs,
			run_dir: join(home.run, 'processes'),
			version: buildVersion(),
		})
		for (const note of options.notes ?? []) this.#alarm(note)
		this.#supervisor.on('alarm', ({message}) => this.#alarm(message))
		this.#supervisor.on('slow', ({name, pid, kill_in_ms}) =>
			this.#alarm(`${name} (pid ${pid}) is slow to stop; it is ended in ${kill_in_ms} ms`),
		)
		this.#supervisor.on('transition', ({name, from, to, reason}) => {
			// A stage opens when its units say so: they are asked as soon as they can answer.
			if (to === 'RUNNING') void this.#hosts.ask(name, this.#stop.signal)
			if (to === 'FAILED' || to === 'BACKOFF') this.#alarm(`${name}: ${from} -> ${to}${reason ? ` (${reason})` : ''}`)
		})
		this.#hosts = new HostPoll(
			home,
			this.#placements.map(({process}) => process),
			this.#clock,
		)
		this.#rotator = new LogRotator({
			...LOG_BOUNDS,
			clock: systemClock,
			files: () => [...composition.specs.map(spec => spec.log_file), join(home.logs, 'daemon.log')],
			onAlarm: message => this.#alarm(message),
		})
	}

	/** Adopts what an earlier daemon left running, and prepares Redis. Units are started by `start`. */
	async open(): Promise<void> {
		const {composition, settings} = this.options
		const recovered = await this.#supervisor.recover()
		for (const orphan of recovered.orphans)
			this.#alarm(`orphan ${orphan.name} (pid ${orphan.identity.pid}): ${orphan.reason}`)
		await this.#requirePorts()
		this.#rotator.start()
		this.#background.push(this.#hosts.run(this.#stop.signal))
		if (settings.redis_url === undefined) {
			await this.#supervisor.start(['redis'])
			await this.#supervisor.waitReady(['redis'], REDIS_READY_MS)
		}
		const adopted = recovered.adopted.some(name => this.#placements.some(({process}) => process === name))
		await this.#openState(composition.redis_url, adopted)
	}

	/** Ports of processes that were adopted are theirs by right; all others must be free. */
	async #requirePorts(): Promise<void> {
		const {ports} = this.options
		const running = new Set(this.#supervisor.status().flatMap(({name, pid}) => (pid === null ? [] : [name])))
		for (const [name, port] of Object.entries(ports))
			if (!running.has(this.#processOf(name))) await requireFreePort(port, name)
	}

	async #openState(url: string, adopted: boolean): Promise<void> {
		const {settings, policy} = this.options
		const naming = new Naming(settings.prefix)
		const bus = new RedisBus(() => connectRedis(url, this.options.composition.redis_login))
		const marker = {marker_key: naming.key(keys.schema, {}), ...SCHEMA}
		if (settings.redis_url !== undefined) await this.#lookAtExternal(bus)
		if ((await checkSchema(bus.redis, settings.prefix, marker)) === 'empty') await markSchema(bus.redis, marker)
		const governing = {bus, naming, mode: settings.mode, policy, by: 'daemon', machine_ms: this.#clock.machine()}
		await ensureGovernor(governing)
		// What ran until the machine went down was not stopped in order: a person arms it again.
		if (
			!adopted &&
			(await disarm({...governing, reason: 'the system came up again without having been stopped in order'}))
		)
			this.#alarm('disarmed: the last run was not stopped in order')
		this.#bus = bus
		const {signal} = this.#stop
		const onError = (error: unknown) => this.#alarm(messageOf(error))
		const initialise = () => ensureGovernor({...governing, machine_ms: this.#clock.machine()})
		const onLoss = () => this.#alarm('Redis lost its state: everything is killed, and is built anew from the venue')
		const guard = {bus, marker, initialise, clock: this.#clock, signal, onLoss, onError}
		this.#background.push(keepTrimmed(bus, naming, this.#clock, signal, onError), guardState(guard))
		this.#background.push(keepCounted(bus, naming, this.#clock, signal, onError))
		this.#background.push(keepStopsRecorded({bus, naming, home: this.options.home}, this.#clock, signal, onError))
		if (settings.redis_url === undefined)
			this.#background.push(keepSynced(this.options.home.redis, this.#clock, signal, onError))
		if (settings.heartbeat_url)
			this.#background.push(keepHeartbeat(settings.heartbeat_url, () => this.isWell(), this.#clock, signal, onError))
		const {venue} = this.options.composition
		if (settings.speed === 'lockstep' && venue) this.#background.push(this.#conduct(bus, naming, venue.rest, onError))
	}

	/** Its users are its owner's: an operator is only told of a server that everybody may write to. */
	async #lookAtExternal({redis}: RedisBus): Promise<void> {
		const user = await redis.acl('WHOAMI').catch(() => undefined)
		if (user === 'default')
			this.#alarm(
				'the external Redis knows us as its user `default`, which whoever reaches it may be: give redis_url a user of its own (docs/decisions/2026-11-21-redis-has-users.md says which rights it needs)',
			)
	}

	#conduct(bus: RedisBus, naming: Naming, origin: string, onError: (error: unknown) => void): Promise<void> {
		const {home, settings} = this.options
		this.#lockstep = new Lockstep({
			bus,
			naming,
			clock: this.#clock,
			origin,
			host_sockets: this.#placements.map(({process}) => socketPath(home.run, `${process}.sock`)),
			symbols: settings.symbols,
			step_venue_ms: stepOf(settings),
			isOpen: () => this.stages().every(({open}) => open),
			onNews: message => log(message),
			onError,
		})
		return this.#lockstep.run(this.#stop.signal)
	}

	/** Wants the processes of these targets, and of all that they need, up. Returns when that is set in motion. */
	async start(targets: readonly Target[]): Promise<void> {
		const wanted = new Set((targets.length === 0 ? targetNames : targets).flatMap(target => closureOf(target)))
		const base = this.options.composition.specs.filter(({name}) => !name.startsWith('host-')).map(({name}) => name)
		await this.#supervisor.start([
			...base,
			...this.#placements.filter(({target}) => wanted.has(target)).map(({process}) => process),
		])
	}

	/** Restarts a process, or the process of a unit. */
	restart(name: string): Promise<void> {
		return this.#supervisor.restart(this.#processOf(name))
	}

	reset(name: string): void {
		this.#supervisor.reset(this.#processOf(name))
	}

	/** Stops everything, dependants first. */
	async stop(): Promise<{stopped: readonly string[]; killed: readonly string[]}> {
		this.#stop.abort()
		await Promise.allSettled(this.#background)
		this.#background = []
		await this.#bus?.close()
		this.#rotator.stop()
		return this.#supervisor.stop()
	}

	/** Ends without stopping the processes: a later daemon adopts them. */
	async leave(): Promise<void> {
		this.#stop.abort()
		await Promise.allSettled(this.#background)
		await this.#bus?.close()
		this.#rotator.stop()
		this.#supervisor.close()
	}

	/** Ends all processes at once. */
	kill(): void {
		this.#supervisor.kill()
	}

	isWell(): boolean {
		return this.stages().every(({open}) => open)
	}

	stages() {
		const views = this.units()
		const waiting = Object.fromEntries(
			targetNames.map(target => [
				target,
				views
					.filter(unit => unit.target === target && unit.state !== 'RUNNING' && unit.state !== 'NOT APPLICABLE')
					.map(({name, state}) => `${name} ${state}`),
			]),
		) as unknown as Record<Target, string[]>
		return stageViews(waiting)
	}

	units(): readonly UnitView[] {
		const {settings, ports} = this.options
		return unitViews({
			processes: this.#supervisor.status(),
			placements: this.#placements,
			answers: this.#hosts.answers,
			ports,
			mode: settings.mode,
			external_redis: settings.redis_url !== undefined,
		})
	}

	status() {
		const {home, settings, composition, started_at} = this.options
		const processes = this.#supervisor.status()
		return {
			pid: process.pid,
			version: buildVersion(),
			home: home.root,
			started_at,
			mode: settings.mode,
			market: settings.market,
			speed: settings.speed,
			policy_version: this.#hosts.policy_version ?? this.options.policy.version,
			/** Null at any other speed than lock-step. */
			lockstep: this.#lockstep?.status ?? null,
			stages: this.stages(),
			processes,
			units: this.units(),
			redis: {url: shownUrl(composition.redis_url), pid: processes.find(({name}) => name === 'redis')?.pid ?? null},
			venue: {rest: composition.venue?.rest ?? null, ws: composition.venue?.ws ?? null},
			alarms: this.#alarms,
		}
	}

	#processOf(name: string): string {
		const unit = resolveUnit(name)
		return this.#placements.find(({units: names}) => names.includes(unit?.name ?? ''))?.process ?? name
	}

	#alarm(message: string): void {
		log(message)
		this.#alarms.push({at: new Date().toISOString(), message})
		if (this.#alarms.length > ALARMS_KEPT) this.#alarms.shift()
	}
}

export type DaemonStatus = ReturnType<Daemon['status']>
