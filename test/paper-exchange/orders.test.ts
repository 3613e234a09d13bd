import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {eventually} from '../support/eventually.js'
import {TestVenue} from './venue-fixture.js'

const S = 'BTCUSDT'
let venue: TestVenue

beforeEach(async () => {
	venue = await TestVenue.start({config: {wallet_usdt: '20000'}})
	await venue.advance(10)
})
afterEach(() => venue.close())

describe('taking', () => {
	it('walks the book level by level, one trade id for each, with exact fees', async () => {
		const user = await venue.listen()
		const {body} = await venue.market(S, 'BUY', '1.5', {newClientOrderId: 'walk'})
		expect(body).toMatchObject({status: 'FILLED', executedQty: '1.5', cumQuote: '90020', clientOrderId: 'walk'})
		const trades = await venue.list('/fapi/v1/userTrades', {symbol: S})
		expect(trades.map(({price, qty, commission, maker}) => [price, qty, commission, maker])).toEqual([
			['60010', '1', '30.00500000', false],
			['60020', '0.5', '15.00500000', false],
		])
		expect(new Set(trades.map(trade => trade.id)).size).toBe(2)
		await eventually(() => user.orders('ORDER_TRADE_UPDATE').length === 3)
		const kinds = user.messages.map(message => message.e)
		expect(kinds).toEqual([
			'ORDER_TRADE_UPDATE',
			'ACCOUNT_UPDATE',
			'ORDER_TRADE_UPDATE',
			'ACCOUNT_UPDATE',
			'ORDER_TRADE_UPDATE',
		])
		expect(user.orders('ORDER_TRADE_UPDATE').map(order => [order.x, order.X, order.z])).toEqual([
			['NEW', 'NEW', '0'],
			['TRADE', 'PARTIALLY_FILLED', '1'],
			['TRADE', 'FILLED', '1.5'],
		])
		expect(venue.script.takings).toEqual([
			{symbol: S, side: 'BUY', quantity: '1'},
			{symbol: S, side: 'BUY', quantity: '0.5'},
		])
	})

	it('expires what the book does not hold, and takes no quantity twice', async () => {
		const first = await venue.market(S, 'SELL', '2.9')
		expect(first.body).toMatchObject({status: 'FILLED'})
		const second = await venue.market(S, 'SELL', '1')
		expect(second.body).toMatchObject({status: 'EXPIRED', executedQty: '0.1'})
		const third = await venue.market(S, 'SELL', '1')
		expect(third.body).toMatchObject({status: 'EXPIRED', executedQty: '0'})
	})

	it('answers ACK with the order as it was accepted', async () => {
		const {body} = await venue.market(S, 'BUY', '0.01', {newOrderRespType: 'ACK'})
		expect(body).toMatchObject({status: 'NEW', executedQty: '0', avgPrice: '0.00'})
		const after = await venue.get('/fapi/v1/order', {symbol: S, orderId: Number(body.orderId)})
		expect(after.body).toMatchObject({status: 'FILLED', executedQty: '0.01', avgPrice: '60010'})
	})

	it('keeps immediate-or-cancel and fill-or-kill apart', async () => {
		const ioc = await venue.limit(S, 'BUY', '2', '60010', {timeInForce: 'IOC'})
		expect(ioc.body).toMatchObject({status: 'EXPIRED', executedQty: '1'})
		const fok = await venue.limit(S, 'BUY', '3', '60030', {timeInForce: 'FOK'})
		expect(fok.body).toMatchObject({code: -5021})
		const gtx = await venue.limit(S, 'BUY', '1', '60020', {timeInForce: 'GTX'})
		expect(gtx.body).toMatchObject({code: -5022})
	})
})

describe('resting', () => {
	it('is filled at its price by crossing levels, no further than their quantity', async () => {
		await venue.limit(S, 'BUY', '2', '59900', {newClientOrderId: 'rest'})
		venue.script.book(
			20,
			S,
			[['59880.0', '1']],
			[
				['59890.0', '0.3'],
				['59900.0', '0.4'],
				['59910.0', '5'],
			],
		)
		await venue.advance(20)
		const {body} = await venue.get('/fapi/v1/order', {symbol: S, origClientOrderId: 'rest'})
		expect(body).toMatchObject({status: 'PARTIALLY_FILLED', executedQty: '0.7', avgPrice: '59900'})
		const trades = await venue.list('/fapi/v1/userTrades', {symbol: S})
		expect(trades.map(trade => [trade.maker, trade.commission])).toEqual([
			[true, '3.59400000'],
			[true, '4.79200000'],
		])
	})

	it('is filled by prints beyond its price, not by prints at it', async () => {
		await venue.limit(S, 'SELL', '1', '60100', {newClientOrderId: 'rest'})
		venue.script.trade(20, S, '60100.0', '5').trade(30, S, '60100.1', '0.4')
		await venue.advance(25)
		const at = await venue.get('/fapi/v1/order', {symbol: S, origClientOrderId: 'rest'})
		expect(at.body).toMatchObject({status: 'NEW'})
		await venue.advance(35)
		const through = await venue.get('/fapi/v1/order', {symbol: S, origClientOrderId: 'rest'})
		expect(through.body).toMatchObject({status: 'PARTIALLY_FILLED', executedQty: '0.4', avgPrice: '60100'})
	})

	it('shares a print among orders by price, then age', async () => {
		await venue.limit(S, 'SELL', '1', '60100', {newClientOrderId: 'older'})
		await venue.limit(S, 'SELL', '1', '60100', {newClientOrderId: 'younger'})
		await venue.limit(S, 'SELL', '1', '60090', {newClientOrderId: 'better'})
		venue.script.trade(20, S, '60101.0', '1.5')
		await venue.advance(20)
		const open = await venue.list('/fapi/v1/openOrders', {symbol: S})
		expect(open.map(order => [order.clientOrderId, order.executedQty])).toEqual([
			['older', '0.5'],
			['younger', '0'],
		])
	})

	it('can be amended, keeps its id, and takes when amended across the book', async () => {
		const placed = await venue.limit(S, 'BUY', '1', '59900')
		const orderId = Number(placed.body.orderId)
		const same = await venue.send('PUT', '/fapi/v1/order', {
			symbol: S,
			side: 'BUY',
			orderId,
			quantity: '1',
			price: '59900',
		})
		expect(same.body).toMatchObject({code: -5027})
		const moved = await venue.send('PUT', '/fapi/v1/order', {
			symbol: S,
			side: 'BUY',
			orderId,
			quantity: '2',
			price: '59950',
		})
		expect(moved.body).toMatchObject({orderId, status: 'NEW', price: '59950', origQty: '2'})
		const across = await venue.send('PUT', '/fapi/v1/order', {
			symbol: S,
			side: 'BUY',
			orderId,
			quantity: '2',
			price: '60010',
		})
		expect(across.body).toMatchObject({orderId, status: 'PARTIALLY_FILLED', executedQty: '1'})
	})

	it('expires reduce-only orders once there is nothing left to reduce', async () => {
		await venue.market(S, 'BUY', '0.5')
		const rest = await venue.limit(S, 'SELL', '0.5', '60500', {reduceOnly: true})
		await venue.market(S, 'SELL', '0.5', {reduceOnly: true})
		const after = await venue.get('/fapi/v1/order', {symbol: S, orderId: Number(rest.body.orderId)})
		expect(after.body).toMatchObject({status: 'EXPIRED'})
	})

	it('ends a good-till-date order at its date', async () => {
		const goodTillDate = venue.script.start_ms + 5000
		await venue.limit(S, 'BUY', '1', '59000', {timeInForce: 'GTD', goodTillDate})
		await venue.advance(4999)
		expect(await venue.list('/fapi/v1/openOrders')).toHaveLength(1)
		await venue.advance(5000)
		expect(await venue.list('/fapi/v1/openOrders')).toHaveLength(0)
	})
})

describe('client order ids', () => {
	it('are unique among open orders only', async () => {
		await venue.limit(S, 'BUY', '1', '59000', {newClientOrderId: 'again'})
		const twice = await venue.limit(S, 'BUY', '1', '59000', {newClientOrderId: 'again'})
		expect(twice.body).toMatchObject({code: -4116})
		await venue.delete('/fapi/v1/order', {symbol: S, origClientOrderId: 'again'})
		const later = await venue.limit(S, 'BUY', '1', '59000', {newClientOrderId: 'again'})
		expect(later.body).toMatchObject({status: 'NEW'})
		const filled = await venue.market(S, 'BUY', '0.01', {newClientOrderId: 'twice'})
		const repeated = await venue.market(S, 'BUY', '0.01', {newClientOrderId: 'twice'})
		expect([filled.body.status, repeated.body.status]).toEqual(['FILLED', 'FILLED'])
	})
})

const base = {symbol: S, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1', price: '59000'}

const refusals: ReadonlyArray<readonly [string, Record<string, string>, number]> = [
	['no symbol', {...base, symbol: ''}, -1102],
	['unknown symbol', {...base, symbol: 'NOUSDT'}, -1121],
	['unknown side', {...base, side: 'HOLD'}, -1117],
	['unknown type', {...base, type: 'ICEBERG'}, -1116],
	['conditional type', {...base, type: 'STOP_MARKET', stopPrice: '59000'}, -4120],
	['no time in force', {...base, timeInForce: ''}, -1102],
	['unknown time in force', {...base, timeInForce: 'DAY'}, -1115],
	['no quantity', {...base, quantity: ''}, -1102],
	['quantity not a number', {...base, quantity: '1e3'}, -1130],
	['quantity zero', {...base, quantity: '0'}, -4003],
	['quantity negative', {...base, quantity: '-1'}, -4003],
	['quantity too fine', {...base, quantity: '0.0015'}, -1111],
	['quantity too large', {...base, quantity: '1001'}, -4005],
	['market quantity too large', {symbol: S, side: 'BUY', type: 'MARKET', quantity: '121'}, -4005],
	['price zero', {...base, price: '0'}, -4001],
	['price off the tick', {...base, price: '59000.05'}, -4014],
	['price too fine', {...base, price: '59000.055'}, -1111],
	['buy far above the mark', {...base, price: '63000.1'}, -4016],
	['sell far below the mark', {...base, side: 'SELL', price: '56999.9'}, -4024],
	['notional too small', {...base, quantity: '0.001'}, -4164],
	['price with a market order', {symbol: S, side: 'BUY', type: 'MARKET', quantity: '1', price: '1'}, -1106],
	['reduce-only without a position', {...base, reduceOnly: 'true'}, -2022],
	['hedge side in one-way mode', {...base, positionSide: 'LONG'}, -4061],
	['client id with a space', {...base, newClientOrderId: 'a b'}, -4015],
	['client id too long', {...base, newClientOrderId: 'x'.repeat(37)}, -4015],
	['more than the margin', {...base, quantity: '8'}, -2019],
	['price match', {...base, priceMatch: 'QUEUE'}, -1130],
]

describe('refusals', () => {
	it.each(refusals)('%s', async (_name, values, code) => {
		const {body, http} = await venue.order(values)
		expect({code: body.code, http}).toEqual({code, http: 400})
		expect(await venue.list('/fapi/v1/openOrders')).toEqual([])
	})

	it('names unknown orders', async () => {
		expect((await venue.get('/fapi/v1/order', {symbol: S, orderId: 5})).body).toMatchObject({code: -2013})
		expect((await venue.delete('/fapi/v1/order', {symbol: S, orderId: 5})).body).toMatchObject({code: -2011})
		expect((await venue.delete('/fapi/v1/order', {symbol: S})).body).toMatchObject({code: -1102})
	})

	it('frees reduce-only orders of the minimum notional', async () => {
		await venue.market(S, 'BUY', '0.01')
		expect((await venue.market(S, 'SELL', '0.001')).body).toMatchObject({code: -4164})
		expect((await venue.market(S, 'SELL', '0.001', {reduceOnly: true})).body).toMatchObject({status: 'FILLED'})
	})

	it('closes no more than the position with a larger reduce-only order', async () => {
		await venue.market(S, 'BUY', '0.01')
		const {body} = await venue.market(S, 'SELL', '0.5', {reduceOnly: true})
		expect(body).toMatchObject({status: 'EXPIRED', executedQty: '0.01'})
		expect(await venue.position(S)).toBeUndefined()
	})
})

describe('batches', () => {
	it('place and cancel each order by itself', async () => {
		const batchOrders = JSON.stringify([
			{...base, newClientOrderId: 'b1'},
			{...base, quantity: '0'},
			{...base, newClientOrderId: 'b3'},
		])
		const placed = (await venue.post('/fapi/v1/batchOrders', {batchOrders})).body as unknown as Array<
			Record<string, unknown>
		>
		expect(placed.map(row => row.code ?? row.clientOrderId)).toEqual(['b1', -4003, 'b3'])
		const orderIdList = JSON.stringify([placed[0]?.orderId, 7])
		const gone = await venue.delete('/fapi/v1/batchOrders', {symbol: S, orderIdList})
		expect(gone.body).toMatchObject([{status: 'CANCELED'}, {code: -2011}])
		await venue.delete('/fapi/v1/allOpenOrders', {symbol: S})
		expect(await venue.list('/fapi/v1/openOrders')).toEqual([])
	})
})

describe('hedge mode', () => {
	it('keeps both sides apart', async () => {
		await venue.post('/fapi/v1/positionSide/dual', {dualSidePosition: 'true'})
		expect((await venue.market(S, 'BUY', '0.1')).body).toMatchObject({code: -4061})
		await venue.market(S, 'BUY', '0.1', {positionSide: 'LONG'})
		await venue.market(S, 'SELL', '0.05', {positionSide: 'SHORT'})
		const rows = await venue.list('/fapi/v3/positionRisk')
		expect(rows.map(row => [row.positionSide, row.positionAmt])).toEqual([
			['LONG', '0.1'],
			['SHORT', '-0.05'],
		])
		await venue.market(S, 'SELL', '0.1', {positionSide: 'LONG'})
		const left = await venue.list('/fapi/v3/positionRisk')
		const open = left.filter(row => row.positionAmt !== '0')
		expect(open.map(row => row.positionSide)).toEqual(['SHORT'])
		expect((await venue.post('/fapi/v1/positionSide/dual', {dualSidePosition: 'false'})).body).toMatchObject({
			code: -4068,
		})
	})
})
