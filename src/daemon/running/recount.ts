import type {RedisBus} from '../../engine/adapters/redis/redis-bus.js'
import {recountGroups} from '../../engine/adapters/redis/stream-recount.js'
import {keys} from '../../engine/contracts/keys.js'
import type {Naming} from '../../engine/contracts/naming.js'
import {infoFields} from '../../engine/logic/redis-info.js'
import {streams} from '../../engine/registry.js'
import type {Clock} from '../../engine/runtime/clock.js'

const LOOK_EVERY_MS = 1_000

/**
 * Counts anew what the groups were given, once per start of the server: Redis 7.0 writes of a delivery only how far it
 * went and not the counter, and so calls lost what was read since its file was last rewritten.
 */
export const keepCounted = async (
	bus: RedisBus,
	naming: Naming,
	clock: Clock,
	signal: AbortSignal,
	onError: (error: unknown) => void,
): Promise<void> => {
	const counted_key = naming.key(keys.countedRun, {})
	const names = streams.map(({name}) => naming.stream(name))
	while (!signal.aborted) {
		try {
			// What a server calls itself from its start to its end.
			const run = infoFields(await bus.redis.info('server')).get('run_id') ?? ''
			if (run !== (await bus.redis.get(counted_key)) && (await recountGroups(bus.redis, names)))
				await bus.redis.set(counted_key, run)
		} catch (error) {
			if (!signal.aborted) onError(error)
		}
		await clock.wait(LOOK_EVERY_MS, signal)
	}
}
