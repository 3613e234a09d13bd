import type {Clock} from './clock.js'
import type {ProcessIdentity} from './process-identity.js'
import type {Spawner} from './spawner.js'
import {SUPERVISION_LIMITS} from './supervision-limits.js'

/** Resolves true once `check` holds, false when `within_ms` have passed. */
export function awaitCondition(clock: Clock, check: () => boolean, within_ms: number): Promise<boolean> {
	const until = clock.monotonicMs() + within_ms
	return new Promise(resolve => {
		const look = () => {
			if (check()) resolve(true)
			else if (clock.monotonicMs() >= until) resolve(false)
			else clock.after(SUPERVISION_LIMITS.group_poll_ms, look)
		}
		look()
	})
}

/**
 * Ends a group that no state machine supervises: SIGTERM, the grace, SIGKILL.
 * @returns false when something of it survives even that.
 */
export async function endGroup(
	{clock, spawner}: {clock: Clock; spawner: Spawner},
	leader: ProcessIdentity,
	grace_ms: number,
): Promise<boolean> {
	const gone = () => !spawner.isAlive(leader) && spawner.isGroupEmpty(leader)
	if (!spawner.isAlive(leader)) return true
	spawner.signalGroup(leader, 'SIGTERM')
	if (await awaitCondition(clock, gone, grace_ms)) return true
	spawner.signalGroup(leader, 'SIGKILL')
	return awaitCondition(clock, gone, SUPERVISION_LIMITS.kill_repeat_ms)
}
