import {beforeAll, describe, expect, it} from 'vitest'
import {SystemClock} from '../../../../src/engine/adapters/clock/system-clock.js'
import {orderSender} from '../../../../src/engine/adapters/exchange/order-sender.js'
import {sentOnce} from '../../../../src/engine/adapters/exchange/sent-orders.js'
import type {FenceContext} from '../../../../src/engine/exchange/order-request.js'
import {configOf, warmUp} from './gateway-fixture.js'
import {buy, creating, request, send, senderAt, start} from './sender-fixture.js'

beforeAll(warmUp)

describe('order sender', () => {
	it('sets leverage, fills the entry inside its notional, rests stop and target: in this order', async () => {
		const {venue, sender} = await start()
		const {outcomes, latency_ms} = await send(
			sender,
			request({
				steps: [
					{do: 'leverage', leverage: 5},
					{
						do: 'market',
						side: 'BUY',
						client_order_id: 'p1-e',
						notional_usdt: '200',
						reference_price: '60000',
						slippage_bps: 50,
						reduce_only: false,
					},
					{do: 'stop', side: 'SELL', client_order_id: 'p1-s', trigger_price: '58200.04', close_position: true},
					{do: 'target', side: 'SELL', client_order_id: 'p1-t', trigger_price: '62400.06', close_position: true},
				],
			}),
		)
		expect(outcomes).toMatchObject([
			{status: 'ACCEPTED'},
			{
				status: 'ACCEPTED',
				client_order_id: 'p1-e',
				quantity: '0.003',
				filled_quantity: '0.003',
				average_price: '60010',
			},
			// A stop of a long is rounded up and its target down: both trigger earlier.
			{status: 'ACCEPTED', client_order_id: 'p1-s', trigger_price: '58200.1'},
			{status: 'ACCEPTED', client_order_id: 'p1-t', trigger_price: '62400'},
		])
		expect(latency_ms).toBeGreaterThanOrEqual(0)
		const posts = venue
			.log()
			.filter(line => line.method === 'POST')
			.map(({path}) => path)
		expect(posts).toEqual(
			['/paper/advance', '/fapi/v1/leverage', '/fapi/v1/order', '/fapi/v1/algoOrder', '/fapi/v1/algoOrder'].filter(
				path => !path.startsWith('/paper'),
			),
		)
		const {outcomes: again} = await send(sender, request({plan_id: 'plan-2', steps: [{do: 'leverage', leverage: 5}]}))
		expect(again).toMatchObject([{status: 'ACCEPTED'}])
		expect(venue.log().filter(line => line.path === '/fapi/v1/leverage')).toHaveLength(1)
	})

	it('closes the whole position of the non-Latin symbol, cancels its stop, and cancels what is gone without complaint', async () => {
		const {venue, sender} = await start()
		const symbol = '币安人生USDT'
		await send(
			sender,
			request({
				symbol,
				steps: [
					buy('p1-e', {quantity: '1000.9'}),
					{do: 'stop', side: 'SELL', client_order_id: 'p1-s', trigger_price: '0.19', close_position: true},
				],
			}),
		)
		expect(await venue.position(symbol)).toMatchObject({positionAmt: '1000'})
		const {outcomes} = await send(
			sender,
			request({
				plan_id: 'plan-2',
				class: 'EXIT',
				symbol,
				steps: [
					{do: 'cancel', client_order_id: 'p1-s', algo: true},
					{do: 'cancel', client_order_id: 'never-was', algo: false},
					{do: 'market', side: 'SELL', client_order_id: 'p2-x', reduce_only: true, close_all: true},
				],
			}),
		)
		expect(outcomes).toMatchObject([
			{status: 'ACCEPTED', client_order_id: 'p1-s'},
			{status: 'ACCEPTED', order_id: ''},
			{status: 'ACCEPTED', filled_quantity: '1000'},
		])
		const {outcomes: flat} = await send(
			sender,
			request({
				plan_id: 'plan-3',
				class: 'EXIT',
				symbol,
				steps: [{do: 'market', side: 'SELL', client_order_id: 'p3-x', reduce_only: true, close_all: true}],
			}),
		)
		expect(flat).toMatchObject([{status: 'REFUSED', code: 'NO_POSITION'}])
	})

	it.each([
		[
			'BELOW_MIN_NOTIONAL',
			{notional_usdt: '60.5', reference_price: '60000', slippage_bps: 0, quantity: undefined},
			'BTCUSDT',
		],
		['BELOW_MIN_QUANTITY', {quantity: '0.0009'}, 'BTCUSDT'],
		['NOT_TRADABLE', {}, 'GONEUSDT'],
		['-2019', {quantity: '8'}, 'BTCUSDT'],
	])('refuses with %s and sends nothing after it', async (code, more, symbol) => {
		const {venue, sender} = await start()
		const {outcomes} = await send(
			sender,
			request({
				symbol,
				steps: [
					buy('p1-e', more),
					{do: 'stop', side: 'SELL', client_order_id: 'p1-s', trigger_price: '58000', close_position: true},
				],
			}),
		)
		expect(outcomes).toMatchObject([
			{status: 'REFUSED', code},
			{status: 'NOT_SENT', reason: 'EARLIER_STEP_FAILED'},
		])
		expect(creating(venue).length).toBe(code === '-2019' ? 1 : 0)
	})

	it('asks the fence for each request that creates orders as it leaves, a stop as protection', async () => {
		const seen: FenceContext[] = []
		const {venue, sender} = await start(async context => {
			seen.push(context)
			return context.class === 'PROTECT' ? {ok: true} : {ok: false, reason: 'KILLED'}
		})
		const {outcomes} = await send(sender, request({steps: [buy('p1-e')]}))
		expect(outcomes).toMatchObject([{status: 'NOT_SENT', reason: 'KILLED'}])
		expect(creating(venue)).toEqual([])
		await venue.market('BTCUSDT', 'BUY', '0.010')
		const protect = await send(
			sender,
			request({
				plan_id: 'plan-2',
				class: 'PROTECT',
				steps: [{do: 'stop', side: 'SELL', client_order_id: 'p2-s', trigger_price: '58000', close_position: true}],
			}),
		)
		expect(protect.outcomes).toMatchObject([{status: 'ACCEPTED'}])
		expect(seen.map(context => context.class)).toEqual(['ENTRY', 'PROTECT'])
		expect(seen[0]).toEqual({plan_id: 'plan-1', symbol: 'BTCUSDT', epoch: 1, class: 'ENTRY', operator: false})
	})

	it('sends no stop while stopped where one rests already, and one where none does', async () => {
		const {venue, sender: other} = await start()
		const stopped = senderAt(venue, {isStopped: () => true})
		await venue.market('BTCUSDT', 'BUY', '0.010')
		const stop = (client_order_id: string, kind: 'stop' | 'target' = 'stop') => {
			const trigger_price = kind === 'stop' ? '58000' : '62400'
			return request({
				plan_id: client_order_id,
				class: 'PROTECT',
				steps: [{do: kind, side: 'SELL', client_order_id, trigger_price, close_position: true}],
			})
		}
		expect((await send(stopped, stop('first'))).outcomes).toMatchObject([{status: 'ACCEPTED'}])
		const before = creating(venue).length
		expect((await send(stopped, stop('second'))).outcomes).toEqual([{status: 'NOT_SENT', reason: 'PROTECTED_ALREADY'}])
		expect(creating(venue)).toHaveLength(before)
		expect((await send(stopped, stop('target', 'target'))).outcomes).toMatchObject([{status: 'ACCEPTED'}])
		// Armed, the venue itself is asked: nothing is to be slower than it must.
		expect((await send(other, stop('third'))).outcomes).toMatchObject([{status: 'REFUSED'}])
	})

	it('holds back when the fence itself fails', async () => {
		const {venue, sender} = await start(() => Promise.reject(new Error('redis is gone')))
		expect((await send(sender, request({steps: [buy('p1-e')]}))).outcomes).toMatchObject([
			{status: 'NOT_SENT', reason: 'FENCE_FAILED'},
		])
		expect(creating(venue)).toEqual([])
	})

	it('refuses exits that could open', async () => {
		const {sender} = await start()
		await expect(send(sender, request({class: 'EXIT', steps: [buy('p1-x')]}))).rejects.toThrow('may only reduce')
		await expect(send(sender, request({class: 'PROTECT', steps: [buy('p1-x', {reduce_only: true})]}))).rejects.toThrow(
			'needs class ENTRY or EXIT',
		)
	})

	it('names the remedy for hedge mode and sends nothing', async () => {
		const {venue, sender} = await start()
		await venue.post('/fapi/v1/positionSide/dual', {dualSidePosition: 'true'})
		await expect(sender.ready()).rejects.toMatchObject({
			name: 'OperatorError',
			hint: expect.stringContaining('One-way'),
		})
		await expect(send(sender, request({steps: [buy('p1-e')]}))).rejects.toThrow('hedge mode')
		expect(creating(venue)).toEqual([])
	})

	it('enters no symbol with isolated margin, and still closes it', async () => {
		const {venue, sender} = await start()
		await venue.post('/fapi/v1/marginType', {symbol: 'BTCUSDT', marginType: 'ISOLATED'})
		await venue.market('BTCUSDT', 'BUY', '0.010')
		await expect(send(sender, request({steps: [buy('p1-e')]}))).rejects.toThrow('expected CROSSED')
		const {outcomes} = await send(
			sender,
			request({
				class: 'EXIT',
				steps: [{do: 'market', side: 'SELL', client_order_id: 'p1-x', reduce_only: true, close_all: true}],
			}),
		)
		expect(outcomes).toMatchObject([{status: 'ACCEPTED', filled_quantity: '0.01'}])
	})

	it('names the variables when credentials are missing', () => {
		const config = configOf({rest_url: '', ws_url: ''}, {mode: 'TESTNET', api_key: '', api_secret: ''})
		const options = {config, clock: new SystemClock(), fence: async () => ({ok: true as const}), sent: sentOnce}
		expect(() => orderSender(options)).toThrow('QT_API_KEY and QT_API_SECRET')
	})
})
