import {targetNames, targets} from '../../engine/contracts/targets.js'
import {infoFields} from '../../engine/logic/redis-info.js'
import {units as declared} from '../../engine/registry.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {UnitStatus} from './control-api.js'
import {type Home, socketOf, storedSystem} from './home.js'
import {hostsAlive, type LivingHost} from './hosts.js'
import {paperAddress} from './paper-address.js'
import {askRedis} from './redis-probe.js'
import {serverUnits} from './unit-names.js'

const absent: Omit<UnitStatus, 'name' | 'target'> = {
	process: '',
	state: 'STOPPED',
	pid: null,
	port: null,
	handled: null,
	dead_lettered: null,
	last_turn_age_ms: null,
	reason: null,
}

/** The system's own Redis, asked by its socket: undefined when nobody answers there. */
const redisPid = async (home: Home): Promise<{url: string; pid: number} | undefined> => {
	const socket = socketOf(home, 'redis.sock')
	if (socket === undefined) return undefined
	try {
		const [info] = await askRedis(socket, [['INFO', 'server']], CLIENT_LIMITS.redis_answer_ms)
		return {url: `unix:${socket}`, pid: Number(infoFields(String(info)).get('process_id'))}
	} catch {
		return undefined
	}
}

const unitOf = (name: string, target: string, hosts: readonly LivingHost[]): UnitStatus => {
	const host = hosts.find(({health}) => health?.units.some(unit => unit.name === name))
	const own = host?.health?.units.find(unit => unit.name === name)
	if (!host?.health || !own) return {...absent, name, target}
	const {ready, handled, dead_lettered, last_turn_age_ms} = own
	const {process} = host
	const state = ready ? 'RUNNING' : 'STARTING'
	return {...absent, name, target, process, state, pid: host.health.pid, handled, dead_lettered, last_turn_age_ms}
}

/** What is true of a home on which no daemon runs: usually nothing runs, but a daemon that died leaves its processes. */
export const withoutDaemon = async (home: Home) => {
	const [hosts, redis, rest] = await Promise.all([hostsAlive(home), redisPid(home), paperAddress(home)])
	const alive = hosts.length > 0 || redis !== undefined || rest !== undefined
	const servers = serverUnits.map(({name, target}): UnitStatus => {
		const runs = name === 'redis' ? redis !== undefined : rest !== undefined
		const pid = name === 'redis' ? (redis?.pid ?? null) : null
		return {...absent, name, target, process: name, state: runs ? 'RUNNING' : 'STOPPED', pid}
	})
	const blocked_by = ['the daemon does not run']
	return {
		state: alive ? ('UNSUPERVISED' as const) : ('STOPPED' as const),
		daemon: null,
		mode: storedSystem(home).mode,
		market: null,
		speed: null,
		stages: targetNames.map(name => ({name, open: false, requires: targets[name].requires, blocked_by})),
		units: [...servers, ...declared.map(({name, target}) => unitOf(name, target, hosts))],
		processes: [],
		redis: redis ?? null,
		venue: {rest: rest ?? null, ws: rest?.replace(/^http/, 'ws') ?? null},
		alarms: [],
	}
}
