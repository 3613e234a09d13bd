import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {dec} from '../../src/paper-exchange/decimal.js'
import {liquidationPriceOf} from '../../src/paper-exchange/liquidation-price.js'
import {maintenance} from '../../src/paper-exchange/margin.js'
import {parseRules} from '../../src/paper-exchange/symbol-rules.js'
import {eventually} from '../support/eventually.js'
import {btc} from './scripted-market.js'
import {TestVenue} from './venue-fixture.js'

const S = 'BTCUSDT'
const {brackets} = parseRules(btc)

describe('maintenance margin', () => {
	it.each([
		['6000', '24'],
		['50000', '200'],
		['100000', '450'],
		['1000000', '5550'],
	])('of a notional of %s is %s', (notional, expected) => {
		expect(maintenance(brackets, dec(notional)).toString()).toBe(expected)
	})

	it.each([
		['a long of 0.1 BTC at 60000 with 600', '0.1', '54216.87'],
		['a short of 0.1 BTC at 60000 with 600', '-0.1', '65737.05'],
	])('liquidates %s', (_name, amount, expected) => {
		const price = liquidationPriceOf(brackets, dec(amount), dec('60000'), dec('600'))
		expect(price.toFixed(2)).toBe(expected)
	})
})

let venue: TestVenue

beforeEach(async () => {
	venue = await TestVenue.start({config: {wallet_usdt: '1000'}})
	await venue.advance(10)
})
afterEach(() => venue.close())

const wallet = async () => (await venue.balance()).balance

describe('leverage and margin type', () => {
	it('bound what may be opened', async () => {
		expect((await venue.market(S, 'BUY', '0.4')).body).toMatchObject({code: -2019})
		expect((await venue.post('/fapi/v1/leverage', {symbol: S, leverage: 126})).body).toMatchObject({code: -4028})
		const {body} = await venue.post('/fapi/v1/leverage', {symbol: S, leverage: 100})
		expect(body).toEqual({symbol: S, leverage: 100, maxNotionalValue: '600000'})
		expect((await venue.market(S, 'BUY', '0.4')).body).toMatchObject({status: 'FILLED'})
		expect((await venue.post('/fapi/v1/leverage', {symbol: S, leverage: 20})).body).toMatchObject({code: -2028})
		await venue.post('/fapi/v1/leverage', {symbol: S, leverage: 125})
		expect((await venue.limit(S, 'BUY', '0.5', '59990')).body).toMatchObject({code: -2027})
	})

	it('reserves margin for resting orders of the larger side', async () => {
		await venue.limit(S, 'BUY', '0.1', '59000')
		expect(await venue.balance()).toMatchObject({availableBalance: '705.00000000'})
		await venue.limit(S, 'SELL', '0.1', '60000.1')
		expect(await venue.balance()).toMatchObject({availableBalance: '699.99950000'})
		await venue.delete('/fapi/v1/allOpenOrders', {symbol: S})
		expect(await venue.balance()).toMatchObject({availableBalance: '1000.00000000'})
	})

	it('changes only while nothing is open', async () => {
		const isolate = () => venue.post('/fapi/v1/marginType', {symbol: S, marginType: 'ISOLATED'})
		expect((await venue.post('/fapi/v1/marginType', {symbol: S, marginType: 'CROSSED'})).body).toMatchObject({
			code: -4046,
		})
		await venue.limit(S, 'BUY', '0.1', '59000')
		expect((await isolate()).body).toMatchObject({code: -4047})
		await venue.delete('/fapi/v1/allOpenOrders', {symbol: S})
		await venue.market(S, 'BUY', '0.1')
		expect((await isolate()).body).toMatchObject({code: -4048})
		await venue.market(S, 'SELL', '0.1')
		expect((await isolate()).body).toEqual({code: 200, msg: 'success'})
	})

	it('keeps an isolated wallet apart, which can be added to and taken from', async () => {
		await venue.post('/fapi/v1/marginType', {symbol: S, marginType: 'ISOLATED'})
		await venue.market(S, 'BUY', '0.1')
		expect(await venue.position(S)).toMatchObject({isolatedWallet: '300.05000000', entryPrice: '60010'})
		expect(await venue.balance()).toMatchObject({balance: '996.99950000', crossWalletBalance: '696.94950000'})
		await venue.post('/fapi/v1/positionMargin', {symbol: S, amount: '100', type: 1})
		expect(await venue.position(S)).toMatchObject({isolatedWallet: '400.05000000', liquidationPrice: '56234.437751'})
		expect((await venue.post('/fapi/v1/positionMargin', {symbol: S, amount: '200', type: 2})).body).toMatchObject({
			code: -4051,
		})
		expect((await venue.post('/fapi/v1/positionMargin', {symbol: S, amount: '9000', type: 1})).body).toMatchObject({
			code: -4050,
		})
		expect((await venue.post('/fapi/v1/leverage', {symbol: S, leverage: 10})).body).toMatchObject({code: -4161})
		await venue.market(S, 'SELL', '0.05')
		expect(await venue.position(S)).toMatchObject({isolatedWallet: '200.02500000'})
	})
})

describe('funding', () => {
	it('is paid by longs and received by shorts at the mark', async () => {
		await venue.market(S, 'BUY', '0.123')
		const user = await venue.listen()
		venue.script.mark(15, S, '60012.34').funding(20, S, '0.0001')
		await venue.advance(20)
		const rows = await venue.list('/fapi/v1/income', {incomeType: 'FUNDING_FEE'})
		expect(rows).toMatchObject([{symbol: S, income: '-0.73815178', asset: 'USDT', time: venue.script.start_ms + 20}])
		await eventually(() => user.of('ACCOUNT_UPDATE').length === 1)
		expect(user.of('ACCOUNT_UPDATE')[0]).toMatchObject({
			a: {m: 'FUNDING_FEE', P: [], B: [{a: 'USDT', wb: await wallet()}]},
		})
	})
})

describe('liquidation', () => {
	it('warns, cancels what rests, sells at the bankruptcy price and leaves no negative wallet', async () => {
		await venue.market(S, 'BUY', '0.3')
		await venue.limit(S, 'SELL', '0.3', '61000', {reduceOnly: true})
		await venue.algo({symbol: S, side: 'SELL', type: 'STOP_MARKET', closePosition: 'true', triggerPrice: '50000'})
		const user = await venue.listen()
		venue.script
			.mark(20, S, '56790')
			.book(
				30,
				S,
				[
					['56800.0', '0.1'],
					['56600.0', '9'],
				],
				[['56900.0', '9']],
			)
			.mark(40, S, '56700')
		await venue.advance(20)
		await eventually(() => user.of('MARGIN_CALL').length === 1)
		await venue.advance(40)
		expect(await venue.position(S)).toBeUndefined()
		expect(await venue.list('/fapi/v1/openOrders')).toEqual([])
		expect(await venue.list('/fapi/v1/openAlgoOrders')).toEqual([])
		const orders = await venue.list('/fapi/v1/allOrders', {symbol: S})
		const forced = orders.at(-1)
		expect(forced).toMatchObject({status: 'FILLED', side: 'SELL', timeInForce: 'IOC', origType: 'LIQUIDATION'})
		expect(String(forced?.clientOrderId)).toMatch(/^autoclose-/)
		const income = await venue.allIncome()
		const sum = income.reduce((total, row) => total.add(String(row.income)), dec(0))
		expect(sum.toFixed(8)).toBe(await wallet())
		expect(Number(await wallet())).toBeGreaterThanOrEqual(0)
		expect(income.some(row => row.incomeType === 'INSURANCE_CLEAR')).toBe(true)
		expect(venue.log().map(line => line.event)).toContain('liquidation')
	})

	it('costs an isolated position its own wallet and no more', async () => {
		await venue.post('/fapi/v1/marginType', {symbol: S, marginType: 'ISOLATED'})
		await venue.market(S, 'SELL', '0.1')
		const before = await venue.balance()
		venue.script.book(20, S, [['69000.0', '9']], [['70000.0', '9']]).mark(30, S, '69500')
		await venue.advance(30)
		expect(await venue.position(S)).toBeUndefined()
		expect(await venue.balance()).toMatchObject({balance: before.crossWalletBalance})
	})

	it('sells the largest cross position first and stops when that is enough', async () => {
		await venue.close()
		venue = await TestVenue.start({config: {wallet_usdt: '1000', fees: {liquidation: '0.0005'}}})
		await venue.advance(10)
		await venue.market(S, 'BUY', '0.25')
		await venue.market('ETHUSDT', 'BUY', '0.3')
		venue.script.book(20, S, [['56200.0', '9']], [['56300.0', '9']]).mark(30, S, '56200')
		await venue.advance(30)
		expect(await venue.position(S)).toBeUndefined()
		expect(await venue.position('ETHUSDT')).toMatchObject({positionAmt: '0.3'})
	})
})
