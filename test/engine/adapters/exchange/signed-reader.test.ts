import {afterEach, beforeAll, describe, expect, it} from 'vitest'
import {marginFeed} from '../../../../src/engine/adapters/exchange/margin-feed.js'
import {openSignedReader} from '../../../../src/engine/adapters/exchange/signed-reader.js'
import {venueInspector} from '../../../../src/engine/adapters/exchange/venue-inspector.js'
import type {MarginReading} from '../../../../src/engine/logic/position-watch.js'
import {startMs} from '../../../paper-exchange/scripted-market.js'
import {TestVenue} from '../../../paper-exchange/venue-fixture.js'
import {configOf, eventually, runFeed, warmUp} from './gateway-fixture.js'

beforeAll(warmUp)
const closing: Array<() => Promise<void>> = []
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close()
})
const start = async () => {
	const venue = await TestVenue.start()
	closing.push(() => venue.close())
	await venue.advance(10)
	return venue
}
const open = async (venue: TestVenue) => {
	const reader = await openSignedReader(configOf(venue))
	closing.push(() => reader.close())
	return reader
}
const inspect = (venue: TestVenue) =>
	venueInspector(configOf(venue)).perform(
		{},
		{idempotency_key: 'run', recovered: false, signal: new AbortController().signal},
	)

describe('margin feed', () => {
	it('reads liquidation price and margin of each open position, and of the account', async () => {
		const venue = await start()
		await venue.market('币安人生USDT', 'SELL', '1000')
		const running = runFeed<MarginReading>(marginFeed(configOf(venue)))
		closing.push(running.stop)
		const [first] = await eventually(() => (running.events.length > 0 ? running.events : undefined))
		expect(first).toMatchObject({symbol: '币安人生USDT', amount: '-1000'})
		const {liquidation_price, maintenance_margin, margin_ratio} = first ?? {}
		expect(Number(liquidation_price)).toBeGreaterThan(0.2)
		expect(Number(maintenance_margin)).toBeGreaterThan(0)
		expect(margin_ratio).toBeGreaterThan(0)
		expect(margin_ratio).toBeLessThan(0.1)
	})
})

describe('venue inspector', () => {
	it('reads positions, orders, stops and balances of every symbol', async () => {
		const venue = await start()
		await venue.market('币安人生USDT', 'SELL', '1000')
		await venue.limit('BTCUSDT', 'BUY', '0.010', '50000', {newClientOrderId: 'resting'})
		await venue.algo({
			symbol: '币安人生USDT',
			side: 'BUY',
			type: 'STOP_MARKET',
			triggerPrice: '0.21',
			closePosition: true,
			clientAlgoId: 'p1-s',
		})
		expect(await inspect(venue)).toMatchObject({
			positions: [
				{
					symbol: '币安人生USDT',
					amount: '-1000',
					entry_price: '0.2',
					leverage: '20',
					mark_price: expect.any(String),
					liquidation_price: expect.any(String),
				},
			],
			orders: [
				{
					symbol: 'BTCUSDT',
					client_order_id: 'resting',
					side: 'BUY',
					type: 'LIMIT',
					reduce_only: false,
					quantity: '0.01',
					filled_quantity: '0',
				},
			],
			stops: [
				{
					symbol: '币安人生USDT',
					client_algo_id: 'p1-s',
					order_type: 'STOP_MARKET',
					side: 'BUY',
					trigger_price: '0.21',
					close_position: true,
				},
			],
			balances: [{asset: 'USDT', wallet_balance: '9999.90000000'}],
			venue_ms: startMs + 10,
		})
	})

	it.each(['/fapi/v3/positionRisk', '/fapi/v1/openOrders', '/fapi/v1/openAlgoOrders', '/fapi/v3/balance'])(
		'throws when %s does not answer, rather than call it flat',
		async path => {
			const venue = await start()
			await venue.control('POST', '/faults', {
				match: {path},
				action: {kind: 'error', http: 503, code: -1000, msg: 'busy'},
			})
			await expect(inspect(venue)).rejects.toThrow()
			await venue.control('POST', '/faults', {match: {path}, action: {kind: 'garbage'}})
			await expect(inspect(venue)).rejects.toThrow()
		},
	)
})

describe('signed reader', () => {
	it('reads income, wallet and fills that agree to the last decimal', async () => {
		const venue = await start()
		const reader = await open(venue)
		await venue.market('BTCUSDT', 'BUY', '1.500')
		await venue.market('BTCUSDT', 'SELL', '1.500')
		const income = await reader.fetchIncome({from_ms: 0})
		const sum = income.reduce((total, row) => total + BigInt(row.income.replace('.', '')), 0n)
		const [wallet] = await reader.fetchWallet()
		expect(sum).toBe(BigInt((wallet?.wallet_balance ?? '').replace('.', '')))
		const trades = await reader.fetchUserTrades('BTCUSDT', {from_ms: 0})
		expect(trades.length).toBeGreaterThanOrEqual(3)
		expect(await reader.fetchUserTrades('BTCUSDT', {from_ms: startMs})).toEqual(trades)
	})

	it('cancels what could open, on every symbol, and leaves what protects', async () => {
		const venue = await start()
		const reader = await open(venue)
		await venue.market('BTCUSDT', 'BUY', '0.010')
		await venue.limit('ETHUSDT', 'BUY', '0.100', '2900', {newClientOrderId: 'entry'})
		await venue.limit('BTCUSDT', 'SELL', '0.010', '61000', {newClientOrderId: 'reduce', reduceOnly: true})
		await venue.algo({
			symbol: 'BTCUSDT',
			side: 'SELL',
			type: 'STOP_MARKET',
			triggerPrice: '58000',
			closePosition: true,
			clientAlgoId: 'stop',
		})
		await venue.algo({
			symbol: 'ETHUSDT',
			side: 'BUY',
			type: 'STOP_MARKET',
			triggerPrice: '3100',
			quantity: '0.1',
			clientAlgoId: 'entry-algo',
		})
		const report = await reader.cancelEntryOrders()
		expect(report).toEqual({cancelled: ['entry', 'entry-algo'], remaining: {orders: [], stops: []}})
		const left = await reader.openOrders()
		expect(left.orders.map(order => order.client_order_id)).toEqual(['reduce'])
		expect(left.stops.map(stop => stop.client_algo_id)).toEqual(['stop'])
		expect(await reader.positions()).toMatchObject([{symbol: 'BTCUSDT', amount: '0.01'}])
	})
})
