import {Redis, type RedisOptions} from 'ioredis'

const RETRY_MAX_MS = 2_000

/**
 * Errors of a connection are seen by whoever awaits a command; without a listener they would end the process. One of
 * AUTH carries its words, the password among them, and every command that waited is rejected with that same error.
 */
export const hearErrors = (redis: Redis): Redis => {
	redis.on('error', (error: Error & {command?: unknown}) => {
		delete error.command
	})
	return redis
}

/** A connection that keeps trying while the server restarts; commands wait for it instead of failing. */
export const connectRedis = (url: string, login?: Readonly<Pick<RedisOptions, 'username' | 'password'>>): Redis => {
	const settings = {
		...login,
		maxRetriesPerRequest: null,
		enableReadyCheck: true,
		retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 6), RETRY_MAX_MS),
	}
	return hearErrors(
		url.startsWith('unix:') ? new Redis({...settings, path: url.slice('unix:'.length)}) : new Redis(url, settings),
	)
}
