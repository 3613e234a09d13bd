import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {Naming} from '../../engine/contracts/naming.js'
import type {Policy} from '../../engine/contracts/policy.js'
import {closureOf, type Target, targetNames, targets} from '../../engine/contracts/targets.js'
import type {AnyUnit} from '../../engine/contracts/unit.js'
import {units} from '../../engine/registry.js'
import type {HostConfig} from '../host/host-config.js'
import {writeFileAtomically} from '../supervision/atomic-file.js'
import {DEFAULT_RESTART, DEFAULT_STOP, type ProcessSpec} from '../supervision/process-spec.js'
import {redisServer} from '../supervision/redis-server.js'
import {socketPath} from '../supervision/socket-path.js'
import type {Home} from '../system/home.js'
import {type RedisLogin, redisLogin} from '../system/redis-login.js'
import {ensureRedisUsers, type RedisUsers} from '../system/redis-users.js'
import {paperCredentials} from '../system/secrets.js'
import type {Settings} from '../system/settings.js'
import {hostLive, hostReady, venueReady} from './probes.js'

/**
 * Young space stays small: a process's live data is a few dozen megabytes. In lock-step, where processors are what a
 * market waits for, it is collected an eighth as often.
 */
const youngSpace = ({speed}: Settings): string => `--max-semi-space-size=${speed === 'lockstep' ? 16 : 2}`
/** Old space is collected in time. */
const OLD_SPACE = '--max-old-space-size=192'
/** Without it, glibc keeps an arena per thread, which is tens of megabytes in a process of Node. */
const MEMORY_ENV = {MALLOC_ARENA_MAX: '2'} as const
const HOST_START_MS = 60_000
const script = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** A process of the system and the units that run in it. */
export type Placement = Readonly<{process: string; target: Target; units: readonly string[]}>

/** One host per target, per process that units of it name, and per unit that is isolated. */
export const placementsOf = (isolate: readonly string[]): readonly Placement[] =>
	targetNames.flatMap(target => {
		const own = units.filter(unit => unit.target === target)
		const hostOf = ({name, process = target}: AnyUnit): string => (isolate.includes(name) ? name : process)
		return [...new Set(own.map(hostOf))].map(host => ({
			process: `host-${host}`,
			target,
			units: own.filter(unit => hostOf(unit) === host).map(({name}) => name),
		}))
	})

export type Composition = Readonly<{
	specs: readonly ProcessSpec[]
	placements: readonly Placement[]
	redis_url: string
	/** As whom the daemon and its hosts speak to the managed Redis; undefined for an external one. */
	redis_login: RedisLogin | undefined
	venue: Readonly<{rest: string; ws: string}> | undefined
}>

type Input = Readonly<{
	home: Home
	settings: Settings
	policy: Policy
	redis_binary: string | undefined
	ports: Readonly<Record<string, number>>
	env: NodeJS.ProcessEnv
}>

/** A configuration file and its text: a process of another configuration is replaced, not adopted. */
const writeConfig = (path: string, value: unknown): Readonly<{path: string; fingerprint: string}> => {
	const fingerprint = `${JSON.stringify(value, null, '\t')}\n`
	writeFileAtomically(path, fingerprint)
	return {path, fingerprint}
}

const venueSpec = ({home, settings, ports}: Input, port: number): ProcessSpec => {
	const config = writeConfig(join(home.run, 'paper-exchange.config.json'), {
		port,
		data_dir: home.venue,
		...paperCredentials(home),
		wallet_usdt: settings.wallet_usdt,
		market: settings.market,
		speed: settings.speed,
		limits: venueLimits(settings),
	})
	return {
		name: 'paper-exchange',
		command: process.execPath,
		args: [youngSpace(settings), script('paper-exchange/main.js'), config.path],
		fingerprint: config.fingerprint,
		env: MEMORY_ENV,
		cwd: home.root,
		depends_on: [],
		ready: venueReady(ports['paper-exchange'] ?? port),
		restart: DEFAULT_RESTART,
		stop: DEFAULT_STOP,
		start_timeout_ms: HOST_START_MS,
		log_file: join(home.logs, 'paper-exchange.log'),
	}
}

/** The venue's limits are per machine minute: at N times speed as much is asked N times as often. */
const venueLimits = ({speed}: Settings) => {
	const times = speed === 'lockstep' ? 1_000 : Math.max(1, Math.ceil(speed))
	return {weight_per_minute: 2_400 * times, orders_per_10s: 300 * times, orders_per_minute: 1_200 * times}
}

/** Where the state is, and the users of a server of our own. */
type RedisDoor = Readonly<{url: string; users: RedisUsers | undefined}>

const credentialNames = ['QT_API_KEY', 'QT_API_SECRET'] as const

const hostSpec = (
	input: Input,
	{process: name, target, units: names}: Placement,
	redis: RedisDoor,
	venue: Composition['venue'],
	base: readonly string[],
	hosts: readonly Placement[],
): ProcessSpec => {
	const {home, settings, policy, ports, env} = input
	const socket = socketPath(home.run, `${name}.sock`)
	const config: HostConfig = {
		name: name.replace(/^host-/, ''),
		units: [...names],
		home: home.root,
		prefix: settings.prefix,
		redis_url: redis.url,
		...(redis.users && {redis_user: 'host'}),
		mode: settings.mode,
		policy,
		symbols: settings.symbols,
		intervals: settings.intervals,
		warmup_candles: settings.warmup_candles,
		references: settings.references,
		socket,
		ports: Object.fromEntries(names.flatMap(unit => (ports[unit] === undefined ? [] : [[unit, ports[unit]]]))),
		control_socket: socketPath(home.run, home.controlSocketName),
		venue: {...(venue && {rest_url: venue.rest, ws_url: venue.ws}), secrets: home.secrets},
		...(settings.journal && {journal_file: join(home.journal, `${name}.jsonl`)}),
		arm_file: home.arm,
		sent_file: home.sent,
		proven_file: home.proven,
		trade_journal: join(home.journal, 'trades.duckdb'),
	}
	const file = writeConfig(join(home.run, `${name}.config.json`), config)
	// A host follows the policy while it runs: another version is no reason to replace it.
	const {policy: _, ...fixed} = config
	const needed = (targets[target].requires as readonly Target[]).flatMap(required => closureOf(required))
	const credentials =
		settings.mode === 'PAPER'
			? {}
			: Object.fromEntries(credentialNames.flatMap(key => (env[key] ? [[key, env[key]]] : [])))
	return {
		name,
		command: process.execPath,
		args: [youngSpace(settings), OLD_SPACE, script('daemon/host/main.js'), file.path],
		// Other passwords: what still holds the old ones is replaced.
		fingerprint: JSON.stringify([fixed, redis.users?.fingerprint]),
		env: {NODE_ENV: 'production', ...MEMORY_ENV, ...credentials},
		cwd: home.root,
		depends_on: [...base, ...hosts.filter(host => needed.includes(host.target)).map(host => host.process)],
		ready: hostReady(socket),
		live: hostLive(socket),
		restart: DEFAULT_RESTART,
		stop: DEFAULT_STOP,
		start_timeout_ms: HOST_START_MS,
		log_file: join(home.logs, `${name}.log`),
	}
}

const reached = (port: number) => ({rest: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}`})

/** Everything that runs for these settings: Redis, the venue, the hosts, in the order of their dependencies. */
export const compose = (input: Input): Composition => {
	const {home, settings, redis_binary, ports} = input
	const users = redis_binary === undefined ? undefined : ensureRedisUsers(home, new Naming(settings.prefix))
	const redis =
		redis_binary === undefined || users === undefined
			? undefined
			: redisServer({
					users,
					binary: redis_binary,
					data_dir: home.redis,
					socket_dir: home.run,
					log_file: join(home.logs, 'redis.log'),
				})
	const redis_url = settings.redis_url ?? `unix:${redis?.socket_path ?? ''}`
	const port = ports['paper-exchange']
	const venue = settings.mode === 'PAPER' && port !== undefined ? reached(settings.venue_through ?? port) : undefined
	const placements = placementsOf(settings.isolate)
	const base = [...(redis ? [redis.spec] : []), ...(venue && port !== undefined ? [venueSpec(input, port)] : [])]
	const baseNames = base.map(({name}) => name)
	const door = {url: redis_url, users}
	const hosts = placements.map(placement => hostSpec(input, placement, door, venue, baseNames, placements))
	const redis_login = users && redisLogin(home, 'host')
	return {specs: [...base, ...hosts], placements, redis_url, redis_login, venue}
}
