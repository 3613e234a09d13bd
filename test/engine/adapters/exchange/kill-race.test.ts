import {join} from 'node:path'
import {afterEach, beforeAll, expect, it} from 'vitest'
import {SystemClock} from '../../../../src/engine/adapters/clock/system-clock.js'
import {armFence, GatewayGuard} from '../../../../src/engine/adapters/exchange/fence.js'
import {orderSender} from '../../../../src/engine/adapters/exchange/order-sender.js'
import {sentOnce} from '../../../../src/engine/adapters/exchange/sent-orders.js'
import type {SharedArmState} from '../../../../src/engine/exchange/arm-state.js'
import type {SendRequest} from '../../../../src/engine/exchange/order-request.js'
import {startMs} from '../../../paper-exchange/scripted-market.js'
import {TestVenue} from '../../../paper-exchange/venue-fixture.js'
import {temporaryHome} from '../../../support/temporary-home.js'
import {configOf, eventually, warmUp} from './gateway-fixture.js'

beforeAll(warmUp)
const closing: Array<() => Promise<void>> = []
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close()
})

const ROUNDS = 4
const WORKERS = 6
const ORDERS = 60

const orderOf = (epoch: number, index: number): SendRequest => ({
	plan_id: `plan-${epoch}-${index}`,
	epoch,
	class: 'ENTRY',
	action: 'OPEN',
	side: 'BUY',
	symbol: 'ETHUSDT',
	operator: false,
	sent_after_ms: startMs,
	steps: [{do: 'market', side: 'BUY', client_order_id: `e${epoch}-${index}`, quantity: '0.010', reduce_only: false}],
})

it('after the gateway has acknowledged a kill, no request that creates an order reaches the venue', async () => {
	const home = await temporaryHome()
	closing.push(() => home.remove())
	const venue = await TestVenue.start()
	closing.push(() => venue.close())
	await venue.advance(10)

	const file = join(home.path, 'arm.json')
	let shared: SharedArmState = {kill: '1', armed: '0', epoch: '0'}
	let acknowledged = ''
	const read = async () => {
		await new Promise(setImmediate)
		return shared
	}
	const clock = new SystemClock()
	const fence = armFence({
		file,
		shared: read,
		permit: async plan_id => ({state: 'TAKEN', epoch: plan_id.split('-')[1]}),
	})
	const budget = {per_10s: 10_000, per_minute: 10_000, waiting_max: 1_000}
	const sender = orderSender({config: configOf(venue), clock, fence, budget, sent: sentOnce})
	closing.push(() => sender.close())
	await sender.ready()
	const stop = new AbortController()
	const guard = new GatewayGuard({
		file,
		clock,
		shared: read,
		inFlight: () => sender.inFlight(),
		acknowledge: async ({epoch, armed}) => {
			acknowledged = `${epoch}/${armed}`
		},
	})
	const guarding = guard.run(stop.signal)
	closing.push(async () => {
		stop.abort()
		await guarding
	})
	const placed = (): number =>
		venue.log().filter(({method, path}) => method === 'POST' && path === '/fapi/v1/order').length

	let sent = 0
	let held = 0
	for (let epoch = 1; epoch <= ROUNDS; epoch += 1) {
		shared = {kill: '0', armed: '1', epoch: String(epoch), execution: 'ENABLED'}
		await eventually(() => acknowledged === `${epoch}/true`)
		const before = placed()
		const statuses: Array<string | undefined> = []
		const pending = Array.from({length: WORKERS}, async (_, worker) => {
			for (let index = worker; index < ORDERS; index += WORKERS) {
				const info = {idempotency_key: `${epoch}/${index}`, recovered: false, signal: stop.signal}
				statuses.push((await sender.perform(orderOf(epoch, index), info)).outcomes[0]?.status)
			}
		})
		// Killed while they leave, at another point each time.
		await eventually(() => placed() > before + epoch)
		shared = {...shared, kill: '1'}
		await eventually(() => acknowledged === `${epoch}/false`)
		const atAcknowledgement = placed()
		await Promise.all(pending)
		expect(placed()).toBe(atAcknowledgement)
		expect(statuses.filter(status => status === 'ACCEPTED').length).toBe(atAcknowledgement - before)
		held += statuses.filter(status => status === 'NOT_SENT').length
		expect(statuses).toHaveLength(ORDERS)
		sent += atAcknowledgement - before
	}
	expect(sent + held).toBe(ROUNDS * ORDERS)
	expect(held).toBeGreaterThan(0)
	// An entry of an old epoch stays out even when a newer one is armed.
	shared = {kill: '0', armed: '1', epoch: '99', execution: 'ENABLED'}
	await eventually(() => acknowledged === '99/true')
	const {outcomes} = await sender.perform(orderOf(1, 999), {
		idempotency_key: 'old',
		recovered: false,
		signal: stop.signal,
	})
	expect(outcomes).toMatchObject([{status: 'NOT_SENT', reason: 'EPOCH_OLD'}])
	expect(placed()).toBe(sent)
})
