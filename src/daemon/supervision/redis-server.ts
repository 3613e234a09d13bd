import {mkdirSync} from 'node:fs'
import {Redis} from 'ioredis'
import {infoFields} from '../../engine/logic/redis-info.js'
import type {RedisUsers} from '../system/redis-users.js'
import {DEFAULT_RESTART, DEFAULT_STOP, type Probe, type ProbeResult, type ProcessSpec} from './process-spec.js'
import {socketPath} from './socket-path.js'

export interface RedisServerOptions {
	/** From `findRedisServer`. */
	binary: string
	/** Holds the append-only files; one per server. */
	data_dir: string
	/** Where the socket `redis.sock` goes; a path too long for a socket is moved to a short private directory. */
	socket_dir: string
	log_file: string
	/** The users of the server. Default: whoever reaches the socket may do everything. */
	users?: RedisUsers
	name?: string
	/** Changes of the readiness probe, e.g. a shorter interval. */
	ready?: Partial<Omit<Probe, 'check'>>
	restart?: Partial<ProcessSpec['restart']>
}

export interface RedisServer {
	spec: ProcessSpec
	/** For ioredis: `new Redis(socket_path)`. */
	socket_path: string
}

/** Once per start: afterwards `default` may not do this any more. */
async function narrow(redis: Redis, default_rules: readonly string[]): Promise<void> {
	try {
		await redis.call('ACL', 'SETUSER', 'default', ...default_rules)
	} catch (error) {
		if (!(error as Error).message.startsWith('NOPERM')) throw error
	}
}

async function ask(redis: Redis, pid: number, users: RedisUsers | undefined): Promise<ProbeResult> {
	await redis.connect()
	const info = infoFields(await redis.info())
	const server_pid = Number(info.get('process_id'))
	if (server_pid !== pid) return {ok: false, reason: `another Redis (pid ${server_pid}) answers on the socket`}
	if (info.get('loading') !== '0') {
		const share = info.get('loading_loaded_perc')
		return {ok: false, reason: `loading its data${share ? `, ${share} % done` : ''}`}
	}
	if (users) await narrow(redis, users.default_rules)
	const pong = await redis.ping()
	return pong === 'PONG' ? {ok: true} : {ok: false, reason: `PING was answered with ${pong}`}
}

/** Ready: the very process that we started answers PING, has loaded its data, and lets nobody do what only loading must. */
export function redisReadyCheck(socket_path: string, users?: RedisUsers): Probe['check'] {
	return async ({pid, signal}) => {
		const redis = new Redis({
			path: socket_path,
			lazyConnect: true,
			enableReadyCheck: false,
			enableOfflineQueue: false,
			maxRetriesPerRequest: 0,
			retryStrategy: () => null,
		})
		let failure: Error | undefined
		redis.on('error', (error: Error) => {
			failure = error
		})
		const end = () => redis.disconnect()
		signal.addEventListener('abort', end)
		try {
			return await ask(redis, pid, users)
		} catch (error) {
			return {ok: false, reason: (failure ?? (error as Error)).message}
		} finally {
			signal.removeEventListener('abort', end)
			end()
		}
	}
}

function serverArguments({data_dir, users}: RedisServerOptions, socket_path: string): string[] {
	const settings: Record<string, string> = {
		// No port: the socket is the only door.
		port: '0',
		unixsocket: socket_path,
		unixsocketperm: '600',
		dir: data_dir,
		daemonize: 'no',
		// Snapshots are of no use beside the append-only file, and a fork of a large server stalls it.
		save: '',
		appendonly: 'yes',
		// The daemon syncs: a server that does so itself answers before it has written, while a sync is slow.
		appendfsync: 'no',
		// An evicted key would be a position or a permit that silently has never been.
		'maxmemory-policy': 'noeviction',
		...(users && {aclfile: users.acl_file}),
	}
	return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
}

/**
 * A Redis server as a supervised process, reached by unix socket: it never
 * evicts, and has written to its file before it answers. Syncing that file to
 * the disk is left to the caller. The data directory is created.
 * @throws OperatorError (usage) for a socket path that cannot be.
 */
export function redisServer(options: RedisServerOptions): RedisServer {
	const {binary, data_dir, socket_dir, log_file, users, name = 'redis'} = options
	mkdirSync(data_dir, {recursive: true, mode: 0o700})
	const socket_path = socketPath(socket_dir, 'redis.sock')
	const spec: ProcessSpec = {
		name,
		command: binary,
		args: serverArguments(options, socket_path),
		...(users && {fingerprint: users.fingerprint}),
		env: {},
		cwd: data_dir,
		depends_on: [],
		ready: {
			interval_ms: 1_000,
			timeout_ms: 2_000,
			failures_max: 3,
			...options.ready,
			check: redisReadyCheck(socket_path, users),
		},
		restart: {...DEFAULT_RESTART, ...options.restart},
		stop: DEFAULT_STOP,
		// Loading is slow for large append-only files: about 1 s per million entries.
		start_timeout_ms: 120_000,
		log_file,
	}
	return {spec, socket_path}
}
