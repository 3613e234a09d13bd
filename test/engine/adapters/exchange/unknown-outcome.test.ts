import {beforeAll, describe, expect, it} from 'vitest'
import type {SendRequest} from '../../../../src/engine/exchange/order-request.js'
import type {TestVenue} from '../../../paper-exchange/venue-fixture.js'
import {eventually, warmUp} from './gateway-fixture.js'
import {buy, creating, request, send, start} from './sender-fixture.js'

beforeAll(warmUp)

describe('an unknown outcome', () => {
	const fault = (venue: TestVenue, more: object) =>
		venue.control('POST', '/faults', {match: {method: 'POST', path: '/fapi/v1/order'}, ...more})

	it.each([
		[
			'-1007 after it was carried out',
			{after_accept: true, action: {kind: 'error', http: 408, code: -1007, msg: 'Timeout'}},
		],
		[
			'-1006 after it was carried out',
			{after_accept: true, action: {kind: 'error', http: 500, code: -1006, msg: 'Unexpected'}},
		],
		[
			'503 after it was carried out',
			{after_accept: true, action: {kind: 'error', http: 503, code: -1000, msg: 'Unknown error'}},
		],
		['a dropped socket after it was carried out', {after_accept: true, action: {kind: 'drop'}}],
		['an unreadable answer', {after_accept: true, action: {kind: 'garbage'}}],
	])('is found at the venue: %s', async (_, more) => {
		const {venue, sender} = await start()
		await fault(venue, more)
		const {outcomes} = await send(sender, request({steps: [buy('p1-e')]}))
		expect(outcomes).toMatchObject([{status: 'ACCEPTED', filled_quantity: '0.01', average_price: '60010'}])
		expect(creating(venue)).toHaveLength(1)
		expect(await venue.position('BTCUSDT')).toMatchObject({positionAmt: '0.01'})
	})

	it.each([
		['a dropped socket', {action: {kind: 'drop'}}],
		['-1007', {action: {kind: 'error', http: 408, code: -1007, msg: 'Timeout'}}],
	])('is concluded as never placed only after the receive window, and never resent: %s', async (_, more) => {
		const {venue, sender} = await start()
		await fault(venue, more)
		const before_ms = Date.now()
		const {outcomes} = await send(
			sender,
			request({
				steps: [
					buy('p1-e'),
					{do: 'stop', side: 'SELL', client_order_id: 'p1-s', trigger_price: '58000', close_position: true},
				],
			}),
		)
		expect(outcomes).toMatchObject([{status: 'REFUSED', code: 'NEVER_PLACED'}, {status: 'NOT_SENT'}])
		expect(Date.now() - before_ms).toBeGreaterThanOrEqual(300 + 2_000)
		expect(creating(venue)).toHaveLength(1)
		expect(venue.log().some(({path}) => path === '/fapi/v1/userTrades')).toBe(true)
		expect(await venue.position('BTCUSDT')).toBeUndefined()
	})

	it('stays open while the venue cannot say, counts as in flight, and ends when told to stop', async () => {
		const {venue, sender} = await start()
		await fault(venue, {after_accept: true, action: {kind: 'drop'}})
		await venue.control('POST', '/faults', {
			match: {method: 'GET', path: '/fapi/v1/order'},
			times: 1_000,
			action: {kind: 'error', http: 503, code: -1000, msg: 'busy'},
		})
		const stop = new AbortController()
		const pending = send(sender, request({steps: [buy('p1-e')]}), {signal: stop.signal})
		const ended = pending.then(
			() => 'answered',
			(error: Error) => error.message,
		)
		await eventually(
			() => venue.log().filter(({method, path}) => method === 'GET' && path === '/fapi/v1/order').length >= 2,
		)
		expect(sender.inFlight()).toBe(1)
		stop.abort()
		expect(await ended).toContain('Stopped before the outcome')
		expect(sender.inFlight()).toBe(0)
		await venue.control('DELETE', '/faults')
		// The next start takes it up: found, not sent again.
		const {outcomes} = await send(sender, request({steps: [buy('p1-e')]}), {recovered: true})
		expect(outcomes).toMatchObject([{status: 'ACCEPTED', filled_quantity: '0.01'}])
		expect(creating(venue)).toHaveLength(1)
	})

	it('of a stop is found by its own id', async () => {
		const {venue, sender} = await start()
		await venue.market('BTCUSDT', 'BUY', '0.010')
		await venue.control('POST', '/faults', {
			match: {method: 'POST', path: '/fapi/v1/algoOrder'},
			after_accept: true,
			action: {kind: 'drop'},
		})
		const {outcomes} = await send(
			sender,
			request({
				class: 'PROTECT',
				steps: [{do: 'stop', side: 'SELL', client_order_id: 'p1-s', trigger_price: '58000', close_position: true}],
			}),
		)
		expect(outcomes).toMatchObject([{status: 'ACCEPTED', client_order_id: 'p1-s', trigger_price: '58000'}])
	})

	it('of a stop that rests already under its id is that stop', async () => {
		const {venue, sender} = await start()
		await venue.market('BTCUSDT', 'BUY', '0.010')
		const stop = {
			do: 'stop',
			side: 'SELL',
			client_order_id: 'p1-s',
			trigger_price: '58000',
			close_position: true,
		} as const
		const [first] = (await send(sender, request({class: 'PROTECT', steps: [stop]}))).outcomes
		const [again] = (await send(sender, request({class: 'PROTECT', steps: [stop]}))).outcomes
		expect(first).toMatchObject({status: 'ACCEPTED'})
		expect(again).toEqual(first)
		expect(await venue.list('/fapi/v1/openAlgoOrders')).toHaveLength(1)
	})

	it('of a cancel is settled by cancelling again', async () => {
		const {venue, sender} = await start()
		await venue.limit('BTCUSDT', 'BUY', '0.010', '50000', {newClientOrderId: 'resting'})
		await venue.control('POST', '/faults', {match: {method: 'DELETE'}, action: {kind: 'drop'}})
		const {outcomes} = await send(
			sender,
			request({class: 'PROTECT', steps: [{do: 'cancel', client_order_id: 'resting', algo: false}]}),
		)
		expect(outcomes).toMatchObject([{status: 'ACCEPTED', client_order_id: 'resting'}])
		expect(await venue.list('/fapi/v1/openOrders')).toEqual([])
	})
})

describe('a recovered request', () => {
	it('that was never sent resolves as never placed without sending the entry', async () => {
		const {venue, sender} = await start()
		const {outcomes} = await send(
			sender,
			request({
				steps: [
					{do: 'leverage', leverage: 3},
					buy('p1-e'),
					{do: 'stop', side: 'SELL', client_order_id: 'p1-s', trigger_price: '58000', close_position: true},
				],
			}),
			{recovered: true},
		)
		expect(outcomes).toMatchObject([
			{status: 'ACCEPTED'},
			{status: 'REFUSED', code: 'NEVER_PLACED'},
			{status: 'NOT_SENT'},
		])
		expect(creating(venue)).toEqual([])
	})

	it('whose entry was filled gets its stop now', async () => {
		const {venue, sender} = await start()
		await venue.market('BTCUSDT', 'BUY', '0.010', {newClientOrderId: 'p1-e'})
		const steps: SendRequest['steps'] = [
			buy('p1-e'),
			{do: 'stop', side: 'SELL', client_order_id: 'p1-s', trigger_price: '58000', close_position: true},
		]
		const {outcomes} = await send(sender, request({steps}), {recovered: true})
		expect(outcomes).toMatchObject([
			{status: 'ACCEPTED', filled_quantity: '0.01'},
			{status: 'ACCEPTED', client_order_id: 'p1-s'},
		])
		// Once more: both are found, nothing is sent.
		const count = creating(venue).length
		expect((await send(sender, request({steps}), {recovered: true})).outcomes).toMatchObject([
			{status: 'ACCEPTED'},
			{status: 'ACCEPTED'},
		])
		expect(creating(venue)).toHaveLength(count)
	})
})
