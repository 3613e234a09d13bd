import type {DaemonStatus} from '../../daemon/client/control-api.js'
import {keys} from '../../engine/contracts/keys.js'
import {isFresh, unitsUp} from '../liveness.js'
import type {LeaseSeen} from '../observed.js'
import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

/** Its process has said once since it started that it lives: one that is silent since then does not start, but hangs. */
const hasBeaten = ({unit, heartbeat_ms}: LeaseSeen, daemon: DaemonStatus | undefined): boolean => {
	const name = daemon?.units.find(of => of.name === unit)?.process
	const process = daemon?.processes.find(of => of.name === name)
	if (!process || process.pid === null || process.started_at === null) return false
	return heartbeat_ms >= Date.parse(process.started_at)
}

export const staleHeartbeat = defineRule({
	name: 'stale-heartbeat',
	summary: 'A unit is up and has not said for too long that its loop comes round.',
	severity: 'critical',
	remedy: 'qt restart <unit>; qt logs <unit> says what it waits for',
	needs: ['redis'],
	look: (declared, seen) => {
		const up = unitsUp(declared, seen)
		return seen.redis.leases
			.filter(lease => up.has(lease.unit) || hasBeaten(lease, seen.daemon))
			.filter(lease => !isFresh(lease, declared, seen.at_ms))
			.map(({unit, host, heartbeat_ms}) => ({
				subject: unit,
				declared: `a heartbeat at most ${declared.limits.heartbeat_stale_ms} ms old`,
				observed: `the newest, of host ${shown(host)}, is ${seen.at_ms - heartbeat_ms} ms old`,
				proof: command('qt', 'redis', 'HGETALL', declared.naming.key(keys.unitLease, {unit})),
			}))
	},
})
