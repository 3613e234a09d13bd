import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Relay} from '../../src/chaos/proxy.js'
import {eventually} from '../support/eventually.js'

const ORDER = '/fapi/v1/order'
let served: string[]
let venue: ReturnType<typeof createServer>
let relay: Relay

beforeEach(async () => {
	served = []
	venue = createServer((request, response) => {
		served.push(`${request.method} ${request.url}`)
		response.end('{}')
	})
	venue.listen(0, '127.0.0.1')
	await once(venue, 'listening')
	relay = await Relay.open(() => (venue.address() as AddressInfo).port)
})
afterEach(async () => {
	await relay.close()
	venue.closeAllConnections()
	venue.close()
})

const ask = (path: string, method = 'GET', signal = AbortSignal.timeout(10_000)) =>
	fetch(`http://127.0.0.1:${relay.port}${path}`, {method, signal})
/** Resolves once a request is given up, after it is clear that nothing comes of it. */
const unanswered = async (asked: (signal: AbortSignal) => Promise<unknown>, until: () => boolean): Promise<unknown> => {
	const given_up = new AbortController()
	const outcome = asked(given_up.signal).then(
		() => 'answered',
		() => 'no answer',
	)
	await eventually(until)
	given_up.abort()
	return outcome
}

describe('the relay before the venue', () => {
	it('passes everything on, in a line that is plain again after the faults', async () => {
		relay.latency_ms = 50
		relay.refuses = true
		relay.strike('swallow', 3)
		relay.calm()
		expect(await (await ask(ORDER, 'POST')).text()).toBe('{}')
		expect(await (await ask('/fapi/v1/ping')).text()).toBe('{}')
		expect(served).toEqual([`POST ${ORDER}`, 'GET /fapi/v1/ping'])
	})

	it('is as slow as it is told, both ways', async () => {
		relay.latency_ms = 40
		const begun = performance.now()
		await ask('/fapi/v1/ping')
		expect(performance.now() - begun).toBeGreaterThanOrEqual(79)
	})

	it('lets an order arrive and its answer not', async () => {
		relay.strike('mute', 1)
		expect(
			await unanswered(
				signal => ask(ORDER, 'POST', signal),
				() => served.length === 1,
			),
		).toBe('no answer')
		expect((await ask(ORDER, 'POST')).status).toBe(200)
		expect(served).toHaveLength(2)
	})

	it('lets an order never arrive, and nothing else', async () => {
		let passed = false
		relay.aim('request', () => {
			passed = true
		})
		relay.strike('swallow', 1)
		expect(
			await unanswered(
				signal => ask(ORDER, 'POST', signal),
				() => passed,
			),
		).toBe('no answer')
		expect((await ask('/fapi/v1/ping')).status).toBe(200)
		expect(served).toEqual(['GET /fapi/v1/ping'])
	})

	it('acts before an order is passed on, and before its answer is', async () => {
		const seen: string[] = []
		relay.aim('request', () => seen.push(`request, ${served.length} served`))
		await ask(ORDER, 'POST')
		relay.aim('answer', () => seen.push(`answer, ${served.length} served`))
		await ask('/fapi/v1/algoOrder', 'POST')
		await ask(ORDER, 'POST')
		expect(seen).toEqual(['request, 0 served', 'answer, 2 served'])
	})

	it('does not act for what was taken back', async () => {
		let acted = false
		relay.aim('request', () => {
			acted = true
		})()
		await ask(ORDER, 'POST')
		expect(acted).toBe(false)
	})

	it('breaks connections, refuses new ones, and keeps some half open', async () => {
		relay.refuses = true
		await expect(ask('/fapi/v1/ping')).rejects.toThrow()
		relay.refuses = false
		await ask('/fapi/v1/ping')
		expect(relay.reset()).toBeGreaterThanOrEqual(1)
		await ask('/fapi/v1/ping')
		expect(relay.halfOpen()).toBeGreaterThanOrEqual(1)
		expect(served).toHaveLength(2)
	})
})
