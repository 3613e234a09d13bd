import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {Redis} from 'ioredis'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import {type Audited, flowProblems} from '../../src/chaos/flow-audit.js'
import {SystemVenue} from '../../src/chaos/system-venue.js'
import {homeAt, makeHome} from '../../src/daemon/system/home.js'
import {RedisBus} from '../../src/engine/adapters/redis/redis-bus.js'
import {Naming} from '../../src/engine/contracts/naming.js'
import {type PrivateRedis, startRedis} from '../support/redis.js'
import {type TemporaryHome, temporaryHome} from '../support/temporary-home.js'

let server: PrivateRedis
let folder: TemporaryHome
let bus: RedisBus
beforeAll(async () => {
	server = await startRedis()
	bus = new RedisBus(() => new Redis(server.path))
	folder = await temporaryHome()
})
afterEach(() => bus.redis.flushall())
afterAll(async () => {
	await bus?.close()
	await server?.stop()
	await folder?.remove()
})

type Line = Readonly<{on: string} & Record<string, string>>

/** An intent on its way to an order: one entry for each step, and the venue's own line for the last. */
const way: readonly Line[] = [
	{on: 'trade.intent', id: 'i1'},
	{on: 'portfolio.gate', intent_id: 'i1', decision: 'PASS'},
	{on: 'apply.plan', plan_id: 'plan1', intent_id: 'i1'},
	{on: 'governor.events', plan_id: 'plan1', verdict: 'ALLOW'},
	{on: 'apply.result', plan_id: 'plan1', decision: 'EXECUTED', client_order_id: 'q-plan1'},
	{on: 'venue', newClientOrderId: 'q-plan1', http: '200'},
]

const problemsOf = async (lines: readonly Line[]): Promise<readonly string[]> => {
	const home = homeAt(folder.path)
	makeHome(home)
	writeFileSync(join(home.run, 'paper-exchange.config.json'), '{"port":1}')
	mkdirSync(home.venue, {recursive: true})
	const naming = new Naming()
	const log: string[] = []
	for (const {on, http, ...fields} of lines)
		if (on === 'venue')
			log.push(
				`${JSON.stringify({method: 'POST', path: '/fapi/v1/order', http: Number(http), params: fields, seq: log.length})}\n`,
			)
		else await bus.append(naming.stream(on), fields)
	writeFileSync(join(home.venue, 'requests.jsonl'), log.join(''))
	const system: Audited = {home, bus, naming, venue: new SystemVenue(home)}
	return flowProblems(system)
}

describe('the audit of the flow', () => {
	it('finds nothing against a whole way', async () => {
		expect(await problemsOf(way)).toEqual([])
	})

	it.each([
		['the plan of an intent', 'apply.plan', /outcome of intent: i1 occurs 0 times/],
		['the verdict on a plan', 'governor.events', /verdict on plan: plan1 occurs 0 times/],
		['the result of an allowed plan', 'apply.result', /result of allowed plan: plan1 occurs 0 times/],
		['an order that we say was executed', 'venue', /market order at the venue: q-plan1 occurs 0 times/],
	])('misses %s', async (_, lost, problem) => {
		const problems = await problemsOf(way.filter(({on}) => on !== lost))
		expect(problems).toContainEqual(expect.stringMatching(problem))
	})

	it.each([
		['a second plan of an intent', 'apply.plan', /outcome of intent: i1 occurs 2 times/],
		['a second verdict', 'governor.events', /verdict on plan: plan1 occurs 2 times/],
		['a second result', 'apply.result', /result of allowed plan: plan1 occurs 2 times/],
		['an order that was sent again', 'venue', /market order sent: q-plan1 occurs 2 times/],
	])('tells %s', async (_, doubled, problem) => {
		const problems = await problemsOf(way.flatMap(line => (line.on === doubled ? [line, line] : [line])))
		expect(problems).toContainEqual(expect.stringMatching(problem))
	})

	it('tells an order that was sent again after the venue had refused it', async () => {
		const refused = {on: 'venue', newClientOrderId: 'q-plan1', http: '503'}
		expect(await problemsOf([...way, refused])).toEqual(['market order sent: q-plan1 occurs 2 times, not 1'])
	})

	it('tells an intent that was refused and planned', async () => {
		const refused = {on: 'trade.intent.dlq', entry_id: 'i1', reason: 'SHADOW'}
		expect(await problemsOf([...way, refused])).toEqual(['outcome of intent: i1 occurs 2 times, not 1'])
	})
})
