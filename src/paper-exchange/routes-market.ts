import {intervals, isInterval} from './candle.js'
import {dec, text} from './decimal.js'
import {exchangeInfo} from './exchange-info.js'
import type {Params} from './params.js'
import {publicRoute, type RouteContext, type Routes} from './route.js'
import {dayTicker} from './ticker.js'
import {venueError} from './venue-error.js'
import {klineRow} from './views.js'

/** One row for the symbol asked for, or one for each. */
const perSymbol = <T>(context: RouteContext, params: Params, row: (symbol: string) => T): T | T[] => {
	const symbol = params.text('symbol')
	if (symbol === undefined) return [...context.core.rules.keys()].map(row)
	context.core.rulesOf(symbol)
	return row(symbol)
}

const klines = ({core, klines}: RouteContext, params: Params): unknown => {
	const symbol = params.required('symbol', 'pair')
	core.rulesOf(symbol)
	const interval = params.required('interval')
	if (!isInterval(interval)) throw venueError('badInterval')
	const [from, to] = [params.integer('startTime'), params.integer('endTime')]
	const range = {
		limit: params.limit(500, 1500),
		...(from === undefined ? {} : {from}),
		...(to === undefined ? {} : {to}),
	}
	return klines.list(symbol, interval, range).map(candle => klineRow(candle, intervals[interval]))
}

const depth = ({core}: RouteContext, params: Params): unknown => {
	const book = core.bookOf(params.required('symbol'))
	const limit = params.limit(500, 1000)
	return {
		lastUpdateId: book.update_id,
		E: core.now_ms,
		T: book.time_ms,
		bids: book.bids.slice(0, limit),
		asks: book.asks.slice(0, limit),
	}
}

const aggTrades = ({core, tape}: RouteContext, params: Params): unknown => {
	const symbol = params.required('symbol')
	core.rulesOf(symbol)
	const limit = params.limit(500, 1000)
	const [from, to, fromId] = [params.integer('startTime'), params.integer('endTime'), params.integer('fromId')]
	const all = from === undefined && to === undefined && fromId === undefined
	const prints = all
		? tape.last(symbol, limit)
		: tape.since(
				symbol,
				print => print.time_ms >= (from ?? 0) && print.time_ms <= (to ?? Infinity) && print.id >= (fromId ?? 0),
				limit,
			)
	return prints.map(print => ({
		a: print.id,
		p: print.price,
		q: print.quantity,
		f: print.id,
		l: print.id,
		T: print.time_ms,
		m: print.buyer_is_maker,
	}))
}

const trades = ({core, tape}: RouteContext, params: Params): unknown => {
	const symbol = params.required('symbol')
	core.rulesOf(symbol)
	return tape.last(symbol, params.limit(500, 1000)).map(print => ({
		id: print.id,
		price: print.price,
		qty: print.quantity,
		quoteQty: text(dec(print.price).mul(print.quantity)),
		time: print.time_ms,
		isBuyerMaker: print.buyer_is_maker,
	}))
}

const premiumIndex = (context: RouteContext, symbol: string) => {
	const prices = context.core.pricesOf(symbol)
	return {
		symbol,
		markPrice: prices.mark.toFixed(8),
		indexPrice: prices.index.toFixed(8),
		estimatedSettlePrice: prices.mark.toFixed(8),
		lastFundingRate: prices.funding_rate,
		interestRate: '0.00010000',
		nextFundingTime: prices.next_funding_ms,
		time: prices.mark_ms,
	}
}

const bookTicker = ({core}: RouteContext, symbol: string) => {
	const book = core.bookOf(symbol)
	const [bidPrice, bidQty] = book.bids[0] ?? ['0', '0']
	const [askPrice, askQty] = book.asks[0] ?? ['0', '0']
	return {symbol, bidPrice, bidQty, askPrice, askQty, time: book.time_ms, lastUpdateId: book.update_id}
}

const fundingRates = ({core, tape}: RouteContext, params: Params): unknown => {
	const symbol = params.text('symbol')
	if (symbol !== undefined) core.rulesOf(symbol)
	const [from, to] = [params.integer('startTime') ?? 0, params.integer('endTime') ?? Infinity]
	const rows = tape.fundingsOf(symbol).filter(row => row.time_ms >= from && row.time_ms <= to)
	const limit = params.limit(100, 1000)
	const chosen = params.integer('startTime') === undefined ? rows.slice(-limit) : rows.slice(0, limit)
	return chosen.map(row => ({
		symbol: row.symbol,
		fundingRate: row.rate,
		fundingTime: row.time_ms,
		markPrice: row.mark,
	}))
}

const priceRow = ({core}: RouteContext, symbol: string) => ({symbol, price: text(core.last(symbol)), time: core.now_ms})

/** Weight by the number of rows asked for, as Binance tells it. */
const byLimit =
	(fallback: number, steps: ReadonlyArray<readonly [limit: number, weight: number]>) =>
	(params: Params): number => {
		const limit = Number(params.text('limit') ?? fallback)
		return (steps.find(([upTo]) => limit <= upTo) ?? steps.at(-1) ?? [0, 1])[1]
	}

const klineWeight = byLimit(500, [
	[99, 1],
	[499, 2],
	[1000, 5],
	[1500, 10],
])
const depthWeight = byLimit(500, [
	[50, 2],
	[100, 5],
	[500, 10],
	[1000, 20],
])

/** Asking for every symbol costs more than asking for one. */
const oneOrAll =
	(one: number, all: number) =>
	(params: Params): number =>
		params.text('symbol') === undefined ? all : one

/** Public market data. */
export const marketRoutes: Routes = {
	'GET /fapi/v1/ping': publicRoute(1, () => ({})),
	'GET /fapi/v1/time': publicRoute(1, ({machine_ms}) => ({serverTime: machine_ms})),
	'GET /fapi/v1/exchangeInfo': publicRoute(1, ({core, machine_ms}) => exchangeInfo(core, machine_ms)),
	'GET /fapi/v1/klines': publicRoute(klineWeight, klines),
	'GET /fapi/v1/continuousKlines': publicRoute(klineWeight, klines),
	'GET /fapi/v1/depth': publicRoute(depthWeight, depth),
	'GET /fapi/v1/aggTrades': publicRoute(20, aggTrades),
	'GET /fapi/v1/trades': publicRoute(5, trades),
	'GET /fapi/v1/premiumIndex': publicRoute(oneOrAll(1, 10), (context, params) =>
		perSymbol(context, params, symbol => premiumIndex(context, symbol)),
	),
	'GET /fapi/v1/fundingRate': publicRoute(1, fundingRates),
	'GET /fapi/v1/fundingInfo': publicRoute(1, ({core}) =>
		[...core.rules.values()].map(({spec}) => ({
			symbol: spec.symbol,
			adjustedFundingRateCap: '0.02000000',
			adjustedFundingRateFloor: '-0.02000000',
			fundingIntervalHours: spec.funding_interval_hours,
			disclaimer: false,
		})),
	),
	'GET /fapi/v1/openInterest': publicRoute(1, ({core}, params) => {
		const symbol = params.required('symbol')
		core.rulesOf(symbol)
		return {symbol, openInterest: '0', time: core.now_ms}
	}),
	'GET /fapi/v1/ticker/24hr': publicRoute(oneOrAll(1, 40), (context, params) =>
		perSymbol(context, params, symbol => dayTicker(context.core, context.klines, symbol)),
	),
	'GET /fapi/v1/ticker/bookTicker': publicRoute(oneOrAll(2, 5), (context, params) =>
		perSymbol(context, params, symbol => bookTicker(context, symbol)),
	),
	'GET /fapi/v1/ticker/price': publicRoute(oneOrAll(1, 2), (context, params) =>
		perSymbol(context, params, symbol => priceRow(context, symbol)),
	),
	'GET /fapi/v2/ticker/price': publicRoute(oneOrAll(1, 2), (context, params) =>
		perSymbol(context, params, symbol => priceRow(context, symbol)),
	),
}
