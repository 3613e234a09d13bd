import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {eventually} from '../support/eventually.js'
import {type Json, TestVenue} from './venue-fixture.js'

const S = 'BTCUSDT'
let venue: TestVenue

beforeEach(async () => {
	venue = await TestVenue.start({config: {wallet_usdt: '20000'}})
	await venue.advance(10)
})
afterEach(() => venue.close())

const stop = {symbol: S, side: 'SELL', type: 'STOP_MARKET', quantity: '0.5', triggerPrice: '59000', reduceOnly: 'true'}

const statusOf = async (clientAlgoId: string): Promise<unknown> =>
	(await venue.get('/fapi/v1/algoOrder', {clientAlgoId})).body.algoStatus

describe('conditional orders', () => {
	it('trigger on the last price, place a child order and finish', async () => {
		await venue.market(S, 'BUY', '0.5')
		const user = await venue.listen()
		const placed = await venue.algo({...stop, clientAlgoId: 'stop'})
		expect(placed.body).toMatchObject({
			algoStatus: 'NEW',
			clientAlgoId: 'stop',
			triggerPrice: '59000',
			orderType: 'STOP_MARKET',
		})
		venue.script
			.book(15, S, [['58990.0', '3']], [['59005.0', '3']])
			.trade(20, S, '59000.1', '1')
			.trade(30, S, '59000.0', '1')
		await venue.advance(20)
		expect(await statusOf('stop')).toBe('NEW')
		await venue.advance(30)
		const after = await venue.get('/fapi/v1/algoOrder', {clientAlgoId: 'stop'})
		expect(after.body).toMatchObject({
			algoStatus: 'FINISHED',
			actualPrice: '58990',
			triggerTime: venue.script.start_ms + 30,
		})
		await eventually(() => user.orders('ALGO_UPDATE').length === 4)
		const story = user.messages.map(message => {
			const order = (message.o ?? {}) as Json
			return message.e === 'ACCOUNT_UPDATE' ? 'ACCOUNT' : `${String(message.e).slice(0, 5)} ${String(order.X)}`
		})
		expect(story).toEqual([
			'ALGO_ NEW',
			'ALGO_ TRIGGERING',
			'ORDER NEW',
			'ALGO_ TRIGGERED',
			'ACCOUNT',
			'ORDER FILLED',
			'ALGO_ FINISHED',
		])
		const child = user.orders('ORDER_TRADE_UPDATE')[0]
		expect(child).toMatchObject({c: 'stop', ot: 'STOP_MARKET', o: 'MARKET', R: true, si: placed.body.algoId})
		expect(user.orders('ALGO_UPDATE').at(-1)).toMatchObject({ai: String(child?.i), aq: '0.5', ap: '58990'})
	})

	it('trigger on the mark price when asked to', async () => {
		await venue.market(S, 'BUY', '0.5')
		await venue.algo({...stop, clientAlgoId: 'mark', workingType: 'MARK_PRICE'})
		venue.script.trade(20, S, '58000.0', '1').mark(30, S, '59000')
		await venue.advance(20)
		expect(await statusOf('mark')).toBe('NEW')
		await venue.advance(30)
		expect(await statusOf('mark')).toBe('FINISHED')
	})

	it('place a resting limit order for STOP', async () => {
		await venue.market(S, 'BUY', '0.5')
		await venue.algo({...stop, type: 'STOP', price: '59500', timeInForce: 'GTC', clientAlgoId: 'limit'})
		venue.script.book(15, S, [['58900.0', '3']], [['59400.0', '3']]).trade(20, S, '59000.0', '1')
		await venue.advance(20)
		expect(await statusOf('limit')).toBe('TRIGGERED')
		const [child] = await venue.list('/fapi/v1/openOrders')
		expect(child).toMatchObject({
			clientOrderId: 'limit',
			type: 'LIMIT',
			origType: 'STOP',
			price: '59500',
			stopPrice: '59000',
		})
		venue.script.trade(30, S, '59500.1', '1')
		await venue.advance(30)
		expect(await statusOf('limit')).toBe('FINISHED')
	})

	it('follow the price by the callback rate when trailing, from the activation price on', async () => {
		await venue.market(S, 'BUY', '0.5')
		const trailing = {
			symbol: S,
			side: 'SELL',
			type: 'TRAILING_STOP_MARKET',
			quantity: '0.5',
			callbackRate: '1',
			reduceOnly: 'true',
		}
		await venue.algo({...trailing, activationPrice: '61000', clientAlgoId: 'late'})
		await venue.algo({...trailing, quantity: '0.1', clientAlgoId: 'now', callbackRate: '5'})
		venue.script.trade(20, S, '60000.0', '1').trade(30, S, '59500.0', '1').trade(40, S, '61000.0', '1')
		venue.script.trade(50, S, '62000.0', '1').trade(60, S, '61380.1', '1').trade(70, S, '61380.0', '1')
		await venue.advance(60)
		expect([await statusOf('late'), await statusOf('now')]).toEqual(['NEW', 'NEW'])
		await venue.advance(70)
		expect([await statusOf('late'), await statusOf('now')]).toEqual(['FINISHED', 'NEW'])
	})

	it('close the whole position, and expire when it is gone', async () => {
		await venue.market(S, 'BUY', '0.7')
		const close = {symbol: S, side: 'SELL', closePosition: 'true'}
		await venue.algo({...close, type: 'STOP_MARKET', triggerPrice: '59000', clientAlgoId: 'sl'})
		await venue.algo({...close, type: 'TAKE_PROFIT_MARKET', triggerPrice: '61000', clientAlgoId: 'tp'})
		expect((await venue.algo({...close, type: 'STOP_MARKET', triggerPrice: '58000'})).body).toMatchObject({code: -4130})
		venue.script.trade(20, S, '61000.0', '1')
		await venue.advance(20)
		expect(await venue.position(S)).toBeUndefined()
		expect([await statusOf('sl'), await statusOf('tp')]).toEqual(['EXPIRED', 'FINISHED'])
		const gone = await venue.algo({...close, type: 'STOP_MARKET', triggerPrice: '58000'})
		expect(gone.body).toMatchObject({code: -4509})
	})

	it('expire without a child when reduce-only has nothing to reduce, and are rejected without margin', async () => {
		await venue.market(S, 'BUY', '0.5')
		await venue.algo({...stop, clientAlgoId: 'orphan'})
		await venue.market(S, 'SELL', '0.5', {reduceOnly: true})
		expect(await statusOf('orphan')).toBe('NEW')
		const {reduceOnly: _, ...entry} = stop
		await venue.algo({...entry, quantity: '20', clientAlgoId: 'large'})
		venue.script.trade(20, S, '59000.0', '1')
		await venue.advance(20)
		expect([await statusOf('orphan'), await statusOf('large')]).toEqual(['EXPIRED', 'REJECTED'])
	})

	it('are listed and cancelled apart from ordinary orders', async () => {
		await venue.market(S, 'BUY', '0.5')
		await venue.algo({...stop, clientAlgoId: 'a'})
		await venue.algo({...stop, triggerPrice: '58000', clientAlgoId: 'b'})
		await venue.limit(S, 'SELL', '0.5', '61000')
		expect((await venue.algo({...stop, clientAlgoId: 'a'})).body).toMatchObject({code: -4116})
		await venue.delete('/fapi/v1/allOpenOrders', {symbol: S})
		expect(await venue.list('/fapi/v1/openAlgoOrders', {symbol: S})).toHaveLength(2)
		expect((await venue.delete('/fapi/v1/algoOrder', {clientAlgoId: 'a'})).body).toMatchObject({
			code: '200',
			clientAlgoId: 'a',
		})
		expect((await venue.delete('/fapi/v1/algoOrder', {clientAlgoId: 'a'})).body).toMatchObject({code: -2011})
		await venue.delete('/fapi/v1/algoOpenOrders', {symbol: S})
		expect(await venue.list('/fapi/v1/openAlgoOrders')).toEqual([])
		const all = await venue.list('/fapi/v1/allAlgoOrders', {symbol: S})
		expect(all.map(row => row.algoStatus)).toEqual(['CANCELED', 'CANCELED'])
	})

	it('number at most 200', async () => {
		const one = {symbol: S, side: 'BUY', type: 'STOP_MARKET', quantity: '0.01', triggerPrice: '61000'}
		await Promise.all(Array.from({length: 200}, () => venue.algo(one)))
		expect((await venue.algo(one)).body).toMatchObject({code: -4045})
	})
})

const refusals: ReadonlyArray<readonly [string, Record<string, string>, number]> = [
	['a stop that the price has passed', {...stop, triggerPrice: '60000'}, -2021],
	['a buy stop below the price', {...stop, side: 'BUY', triggerPrice: '59999', reduceOnly: 'false'}, -2021],
	['a target that the price has passed', {...stop, type: 'TAKE_PROFIT_MARKET', triggerPrice: '59999'}, -2021],
	[
		'an activation that the price has passed',
		{
			symbol: S,
			side: 'SELL',
			type: 'TRAILING_STOP_MARKET',
			quantity: '0.5',
			callbackRate: '1',
			activationPrice: '59999',
		},
		-2021,
	],
	[
		'a callback rate out of range',
		{symbol: S, side: 'SELL', type: 'TRAILING_STOP_MARKET', quantity: '0.5', callbackRate: '11'},
		-2007,
	],
	['no trigger price', {...stop, triggerPrice: ''}, -1102],
	['trigger price zero', {...stop, triggerPrice: '0'}, -4006],
	['trigger price off the tick', {...stop, triggerPrice: '59000.05'}, -4014],
	['another algo type', {...stop, algoType: 'VP'}, -1130],
	['an ordinary type', {...stop, type: 'LIMIT'}, -1116],
	['a quantity with close-position', {...stop, closePosition: 'true'}, -4137],
	['reduce-only the wrong way', {...stop, side: 'BUY', triggerPrice: '61000'}, -2022],
]

describe('refusals of conditional orders', () => {
	it.each(refusals)('%s', async (_name, values, code) => {
		await venue.market(S, 'BUY', '0.5')
		expect((await venue.algo(values)).body).toMatchObject({code})
	})
})
