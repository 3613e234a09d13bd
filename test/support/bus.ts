import {connectRedis} from '../../src/engine/adapters/redis/connect.js'
import {RedisBus} from '../../src/engine/adapters/redis/redis-bus.js'
import {type PrivateRedis, startRedis} from './redis.js'

/** A private server and a bus to it. Where a `beforeAll` returns `close`, both end after the last test. */
export const startBus = async (): Promise<{server: PrivateRedis; bus: RedisBus; close: () => Promise<void>}> => {
	const server = await startRedis()
	const bus = new RedisBus(() => connectRedis(`unix:${server.path}`))
	return {
		server,
		bus,
		close: async () => {
			await bus.close()
			await server.stop()
		},
	}
}
