import {Redis} from 'ioredis'

const RETRY_MAX_MS = 2_000

/** A connection that keeps trying while the server restarts; commands wait for it instead of failing. */
export const connectRedis = (url: string): Redis => {
	const settings = {
		maxRetriesPerRequest: null,
		enableReadyCheck: true,
		retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 6), RETRY_MAX_MS),
	}
	const redis = url.startsWith('unix:')
		? new Redis({...settings, path: url.slice('unix:'.length)})
		: new Redis(url, settings)
	// Connection errors are seen by whoever awaits a command; without a listener they would end the process.
	redis.on('error', () => undefined)
	return redis
}
