import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {dec} from '../../src/paper-exchange/decimal.js'
import {startVenue} from '../../src/paper-exchange/start-venue.js'
import {eventually} from '../support/eventually.js'
import {temporaryHome} from '../support/temporary-home.js'
import {quietMarket} from './scripted-market.js'
import {credentials, type Json, PlainClient, TestVenue} from './venue-fixture.js'

const S = 'BTCUSDT'
let venue: TestVenue

beforeEach(async () => {
	venue = await TestVenue.start({config: {bnb_usdt: '600'}})
	await venue.advance(10)
})
afterEach(() => venue.close())

/** Each asset's wallet as the venue reports it, beside the sum of all its income rows. */
const expectBalanced = async (client: PlainClient): Promise<void> => {
	const income = await client.allIncome()
	for (const {asset, balance} of await client.list('/fapi/v3/balance')) {
		const rows = income.filter(row => row.asset === asset)
		const sum = rows.reduce((total, row) => total.add(String(row.income)), dec(0))
		expect([asset, sum.toFixed(8)]).toEqual([asset, balance])
	}
}
const burn = (feeBurn: boolean) => venue.post('/fapi/v1/feeBurn', {feeBurn})
const last = (rows: readonly Json[], incomeType: string) => rows.findLast(row => row.incomeType === incomeType)

describe('fees in BNB', () => {
	it('are nine tenths of the fee at the price of BNB, in events, trades and income', async () => {
		await venue.control('POST', '/transfer', {asset: 'BNB', amount: '1'})
		expect((await burn(true)).body).toEqual({code: 200, msg: 'success'})
		expect((await venue.get('/fapi/v1/feeBurn')).body).toEqual({feeBurn: true})
		const user = await venue.listen()
		await venue.market(S, 'BUY', '0.1')
		// 0.1 * 60010 * 0.0005 * 0.9 / 600
		const fee = '0.00450075'
		await eventually(() => user.orders('ORDER_TRADE_UPDATE').length === 2)
		expect(user.orders('ORDER_TRADE_UPDATE')[1]).toMatchObject({x: 'TRADE', N: 'BNB', n: fee})
		expect(user.of('ACCOUNT_UPDATE')[0]).toMatchObject({
			a: {
				m: 'ORDER',
				B: [
					{a: 'USDT', wb: '10000.00000000', bc: '0.00000000'},
					{a: 'BNB', wb: '0.99549925', cw: '0.99549925', bc: '0.00000000'},
				],
			},
		})
		expect(await venue.list('/fapi/v1/userTrades', {symbol: S})).toMatchObject([
			{commission: fee, commissionAsset: 'BNB'},
		])
		expect(last(await venue.allIncome(), 'COMMISSION')).toMatchObject({asset: 'BNB', income: `-${fee}`, symbol: S})
		expect((await venue.get('/fapi/v2/account')).body).toMatchObject({
			feeBurn: true,
			totalWalletBalance: '10000.00000000',
			assets: [{asset: 'USDT'}, {asset: 'BNB', walletBalance: '0.99549925'}],
		})
		await expectBalanced(venue)
	})

	it.each([
		[
			'there is too little for the whole of it',
			async () => venue.control('POST', '/transfer', {asset: 'BNB', amount: '0.0045'}),
			true,
		],
		['there is none', async () => undefined, true],
		['it is off', async () => venue.control('POST', '/transfer', {asset: 'BNB', amount: '1'}), false],
	])('are in USDT, whole, where %s', async (_what, prepare, on) => {
		await prepare()
		await burn(on)
		await venue.market(S, 'BUY', '0.1')
		const [trade] = await venue.list('/fapi/v1/userTrades', {symbol: S})
		expect(trade).toMatchObject({commission: '3.00050000', commissionAsset: 'USDT'})
		await expectBalanced(venue)
	})

	it('are in USDT where nobody knows the price of BNB', async () => {
		await venue.close()
		venue = await TestVenue.start()
		await venue.advance(10)
		await venue.control('POST', '/transfer', {asset: 'BNB', amount: '1'})
		await burn(true)
		await venue.market(S, 'BUY', '0.1')
		expect(await venue.list('/fapi/v1/userTrades', {symbol: S})).toMatchObject([{commissionAsset: 'USDT'}])
	})

	it('leave no more BNB to withdraw than there is, and none of it is margin', async () => {
		const {availableBalance} = await venue.balance()
		await venue.control('POST', '/transfer', {asset: 'BNB', amount: '2'})
		expect((await venue.balance()).availableBalance).toBe(availableBalance)
		expect(await venue.control('POST', '/transfer', {asset: 'BNB', amount: '-2.5'})).toHaveProperty('error')
		expect(await venue.control('POST', '/transfer', {asset: 'BNB', amount: '-2'})).toEqual({asset: 'BNB', wallet: '0'})
		await expectBalanced(venue)
	})
})

describe('rebates', () => {
	it('are credited as income of their kind, and told', async () => {
		const user = await venue.listen()
		expect(await venue.control('POST', '/rebate', {type: 'COMMISSION_REBATE', amount: '1.25', symbol: S})).toEqual({
			asset: 'USDT',
			wallet: '10001.25',
		})
		await venue.control('POST', '/rebate', {type: 'API_REBATE', asset: 'BNB', amount: '0.002'})
		await eventually(() => user.messages.length === 2)
		expect(user.messages.map(message => message.a)).toMatchObject([
			{m: 'ADJUSTMENT', B: [{a: 'USDT', wb: '10001.25000000', bc: '1.25000000'}], P: []},
			{m: 'ADJUSTMENT', B: [{a: 'BNB', wb: '0.00200000', bc: '0.00200000'}], P: []},
		])
		const rows = await venue.allIncome()
		expect(last(rows, 'COMMISSION_REBATE')).toMatchObject({asset: 'USDT', income: '1.25000000', symbol: S})
		expect(last(rows, 'API_REBATE')).toMatchObject({asset: 'BNB', income: '0.00200000', symbol: ''})
		expect(venue.log().filter(line => line.event === 'rebate')).toHaveLength(2)
		await expectBalanced(venue)
	})
})

describe('funding on command', () => {
	it('settles at the rate that is given, whoever pays', async () => {
		await venue.market(S, 'BUY', '0.1')
		await venue.market('ETHUSDT', 'SELL', '1')
		await venue.control('POST', '/funding', {symbol: S, rate: '0.0002'})
		await venue.control('POST', '/funding', {symbol: 'ETHUSDT', rate: '0.0001'})
		const rows = await venue.list('/fapi/v1/income', {incomeType: 'FUNDING_FEE'})
		expect(rows.map(({symbol, income}) => [symbol, income])).toEqual([
			[S, '-1.20000000'],
			['ETHUSDT', '0.30000000'],
		])
		await expectBalanced(venue)
	})
})

describe('deleveraging', () => {
	it('closes a part at a price of its own, free of fees, with all that rests cancelled', async () => {
		await venue.market(S, 'BUY', '0.3')
		await venue.limit(S, 'SELL', '0.1', '61000', {reduceOnly: true})
		await venue.algo({symbol: S, side: 'SELL', type: 'STOP_MARKET', closePosition: 'true', triggerPrice: '50000'})
		const user = await venue.listen()
		expect(await venue.control('POST', '/deleverage', {symbol: S, quantity: '0.2', price: '65000'})).toMatchObject({
			client_id: 'adl_autoclose',
			quantity: '0.2',
			price: '65000',
		})
		await eventually(() => user.orders('ORDER_TRADE_UPDATE').length === 3)
		expect(
			user.orders('ORDER_TRADE_UPDATE').map(({c, x, X, l, L, n, rp}) => [c === 'adl_autoclose', x, X, l, L, n, rp]),
		).toEqual([
			[false, 'CANCELED', 'CANCELED', '0', '0', undefined, '0.00000000'],
			[true, 'NEW', 'NEW', '0', '0', undefined, '0.00000000'],
			[true, 'CALCULATED', 'FILLED', '0.2', '65000', '0.00000000', '998.00000000'],
		])
		expect(await venue.position(S)).toMatchObject({positionAmt: '0.1'})
		expect(await venue.list('/fapi/v1/openAlgoOrders')).toEqual([])
		expect(await venue.list('/fapi/v1/openOrders')).toEqual([])
		const trades = await venue.list('/fapi/v1/userTrades', {symbol: S})
		expect(trades.at(-1)).toMatchObject({commission: '0.00000000', realizedPnl: '998.00000000', price: '65000'})
		const [forced] = (await venue.allIncome()).filter(row => row.tradeId === String(trades.at(-1)?.id))
		expect(forced).toMatchObject({incomeType: 'REALIZED_PNL', income: '998.00000000'})
		expect(venue.log().map(line => line.event)).toContain('adl')
		await expectBalanced(venue)
	})

	it('takes the whole position at the mark unless told otherwise', async () => {
		await venue.market(S, 'SELL', '0.1')
		expect(await venue.control('POST', '/deleverage', {symbol: S})).toMatchObject({quantity: '0.1', price: '60000'})
		expect(await venue.position(S)).toBeUndefined()
	})

	it.each([
		[{symbol: 'ETHUSDT'}, 'no BOTH position'],
		[{symbol: 'NOUSDT'}, 'no NOUSDT'],
		[{symbol: S, quantity: '5'}, 'at most 0.1'],
		[{symbol: S, quantity: '0.0005'}, 'steps of 0.001'],
		[{symbol: S, price: '60000.05'}, 'steps of 0.1'],
		[{symbol: S, quantity: '-1'}, 'above 0'],
	])('of %j is refused', async (body, why) => {
		await venue.market(S, 'BUY', '0.1')
		expect(String((await venue.control('POST', '/deleverage', body)).error)).toContain(why)
		expect(await venue.position(S)).toMatchObject({positionAmt: '0.1'})
	})
})

describe('liquidation on command', () => {
	it('sells as one at the mark would, stops and all', async () => {
		await venue.market(S, 'BUY', '0.3')
		await venue.algo({symbol: S, side: 'SELL', type: 'STOP_MARKET', closePosition: 'true', triggerPrice: '50000'})
		await venue.control('POST', '/liquidate', {symbol: S})
		expect(await venue.position(S)).toBeUndefined()
		expect(await venue.list('/fapi/v1/openAlgoOrders')).toEqual([])
		const [trade] = (await venue.list('/fapi/v1/userTrades', {symbol: S})).slice(-1)
		const order = (await venue.get('/fapi/v1/order', {symbol: S, orderId: String(trade?.orderId)})).body
		expect(String(order.clientOrderId)).toMatch(/^autoclose-/)
		expect(last(await venue.allIncome(), 'INSURANCE_CLEAR')).toMatchObject({symbol: S, info: 'liquidation fee'})
		await expectBalanced(venue)
	})
})

it('all of it is there again after a restart', async () => {
	const home = await temporaryHome('edges-')
	const config = {
		port: 0,
		...credentials,
		data_dir: home.path,
		market: {kind: 'synthetic' as const},
		speed: 'lockstep' as const,
		bnb_usdt: '600',
	}
	const market = quietMarket()
	const before = await startVenue({config, market})
	const client = new PlainClient(before.rest_url, before.ws_url)
	await client.control('POST', '/advance', {until_ms: market.start_ms + 10})
	await client.control('POST', '/transfer', {asset: 'BNB', amount: '1'})
	await client.post('/fapi/v1/feeBurn', {feeBurn: true})
	await client.market(S, 'BUY', '0.3')
	await client.control('POST', '/rebate', {type: 'API_REBATE', asset: 'BNB', amount: '0.002'})
	await client.control('POST', '/deleverage', {symbol: S, quantity: '0.1'})
	const seen = async (of: PlainClient) => ({
		balance: (await of.list('/fapi/v3/balance')).map(({asset, balance}) => [asset, balance]),
		burn: (await of.get('/fapi/v1/feeBurn')).body,
		position: (await of.position(S))?.positionAmt,
		income: await of.allIncome(),
		trades: await of.list('/fapi/v1/userTrades', {symbol: S}),
	})
	const kept = await seen(client)
	expect(kept).toMatchObject({burn: {feeBurn: true}, position: '0.2'})
	await before.close()
	market.restore({position: 0})
	const after = await startVenue({config, market})
	const again = new PlainClient(after.rest_url, after.ws_url)
	expect(await seen(again)).toEqual(kept)
	await expectBalanced(again)
	await after.close()
	await home.remove()
})
