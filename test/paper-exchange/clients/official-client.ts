import {DerivativesTradingUsdsFutures} from '@binance/derivatives-trading-usds-futures'
import {credentials, type Json} from '../venue-fixture.js'
import {type Client, type ConnectClient, nothingTold, type OrderWanted} from './client.js'
import {algoSeen, fillSeen, hear, orderSeen} from './venue-words.js'

type Rest = DerivativesTradingUsdsFutures['restAPI']
type NewOrder = Parameters<Rest['newOrder']>[0]
type NewAlgo = Parameters<Rest['newAlgoOrder']>[0]
type Batch = Parameters<Rest['placeMultipleOrders']>[0]

const wanted = (order: OrderWanted) => ({
	symbol: order.symbol,
	side: order.side,
	type: order.type,
	quantity: Number(order.quantity),
	newClientOrderId: order.client_id,
	newOrderRespType: 'RESULT',
	...(order.price === undefined ? {} : {price: Number(order.price), timeInForce: order.tif ?? 'GTC'}),
	...(order.reduce_only === true ? {reduceOnly: 'true'} : {}),
})

/** `@binance/derivatives-trading-usds-futures`, the venue's own connector. */
export const connectOfficial: ConnectClient = async venue => {
	process.env.LOG_LEVEL ??= 'error'
	const library = new DerivativesTradingUsdsFutures({
		configurationRestAPI: {
			apiKey: credentials.api_key,
			apiSecret: credentials.api_secret,
			basePath: venue.rest_url,
			retries: 0,
		},
		configurationWebsocketStreams: {wsURL: venue.ws_url},
	})
	const rest = library.restAPI
	const told = nothingTold()
	const data = async <T>(answer: Promise<{data: () => Promise<T>}>): Promise<Json> =>
		(await (await answer).data()) as unknown as Json
	const list = async <T>(answer: Promise<{data: () => Promise<T>}>): Promise<Json[]> =>
		(await data(answer)) as unknown as Json[]
	let stop = async () => {}
	const client: Client = {
		told,
		symbols: async () => ((await data(rest.exchangeInformation())).symbols as Json[]).map(row => String(row.symbol)),
		serverTime: async () => Number((await data(rest.checkServerTime())).serverTime),
		setLeverage: async (symbol, leverage) =>
			Number((await data(rest.changeInitialLeverage({symbol, leverage}))).leverage),
		setMarginType: async (symbol, marginType) => {
			await rest.changeMarginType({symbol, marginType} as Parameters<Rest['changeMarginType']>[0])
		},
		place: async order => orderSeen(await data(rest.newOrder(wanted(order) as NewOrder))),
		batch: async orders =>
			(await list(rest.placeMultipleOrders({batchOrders: orders.map(wanted)} as unknown as Batch))).map(orderSeen),
		amend: async (symbol, id, side, quantity, price) =>
			orderSeen(
				await data(
					rest.modifyOrder({
						symbol,
						side,
						orderId: Number(id),
						quantity: Number(quantity),
						price: Number(price),
					} as Parameters<Rest['modifyOrder']>[0]),
				),
			),
		cancel: async (symbol, origClientOrderId) => orderSeen(await data(rest.cancelOrder({symbol, origClientOrderId}))),
		cancelAll: async symbol => {
			await rest.cancelAllOpenOrders({symbol})
			await rest.cancelAllAlgoOpenOrders({symbol})
		},
		query: async (symbol, origClientOrderId) => orderSeen(await data(rest.queryOrder({symbol, origClientOrderId}))),
		openOrders: async symbol => (await list(rest.currentAllOpenOrders({symbol}))).map(orderSeen),
		placeStop: async order =>
			algoSeen(
				await data(
					rest.newAlgoOrder({
						algoType: 'CONDITIONAL',
						symbol: order.symbol,
						side: order.side,
						type: order.type,
						triggerPrice: Number(order.trigger),
						clientAlgoId: order.client_id,
						...(order.quantity === undefined
							? {closePosition: 'true'}
							: {quantity: Number(order.quantity), reduceOnly: 'true'}),
					} as NewAlgo),
				),
			),
		openStops: async symbol => (await list(rest.currentAllAlgoOpenOrders({symbol}))).map(algoSeen),
		cancelStop: async (_symbol, clientAlgoId) => {
			await rest.cancelAlgoOrder({clientAlgoId})
		},
		position: async symbol => {
			const [row] = await list(rest.positionInformationV3({symbol}))
			const amount = String(row?.positionAmt ?? '0')
			return amount === '0' ? undefined : {amount, entry: String(row?.entryPrice)}
		},
		wallet: async () => String((await list(rest.futuresAccountBalanceV3()))[0]?.balance),
		fills: async symbol => (await list(rest.accountTradeList({symbol}))).map(fillSeen),
		income: async () =>
			(await list(rest.getIncomeHistory({limit: 1000}))).map(row => ({
				type: String(row.incomeType),
				amount: String(row.income),
			})),
		closes: async symbol => {
			const rows = await list(
				rest.klineCandlestickData({symbol, interval: '1m'} as Parameters<Rest['klineCandlestickData']>[0]),
			)
			return rows.map(row => String((row as unknown as unknown[])[4]))
		},
		bestBid: async symbol => {
			const book = await data(rest.orderBook({symbol, limit: 5}))
			return String((book.bids as unknown[][])[0]?.[0])
		},
		listen: async symbol => {
			const key = String((await data(rest.startUserDataStream())).listenKey)
			const streams = await library.websocketStreams.connect()
			stop = () => streams.disconnect()
			const on = <T>(stream: {on(event: 'message', heard: (message: T) => void): void}) =>
				stream.on('message', message => hear(told, message as Json))
			const small = symbol.toLowerCase()
			on(streams.userData(key))
			on(streams.aggregateTradeStreams({symbol: small}))
			on(streams.individualSymbolBookTickerStreams({symbol: small}))
			on(streams.markPriceStream({symbol: small, updateSpeed: '1s'} as Parameters<typeof streams.markPriceStream>[0]))
			on(
				streams.klineCandlestickStreams({symbol: small, interval: '1m'} as Parameters<
					typeof streams.klineCandlestickStreams
				>[0]),
			)
			on(
				streams.diffBookDepthStreams({symbol: small, updateSpeed: '100ms'} as Parameters<
					typeof streams.diffBookDepthStreams
				>[0]),
			)
		},
		codeOf: error => (error as {code?: number}).code,
		close: () => stop(),
	}
	return client
}
