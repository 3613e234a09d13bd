import {mkdirSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {Redis} from 'ioredis'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {askRedis, hashOf} from '../../../src/daemon/client/redis-probe.js'
import {NotListening, Unanswered} from '../../../src/daemon/client/unix-http.js'
import {type PrivateRedis, startRedis} from '../../support/redis.js'

describe('the quick reader', () => {
	let server: PrivateRedis
	let redis: Redis
	beforeAll(async () => {
		server = await startRedis()
		redis = new Redis(server.path)
		await redis.set('text', 'a\r\n币安')
		await redis.hset('hash', {one: '1', empty: ''})
		await redis.set('long', 'x'.repeat(200_000))
	})
	afterAll(async () => {
		redis.disconnect()
		await server.stop()
	})

	it('reads what the client library reads', async () => {
		const [text, missing, hash, number, long] = await askRedis(
			server.path,
			[
				['GET', 'text'],
				['GET', 'none'],
				['HGETALL', 'hash'],
				['STRLEN', 'long'],
				['GET', 'long'],
			],
			5_000,
		)
		expect([text, missing, hashOf(hash), number]).toEqual(['a\r\n币安', null, {one: '1', empty: ''}, 200_000])
		expect(String(long).length).toBe(200_000)
	})

	it('passes on an error of the server', async () => {
		await expect(askRedis(server.path, [['HGETALL', 'text']], 5_000)).rejects.toThrow('WRONGTYPE')
	})

	it('says that nobody listens, or that nobody answers', async () => {
		await expect(askRedis(join(server.directory, 'none.sock'), [['PING']], 1_000)).rejects.toBeInstanceOf(NotListening)
		mkdirSync(join(server.directory, 'x'), {recursive: true})
		const path = join(server.directory, 'x', 'mute.sock')
		const mute = createServer(socket => socket.resume())
		await new Promise<void>(resolve => mute.listen(path, resolve))
		await expect(askRedis(path, [['PING']], 50)).rejects.toBeInstanceOf(Unanswered)
		await new Promise(resolve => mute.close(resolve))
	})
})
