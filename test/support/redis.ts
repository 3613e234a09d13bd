import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {accessSync, constants} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {connect} from 'node:net'
import {delimiter, join} from 'node:path'
import {eventually} from './eventually.js'
import {temporaryHome} from './temporary-home.js'

const readyWithinMs = 10_000
const stopWithinMs = 5_000

/** A private Redis server of one test file, on a unix socket in a temporary directory. */
export interface PrivateRedis {
	/** The unix socket; for ioredis: `new Redis(path)`. */
	readonly path: string
	/** The server's directory: append-only files and `redis.log`. */
	readonly directory: string
	/** Process id of the server that runs now. */
	readonly pid: number
	/** Ends the server in order and removes its directory; harmless when repeated. */
	stop(): Promise<void>
	/** Ends the server by SIGKILL; the data stays for `restart`. */
	kill9(): Promise<void>
	/** Starts the server again over the same data and socket, ending it in order first if it runs. */
	restart(): Promise<void>
}

/** Redis as the system finds it: QT_REDIS_BIN, then redis-server, then valkey-server on PATH. */
export function redisBinary(env: NodeJS.ProcessEnv = process.env): string {
	const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
	const candidates = ['redis-server', 'valkey-server'].flatMap(name => folders.map(folder => join(folder, name)))
	if (env.QT_REDIS_BIN) candidates.unshift(env.QT_REDIS_BIN)
	for (const candidate of candidates) {
		try {
			accessSync(candidate, constants.X_OK)
			return candidate
		} catch {
			// Not there: the next place is looked at.
		}
	}
	throw new Error(
		'No Redis server: neither QT_REDIS_BIN nor redis-server nor valkey-server on PATH; run `npm test`, which installs it',
	)
}

function ping(path: string): Promise<boolean> {
	return new Promise(resolve => {
		const socket = connect(path)
		const answer = (ready: boolean) => {
			socket.destroy()
			resolve(ready)
		}
		socket.once('error', () => answer(false))
		socket.once('close', () => answer(false))
		socket.once('data', reply => answer(reply.toString().startsWith('+PONG')))
		socket.write('PING\r\n')
	})
}

const ended = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (ended(child)) return
	const exit = once(child, 'exit')
	child.kill(signal)
	// A server stopped by SIGSTOP never sees the SIGTERM: it is ended hard after a while.
	const timer = AbortSignal.timeout(stopWithinMs)
	timer.addEventListener('abort', () => child.kill('SIGKILL'))
	await exit
}

/**
 * Ends the server should this process die before it can: the guard reads a
 * pipe that closes with us. Without it a crashed test run leaves servers over.
 */
function guard(server: ChildProcess, directory: string): void {
	const script = 'read -r _; kill -9 "$0" 2>/dev/null; rm -rf "$1"'
	const watcher = spawn('/bin/sh', ['-c', script, String(server.pid), directory], {
		stdio: ['pipe', 'ignore', 'ignore'],
		detached: true,
	})
	server.once('exit', () => watcher.kill('SIGKILL'))
	watcher.unref()
}

async function launch(binary: string, directory: string, path: string, settings: readonly string[]) {
	const server = spawn(
		binary,
		[
			...['--port', '0', '--unixsocket', path, '--unixsocketperm', '700'],
			...['--dir', directory, '--logfile', join(directory, 'redis.log'), '--daemonize', 'no'],
			// A server that waits for no disk loses nothing by SIGKILL; with `everysec` it puts writing off while an fsync is slow.
			...['--save', '', '--appendonly', 'yes', '--appendfsync', 'no', '--maxmemory-policy', 'noeviction'],
			...settings,
		],
		{stdio: 'ignore'},
	)
	let failure: Error | undefined
	server.once('error', error => {
		failure = error
	})
	if (server.pid !== undefined) guard(server, directory)
	try {
		await eventually(() => failure !== undefined || ended(server) || ping(path), {
			within_ms: readyWithinMs,
			every_ms: 5,
			what: `Redis answers on ${path}`,
		})
		if (failure) throw failure
		if (ended(server))
			throw new Error(`${binary} ended with ${server.exitCode ?? server.signalCode} instead of serving`)
	} catch (error) {
		server.kill('SIGKILL')
		const log = await readFile(join(directory, 'redis.log'), 'utf8').catch(() => '(no log)')
		throw new Error(`Redis did not start: ${String(error)}\n${log.slice(-2_000)}`, {cause: error})
	}
	return server
}

/**
 * Starts a real, private server (append-only file, no TCP port) and
 * resolves when it answers, typically in 20 to 50 ms. `settings` are further
 * server arguments, e.g. `['--maxmemory', '50mb']`.
 */
export async function startRedis(settings: readonly string[] = []): Promise<PrivateRedis> {
	const binary = redisBinary()
	const home = await temporaryHome('qt-redis-')
	const path = join(home.path, 'redis.sock')
	let server = await launch(binary, home.path, path, settings).catch(async error => {
		await home.remove()
		throw error
	})
	return {
		path,
		directory: home.path,
		get pid() {
			if (server.pid === undefined || ended(server)) throw new Error('The private Redis is not running')
			return server.pid
		},
		async stop() {
			await end(server, 'SIGTERM')
			await home.remove()
		},
		kill9: () => end(server, 'SIGKILL'),
		async restart() {
			await end(server, 'SIGTERM')
			server = await launch(binary, home.path, path, settings)
		},
	}
}
