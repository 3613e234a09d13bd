import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {Redis} from 'ioredis'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {keepSynced, syncAppendOnlyFiles} from '../../../src/daemon/running/aof-sync.js'
import type {Clock} from '../../../src/engine/runtime/clock.js'
import {eventually} from '../../support/eventually.js'
import {type PrivateRedis, startRedis} from '../../support/redis.js'

let server: PrivateRedis
let redis: Redis
beforeAll(async () => {
	server = await startRedis()
	redis = new Redis(server.path)
})
afterAll(async () => {
	redis.disconnect()
	await server.stop()
})

it('syncs the part that the server writes, also after it has begun another', async () => {
	await redis.set('a', '1')
	expect(await syncAppendOnlyFiles(server.directory)).toEqual(['appendonly.aof.1.incr.aof'])
	await redis.bgrewriteaof()
	const only = async () => {
		const parts = await syncAppendOnlyFiles(server.directory)
		return parts.length === 1 ? parts[0] : undefined
	}
	await eventually(async () => (await only()) === 'appendonly.aof.2.incr.aof')
	expect(readdirSync(join(server.directory, 'appendonlydir'))).toContain('appendonly.aof.2.incr.aof')
})

it('has nothing to do before the first write, or when all was removed', async () => {
	expect(await syncAppendOnlyFiles(join(server.directory, 'nosuch'))).toEqual([])
})

/** Time passes by waiting, and as much more with every sync as the disk takes. */
const clockWith = (disk_ms: () => number, rounds: number, stop: AbortController): Clock => {
	let now_ms = 0
	let waits = 0
	let asked = 0
	return {
		machine: () => {
			// Asked before and after each sync.
			asked += 1
			if (asked % 2 === 0) now_ms += disk_ms()
			return now_ms
		},
		venue: () => now_ms,
		speed: () => 1,
		wait: async ms => {
			now_ms += ms
			waits += 1
			if (waits > rounds) stop.abort()
		},
	}
}

it('tells once of a disk that has become slow', async () => {
	const told: string[] = []
	const stop = new AbortController()
	const times = [10, 6_000, 7_000, 20, 8_000]
	await keepSynced(
		server.directory,
		clockWith(() => times.shift() ?? 0, 5, stop),
		stop.signal,
		error => told.push(String(error)),
	)
	expect(told.map(line => /took (\d+) ms/.exec(line)?.[1])).toEqual(['6000', '8000'])
})

it('goes on after a file that cannot be synced, and says why', async () => {
	const told: string[] = []
	const stop = new AbortController()
	await keepSynced(
		`${server.directory}/redis.log`,
		clockWith(() => 0, 2, stop),
		stop.signal,
		error => told.push(String(error)),
	)
	expect(told).toHaveLength(3)
	expect(told[0]).toContain('ENOTDIR')
})
