import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {dec} from '../../src/paper-exchange/decimal.js'
import type {Candle, Level} from '../../src/paper-exchange/market.js'
import {eventually} from '../support/eventually.js'
import {quietMarket, ScriptedMarket, startMs} from './scripted-market.js'
import {type Json, Listener, TestVenue} from './venue-fixture.js'

const S = 'BTCUSDT'
let venue: TestVenue

beforeEach(async () => {
	venue = await TestVenue.start()
	await venue.advance(10)
})
afterEach(() => venue.close())

/** Keeps a book by Binance's rules from a REST snapshot and the depth stream; throws when the chain breaks. */
const keepBook = (snapshot: Json, updates: readonly Json[]): {bids: string[][]; asks: string[][]} => {
	const side = (levels: unknown) => new Map((levels as Level[]).map(([price, quantity]) => [price, quantity]))
	const book = {b: side(snapshot.bids), a: side(snapshot.asks)}
	let last = Number(snapshot.lastUpdateId)
	let first = true
	for (const update of updates.filter(message => Number(message.u) >= last)) {
		if (first ? Number(update.U) > last + 1 : update.pu !== last) throw new Error('the chain is broken')
		for (const name of ['b', 'a'] as const) {
			for (const [price, quantity] of update[name] as Level[]) {
				if (quantity === '0') book[name].delete(price)
				else book[name].set(price, quantity)
			}
		}
		first = false
		last = Number(update.u)
	}
	const sorted = (levels: Map<string, string>, sign: 1 | -1) =>
		[...levels].map(level => [...level]).sort(([a], [b]) => sign * (Number(a) - Number(b)))
	return {bids: sorted(book.b, -1), asks: sorted(book.a, 1)}
}

describe('depth', () => {
	it('chains from a REST snapshot taken at any time to the book of now, our takings included', async () => {
		const listener = await venue.subscribe('btcusdt@depth@100ms')
		let snapshot: Json = {}
		for (let index = 1; index <= 30; index += 1) {
			const price = 60_000 + ((index * 7) % 11)
			const levels = (sign: number) =>
				[0, 1, 2].map(step => [(price + sign * (step + 1)).toFixed(1), `${(index % 4) + 1}`] as const)
			venue.script.book(10 + index * 40, S, levels(-1), levels(1))
			await venue.advance(10 + index * 40)
			if (index === 13) snapshot = (await venue.get('/fapi/v1/depth', {symbol: S})).body
			if (index === 20) await venue.market(S, 'BUY', '0.5')
		}
		await venue.advance(1400)
		const now = (await venue.get('/fapi/v1/depth', {symbol: S})).body
		await eventually(() => listener.messages.at(-1)?.u === now.lastUpdateId)
		expect(keepBook(snapshot, listener.messages)).toEqual({bids: now.bids, asks: now.asks})
	})

	it('and best prices show at once what the account took', async () => {
		const listener = await venue.subscribe('btcusdt@depth@100ms', 'btcusdt@bookTicker')
		const before = (await venue.get('/fapi/v1/depth', {symbol: S})).body
		await venue.market(S, 'BUY', '1.25')
		await eventually(() => listener.of('bookTicker').length === 2)
		expect(listener.of('bookTicker').map(message => [message.a, message.A])).toEqual([
			['60020.0', '1'],
			['60020.0', '0.75'],
		])
		await venue.advance(200)
		await eventually(() => listener.of('depthUpdate').length === 1)
		expect(listener.of('depthUpdate')[0]).toMatchObject({
			pu: before.lastUpdateId,
			b: [],
			a: [
				['60020.0', '0.75'],
				['60010.0', '0'],
			],
		})
	})

	it('shows the first levels alone when asked to', async () => {
		const listener = await venue.subscribe('btcusdt@depth5@100ms')
		venue.script.book(50, S, [['60000.0', '2']], [['60001.0', '3']])
		await venue.advance(200)
		await eventually(() => listener.messages.length === 1)
		expect(listener.messages[0]).toMatchObject({b: [['60000.0', '2']], a: [['60001.0', '3']]})
	})
})

const klineOf = (message: Json): Json => message.k as Json

describe('candles', () => {
	it('close in order, without gaps, and repeat the last close when nothing traded', async () => {
		const listener = await venue.subscribe('btcusdt@kline_1m', 'btcusdt@kline_3m')
		venue.script
			.trade(61_000, S, '60100.0', '1')
			.trade(62_000, S, '59900.0', '2', true)
			.trade(330_000, S, '60500.0', '1')
		await venue.advance(360_000)
		const closed = () =>
			listener
				.of('kline')
				.map(klineOf)
				.filter(candle => candle.x === true)
		await eventually(() => closed().length === 8)
		const minutes = closed().filter(candle => candle.i === '1m')
		expect(minutes.map(({t, o, h, l, c, v, n}) => [Number(t) - startMs, o, h, l, c, v, n])).toEqual([
			[0, '60000', '60000', '60000', '60000', '0.5', 1],
			[60_000, '60100', '60100', '59900', '59900', '3', 2],
			[120_000, '59900', '59900', '59900', '59900', '0', 0],
			[180_000, '59900', '59900', '59900', '59900', '0', 0],
			[240_000, '59900', '59900', '59900', '59900', '0', 0],
			[300_000, '60500', '60500', '60500', '60500', '1', 1],
		])
		const [first, second] = closed().filter(candle => candle.i === '3m')
		expect(first).toMatchObject({
			t: startMs,
			o: '60000',
			h: '60100',
			l: '59900',
			c: '59900',
			v: '3.5',
			q: '209900',
			n: 3,
			V: '1.5',
		})
		expect(second).toMatchObject({t: startMs + 180_000, o: '60500', c: '60500', v: '1'})
		const rest = (await venue.get('/fapi/v1/klines', {symbol: S, interval: '1m'})).body as unknown as unknown[][]
		expect(rest.map(row => row[4])).toEqual(['60000', '59900', '59900', '59900', '59900', '60500', '60500'])
	})

	it('continue the history of the market, in longer intervals too', async () => {
		await venue.close()
		const candle = (index: number): Candle => ({
			open_ms: startMs + 120_000 - (10 - index) * 60_000,
			open: '100',
			high: `${110 + index}`,
			low: '90',
			close: `${100 + index}`,
			volume: '2',
			quote_volume: '200',
			trades: 3,
		})
		const history = Array.from({length: 10}, (_, index) => candle(index))
		venue = await TestVenue.start({
			market: () => new ScriptedMarket({start_ms: startMs + 120_000, history}).trade(1000, S, '105.0', '1'),
		})
		await venue.advance(60_000)
		const rows = (await venue.get('/fapi/v1/klines', {symbol: S, interval: '1m', limit: 4}))
			.body as unknown as unknown[][]
		expect(rows.map(row => row[4])).toEqual(['108', '109', '105', '105'])
		const three = (await venue.get('/fapi/v1/klines', {symbol: S, interval: '3m', limit: 2}))
			.body as unknown as unknown[][]
		expect(three[0]?.slice(0, 6)).toEqual([startMs, '100', '119', '90', '105', '5'])
		const from = startMs
		const asked = (
			await venue.get('/fapi/v1/klines', {symbol: S, interval: '1m', startTime: from, endTime: from + 60_000})
		).body
		expect(asked).toHaveLength(2)
	})
})

describe('public streams', () => {
	it('tell of prints, best prices, marks and tickers, plain and combined', async () => {
		await venue.advance(1400)
		const names = [
			'btcusdt@aggTrade',
			'btcusdt@trade',
			'btcusdt@bookTicker',
			'btcusdt@markPrice@1s',
			'btcusdt@miniTicker',
		]
		const plain = await venue.subscribe(...names)
		const combined = await Listener.open(
			`${venue.ws_url}/market/stream?streams=${[...names, '!markPrice@arr@1s', '!miniTicker@arr'].join('/')}`,
		)
		venue.script
			.trade(1500, S, '60100.0', '0.7', true)
			.mark(1600, S, '60050')
			.book(1700, S, [['60099.0', '1']], [['60101.0', '2']])
		await venue.advance(3000)
		await eventually(() => plain.messages.length === 5 && combined.messages.length === 7)
		const at = startMs + 1500
		expect(plain.of('aggTrade')[0]).toEqual({
			e: 'aggTrade',
			E: at,
			s: S,
			a: 2,
			p: '60100',
			q: '0.7',
			f: 2,
			l: 2,
			T: at,
			m: true,
		})
		expect(plain.of('trade')[0]).toMatchObject({t: 2, T: at, X: 'MARKET', m: true})
		expect(plain.of('bookTicker')[0]).toMatchObject({b: '60099.0', B: '1', a: '60101.0', A: '2', T: startMs + 1700})
		expect(plain.of('markPriceUpdate')[0]).toMatchObject({p: '60050', i: '60050', r: '0.0001', E: startMs + 2000})
		expect(plain.of('24hrMiniTicker')[0]).toMatchObject({c: '60100', o: '60000', h: '60100', v: '1.2'})
		expect(combined.messages.map(message => message.stream).sort()).toEqual(
			[...names, '!markPrice@arr@1s', '!miniTicker@arr'].sort(),
		)
		const array = combined.messages.find(message => message.stream === '!markPrice@arr@1s')
		expect(array?.data).toMatchObject([{s: S, p: '60050'}])
	})

	it('speak of symbols in any script', async () => {
		const symbol = '币安人生USDT'
		const listener = await Listener.open(`${venue.ws_url}/ws/${encodeURIComponent('币安人生usdt@aggTrade')}`)
		venue.script.trade(50, symbol, '0.20010', '7')
		await venue.advance(50)
		await eventually(() => listener.messages.length === 1)
		expect(listener.messages[0]).toMatchObject({s: symbol, p: '0.2001', q: '7'})
	})

	it('obey SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS and echo ids of any kind', async () => {
		const listener = await Listener.open(`${venue.ws_url}/public/ws`)
		expect(
			await listener.call({method: 'SUBSCRIBE', params: ['BTCUSDT@aggTrade', 'btcusdt@bookTicker'], id: 'text'}),
		).toEqual({result: null, id: 'text'})
		expect(await listener.call({method: 'LIST_SUBSCRIPTIONS', id: 7})).toEqual({
			result: ['btcusdt@aggTrade', 'btcusdt@bookTicker'],
			id: 7,
		})
		await listener.call({method: 'UNSUBSCRIBE', params: ['btcusdt@aggTrade'], id: 8})
		venue.script.trade(50, S, '60000.0', '1').book(50, S, [['1.0', '1']], [])
		await venue.advance(60)
		await eventually(() => listener.of('bookTicker').length === 1)
		expect(listener.of('aggTrade')).toEqual([])
		expect(await listener.call({method: 'GUESS', id: 9})).toMatchObject({error: {code: 2}, id: 9})
	})
})

describe('the user stream', () => {
	it('is reached by every path, and by subscription', async () => {
		const key = String((await venue.post('/fapi/v1/listenKey')).body.listenKey)
		const urls = [
			`/ws/${key}`,
			`/private/ws?listenKey=${key}&events=ORDER_TRADE_UPDATE`,
			`/private/stream?listenKey=${key}`,
			`/stream?streams=${key}`,
		]
		const listeners = await Promise.all(urls.map(url => Listener.open(venue.ws_url + url)))
		const subscribed = await Listener.open(`${venue.ws_url}/private/stream?streams=`)
		await subscribed.call({method: 'SUBSCRIBE', params: [key], id: 1})
		await venue.market(S, 'BUY', '0.01')
		await eventually(() => listeners.every(listener => listener.messages.length === 3))
		expect(listeners.map(({messages}) => messages[0]?.stream)).toEqual([undefined, undefined, key, key])
		await eventually(() => subscribed.messages.filter(message => message.stream === key).length === 3)
	})

	it('dies with its key: expired, deleted, or never valid', async () => {
		const user = await venue.listen()
		const stranger = await Listener.open(`${venue.ws_url}/ws/nonsense`)
		await venue.control('POST', '/user-stream', {action: 'expire_listen_key'})
		await eventually(() => user.of('listenKeyExpired').length === 1)
		expect((await venue.send('PUT', '/fapi/v1/listenKey')).body).toMatchObject({code: -1125})
		const again = await venue.listen()
		await venue.market(S, 'BUY', '0.01')
		await eventually(() => again.messages.length === 3)
		await venue.delete('/fapi/v1/listenKey')
		await venue.market(S, 'BUY', '0.01')
		await venue.advance(20)
		expect([user.messages.length, again.messages.length, stranger.messages.length]).toEqual([1, 3, 0])
	})

	it('expires after 60 minutes of machine time unless it is prolonged', async () => {
		await venue.close()
		const clock = {at: Date.now()}
		venue = await TestVenue.start({
			clock: {now_ms: () => clock.at},
			config: {recv_window_max_ms: 1e9},
			market: quietMarket,
		})
		const start = clock.at
		const user = await Listener.open(
			`${venue.ws_url}/ws/${String((await venue.post('/fapi/v1/listenKey')).body.listenKey)}`,
		)
		clock.at = start + 3_000_000
		expect((await venue.send('PUT', '/fapi/v1/listenKey')).http).toBe(200)
		clock.at = start + 6_500_000
		expect((await venue.send('PUT', '/fapi/v1/listenKey')).http).toBe(200)
		clock.at = start + 10_100_000
		await eventually(() => user.of('listenKeyExpired').length === 1)
	})
})

describe('fees', () => {
	it('on the stream are those of REST and of income', async () => {
		const user = await venue.listen()
		await venue.market(S, 'BUY', '0.123')
		await eventually(() => user.messages.length === 3)
		const fee = user.orders('ORDER_TRADE_UPDATE')[1]?.n
		expect(fee).toBe(dec('60010').mul('0.123').mul('0.0005').toFixed(8))
		const [trade] = await venue.list('/fapi/v1/userTrades', {symbol: S})
		const [income] = await venue.list('/fapi/v1/income', {incomeType: 'COMMISSION'})
		expect([trade?.commission, income?.income, income?.tradeId]).toEqual([fee, `-${String(fee)}`, String(trade?.id)])
	})
})
