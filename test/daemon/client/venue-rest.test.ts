import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {openOrders} from '../../../src/daemon/client/orders.js'
import {protectedPositions} from '../../../src/daemon/client/positions.js'
import type {VenueDesk} from '../../../src/daemon/client/venue-desk.js'
import {openDesk} from '../../../src/daemon/client/venue-rest.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {ordersView, positionsView} from '../../../src/tui/plain/orders-view.js'
import {credentials, TestVenue} from '../../paper-exchange/venue-fixture.js'

describe('the venue as the client reads it', () => {
	let venue: TestVenue
	let desk: VenueDesk
	beforeAll(async () => {
		venue = await TestVenue.start()
		desk = await openDesk({
			mode: 'PAPER',
			...credentials,
			rest_url: venue.rest_url,
			ws_url: venue.ws_url,
			symbols: [],
			recv_window_ms: 5_000,
			intervals: [],
		})
		await venue.advance(10)
		await venue.market('BTCUSDT', 'BUY', '0.01', {newClientOrderId: 'q-planaaaa'})
		await venue.algo({
			symbol: 'BTCUSDT',
			side: 'SELL',
			type: 'STOP_MARKET',
			triggerPrice: '55000',
			closePosition: true,
			clientAlgoId: 's-planaaaa',
		})
		await venue.limit('ETHUSDT', 'BUY', '0.1', '2000', {newClientOrderId: 'q-planbbbb'})
		await venue.algo({
			symbol: 'ETHUSDT',
			side: 'BUY',
			type: 'STOP_MARKET',
			triggerPrice: '9000',
			quantity: '0.1',
			clientAlgoId: 's-entry',
		})
		await venue.market('ETHUSDT', 'SELL', '0.1')
	})
	afterAll(async () => {
		await desk.close()
		await venue.close()
	})

	it('shows each position with the stop that covers it, or that none does', async () => {
		const positions = await protectedPositions(desk)
		expect(positions.map(({symbol, side, stop}) => [symbol, side, stop?.plan_id])).toEqual([
			['BTCUSDT', 'LONG', 'planaaaa'],
			['ETHUSDT', 'SHORT', undefined],
		])
		expect(
			positionsView(
				positions.map(position => ({...position, foreign: null})),
				plainPaint,
			),
		).toContain('NONE')
	})

	it('lists regular and conditional orders with their plans', async () => {
		const orders = await openOrders(desk)
		expect(orders.map(({client_order_id, kind, role, plan_id}) => [client_order_id, kind, role, plan_id])).toEqual([
			['s-planaaaa', 'algo', 'stop', 'planaaaa'],
			['q-planbbbb', 'regular', 'market', 'planbbbb'],
			['s-entry', 'algo', 'stop', 'entry'],
		])
		expect(ordersView(orders)).toContain('position')
	})

	it('cancels what could open a position and leaves what protects', async () => {
		const cancelled = await desk.cancelEntryOrders()
		expect(cancelled.map(({client_order_id}) => client_order_id).sort()).toEqual(['q-planbbbb', 's-entry'])
		expect((await desk.openOrders()).map(({client_order_id}) => client_order_id)).toEqual(['s-planaaaa'])
		expect(await desk.cancelEntryOrders()).toEqual([])
	})

	it('gives the wallet that its income adds up to', async () => {
		const [wallet] = await desk.wallet()
		const income = await desk.income()
		expect(income.map(({income_type}) => income_type)).toContain('COMMISSION')
		expect(income.reduce((sum, {amount}) => sum + Number(amount), 0)).toBeCloseTo(Number(wallet?.wallet_balance), 8)
	})
})
