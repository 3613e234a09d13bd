import {pino} from 'pino'
import {beforeAll, beforeEach, expect, test} from 'vitest'
import {contractCheckAdapters, coreHealthAdapters} from '../../../src/daemon/host/health-adapters.js'
import {latencyAdapters} from '../../../src/daemon/host/latency-adapters.js'
import type {RedisBus} from '../../../src/engine/adapters/redis/redis-bus.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {Naming} from '../../../src/engine/contracts/naming.js'
import type {UnitAdapters} from '../../../src/engine/runtime/adapters.js'
import {startBus} from '../../support/bus.js'
import {HandClock} from '../../support/drive.js'

const naming = new Naming('t:')
const {signal} = new AbortController()
let bus: RedisBus
beforeAll(async () => {
	const own = await startBus()
	bus = own.bus
	return own.close
})
beforeEach(async () => {
	await bus.redis.flushall()
})

const needs = () => ({
	...{bus, naming, signal, clock: new HandClock(), log: pino({level: 'silent'})},
	config: {control_socket: '/nobody/listens.sock'},
})
const perform = (adapters: UnitAdapters, port: string, request: unknown): Promise<unknown> => {
	const adapter = adapters.effects[port]
	if (!adapter) throw new Error(`no adapter ${port}`)
	return adapter.perform(request, {idempotency_key: 'test', recovered: false, signal})
}
const append = (stream: string, fields: Readonly<Record<string, string>>) => bus.append(naming.stream(stream), fields)
const order = (client_order_id: string, reduce_only = 'false') =>
	append('exchange.normalized', {kind: 'order', symbol: 'BTCUSDT', client_order_id, status: 'NEW', reduce_only})

test('core-health finds an order out without a plan in, once, and begins with what is new', async () => {
	const look = (cursor: string) => perform(coreHealthAdapters(needs()), 'look', {cursor})
	await order('q-before-it-looked')
	const first = await look('')
	expect(first).toMatchObject({unplanned: [], units: undefined, armed: false, redis: {maxmemory_policy: 'noeviction'}})
	const {cursor} = first as Readonly<{cursor: string}>
	await append('apply.plan', {plan_id: 'planned', symbol: 'BTCUSDT'})
	for (const id of ['q-planned', 'q-nobody', 'q-nobody', 's-nobody', 'by-hand']) await order(id)
	await order('q-closing', 'true')
	const second = await look(cursor)
	expect(second).toMatchObject({unplanned: [{client_id: 'q-nobody', symbol: 'BTCUSDT'}]})
	expect(await look((second as Readonly<{cursor: string}>).cursor)).toMatchObject({unplanned: []})
})

test('core-health reads who is armed, and when the newest decision was; what follows a decision is none', async () => {
	await bus.redis.set(naming.key(keys.kill, {}), '0')
	await bus.redis.hset(naming.key(keys.arm, {}), {armed: '1'})
	await bus.redis.hset(naming.key(keys.reconcileLast, {}), {machine_ms: '77'})
	await append('governor.events', {verdict: 'REFUSE', ts: '5000'})
	await append('governor.events', {verdict: 'SETTLED', ts: '9000'})
	const seen = await perform(coreHealthAdapters(needs()), 'look', {cursor: ''})
	expect(seen).toMatchObject({armed: true, decided_venue_ms: 5_000, reconciled_ms: 77})
})

test('contract-check reads what lies on the streams', async () => {
	await append('account.balance', {asset: 'USDT', wallet_balance: '1', change: '0', reason: 'ORDER'})
	await append('account.balance', {asset: 'USDT', wallet_balance: 'much', change: '0', reason: 'ORDER'})
	const readings = (await perform(contractCheckAdapters(needs()), 'check', {count: 10})) as Array<{looked_at: number}>
	expect(readings.filter(({looked_at}) => looked_at > 0)).toEqual([
		expect.objectContaining({stream: 'account.balance', looked_at: 2, broken: 1}),
	])
})

test('latency-proof walks from the newest order back to its candle, by the causes', async () => {
	const newest = (except: string) => perform(latencyAdapters(needs()), 'newest', {except})
	expect(await newest('')).toBeNull()
	const way = ['market.klines', 'features', 'trade.intent', 'portfolio.gate', 'apply.plan', 'governor.events']
	const ids: string[] = []
	for (const [index, stream] of way.entries())
		ids.push(await append(stream, {id: `e${index}`, cause: index === 0 ? '' : `e${index - 1}`}))
	const executed = {plan_id: 'plan-1', action: 'OPEN', decision: 'EXECUTED', latency_ms: '7.5', id: 'r', cause: 'e5'}
	const result = await append('apply.result', executed)
	await append('apply.result', {...executed, plan_id: 'plan-2', action: 'PROTECT'})
	const links = [...way, 'apply.result'].map((stream, index) => ({stream, stream_id: [...ids, result][index]}))
	expect(await newest('')).toEqual({plan_id: 'plan-1', links, from_market: true, venue_ms: 7.5})
	expect(await newest('plan-1')).toBeNull()
})
