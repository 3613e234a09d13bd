import {writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {Redis} from 'ioredis'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import {homeAt} from '../../src/daemon/system/home.js'
import type {SettingsInput} from '../../src/daemon/system/settings.js'
import {CATALOGUE_PORTS} from '../../src/daemon/system/unit-ports.js'
import {EXIT_CODES} from '../../src/engine/exit-codes.js'
import {eventually} from '../support/eventually.js'
import {startRedis} from '../support/redis.js'
import {DaemonProcess, startSystem} from '../support/system.js'
import {type TemporaryHome, temporaryHome} from '../support/temporary-home.js'

const LONG_MS = 180_000
const cleanups: (() => unknown)[] = []
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}, LONG_MS)

/** It tries for a while before it gives up, beside the other tests. */
let withoutRedis: DaemonProcess
let emptyHome: TemporaryHome
beforeAll(async () => {
	emptyHome = await temporaryHome()
	writeFileSync(homeAt(emptyHome.path).settings, JSON.stringify({ports: 'ephemeral'}))
	withoutRedis = new DaemonProcess(emptyHome.path, {QT_REDIS_BIN: '/bin/false'})
})
afterAll(async () => {
	withoutRedis?.child.kill('SIGKILL')
	await withoutRedis?.exit()
	await emptyHome?.remove()
})

/** A daemon that is expected to refuse: its exit code and what it printed. */
const refusal = async (settings: SettingsInput) => {
	const home = await temporaryHome()
	cleanups.push(() => home.remove())
	writeFileSync(homeAt(home.path).settings, JSON.stringify(settings))
	const daemon = new DaemonProcess(home.path)
	cleanups.push(() => daemon.child.kill('SIGKILL'))
	const code = await daemon.exit()
	return {code, output: daemon.output}
}

describe('beside others', () => {
	it('two systems run on one machine and share nothing', {timeout: LONG_MS}, async () => {
		const systems = await Promise.all(
			[1, 2].map(async () => {
				const system = await startSystem({daemonOnly: true, settings: {speed: 1}})
				cleanups.push(() => system.stop())
				await system.control.start(['core'])
				return system
			}),
		)
		for (const system of systems)
			await eventually(async () => (await system.status()).stages.find(({name}) => name === 'core')?.open, {
				within_ms: 120_000,
				every_ms: 100,
				what: 'core is open',
			})
		const [one, other] = await Promise.all(systems.map(system => system.status()))
		for (const taken of [
			(status: typeof one) => status?.processes.flatMap(({pid}) => pid ?? []),
			(status: typeof one) => status?.units.flatMap(({port}) => port ?? []),
		])
			expect(taken(one)?.filter(value => taken(other)?.includes(value as never))).toEqual([])
		expect(one?.venue.rest).not.toBe(other?.venue.rest)
		await systems[0]?.redis.set('quantum:only-here', '1')
		expect(await systems[1]?.redis.exists('quantum:only-here')).toBe(0)
	})

	it('a port that is taken is refused by the name of the process that has it', {timeout: LONG_MS}, async () => {
		const holder = createServer()
		cleanups.push(() => holder.close())
		const taken = CATALOGUE_PORTS.governor ?? 0
		const offset = await eventually(
			async () => {
				const drawn = 20_000 + Math.floor(Math.random() * 30_000)
				return new Promise<number>((resolve, reject) => {
					holder.once('error', reject)
					holder.listen(drawn + taken, '127.0.0.1', () => resolve(drawn))
				})
			},
			{what: 'a free port'},
		)
		const {code, output} = await refusal({ports: offset})
		expect(code).not.toBe(0)
		expect(output).toContain(`${offset + taken}`)
		expect(output).toContain('governor')
		expect(output).toContain(`${process.pid}`)
	})

	for (const [what, plant] of [
		['keys of somebody else', (redis: Redis) => redis.set('quantum:stream:orders', 'theirs')],
		[
			'another schema of ours',
			(redis: Redis) => redis.hset('quantum:schema', {product: 'quantum-trader', schema_version: '999'}),
		],
	] as const)
		it(`a Redis with ${what} is refused untouched`, {timeout: LONG_MS}, async () => {
			const server = await startRedis()
			const redis = new Redis(server.path)
			cleanups.push(async () => {
				redis.disconnect()
				await server.stop()
			})
			await plant(redis)
			const before = await redis.info('keyspace')
			const {code, output} = await refusal({ports: 'ephemeral', redis_url: `unix:${server.path}`})
			expect(code).toBe(EXIT_CODES.refused)
			expect(output).toMatch(what.startsWith('keys') ? /quantum:stream:orders/ : /schema 999/)
			expect(await redis.info('keyspace')).toBe(before)
			expect(await redis.dbsize()).toBe(1)
		})

	it('a Redis that cannot start is said so, with its own words', {timeout: LONG_MS}, async () => {
		expect(await withoutRedis.exit()).not.toBe(0)
		expect(withoutRedis.output).toMatch(/redis/i)
	})
})
