import {existsSync, readFileSync} from 'node:fs'
import type {Fields} from '../../engine/contracts/field.js'
import {keys} from '../../engine/contracts/keys.js'
import {Naming} from '../../engine/contracts/naming.js'
import type {ArmRecord} from '../../engine/exchange/arm-record.js'
import {readArming} from './arming-record.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {
	Alarm,
	DaemonStatus,
	LockstepStatus,
	Market,
	ProcessReport,
	StageStatus,
	UnitStatus,
} from './control-api.js'
import {ControlClient} from './control-client.js'
import {type EssBrief, essBriefOf} from './ess-record.js'
import {type ExecutionChange, executionChangeOf} from './execution-record.js'
import {type Home, socketOf, storedSystem} from './home.js'
import {type Latch, latchFrom} from './latch-record.js'
import type {State} from './state.js'

export type SystemStatus = Readonly<{
	/**
	 * PARTIAL: what was asked for runs, and some stages were not asked for.
	 * UNSUPERVISED: the daemon has gone, and processes of the system go on without it.
	 */
	state: 'UP' | 'PARTIAL' | 'STARTING' | 'DEGRADED' | 'UNSUPERVISED' | 'STOPPED'
	home: string
	daemon: Readonly<{pid: number; version: string; started_at: string}> | null
	mode: string
	market: Market | null
	speed: number | 'lockstep' | null
	/** Null at any other speed than lock-step, and without a daemon: then nobody moves the market. */
	lockstep?: LockstepStatus | null
	/** Nothing is sent. True also when it cannot be told. */
	kill: boolean
	/** Why nothing is sent; empty when orders can be sent. */
	kill_reason: string
	/** The newest arming or kill, whoever did it. */
	arm: ArmRecord | null
	/** The version of the policy that every host works under, and the newest that is stored; null when unknown. */
	policy?: Readonly<{running: number | null; newest: number | null}>
	/** ENABLED, REDUCE_ONLY (paused) or DISABLED; null while Redis cannot be asked or before it was set up. */
	execution?: string | null
	/** Who changed that last, and why. */
	execution_change?: ExecutionChange | null
	/** Symbols that an operator has stopped while the others trade on. */
	blocked?: readonly string[]
	/** What the Emergency Stop System says; null while that is not known. */
	ess?: EssBrief | null
	stages: readonly StageStatus[]
	units: readonly UnitStatus[]
	processes: readonly ProcessReport[]
	redis: Readonly<{url: string; pid: number | null}> | null
	venue: Readonly<{rest: string | null; ws: string | null}>
	alarms: readonly Alarm[]
}>

type Switches = Readonly<{
	latch: Latch
	execution: string | null
	execution_change: ExecutionChange | null
	ess: EssBrief | null
	blocked: Fields
}>

const switchesOf = (
	kill: string | null | undefined,
	arm: Fields,
	execution: string | null | undefined,
	change: Fields,
	ess: Fields,
	blocked: Fields,
): Switches => ({
	latch: latchFrom(kill, arm),
	execution: execution ?? null,
	execution_change: executionChangeOf(change),
	ess: essBriefOf(ess),
	blocked,
})

const readSwitches = async ({bus, naming}: State): Promise<Switches> =>
	switchesOf(
		...(await Promise.all([
			bus.get(naming.key(keys.kill, {})),
			bus.hashAll(naming.key(keys.arm, {})),
			bus.get(naming.key(keys.execution, {})),
			bus.hashAll(naming.key(keys.executionChange, {})),
			bus.hashAll(naming.key(keys.essState, {})),
			bus.hashAll(naming.key(keys.blockedSymbols, {})),
		])),
	)

/** Read without the client library of Redis: a status is over before that would be loaded. */
const quickSwitches = async (home: Home): Promise<Switches | undefined> => {
	const {redis_url, prefix} = storedSystem(home)
	const naming = new Naming(prefix)
	if (redis_url !== undefined && !redis_url.startsWith('unix:')) {
		const {withState} = await import('./state.js')
		return withState(home, readSwitches).catch(() => undefined)
	}
	const socket = redis_url?.slice('unix:'.length) ?? socketOf(home, 'redis.sock')
	if (socket === undefined || !existsSync(socket)) return undefined
	const {askRedis, hashOf} = await import('./redis-probe.js')
	try {
		const [kill, arm, execution, change, ess, blocked] = await askRedis(
			socket,
			[
				['GET', naming.key(keys.kill, {})],
				['HGETALL', naming.key(keys.arm, {})],
				['GET', naming.key(keys.execution, {})],
				['HGETALL', naming.key(keys.executionChange, {})],
				['HGETALL', naming.key(keys.essState, {})],
				['HGETALL', naming.key(keys.blockedSymbols, {})],
			],
			CLIENT_LIMITS.redis_answer_ms,
		)
		return switchesOf(textOf(kill), hashOf(arm), textOf(execution), hashOf(change), hashOf(ess), hashOf(blocked))
	} catch {
		return undefined
	}
}

const textOf = (reply: unknown): string | null => (typeof reply === 'string' ? reply : null)

/** Null before the first version, and when the versions cannot be read: qt policy history says why. */
const newestVersion = (home: Home): number | null => {
	try {
		const last = readFileSync(home.policyVersions, 'utf8').trimEnd().split('\n').at(-1) ?? ''
		const {version} = JSON.parse(last) as {version?: unknown}
		return typeof version === 'number' ? version : null
	} catch {
		return null
	}
}

/** The file is read only where there is one: most systems never block a symbol. */
const blockedOf = async (home: Home, shared: Fields): Promise<readonly string[]> => {
	if (!existsSync(home.blocked)) return Object.keys(shared).sort()
	const {blockedSymbols} = await import('./block-file.js')
	return blockedSymbols(home, shared)
}

const stateOf = ({stages, units}: DaemonStatus): SystemStatus['state'] => {
	if (units.some(({state}) => state === 'FAILED')) return 'DEGRADED'
	if (stages.length > 0 && stages.every(({open}) => open)) return 'UP'
	return units.some(({state}) => state === 'STARTING') || !stages.some(({open}) => open) ? 'STARTING' : 'PARTIAL'
}

/** The truth about one system, whether its daemon runs or not. */
export const readStatus = async (home: Home): Promise<SystemStatus> => {
	const [status, switches] = await Promise.all([new ControlClient(home).status(), quickSwitches(home)])
	const {armed, why, last = null} = readArming(home, switches?.latch)
	const {execution = null, execution_change = null, ess = null} = switches ?? {}
	const blocked = await blockedOf(home, switches?.blocked ?? {})
	const switched = {execution, execution_change, ess, blocked}
	const common = {home: home.root, kill: !armed, kill_reason: why, arm: last, ...switched}
	const newest = newestVersion(home)
	if (!status) {
		const {withoutDaemon} = await import('./unsupervised.js')
		return {...common, policy: {running: null, newest}, ...(await withoutDaemon(home))}
	}
	const {
		pid,
		version,
		started_at,
		mode,
		market,
		speed,
		lockstep = null,
		stages,
		units,
		processes,
		redis,
		venue,
		alarms,
	} = status
	const daemon = {pid, version, started_at}
	return {
		...common,
		policy: {running: status.policy_version ?? null, newest},
		state: stateOf(status),
		daemon,
		mode,
		market,
		speed,
		lockstep,
		stages,
		units,
		processes,
		redis,
		venue,
		alarms,
	}
}
