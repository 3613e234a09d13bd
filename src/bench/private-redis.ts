import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {Redis} from 'ioredis'
import {findRedisServer} from '../daemon/supervision/redis-binary.js'
import {rememberEnding} from './endings.js'

const READY_WITHIN_MS = 10_000
const LOOK_EVERY_MS = 10

export type PrivateRedis = Readonly<{url: string; path: string; stop: () => Promise<void>}>

const answers = async (path: string): Promise<boolean> => {
	const redis = new Redis({path, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0})
	redis.on('error', () => undefined)
	try {
		await redis.connect()
		return (await redis.ping()) === 'PONG'
	} catch {
		return false
	} finally {
		redis.disconnect()
	}
}

/** A server of its own on a unix socket, as the product runs it: append-only file, written every second. */
export const startPrivateRedis = async (): Promise<PrivateRedis> => {
	const directory = await mkdtemp(join(tmpdir(), 'qt-bench-'))
	const path = join(directory, 'redis.sock')
	const settings = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'no', '--maxmemory-policy', 'noeviction']
	const server = spawn(
		findRedisServer(process.env),
		['--port', '0', '--unixsocket', path, '--dir', directory, '--logfile', join(directory, 'redis.log'), ...settings],
		{stdio: 'ignore'},
	)
	const exit = once(server, 'exit')
	exit.catch(() => undefined)
	const stop = rememberEnding(async () => {
		if (server.exitCode === null && server.kill('SIGTERM')) await exit
		await rm(directory, {recursive: true, force: true})
	})
	const begun = performance.now()
	while (!(await answers(path))) {
		if (server.exitCode !== null || performance.now() - begun > READY_WITHIN_MS) {
			await stop()
			throw new Error(`The Redis server of the bench did not answer within ${READY_WITHIN_MS} ms`)
		}
		await pause(LOOK_EVERY_MS)
	}
	return {url: `unix:${path}`, path, stop}
}
