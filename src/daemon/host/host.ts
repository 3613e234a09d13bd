import {z} from 'zod'
import {SystemClock} from '../../engine/adapters/clock/system-clock.js'
import {connectRedis} from '../../engine/adapters/redis/connect.js'
import {RedisBus} from '../../engine/adapters/redis/redis-bus.js'
import {keys} from '../../engine/contracts/keys.js'
import {Naming} from '../../engine/contracts/naming.js'
import type {AnyUnit} from '../../engine/contracts/unit.js'
import {messageOf} from '../../engine/errors.js'
import {resolveUnit} from '../../engine/registry.js'
import {UnitLoop} from '../../engine/runtime/unit-loop.js'
import {getJson} from '../running/probes.js'
import {homeAt} from '../system/home.js'
import {redisLogin} from '../system/redis-login.js'
import {adaptersFor} from './adapters.js'
import {type Environment, openEnvironment} from './environment.js'
import type {HostConfig} from './host-config.js'
import {lockstepCommand} from './host-lockstep.js'
import {followPolicy, policyAtStart} from './host-policy.js'
import {serveHost} from './host-server.js'

const CLOCK_POLL_MS = 200
/** In lock-step the daemon tells the time, and a reading matters only where that ends. */
const CLOCK_STANDING_POLL_MS = 2_000
const CLOCK_WITHIN_MS = 5_000

const clockAnswer = z.object({
	venue_ms: z.number(),
	machine_ms: z.number(),
	speed: z.union([z.number().nonnegative(), z.literal('lockstep').transform(() => 0)]),
})

const unitsOf = (names: readonly string[]): AnyUnit[] =>
	names.map(name => {
		const unit = resolveUnit(name)
		if (!unit) throw new Error(`The host's configuration names a unit that does not exist: ${name}`)
		return unit
	})

/**
 * Sets the venue's clock before anything is handled: until price-feed has published a reading it would be the machine's,
 * which may be years away from a market that is played.
 */
const startClock = async ({config, clock, log}: Environment): Promise<void> => {
	const {mode, venue} = config
	if (mode !== 'PAPER' || venue.rest_url === undefined) return
	const {hostname, port} = new URL(venue.rest_url)
	try {
		const where = {host: hostname, port: Number(port)}
		const {body} = await getJson(where, '/paper/clock', AbortSignal.timeout(CLOCK_WITHIN_MS))
		const {venue_ms, machine_ms, speed} = clockAnswer.parse(body)
		clock.follow({venue_ms, machine_ms, speed})
	} catch (error) {
		log.warn({error: String(error)}, 'the venue does not tell its time; that of price-feed is awaited')
	}
}

/** Keeps the host's venue clock on the reading that price-feed publishes. */
const followClock = async (bus: RedisBus, naming: Naming, clock: SystemClock, signal: AbortSignal): Promise<void> => {
	while (!signal.aborted) {
		const {venue_ms, machine_ms, speed} = await bus.hashAll(naming.key(keys.clock, {}))
		if (venue_ms && machine_ms && speed)
			clock.follow({venue_ms: Number(venue_ms), machine_ms: Number(machine_ms), speed: Number(speed)})
		await clock.wait(clock.speed() === 0 ? CLOCK_STANDING_POLL_MS : CLOCK_POLL_MS, signal)
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
	const login = config.redis_user && redisLogin(homeAt(config.home), config.redis_user)
	const bus = new RedisBus(() => connectRedis(config.redis_url, login))
	const environment = await openEnvironment({config, bus, naming, clock, signal: stop.signal})
	await startClock(environment)
	const {policy, hash} = await policyAtStart(config.policy, environment)
	const loops: UnitLoop[] = []
	for (const unit of unitsOf(config.units)) {
		loops.push(
			new UnitLoop({
				unit,
				bus,
				naming,
				clock,
				policy,
				mode: config.mode,
				host: config.name,
				adapters: await adaptersFor(unit, environment),
				...(environment.journal && {journal: environment.journal}),
				onEffectError: ({port, idempotency_key}, error) =>
					environment.log.error({unit: unit.name, port, idempotency_key, error: messageOf(error)}, 'effect failed'),
			}),
		)
	}
	environment.commands.set('/lockstep', lockstepCommand(clock, loops, stop.signal))
	const server = await serveHost(config, loops, environment)
	const following = [followClock(bus, naming, clock, stop.signal), followPolicy(environment, loops, hash, stop.signal)]
	try {
		await Promise.all(loops.map(loop => loop.run(stop.signal)))
	} finally {
		stop.abort()
		await Promise.allSettled([...following, ...environment.background])
		await server.close()
		await environment.close()
		await bus.close()
	}
}
