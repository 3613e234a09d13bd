import {createHmac} from 'node:crypto'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {eventually} from '../support/eventually.js'
import {credentials, PlainClient, TestVenue} from './venue-fixture.js'

const S = 'BTCUSDT'
let venue: TestVenue

beforeEach(async () => {
	venue = await TestVenue.start()
	await venue.advance(10)
})
afterEach(() => venue.close())

describe('signatures', () => {
	it('are over the raw text, in query or body, and refuse what is forged, stale or early', async () => {
		const stranger = new PlainClient(venue.rest_url, venue.ws_url, {...credentials, api_secret: 'wrong'})
		expect((await stranger.get('/fapi/v3/balance')).body).toMatchObject({code: -1022})
		const nobody = new PlainClient(venue.rest_url, venue.ws_url, {...credentials, api_key: 'nobody'})
		expect((await nobody.get('/fapi/v3/balance')).body).toMatchObject({code: -2015})
		expect((await venue.get('/fapi/v3/balance', {timestamp: 0})).http).toBe(200)
		const raw = async (text: string, path = '/fapi/v3/balance', method = 'GET') => {
			const signature = createHmac('sha256', credentials.api_secret).update(text).digest('hex')
			const url = venue.rest_url + path
			const headers = {'x-mbx-apikey': credentials.api_key}
			const signed = `${text}&signature=${signature}`
			const response = await (method === 'GET'
				? fetch(`${url}?${signed}`, {headers})
				: fetch(url, {method, headers, body: signed}))
			return (await response.json()) as {code?: number}
		}
		expect(await raw(`timestamp=${Date.now() - 6000}`)).toMatchObject({code: -1021})
		expect(await raw(`timestamp=${Date.now() - 6000}&recvWindow=20000`)).toHaveLength(1)
		expect(await raw(`timestamp=${Date.now() - 61_000}&recvWindow=999999`)).toMatchObject({code: -1021})
		expect(await raw(`timestamp=${Date.now() + 3000}`)).toMatchObject({code: -1021})
		const batch =
			'[{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","price":"59000","quantity":"0.01","timeInForce":"GTC"}]'
		expect(await raw(`batchOrders=${batch}&timestamp=${Date.now()}`, '/fapi/v1/batchOrders', 'POST')).toMatchObject([
			{status: 'NEW'},
		])
		expect(await raw('recvWindow=5000')).toMatchObject({code: -1102})
	})

	it('are not asked of public data and listen keys', async () => {
		expect((await venue.send('GET', '/fapi/v1/depth', {symbol: S}, {signed: false})).http).toBe(200)
		expect((await venue.send('POST', '/fapi/v1/listenKey', {}, {signed: false})).http).toBe(200)
		expect((await venue.send('GET', '/fapi/v1/nothing', {}, {signed: false})).http).toBe(404)
	})
})

describe('rate limits', () => {
	it('answer 429, then ban with 418, and count what was used', async () => {
		await venue.close()
		const clock = {at: Math.floor(Date.now() / 60_000) * 60_000}
		const limits = {weight_per_minute: 10, violations_until_ban: 3, ban_ms: 90_000}
		venue = await TestVenue.start({clock: {now_ms: () => clock.at}, config: {limits}})
		const ping = () => venue.send('GET', '/fapi/v1/ping', {}, {signed: false})
		for (let used = 1; used <= 10; used += 1)
			expect((await ping()).headers.get('x-mbx-used-weight-1m')).toBe(String(used))
		const first = await ping()
		expect([first.http, first.body.code, first.headers.get('retry-after')]).toEqual([429, -1003, '60'])
		await ping()
		expect((await ping()).http).toBe(418)
		clock.at += 60_000
		expect((await ping()).http).toBe(418)
		clock.at += 30_000
		expect((await ping()).http).toBe(200)
	})

	it('count orders apart', async () => {
		await venue.close()
		venue = await TestVenue.start({config: {limits: {orders_per_10s: 2}}})
		await venue.advance(10)
		const place = () => venue.limit(S, 'BUY', '0.01', '59000')
		expect((await place()).headers.get('x-mbx-order-count-10s')).toBe('1')
		await place()
		expect(await place()).toMatchObject({http: 429, body: {code: -1015}})
	})
})

describe('faults', () => {
	const order = {symbol: S, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '59000'}
	const inject = (fault: unknown) => venue.control('POST', '/faults', fault)
	const open = async () => (await venue.list('/fapi/v1/openOrders')).map(row => row.clientOrderId)

	it('refuse without doing, or do and misreport: the unknown outcome', async () => {
		const action = {kind: 'error', http: 503, code: -1007, msg: 'Timeout waiting for response from backend server.'}
		await inject({match: {method: 'POST', path: '/fapi/v1/order', client_id_prefix: 'lost'}, action})
		await inject({match: {client_id_prefix: 'done'}, after_accept: true, action})
		expect(await venue.order({...order, newClientOrderId: 'lost-1'})).toMatchObject({http: 503, body: {code: -1007}})
		expect(await venue.order({...order, newClientOrderId: 'done-1'})).toMatchObject({http: 503, body: {code: -1007}})
		expect(await venue.order({...order, newClientOrderId: 'lost-2'})).toMatchObject({http: 200})
		expect(await open()).toEqual(['done-1', 'lost-2'])
		const records = venue.log().filter(line => line.fault !== undefined)
		expect(records.map(line => [line.http, line.order_id === undefined])).toEqual([
			[503, true],
			[200, false],
		])
	})

	it('drop, hang, delay and garble', async () => {
		await inject({match: {client_id_prefix: 'drop'}, after_accept: true, action: {kind: 'drop'}})
		await expect(venue.order({...order, newClientOrderId: 'drop'})).rejects.toThrow()
		await inject({match: {client_id_prefix: 'hang'}, action: {kind: 'hang', ms: 30}})
		await expect(venue.order({...order, newClientOrderId: 'hang'})).rejects.toThrow()
		await inject({match: {client_id_prefix: 'garbage'}, action: {kind: 'garbage'}})
		await expect(venue.order({...order, newClientOrderId: 'garbage'})).rejects.toThrow(/JSON/)
		await inject({match: {client_id_prefix: 'delay'}, action: {kind: 'delay', ms: 40}})
		const started = performance.now()
		expect(await venue.order({...order, newClientOrderId: 'delay'})).toMatchObject({http: 200})
		expect(performance.now() - started).toBeGreaterThan(35)
		expect(await open()).toEqual(['drop', 'delay'])
		const garbled = venue
			.log()
			.find(({params}) => (params as {newClientOrderId?: string})?.newClientOrderId === 'garbage')
		expect(garbled).toMatchObject({http: 503})
	})

	it('strike so many times as asked, and are taken back', async () => {
		const action = {kind: 'error', http: 400, code: -1000, msg: 'x'}
		await inject({match: {method: 'POST'}, times: 2, action})
		await venue.order(order)
		expect((await venue.control('GET', '/faults')).faults).toMatchObject([{left: 1, times: 2}])
		await venue.control('DELETE', '/faults')
		expect(await venue.order(order)).toMatchObject({http: 200})
		expect(await inject({action: {kind: 'explode'}})).toHaveProperty('error')
	})

	it('of the user stream lose, repeat and drop', async () => {
		const user = await venue.listen()
		const stream = (action: string, times = 1) => venue.control('POST', '/user-stream', {action, times})
		await stream('lose_next')
		await venue.order(order)
		await stream('duplicate_next')
		await venue.order(order)
		await eventually(() => user.messages.length === 2)
		expect(user.messages[0]).toEqual(user.messages[1])
		await stream('drop_sockets')
		await eventually(() => user.closed)
	})

	it('of the user stream come late and disordered', async () => {
		const user = await venue.listen()
		const stream = (action: string, times: number, ms: number) =>
			venue.control('POST', '/user-stream', {action, times, ms})
		const ids = (count: number) =>
			eventually(() => user.messages.length === count && user.messages.splice(0).map(({o}) => (o as {c: string}).c))
		const both = async (one: string, other: string) => {
			await venue.order({...order, newClientOrderId: one})
			await venue.order({...order, newClientOrderId: other})
		}
		await stream('delay_next', 1, 60)
		await both('late', 'in-time')
		expect(await ids(2)).toEqual(['in-time', 'late'])
		await stream('reverse_next', 2, 60_000)
		await both('first', 'second')
		expect(await ids(2)).toEqual(['second', 'first'])
		await stream('reverse_next', 3, 1_500)
		await both('third', 'fourth')
		expect(await ids(2)).toEqual(['fourth', 'third'])
	})

	it('put the clock of requests ahead and back, and not that of the log', async () => {
		const told = async () => Number((await venue.get('/fapi/v1/time')).body.serverTime) - Date.now()
		expect(Math.abs(await told())).toBeLessThan(30_000)
		await venue.control('POST', '/skew', {ms: 120_000})
		expect(await told()).toBeGreaterThan(30_000)
		expect(await venue.order(order)).toMatchObject({http: 400, body: {code: -1021}})
		expect(Math.abs(Number(venue.log().at(-1)?.machine_ms) - Date.now())).toBeLessThan(30_000)
		await venue.control('POST', '/skew', {ms: 0})
		expect(await venue.order(order)).toMatchObject({http: 200})
		expect(await venue.control('POST', '/skew', {ms: 1e9})).toHaveProperty('error')
	})
})

describe('the account', () => {
	it('takes deposits and withdrawals as transfers', async () => {
		const user = await venue.listen()
		expect(await venue.control('POST', '/transfer', {amount: '250.5'})).toEqual({asset: 'USDT', wallet: '10250.5'})
		await venue.control('POST', '/transfer', {asset: 'USDT', amount: '-50'})
		expect(await venue.control('POST', '/transfer', {amount: '-99999'})).toHaveProperty('error')
		await eventually(() => user.messages.length === 2)
		expect(user.messages.map(message => message.a)).toMatchObject([
			{m: 'DEPOSIT', B: [{wb: '10250.50000000', bc: '250.50000000'}]},
			{m: 'WITHDRAW', B: [{wb: '10200.50000000', bc: '-50.00000000'}]},
		])
		const income = await venue.list('/fapi/v1/income', {incomeType: 'TRANSFER'})
		expect(income.map(row => row.income)).toEqual(['10000.00000000', '250.50000000', '-50.00000000'])
	})

	it('pages its income without losing or repeating a row', async () => {
		for (let index = 1; index <= 25; index += 1) await venue.control('POST', '/transfer', {amount: `${index}`})
		const pages = await Promise.all([1, 2, 3, 4].map(page => venue.list('/fapi/v1/income', {page, limit: 10})))
		expect(pages.map(page => page.length)).toEqual([10, 10, 6, 0])
		expect(new Set(pages.flat().map(row => row.tranId)).size).toBe(26)
	})

	it('cancels ordinary orders when the countdown runs out, and no conditional ones', async () => {
		await venue.limit(S, 'BUY', '0.01', '59000')
		await venue.limit('ETHUSDT', 'BUY', '0.1', '2900')
		await venue.algo({symbol: S, side: 'BUY', type: 'STOP_MARKET', quantity: '0.01', triggerPrice: '61000'})
		await venue.post('/fapi/v1/countdownCancelAll', {symbol: S, countdownTime: 60})
		await venue.post('/fapi/v1/countdownCancelAll', {symbol: 'ETHUSDT', countdownTime: 60})
		await venue.post('/fapi/v1/countdownCancelAll', {symbol: 'ETHUSDT', countdownTime: 0})
		await eventually(async () => (await venue.list('/fapi/v1/openOrders')).length === 1)
		expect(await venue.list('/fapi/v1/openOrders')).toMatchObject([{symbol: 'ETHUSDT'}])
		expect(await venue.list('/fapi/v1/openAlgoOrders')).toHaveLength(1)
		expect(venue.log().map(line => line.event)).toContain('countdown')
	})
})

describe('the clock', () => {
	it('moves by command in lock-step and tells when the market has ended', async () => {
		const {start_ms} = venue.script
		venue.script.trade(500, S, '60000.0', '1').trade(900, S, '60000.0', '1')
		expect(await venue.advance(700)).toEqual({
			venue_ms: start_ms + 700,
			events: 1,
			last_event_ms: start_ms + 500,
			ended: false,
			silent: [],
		})
		expect(await venue.advance(600)).toMatchObject({venue_ms: start_ms + 700, events: 0})
		expect(await venue.control('GET', '/clock')).toMatchObject({
			venue_ms: start_ms + 700,
			speed: 'lockstep',
			end_ms: null,
		})
		expect(await venue.control('GET', '/health')).toMatchObject({ok: true})
		expect(await venue.control('GET', '/nothing')).toHaveProperty('error')
	})

	it('stops when it is asked to at what the account hears of, with everything delivered', async () => {
		const {start_ms} = venue.script
		const account = await venue.listen()
		venue.script.trade(500, S, '60000.0', '1').trade(600, S, '58000.0', '5').trade(900, S, '60000.0', '1')
		expect((await venue.limit(S, 'BUY', '0.01', '59000')).http).toBe(200)
		const advance = () => venue.control('POST', '/advance', {until_ms: start_ms + 1_000, stop_at_account_event: true})
		expect(await advance()).toMatchObject({venue_ms: start_ms + 600, events: 2, silent: []})
		const filled = account.of('ORDER_TRADE_UPDATE').map(({T}) => T)
		expect(filled).toContain(start_ms + 600)
		expect(await advance()).toMatchObject({venue_ms: start_ms + 1_000, events: 1})
	})

	it('names the client that does not say that it received what was sent, and goes on', {timeout: 15_000}, async () => {
		const {start_ms} = venue.script
		const wedged = await venue.subscribe('btcusdt@aggTrade', 'btcusdt@bookTicker', 'btcusdt@kline_1m')
		wedged.socket.pause()
		venue.script.trade(500, S, '60000.0', '1')
		expect(await venue.advance(700)).toMatchObject({
			venue_ms: start_ms + 700,
			silent: ['btcusdt@aggTrade, btcusdt@bookTicker, 1 more'],
		})
		wedged.socket.resume()
		expect(await venue.advance(800)).toMatchObject({silent: []})
	})

	it('runs faster than the machine when told to, and not by command then', async () => {
		await venue.close()
		venue = await TestVenue.start({config: {speed: 1000}})
		const {start_ms} = venue.script
		await eventually(async () => Number((await venue.control('GET', '/clock')).venue_ms) > start_ms + 60_000)
		expect(await venue.advance(10)).toHaveProperty('error')
		expect(Math.abs(Number((await venue.get('/fapi/v1/time')).body.serverTime) - Date.now())).toBeLessThan(1000)
	})
})
