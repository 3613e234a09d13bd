import {existsSync} from 'node:fs'
import {keys} from '../../engine/contracts/keys.js'
import {Naming} from '../../engine/contracts/naming.js'
import type {ArmRecord} from './arm-file.js'
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
import {type Home, socketOf, storedSystem} from './home.js'
import type {Latch} from './latch-record.js'

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
	stages: readonly StageStatus[]
	units: readonly UnitStatus[]
	processes: readonly ProcessReport[]
	redis: Readonly<{url: string; pid: number | null}> | null
	venue: Readonly<{rest: string | null; ws: string | null}>
	alarms: readonly Alarm[]
}>

/** The latch without the client library of Redis: a status is over before that would be loaded. */
const quickLatch = async (home: Home): Promise<Latch | undefined> => {
	const {redis_url, prefix} = storedSystem(home)
	const naming = new Naming(prefix)
	const kill = naming.key(keys.kill, {})
	const arm = naming.key(keys.arm, {})
	if (redis_url !== undefined && !redis_url.startsWith('unix:')) {
		const [{withState}, {readLatch}] = await Promise.all([import('./state.js'), import('./latch.js')])
		return withState(home, readLatch).catch(() => undefined)
	}
	const socket = redis_url?.slice('unix:'.length) ?? socketOf(home, 'redis.sock')
	if (socket === undefined || !existsSync(socket)) return undefined
	const {askRedis, hashOf} = await import('./redis-probe.js')
	const {latchFrom} = await import('./latch-record.js')
	try {
		const [held, record] = await askRedis(
			socket,
			[
				['GET', kill],
				['HGETALL', arm],
			],
			CLIENT_LIMITS.redis_answer_ms,
		)
		return latchFrom(typeof held === 'string' ? held : null, hashOf(record))
	} catch {
		return undefined
	}
}

const stateOf = ({stages, units}: DaemonStatus): SystemStatus['state'] => {
	if (units.some(({state}) => state === 'FAILED')) return 'DEGRADED'
	if (stages.length > 0 && stages.every(({open}) => open)) return 'UP'
	return units.some(({state}) => state === 'STARTING') || !stages.some(({open}) => open) ? 'STARTING' : 'PARTIAL'
}

/** The truth about one system, whether its daemon runs or not. */
export const readStatus = async (home: Home): Promise<SystemStatus> => {
	const [status, latch] = await Promise.all([new ControlClient(home).status(), quickLatch(home)])
	const {armed, why, last = null} = readArming(home, latch)
	const common = {home: home.root, kill: !armed, kill_reason: why, arm: last}
	if (!status) {
		const {withoutDaemon} = await import('./unsupervised.js')
		return {...common, ...(await withoutDaemon(home))}
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
