import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {connectRedis} from '../../../src/engine/adapters/redis/connect.js'
import {RedisBus} from '../../../src/engine/adapters/redis/redis-bus.js'
import {startBus} from '../../support/bus.js'
import {eventually} from '../../support/eventually.js'
import type {PrivateRedis} from '../../support/redis.js'
import {lossyWay} from '../adapters/redis/lossy-way.js'
import {freshNaming, isDone, loopOf, outcomeOf, place} from './stall-run.js'

let server: PrivateRedis
let bus: RedisBus
beforeAll(async () => {
	const own = await startBus()
	server = own.server
	bus = own.bus
	return own.close
})

const orders = (count: number, from = 0) =>
	Array.from({length: count}, (_, index) => {
		const n = from + index
		return {
			symbol: n % 2 === 0 ? 'AAA' : 'BBB',
			what: n % 7 === 0 ? 'spend' : n % 11 === 0 ? 'notify' : 'add',
			n: n % 50,
		}
	})

describe('a server that dies', () => {
	it('and comes back finds the loop going on: nothing lost, nothing twice', async () => {
		const naming = freshNaming()
		const stop = new AbortController()
		await place(bus, naming, orders(1_000))
		const loop = loopOf(bus, naming)
		const running = loop.run(stop.signal)
		// Looked at below: until then nobody listens.
		running.catch(() => undefined)
		for (const share of [0.2, 0.5, 0.8]) {
			await eventually(() => loop.runner.handled > 1_000 * share)
			await server.kill9()
			await server.restart()
		}
		await eventually(() => isDone(bus, naming), {within_ms: 20_000})
		await place(bus, naming, orders(100, 1_000), 1_000)
		await eventually(() => isDone(bus, naming), {within_ms: 20_000})
		stop.abort()
		await running
		const {totals, notices} = await outcomeOf(bus, naming)
		expect(totals.map(({cause}) => cause)).toEqual(orders(1_100).map((_, n) => `order-${n}`))
		const rung = orders(1_100).filter(({what}) => what === 'notify').length * 2
		expect(notices).toHaveLength(rung)
		expect(new Set(notices.map(({id}) => id)).size).toBe(rung)
	}, 60_000)
})

describe('an answer that is lost on the way', () => {
	it.each([
		['of a commit', (text: string) => text.includes('evalsha') && text.includes('test.totals')],
		['of a decision', (text: string) => text.includes('evalsha') && text.includes('granted')],
		['of a read', (text: string) => text.includes('XREADGROUP') && text.includes('>')],
		['of a read of what is pending', (text: string) => text.includes('XREADGROUP') && text.includes('0-0')],
		['of a claim', (text: string) => text.includes('xclaim')],
	])(
		'%s changes nothing',
		async (_, request) => {
			const naming = freshNaming()
			const way = await lossyWay(join(server.directory, `way-${naming.prefix.replace(':', '')}`), server.path)
			const far = new RedisBus(() =>
				connectRedis(`unix:${join(server.directory, `way-${naming.prefix.replace(':', '')}`)}`),
			)
			const stop = new AbortController()
			const wanted = [...orders(40), {symbol: 'AAA', what: 'fail', n: 1}, ...orders(10, 40)]
			await place(bus, naming, wanted.slice(0, 30))
			const running = loopOf(far, naming).run(stop.signal)
			running.catch(() => undefined)
			way.next(request)
			await place(bus, naming, wanted.slice(30), 30)
			await eventually(() => isDone(bus, naming), {within_ms: 15_000})
			stop.abort()
			await running
			await far.close()
			way.close()
			expect(way.swallowed).toBe(1)
			const {totals, dead} = await outcomeOf(bus, naming)
			const handled = wanted.flatMap(({what}, n) => (what === 'fail' ? [] : [`order-${n}`]))
			expect(totals.map(({cause}) => cause)).toEqual(handled)
			expect(dead.map(({cause}) => cause)).toEqual(['order-40'])
		},
		30_000,
	)
})
