import {afterEach, beforeAll, describe, expect, it} from 'vitest'
import {SystemClock} from '../../../../src/engine/adapters/clock/system-clock.js'
import {candleFeed} from '../../../../src/engine/adapters/exchange/candle-feed.js'
import {clockFeed} from '../../../../src/engine/adapters/exchange/clock-feed.js'
import {filtersFeed} from '../../../../src/engine/adapters/exchange/filters-feed.js'
import {quoteFeed} from '../../../../src/engine/adapters/exchange/quote-feed.js'
import {referenceFeed} from '../../../../src/engine/adapters/exchange/reference-feed.js'
import {universeFeed} from '../../../../src/engine/adapters/exchange/universe-feed.js'
import type {CandlePush} from '../../../../src/engine/exchange/candle-series.js'
import type {Quote} from '../../../../src/engine/exchange/quote-book.js'
import type {SymbolFilters} from '../../../../src/engine/exchange/symbol-filters.js'
import type {ReferenceQuote} from '../../../../src/engine/units/core/cross-exchange-aggregator.js'
import type {ListingsEvent} from '../../../../src/engine/units/core/universe-service.js'
import {quietMarket, startMs} from '../../../paper-exchange/scripted-market.js'
import {TestVenue} from '../../../paper-exchange/venue-fixture.js'
import {configOf, eventually, runFeed, symbols, warmUp} from './gateway-fixture.js'
import {TcpProxy} from './tcp-proxy.js'

beforeAll(warmUp)
const closing: Array<() => Promise<void>> = []
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close()
})
const start = async () => {
	const venue = await TestVenue.start({market: quietMarket})
	closing.push(() => venue.close())
	return venue
}
const run = <Event>(feed: Parameters<typeof runFeed>[0]) => {
	const running = runFeed<Event>(feed)
	closing.push(running.stop)
	return running
}

describe('quote feed', () => {
	it('pushes best bid and ask of every symbol as the venue wrote them', async () => {
		const venue = await start()
		await venue.advance(10)
		const {events} = run<Quote>(quoteFeed(configOf(venue), new SystemClock()))
		await eventually(() => symbols.every(symbol => events.some(quote => quote.symbol === symbol)))
		const life = events.find(quote => quote.symbol === '币安人生USDT')
		expect(life).toMatchObject({bid: '0.20000', ask: '0.20010', bid_quantity: '100000', ask_quantity: '100000'})

		venue.script.book(2_000, 'BTCUSDT', [['60005.1', '0.5']], [['60005.2', '1.5']]).mark(1_900, 'BTCUSDT', '60004.7')
		const pushed = await eventually(async () => {
			await venue.advance(2_001)
			return events.find(quote => quote.bid === '60005.1')
		})
		expect(pushed).toMatchObject({ask: '60005.2', ask_quantity: '1.5', venue_ms: startMs + 2_000})
	})
})

describe('quote feed without sockets', () => {
	it('polls by REST, with mark and funding, and goes on by itself when the wire is back', async () => {
		const venue = await start()
		await venue.advance(10)
		const proxy = await TcpProxy.to(Number(new URL(venue.ws_url).port))
		closing.push(() => proxy.close())
		proxy.refuse(true)
		const config = configOf({rest_url: venue.rest_url, ws_url: `ws://127.0.0.1:${proxy.port}`})
		const {events} = run<Quote>(quoteFeed(config, new SystemClock()))
		const polled = await eventually(() => events.find(({symbol}) => symbol === '币安人生USDT'))
		expect(polled).toMatchObject({
			bid: '0.20000',
			mark_price: '0.20000000',
			funding_rate: '0.0001',
			venue_ms: expect.any(Number),
		})
		proxy.refuse(false)
		await eventually(() => proxy.connections === 2)
		venue.script.book(2_000, 'BTCUSDT', [['60005.1', '0.5']], [['60005.2', '1.5']])
		await venue.advance(2_001)
		await eventually(() => events.some(({bid}) => bid === '60005.1'))
	})
})

describe('clock feed', () => {
	it('says how venue time runs', async () => {
		const venue = await start()
		await venue.advance(1_234)
		const {events} = run<{venue_ms: number; speed: number}>(clockFeed(configOf(venue)))
		const reading = await eventually(() => events[0])
		expect(reading).toMatchObject({venue_ms: startMs + 1_234, speed: 0, ended: false})
	})
})

describe('filters feed', () => {
	it('pushes what the venue demands, and a symbol that it does not list as not tradable', async () => {
		const venue = await start()
		const {events} = run<SymbolFilters>(
			filtersFeed(configOf(venue, {symbols: ['BTCUSDT', '币安人生USDT', 'GONEUSDT']})),
		)
		await eventually(() => events.length === 3)
		expect(events).toEqual([
			{
				symbol: 'BTCUSDT',
				tick_size: '0.10',
				step_size: '0.001',
				min_quantity: '0.001',
				max_market_quantity: '120',
				min_notional_usdt: '100',
				tradable: true,
			},
			expect.objectContaining({symbol: '币安人生USDT', tick_size: '0.00001', step_size: '1', tradable: true}),
			expect.objectContaining({symbol: 'GONEUSDT', tradable: false}),
		])
	})
})

describe('reference feed', () => {
	it('says what other exchanges quote, each by its name; one that is not there keeps nobody waiting', async () => {
		const [own, other] = [await start(), await start()]
		await other.advance(10)
		const references = [
			{name: 'other', rest_url: other.rest_url, ws_url: other.ws_url},
			{name: 'gone', rest_url: 'http://127.0.0.1:1', ws_url: 'ws://127.0.0.1:1'},
		]
		const {events} = run<ReferenceQuote>(referenceFeed(references, configOf(own), new SystemClock()))
		await eventually(() => symbols.every(symbol => events.some(quote => quote.symbol === symbol)))
		expect(events.find(({symbol}) => symbol === '币安人生USDT')).toEqual({
			source: 'other',
			symbol: '币安人生USDT',
			bid: '0.20000',
			ask: '0.20010',
			received_ms: expect.any(Number),
		})
	})
})

describe('universe feed', () => {
	it('reads all that the venue lists, with what is traded and the spread', async () => {
		const venue = await start()
		venue.script.trade(5_000, 'BTCUSDT', '60000.1', '2')
		await venue.advance(6_000)
		const {events} = run<ListingsEvent>(universeFeed(configOf(venue)))
		const [first] = await eventually(() => (events.length > 0 ? events : undefined))
		expect(Object.keys(first?.listings ?? {}).sort()).toEqual([...symbols].sort())
		expect(first?.listings.BTCUSDT).toEqual({tradable: true, quote_volume_usdt: 150_000.2, spread_bps: 1.67})
		expect(first?.listings.币安人生USDT).toEqual({tradable: true, quote_volume_usdt: 0.1, spread_bps: 5})
	})
})

describe('candle feed', () => {
	it('warms up, follows the socket, and has no gap after it was cut off', async () => {
		const venue = await start()
		for (let minute = 0; minute < 30; minute += 1)
			venue.script.trade(minute * 60_000 + 5_000, 'BTCUSDT', `${60_000 + minute}.1`, '0.5')
		await venue.advance(5 * 60_000 + 1)
		const {events} = run<CandlePush>(
			candleFeed(configOf(venue, {symbols: ['BTCUSDT'], intervals: ['1m', '5m']}), {warmup: 3}),
		)
		const of = (interval: string) => events.filter(candle => candle.interval === interval)
		await eventually(() => of('1m').length >= 3)
		expect(of('1m').map(({open_ms, origin}) => [(open_ms - startMs) / 60_000, origin])).toEqual([
			[2, 'rest'],
			[3, 'rest'],
			[4, 'rest'],
		])
		expect(of('1m')[0]).toMatchObject({open: '60002.1', close: '60002.1', volume: '0.5', trades: 1})
		await venue.advance(12 * 60_000 + 1)
		await eventually(() => of('1m').length === 10)
		await venue.advance(20 * 60_000 + 1)
		await eventually(() => of('1m').length === 18)
		expect(of('1m').map(({open_ms}) => (open_ms - startMs) / 60_000)).toEqual(
			Array.from({length: 18}, (_, index) => index + 2),
		)
		await eventually(() => of('5m').length >= 3)
		const fives = of('5m').map(({open_ms}) => open_ms)
		expect(fives).toEqual([...new Set(fives)].sort((one, other) => one - other))
	})

	it('fills by REST what closed while the wire was cut, in order and once', async () => {
		const venue = await start()
		const proxy = await TcpProxy.to(Number(new URL(venue.ws_url).port))
		closing.push(() => proxy.close())
		for (let minute = 0; minute < 30; minute += 1)
			venue.script.trade(minute * 60_000 + 5_000, 'BTCUSDT', `${60_000 + minute}.1`, '0.5')
		await venue.advance(3 * 60_000 + 1)
		const config = configOf({rest_url: venue.rest_url, ws_url: `ws://127.0.0.1:${proxy.port}`}, {symbols: ['BTCUSDT']})
		const {events} = run<CandlePush>(candleFeed(config, {warmup: 2}))
		await eventually(() => events.length === 2 && proxy.connections === 1)
		await venue.advance(4 * 60_000 + 1)
		await eventually(() => events.length === 3)
		proxy.refuse(true)
		proxy.cut()
		await venue.advance(9 * 60_000 + 1)
		// Without any socket REST alone goes on telling.
		await eventually(() => events.length === 8)
		proxy.refuse(false)
		await venue.advance(12 * 60_000 + 1)
		await eventually(() => events.length === 11)
		expect(events.map(({open_ms}) => (open_ms - startMs) / 60_000)).toEqual(
			Array.from({length: 11}, (_, index) => index + 1),
		)
	})
})
