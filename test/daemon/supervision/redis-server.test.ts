import {chmodSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {Redis} from 'ioredis'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {findRedisServer, redisInstallCommand} from '../../../src/daemon/supervision/redis-binary.js'
import {checkSchema, markSchema} from '../../../src/daemon/supervision/redis-schema.js'
import {redisReadyCheck, redisServer} from '../../../src/daemon/supervision/redis-server.js'
import {eventually} from '../../support/eventually.js'
import {type PrivateRedis, startRedis} from '../../support/redis.js'
import {temporaryHome} from '../../support/temporary-home.js'
import {type Ground, ground, pidOf, stateOf} from './small-processes.js'

const server = (at: Ground, changes: Partial<Parameters<typeof redisServer>[0]> = {}) =>
	redisServer({
		binary: findRedisServer(process.env),
		data_dir: at.path('redis'),
		socket_dir: at.path('run'),
		log_file: at.path('logs/redis.log'),
		ready: {interval_ms: 20},
		restart: {backoff_min_ms: 10},
		...changes,
	})

describe('the managed Redis', () => {
	it('comes up by socket, durable, never evicting and without a port; keeps its data over a kill -9', async () => {
		const at = await ground()
		const {spec, socket_path} = server(at)
		const supervisor = at.supervisor([spec])
		await supervisor.start()
		await supervisor.waitReady(['redis'], 5_000)
		const redis = new Redis(socket_path)
		const setting = async (name: string) => Object.values((await redis.config('GET', name)) as object).at(-1)
		expect(await setting('port')).toBe('0')
		expect(await setting('save')).toBe('')
		expect(await setting('appendonly')).toBe('yes')
		expect(await setting('appendfsync')).toBe('no')
		expect(await setting('maxmemory-policy')).toBe('noeviction')
		const info = await redis.info('server')
		expect(info).toContain(`process_id:${pidOf(supervisor, 'redis')}`)
		await redis.set('kept', 'yes')
		redis.disconnect()
		process.kill(pidOf(supervisor, 'redis'), 'SIGKILL')
		await eventually(() => stateOf(supervisor, 'redis').generation === 2)
		await supervisor.waitReady(['redis'], 5_000)
		const again = new Redis(socket_path)
		expect(await again.get('kept')).toBe('yes')
		again.disconnect()
		expect(await supervisor.stop()).toMatchObject({stopped: ['redis'], killed: []})
	})

	it('moves its socket to a short private directory when the path is too long', async () => {
		const at = await ground()
		const {spec, socket_path} = server(at, {socket_dir: at.path('long/'.repeat(30))})
		expect(Buffer.byteLength(socket_path)).toBeLessThanOrEqual(107)
		const supervisor = at.supervisor([spec])
		await supervisor.start()
		await supervisor.waitReady(['redis'], 5_000)
		await supervisor.stop()
		rmSync(dirname(socket_path), {recursive: true})
	})

	it('is not ready while somebody else answers on its socket', async () => {
		const foreign = await startRedis()
		const signal = new AbortController().signal
		const check = redisReadyCheck(foreign.path)
		expect(await check({name: 'redis', generation: 1, pid: 1, signal})).toEqual({
			ok: false,
			reason: `another Redis (pid ${foreign.pid}) answers on the socket`,
		})
		expect(await check({name: 'redis', generation: 1, pid: foreign.pid, signal})).toEqual({ok: true})
		await foreign.stop()
		expect(await check({name: 'redis', generation: 1, pid: 1, signal})).toMatchObject({
			ok: false,
			reason: expect.stringMatching(/ENOENT/),
		})
	})

	it('is not ready while it loads its data', async () => {
		const at = await ground()
		const {spec, socket_path} = server(at)
		const slowly = {
			...spec,
			args: [...spec.args, '--key-load-delay', '150'],
		}
		const first = at.supervisor([spec], {run_dir: at.path('run-1')})
		await first.start()
		await first.waitReady(undefined, 5_000)
		const redis = new Redis(socket_path)
		const writes = redis.pipeline()
		for (let key = 0; key < 6_000; key += 1) writes.set(`key:${key}`, 'x')
		await writes.exec()
		redis.disconnect()
		await first.stop()
		const second = at.supervisor([slowly], {run_dir: at.path('run')})
		await second.start()
		await eventually(() => stateOf(second, 'redis').ready_reason?.startsWith('loading its data'))
		expect(stateOf(second, 'redis').state).toBe('STARTING')
		await second.waitReady(undefined, 20_000)
	})
})

describe('the Redis program', () => {
	it('is QT_REDIS_BIN, then redis-server, then valkey-server', async () => {
		const home = await temporaryHome()
		const program = (name: string) => {
			writeFileSync(join(home.path, name), '#!/bin/sh\n')
			chmodSync(join(home.path, name), 0o755)
			return join(home.path, name)
		}
		const env = {PATH: home.path}
		expect(() => findRedisServer(env)).toThrow(expect.objectContaining({exit_code: 5}))
		const valkey = program('valkey-server')
		expect(findRedisServer(env)).toBe(valkey)
		const redis = program('redis-server')
		expect(findRedisServer(env)).toBe(redis)
		const chosen = program('my-redis')
		expect(findRedisServer({...env, QT_REDIS_BIN: chosen})).toBe(chosen)
		expect(() => findRedisServer({...env, QT_REDIS_BIN: join(home.path, 'gone')})).toThrow(/QT_REDIS_BIN is .*gone/)
		await home.remove()
	})

	it('comes by one exact command per system', () => {
		expect(redisInstallCommand({}, 'linux', 0)).toBe('apt-get install -y redis-server')
		expect(redisInstallCommand({}, 'linux', 1000)).toBe('sudo apt-get install -y redis-server')
		expect(redisInstallCommand({}, 'darwin', 501)).toBe('brew install redis')
	})
})

describe('the schema of a Redis', () => {
	const marker = {marker_key: 'quantum:schema', product: 'quantum-trader', schema_version: '1'}
	const prefix = 'quantum:'
	let private_redis: PrivateRedis
	let redis: Redis

	beforeAll(async () => {
		private_redis = await startRedis()
		redis = new Redis(private_redis.path)
	})

	afterAll(async () => {
		redis.disconnect()
		await private_redis.stop()
	})

	const cases: {what: string; seed: () => Promise<unknown>; expected: string | RegExp}[] = [
		{what: 'nothing', seed: async () => {}, expected: 'empty'},
		{what: 'keys of a tenant with another prefix', seed: () => redis.set('other:key', '1'), expected: 'empty'},
		{what: 'our marker', seed: () => markSchema(redis, marker), expected: 'ours'},
		{
			what: 'another version',
			seed: () => redis.hset(marker.marker_key, {product: 'quantum-trader', schema_version: '0'}),
			expected: 'Redis holds quantum-trader with schema 0; expected quantum-trader with schema 1',
		},
		{
			what: 'another product',
			seed: () => redis.hset(marker.marker_key, {product: 'fleet', schema_version: '1'}),
			expected: 'Redis holds fleet with schema 1; expected quantum-trader with schema 1',
		},
		{
			what: 'a marker of another type',
			seed: () => redis.set(marker.marker_key, '1'),
			expected: 'quantum:schema in Redis is a string; expected the hash of quantum-trader',
		},
		{
			what: 'unmarked keys under our prefix',
			seed: () => redis.set('quantum:stream:trade.intent', '1'),
			expected: /keys under "quantum:" without our marker quantum:schema: quantum:stream:trade.intent/,
		},
	]
	for (const {what, seed, expected} of cases) {
		it(`with ${what}: ${expected}`, async () => {
			await redis.flushall()
			await seed()
			const before = await redis.dbsize()
			const checked = checkSchema(redis, prefix, marker)
			if (expected === 'empty' || expected === 'ours') expect(await checked).toBe(expected)
			else await expect(checked).rejects.toMatchObject({exit_code: 6, message: expect.stringMatching(expected)})
			expect(await redis.dbsize()).toBe(before)
		})
	}

	it('is marked by one only', async () => {
		await redis.flushall()
		const marks = await Promise.all([markSchema(redis, marker), markSchema(redis, marker)])
		expect(marks.sort()).toEqual([false, true])
	})
})
