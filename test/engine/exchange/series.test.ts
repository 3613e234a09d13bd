import {describe, expect, it} from 'vitest'
import {AccountCursor, type ResumePoint} from '../../../src/engine/exchange/account-cursor.js'
import {CandleSeries, closedCandles} from '../../../src/engine/exchange/candle-series.js'
import {isFenced} from '../../../src/engine/exchange/order-endpoints.js'
import {QuoteBook} from '../../../src/engine/exchange/quote-book.js'
import {type IncomeRow, incomeRow} from '../../../src/engine/exchange/raw-messages.js'
import {readFilters} from '../../../src/engine/exchange/symbol-filters.js'

const MINUTE = 60_000

describe('a series of candles', () => {
	it('tells what continues it from repeats and holes', () => {
		const series = new CandleSeries('BTCUSDT', '1m')
		expect(series.place(5 * MINUTE)).toBe('next')
		series.handedOn(5 * MINUTE)
		expect([4, 5, 6, 7].map(minute => series.place(minute * MINUTE))).toEqual(['old', 'old', 'next', 'hole'])
		expect(() => series.handedOn(5 * MINUTE)).toThrow('does not come after')
		expect(series.overdue(7 * MINUTE, 0)).toBe(true)
		expect(series.overdue(7 * MINUTE, 1)).toBe(false)
	})

	it('drops the candle under way, whose numbers still change', () => {
		const row = (minute: number) => [
			minute * MINUTE,
			'1',
			'2',
			'0.5',
			'1.5',
			'10',
			(minute + 1) * MINUTE - 1,
			'15',
			3,
			'5',
			'7',
			'0',
		]
		const closed = closedCandles([row(2), row(1), row(3)], new CandleSeries('BTCUSDT', '1m'), 3 * MINUTE)
		expect(closed.map(({open_ms}) => open_ms / MINUTE)).toEqual([1, 2])
		expect(closed[0]).toMatchObject({
			open: '1',
			high: '2',
			low: '0.5',
			close: '1.5',
			volume: '10',
			quote_volume: '15',
			trades: 3,
			origin: 'rest',
		})
	})
})

describe('the quote book', () => {
	const message = (E: number, b: string) => ({e: 'bookTicker' as const, s: 'BTCUSDT', b, B: '1', a: '101', A: '2', E})
	const row = {symbol: 'BTCUSDT', bidPrice: '99', bidQty: '1', askPrice: '101', askQty: '1', time: 500}

	it('joins the mark, never goes back in time, and has no quote without a bid', () => {
		const book = new QuoteBook(['BTCUSDT'])
		book.onMark({e: 'markPriceUpdate', E: 900, s: 'BTCUSDT', p: '100.5', r: '0.0001', T: 28_800_000}, 5)
		expect(book.onBook(message(1_000, '100'), 10)).toEqual({
			symbol: 'BTCUSDT',
			bid: '100',
			ask: '101',
			bid_quantity: '1',
			ask_quantity: '2',
			mark_price: '100.5',
			funding_rate: '0.0001',
			next_funding_ms: 28_800_000,
			venue_ms: 1_000,
			received_ms: 10,
		})
		expect(book.onBook(message(999, '98'), 11)).toBeUndefined()
		expect(book.onBook(message(1_001, '0'), 12)).toBeUndefined()
		expect(book.onBook({...message(1_002, '5'), s: 'OTHERUSDT'}, 13)).toBeUndefined()
	})

	it('takes a row of REST as true since it was asked for, unless the socket has spoken meanwhile', () => {
		const book = new QuoteBook(['BTCUSDT'])
		expect(book.onBookRow(row, {venue_ms: 2_000, machine_ms: 100}, 120)).toMatchObject({
			bid: '99',
			venue_ms: 2_000,
			received_ms: 120,
		})
		book.onBook(message(2_100, '100'), 130)
		expect(book.onBookRow(row, {venue_ms: 2_100, machine_ms: 125}, 140)).toBeUndefined()
		expect(book.silentBooks(130)).toEqual([])
		expect(book.silentBooks(131)).toEqual(['BTCUSDT'])
	})
})

describe('the account cursor', () => {
	const fresh: ResumePoint = {since_ms: 1_000, fills: {}, income: {time_ms: 1_000, seen: []}}

	it('tells each fill once, whoever tells it first, and finds one that the socket lost', () => {
		const cursor = new AccountCursor(fresh)
		expect(cursor.fillsFrom('BTCUSDT')).toEqual({trade_id: '', time_ms: 1_000})
		expect(cursor.toldFill('BTCUSDT', '10')).toBe(true)
		expect(cursor.toldFill('BTCUSDT', '10')).toBe(false)
		expect(cursor.toldFill('BTCUSDT', '12')).toBe(true)
		expect(['10', '11', '12'].map(id => cursor.listedFill('BTCUSDT', id, 2_000))).toEqual([false, true, false])
		expect(cursor.toldFill('BTCUSDT', '12')).toBe(false)
		expect(cursor.fillsFrom('BTCUSDT')).toEqual({trade_id: '12', time_ms: 2_000})
	})

	it('goes on from its checkpoint as if it had never stopped', () => {
		const cursor = new AccountCursor(fresh)
		cursor.listedFill('BTCUSDT', '9007199254740993', 2_000)
		cursor.toldFill('BTCUSDT', '9007199254740995')
		const again = new AccountCursor(JSON.parse(JSON.stringify(cursor.checkpoint())) as ResumePoint)
		expect(again.toldFill('BTCUSDT', '9007199254740993')).toBe(false)
		expect(again.listedFill('BTCUSDT', '9007199254740994', 2_001)).toBe(true)
		expect(again.listedFill('BTCUSDT', '9007199254740995', 2_002)).toBe(false)
	})

	it('sees by the sum that an execution is missing', () => {
		const cursor = new AccountCursor(fresh)
		expect(cursor.missedBefore('1', 0.1, 0.1, false)).toBe(false)
		expect(cursor.missedBefore('1', 0.2, 0.1 + 0.2, false)).toBe(false)
		expect(cursor.missedBefore('1', 0.1, 0.6, true)).toBe(true)
	})

	it('reads income again that may be posted late, and tells each row once', () => {
		const row = (tranId: number, time: number, incomeType = 'FUNDING_FEE'): IncomeRow =>
			incomeRow.parse({symbol: 'BTCUSDT', incomeType, income: '-1', asset: 'USDT', time, tranId})
		const cursor = new AccountCursor({...fresh, income: {time_ms: 0, seen: []}})
		const first = cursor.listedIncome([
			row(1, 1_000_000),
			row(2, 1_000_000, 'COMMISSION'),
			row(1, 1_000_000, 'TRANSFER'),
		])
		expect(first.map(({incomeType}) => incomeType)).toEqual(['FUNDING_FEE', 'TRANSFER'])
		expect(cursor.incomeFrom_ms).toBe(400_000)
		const again = new AccountCursor(cursor.checkpoint())
		expect(again.listedIncome([row(3, 900_000), row(1, 1_000_000)]).map(({tranId}) => tranId)).toEqual(['3'])
	})
})

describe('requests that pass the fence', () => {
	it.each([
		['POST', 'https://fapi.binance.com/fapi/v1/order', true],
		['POST', 'http://127.0.0.1:1/fapi/v1/algoOrder', true],
		['POST', 'https://fapi.binance.com/fapi/v1/batchOrders?x=1', true],
		['PUT', 'https://fapi.binance.com/fapi/v1/order', true],
		['PUT', 'https://fapi.binance.com/fapi/v1/batchOrders', true],
		['POST', 'https://fapi.binance.com/fapi/v1/leverage', true],
		['DELETE', 'https://fapi.binance.com/fapi/v1/order?symbol=X', false],
		['DELETE', 'https://fapi.binance.com/fapi/v1/algoOrder', false],
		['GET', 'https://fapi.binance.com/fapi/v1/order?symbol=X', false],
		['POST', 'https://fapi.binance.com/fapi/v1/listenKey', false],
	])('%s %s: %s', (method, url, fenced) => {
		expect(isFenced(method, url)).toBe(fenced)
	})
})

describe('filters', () => {
	const info = (more: object, filters: object[]) => ({
		symbols: [{symbol: 'XUSDT', status: 'TRADING', contractType: 'PERPETUAL', filters, ...more}],
	})
	const usual = [
		{filterType: 'PRICE_FILTER', tickSize: '0.01'},
		{filterType: 'LOT_SIZE', stepSize: '0.1', minQty: '0.1', maxQty: '1000'},
		{filterType: 'MARKET_LOT_SIZE', stepSize: '1', minQty: '1', maxQty: '50'},
		{filterType: 'MIN_NOTIONAL', notional: '5'},
	]
	it('takes the coarser of lot and market lot', () => {
		expect(readFilters(info({}, usual)).get('XUSDT')).toEqual({
			symbol: 'XUSDT',
			tick_size: '0.01',
			step_size: '1',
			min_quantity: '1',
			max_market_quantity: '50',
			min_notional_usdt: '5',
			tradable: true,
		})
	})
	it('takes the lot where the market lot has no step', () => {
		const filters = [...usual.slice(0, 2), {filterType: 'MARKET_LOT_SIZE', stepSize: '0', minQty: '0', maxQty: '50'}]
		expect(readFilters(info({}, filters)).get('XUSDT')).toMatchObject({
			step_size: '0.1',
			min_quantity: '0.1',
			min_notional_usdt: '0',
		})
	})
	it.each([
		['a symbol that is settling', {status: 'SETTLING'}, usual],
		['a dated future', {contractType: 'CURRENT_QUARTER'}, usual],
		['a symbol without a tick', {}, usual.slice(1)],
	])('%s is not tradable', (_, more, filters) => {
		expect(readFilters(info(more, filters)).get('XUSDT')).toMatchObject({tradable: false})
	})
	it('an answer that is no exchangeInfo is an error', () => {
		expect(() => readFilters({code: -1003})).toThrow()
	})
})
