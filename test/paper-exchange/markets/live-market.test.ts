import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {Market, MarketEvent} from '../../../src/paper-exchange/market.js'
import {openMarket} from '../../../src/paper-exchange/markets/open-market.js'
import {eventually} from '../../support/eventually.js'
import {FeedServer} from './feed-server.js'

const DAY_MS = 86_400_000
const FAST = {stale_after_ms: 60_000, retry_min_ms: 5, retry_max_ms: 20, open_within_ms: 10_000, warmup_ms: 3_600_000}

let server: FeedServer
let market: Market | undefined
let notes: string[]

beforeEach(async () => {
	server = await new FeedServer(['BTCUSDT', '币安人生USDT']).listen()
	notes = []
})

afterEach(async () => {
	await market?.close()
	market = undefined
	await server[Symbol.asyncDispose]()
})

async function open(more: object = {}): Promise<Market> {
	const urls = {ws_url: `ws://${server.host}`, rest_url: `http://${server.host}`}
	const config = {kind: 'live' as const, symbols: [...server.symbols], ...urls, ...FAST, ...more}
	market = await openMarket(config, line => notes.push(line))
	return market
}

/** Reads until an event is as wished. */
function sees(from: Market, wish: (event: MarketEvent) => boolean): Promise<MarketEvent> {
	return eventually(() => {
		for (let event = from.next(Date.now() + 1000); event !== undefined; event = from.next(Date.now() + 1000))
			if (wish(event)) return event
		return undefined
	})
}

const bid = (price: string) => (event: MarketEvent) => event.kind === 'book' && event.bids[0]?.[0] === price

describe('the live market', () => {
	it('takes filters and history from REST and fills minutes that the venue leaves out', async () => {
		const live = await open()
		expect(live.symbols[0]).toMatchObject({
			symbol: 'BTCUSDT',
			tick_size: '0.1',
			step_size: '0.001',
			min_notional: '5',
			max_market_quantity: '120',
			funding_interval_hours: 4,
		})
		expect(live.symbols[1]).toMatchObject({symbol: '币安人生USDT', funding_interval_hours: 8})
		const candles = live.history('币安人生USDT', '1m', 0, Number.POSITIVE_INFINITY)
		expect(candles.length).toBeGreaterThanOrEqual(60)
		expect(candles.map(candle => candle.open_ms)).toEqual(
			candles.map((_, at) => (candles[0]?.open_ms ?? 0) + at * 60_000),
		)
		expect(live.start_ms - (candles.at(-1)?.open_ms ?? 0)).toBeLessThan(2 * 60_000)
		expect(candles.filter(candle => candle.volume === '0.000').every(candle => candle.open_ms % 600_000 === 0)).toBe(
			true,
		)
	})

	it('fetches a long history in parts', async () => {
		const live = await open({warmup_ms: 3 * DAY_MS})
		expect(live.history('BTCUSDT', '1h', 0, Number.POSITIVE_INFINITY).length).toBeGreaterThanOrEqual(70)
		expect(server.requests.filter(path => path === '/fapi/v1/klines').length).toBeGreaterThanOrEqual(6)
	})

	it('tells books with newer best prices on top, prints, marks and fundings', async () => {
		const live = await open()
		server.ticker('BTCUSDT', '100.1', '100.3')
		expect(await sees(live, bid('100.1'))).toMatchObject({
			bids: [
				['100.1', '1.000'],
				['100.0', '2.000'],
				['90.0', '5.000'],
			],
			asks: [['100.3', '1.000']],
		})
		server.trade('币安人生USDT', '100.2')
		expect(await sees(live, event => event.kind === 'trade')).toMatchObject({
			symbol: '币安人生USDT',
			price: '100.2',
			quantity: '0.500',
			buyer_is_maker: true,
		})
		const next_ms = Date.now() - 1
		server.mark('BTCUSDT', '100.2', next_ms)
		expect(await sees(live, event => event.kind === 'mark' && event.next_funding_ms === next_ms)).toMatchObject({
			mark: '100.2',
			funding_rate: '0.00012345',
		})
		server.ticker('BTCUSDT', '100.0', '100.2')
		expect(await sees(live, event => event.kind === 'funding')).toMatchObject({symbol: 'BTCUSDT', rate: '0.00012345'})
	})

	it('never goes back in time, whatever the order of arrival', async () => {
		const live = await open()
		const times: number[] = []
		for (const [price, E] of [
			['100.4', Date.now()],
			['100.5', Date.now() - 5000],
			['100.6', Date.now()],
		] as const)
			server.trade('BTCUSDT', price, {E})
		await sees(live, event => {
			times.push(event.time_ms)
			return event.kind === 'trade' && event.price === '100.6'
		})
		expect(times).toEqual([...times].sort((one, other) => one - other))
		expect(times[0]).toBeGreaterThanOrEqual(live.start_ms)
	})

	it('connects again when connections drop, and says so', async () => {
		const live = await open()
		server.drop()
		await eventually(() => notes.filter(note => note.startsWith('connected again')).length === 2)
		server.book('BTCUSDT', '123.0', '123.2')
		await sees(live, bid('123.0'))
		expect(notes.some(note => /connection to ws:.*public.* lost .*trying again in 5 ms/.test(note))).toBe(true)
	})

	it('drops a connection that went silent', async () => {
		await open({stale_after_ms: 50})
		await eventually(() => notes.some(note => /nothing came from ws:.* for 50 ms/.test(note)))
		await eventually(() => notes.some(note => note.startsWith('connected again')))
	})

	it('tells unreadable messages without flooding, and goes on', async () => {
		const live = await open()
		for (let count = 0; count < 25; count++) server.raw('public', '{"no":')
		server.book('BTCUSDT', '124.0', '124.2')
		await sees(live, bid('124.0'))
		expect(notes.filter(note => note.includes('unreadable'))).toHaveLength(2)
	})
})

describe('opening a live market', () => {
	it('refuses symbols that the venue does not trade', async () => {
		await expect(open({symbols: ['BTCUSDT', 'NOUSDT']})).rejects.toThrow(/does not trade NOUSDT: choose from its 2/)
	})

	it('says which symbols have no book in time', async () => {
		const urls = {ws_url: `ws://${server.host}/elsewhere`, rest_url: `http://${server.host}`}
		await expect(open({...urls, open_within_ms: 100})).rejects.toThrow(
			/no book of BTCUSDT, 币安人生USDT came within 100 ms/,
		)
	})

	it('does not ask again after a refusal, and says what was answered', async () => {
		server.spoiled.set('/fapi/v1/exchangeInfo', [429, '{"code":-1003,"msg":"Too many requests"}'])
		await expect(open()).rejects.toThrow(/exchangeInfo does not answer: HTTP 429 .*-1003/)
		expect(server.requests.filter(path => path === '/fapi/v1/exchangeInfo')).toHaveLength(1)
	})

	it('asks again, a few times, when the venue fails', async () => {
		server.spoiled.set('/fapi/v1/time', [503, 'busy'])
		await expect(open()).rejects.toThrow(/HTTP 503 busy/)
		expect(server.requests).toHaveLength(4)
	})

	it('says when the answer is not what it should be', async () => {
		server.spoiled.set('/fapi/v1/klines', [200, '[["a"]]'])
		await expect(open()).rejects.toThrow(/klines.* answers otherwise than Binance does/)
	})
})
