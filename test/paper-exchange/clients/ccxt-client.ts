import type {Exchange, Order, Trade} from 'ccxt'
import {credentials, type Json} from '../venue-fixture.js'
import {
	type Client,
	type ConnectClient,
	type FillSeen,
	nothingTold,
	type OrderSeen,
	type OrderWanted,
} from './client.js'
import {algoSeen} from './venue-words.js'

const load = async (): Promise<new (options: Json) => Exchange> => {
	const url = new URL('./src/pro/binanceusdm.js', import.meta.resolve('ccxt'))
	return ((await import(url.href)) as {default: new (options: Json) => Exchange}).default
}

const seen = (order: Order): OrderSeen => {
	const info = order.info as Json
	return {
		id: String(order.id),
		client_id: String(order.clientOrderId),
		status: String(info.status),
		filled: String(order.filled),
		average: String(order.average ?? info.avgPrice),
	}
}

const fill = (trade: Trade): FillSeen => ({
	id: String(trade.id),
	client_id: String((trade.info as Json).c ?? ''),
	price: String(trade.price),
	quantity: String(trade.amount),
	fee: String(trade.fee?.cost),
})

/** ccxt 4.5.84 `pro/binanceusdm`, with its addresses replaced. */
export const connectCcxt: ConnectClient = async venue => {
	const Binance = await load()
	const ccxt = new Binance({
		apiKey: credentials.api_key,
		secret: credentials.api_secret,
		number: String,
		enableRateLimit: false,
		options: {fetchCurrencies: false},
	})
	const [rest, sockets] = [venue.rest_url, venue.ws_url]
	ccxt.urls.api = {
		fapiPublic: `${rest}/fapi/v1`,
		fapiPublicV2: `${rest}/fapi/v2`,
		fapiPublicV3: `${rest}/fapi/v3`,
		fapiPrivate: `${rest}/fapi/v1`,
		fapiPrivateV2: `${rest}/fapi/v2`,
		fapiPrivateV3: `${rest}/fapi/v3`,
		fapiData: `${rest}/futures/data`,
		ws: {future: `${sockets}/ws`, 'ws-api': {future: `${sockets}/ws-fapi/v1`}},
	}
	await ccxt.loadHttpProxyAgent()
	await ccxt.loadMarkets()
	const told = nothingTold()
	const name = (symbol: string): string => String(ccxt.market(symbol).symbol)
	const order = ({symbol, side, type, quantity, price, tif, client_id, reduce_only}: OrderWanted) => ({
		symbol: name(symbol),
		type: type.toLowerCase(),
		side: side.toLowerCase(),
		amount: quantity as unknown as number,
		price: price as unknown as number,
		params: {
			newClientOrderId: client_id,
			...(tif === undefined ? {} : {timeInForce: tif}),
			...(reduce_only === true ? {reduceOnly: true} : {}),
		},
	})
	const watched = {open: true}
	/** Calls a `watch…` method again and again, as its users do, until the client is closed. */
	const follow = async <T>(watch: () => Promise<T>, note: (value: T) => void): Promise<void> => {
		try {
			while (watched.open) note(await watch())
		} catch (error) {
			if (watched.open) throw error
		}
	}
	const client: Client = {
		told,
		symbols: async () => Object.values(ccxt.markets as Record<string, Json>).map(market => String(market.id)),
		serverTime: async () => Number(await ccxt.fetchTime()),
		setLeverage: async (symbol, leverage) =>
			Number(((await ccxt.setLeverage(leverage, name(symbol))) as Json).leverage),
		setMarginType: async (symbol, type) => {
			await ccxt.setMarginMode(type === 'CROSSED' ? 'cross' : 'isolated', name(symbol))
		},
		place: async wanted => {
			const {symbol, type, side, amount, price, params} = order(wanted)
			return seen(await ccxt.createOrder(symbol, type as 'limit', side as 'buy', amount, price, params))
		},
		batch: async orders => (await ccxt.createOrders(orders.map(order) as never)).map(seen),
		amend: async (symbol, id, side, quantity, price) =>
			seen(
				await ccxt.editOrder(id, name(symbol), 'limit', side.toLowerCase() as 'buy', quantity as never, price as never),
			),
		cancel: async (symbol, id) => seen(await ccxt.cancelOrder('', name(symbol), {origClientOrderId: id})),
		cancelAll: async symbol => {
			await ccxt.cancelAllOrders(name(symbol))
			await ccxt.cancelAllOrders(name(symbol), {trigger: true})
		},
		query: async (symbol, id) => seen(await ccxt.fetchOrder('', name(symbol), {origClientOrderId: id})),
		openOrders: async symbol => (await ccxt.fetchOpenOrders(name(symbol))).map(seen),
		placeStop: async stop => {
			const params = {
				triggerPrice: stop.trigger,
				newClientOrderId: stop.client_id,
				...(stop.quantity === undefined ? {closePosition: true} : {reduceOnly: true}),
			}
			const amount = stop.quantity as unknown as number
			const placed = await ccxt.createOrder(
				name(stop.symbol),
				stop.type as never,
				stop.side.toLowerCase() as 'buy',
				amount,
				undefined,
				params,
			)
			return algoSeen(placed.info as Json)
		},
		openStops: async symbol =>
			(await ccxt.fetchOpenOrders(name(symbol), undefined, undefined, {trigger: true})).map(row =>
				algoSeen(row.info as Json),
			),
		cancelStop: async (symbol, id) => {
			await ccxt.cancelOrder('', name(symbol), {trigger: true, clientAlgoId: id})
		},
		position: async symbol => {
			const [row] = await ccxt.fetchPositions([name(symbol)])
			if (row === undefined) return undefined
			return {amount: `${row.side === 'short' ? '-' : ''}${row.contracts}`, entry: String(row.entryPrice)}
		},
		wallet: async () => String(((await ccxt.fetchBalance()).info as {assets: Json[]}).assets[0]?.walletBalance),
		fills: async symbol => (await ccxt.fetchMyTrades(name(symbol))).map(fill),
		income: async () => {
			const rows = await (
				ccxt as unknown as {fapiPrivateGetIncome: (params: Json) => Promise<Json[]>}
			).fapiPrivateGetIncome({limit: 1000})
			return rows.map(row => ({type: String(row.incomeType), amount: String(row.income)}))
		},
		closes: async symbol => (await ccxt.fetchOHLCV(name(symbol), '1m')).map(row => String(row[4])),
		bestBid: async symbol => String((await ccxt.fetchOrderBook(name(symbol), 5)).bids[0]?.[0]),
		listen: async symbol => {
			const unified = name(symbol)
			void follow(
				() => ccxt.watchOrders(unified),
				rows => {
					for (const row of rows) {
						const info = row.info as Json
						const note = {client_id: String(row.clientOrderId), status: String(info.X ?? row.status)}
						if (info.caid === undefined) told.orders.push(note)
						else told.stops.push(note)
					}
				},
			)
			void follow(
				() => ccxt.watchMyTrades(unified),
				rows => told.fills.push(...rows.map(fill)),
			)
			void follow(
				() => ccxt.watchPositions([unified]),
				rows => {
					for (const row of rows) {
						const info = row.info as Json
						told.positions.push({symbol, amount: String(info.pa), entry: String(info.ep)})
					}
				},
			)
			void follow(
				() => ccxt.watchBalance(),
				row => told.balances.push(String((row as unknown as {USDT: Json}).USDT.total)),
			)
			void follow(
				() => ccxt.watchTrades(unified),
				rows => told.trades.push(...rows.map(row => String(row.price))),
			)
			void follow(
				() => ccxt.watchBidsAsks([unified]),
				rows => told.bids.push(String(rows[unified]?.bid)),
			)
			void follow(
				() => (ccxt as unknown as {watchMarkPrice: (symbol: string) => Promise<Json>}).watchMarkPrice(unified),
				row => told.marks.push(String(row.markPrice)),
			)
			void follow(
				() => ccxt.watchOHLCV(unified, '1m'),
				rows => {
					for (const row of rows) told.candles.push({open_ms: Number(row[0]), close: String(row[4])})
				},
			)
			void follow(
				() => ccxt.watchOrderBook(unified),
				book => told.depths.push(String(book.bids[0]?.[0])),
			)
		},
		codeOf: error => {
			const code = /"code":\s*(-?\d+)/.exec(String((error as Error).message))?.[1]
			return code === undefined ? undefined : Number(code)
		},
		close: async () => {
			watched.open = false
			await ccxt.close()
		},
	}
	return client
}
