import {SystemClock} from '../../engine/adapters/clock/system-clock.js'
import {connectRedis} from '../../engine/adapters/redis/connect.js'
import {RedisBus} from '../../engine/adapters/redis/redis-bus.js'
import {keys} from '../../engine/contracts/keys.js'
import {Naming} from '../../engine/contracts/naming.js'
import type {AnyUnit} from '../../engine/contracts/unit.js'
import {resolveUnit} from '../../engine/registry.js'
import {UnitLoop} from '../../engine/runtime/unit-loop.js'
import {adaptersFor} from './adapters.js'
import {openEnvironment} from './environment.js'
import type {HostConfig} from './host-config.js'
import {serveHost} from './host-server.js'

const CLOCK_POLL_MS = 200

const unitsOf = (names: readonly string[]): AnyUnit[] =>
	names.map(name => {
		const unit = resolveUnit(name)
		if (!unit) throw new Error(`The host's configuration names a unit that does not exist: ${name}`)
		return unit
	})

/** Keeps the host's venue clock on the reading that price-feed publishes. */
const followClock = async (bus: RedisBus, naming: Naming, clock: SystemClock, signal: AbortSignal): Promise<void> => {
	while (!signal.aborted) {
		const {venue_ms, machine_ms, speed} = await bus.hashAll(naming.key(keys.clock, {}))
		if (venue_ms && machine_ms && speed)
			clock.follow({venue_ms: Number(venue_ms), machine_ms: Number(machine_ms), speed: Number(speed)})
		await clock.wait(CLOCK_POLL_MS, signal)
	}
}

/**
 * Runs the units of one process until the signal aborts. Rejects when one of them has a bug or lost its lease:
 * the process ends, and its supervisor starts the next.
 */
export const runHost = async (config: HostConfig, signal: AbortSignal): Promise<void> => {
	const stop = new AbortController()
	signal.addEventListener('abort', () => stop.abort(), {once: true})
	const naming = new Naming(config.prefix)
	const clock = new SystemClock()
	const bus = new RedisBus(() => connectRedis(config.redis_url))
	const environment = await openEnvironment({config, bus, naming, clock, signal: stop.signal})
	const loops: UnitLoop[] = []
	for (const unit of unitsOf(config.units)) {
		loops.push(
			new UnitLoop({
				unit,
				bus,
				naming,
				clock,
				policy: config.policy,
				mode: config.mode,
				host: config.name,
				adapters: await adaptersFor(unit, environment),
				...(environment.journal && {journal: environment.journal}),
				onEffectError: ({port, idempotency_key}, error) =>
					environment.log.error(
						{unit: unit.name, port, idempotency_key, error: error instanceof Error ? error.message : String(error)},
						'effect failed',
					),
			}),
		)
	}
	const server = await serveHost(config, loops, environment)
	const following = followClock(bus, naming, clock, stop.signal)
	try {
		await Promise.all(loops.map(loop => loop.run(stop.signal)))
	} finally {
		stop.abort()
		await Promise.allSettled([following, ...environment.background])
		await server.close()
		await environment.close()
		await bus.close()
	}
}
