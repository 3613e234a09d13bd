import {USDMClient, WebsocketClient} from 'binance'
import {eventually} from '../../support/eventually.js'
import {credentials, type Json} from '../venue-fixture.js'
import {type Client, type ConnectClient, nothingTold, type OrderWanted} from './client.js'
import {algoSeen, fillSeen, hear, orderSeen} from './venue-words.js'

type Orders = Parameters<USDMClient['submitMultipleOrders']>[0]
type NewOrder = Parameters<USDMClient['submitNewOrder']>[0]
type NewAlgo = Parameters<USDMClient['submitNewAlgoOrder']>[0]

const wanted = (order: OrderWanted) => ({
	symbol: order.symbol,
	side: order.side,
	type: order.type,
	quantity: order.quantity,
	newClientOrderId: branded(order.client_id),
	newOrderRespType: 'RESULT',
	...(order.price === undefined ? {} : {price: order.price, timeInForce: order.tif ?? 'GTC'}),
	...(order.reduce_only === true ? {reduceOnly: 'true'} : {}),
})

/** This library warns about client ids without its broker's prefix; the check table knows nothing of it. */
const prefix = 'x-15PC4ZJy'
const branded = (id: string): string => `${prefix}${id}`
const unbranded = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll(prefix, '')) as T

const silent = {trace: () => {}, info: () => {}, error: () => {}}

/** `binance` by tiagosiebler. */
export const connectBinance: ConnectClient = async venue => {
	const rest = new USDMClient({
		api_key: credentials.api_key,
		api_secret: credentials.api_secret,
		baseUrl: venue.rest_url,
		disableTimeSync: true,
	})
	const streams = new WebsocketClient(
		{
			api_key: credentials.api_key,
			api_secret: credentials.api_secret,
			wsUrl: venue.ws_url,
			restOptions: {baseUrl: venue.rest_url, disableTimeSync: true},
		},
		silent,
	)
	const told = nothingTold()
	streams.on('message', message => hear(told, unbranded((message as unknown as Json).data ?? message) as Json))
	const one = async (answer: Promise<unknown>): Promise<Json> => unbranded(await answer) as Json
	const list = async (answer: Promise<unknown>): Promise<Json[]> => unbranded(await answer) as Json[]
	const client: Client = {
		told,
		symbols: async () => (await rest.getExchangeInfo()).symbols.map(row => row.symbol),
		serverTime: async () => rest.getServerTime(),
		setLeverage: async (symbol, leverage) => Number((await rest.setLeverage({symbol, leverage})).leverage),
		setMarginType: async (symbol, marginType) => {
			await rest.setMarginType({symbol, marginType})
		},
		place: async order => orderSeen(await one(rest.submitNewOrder(wanted(order) as unknown as NewOrder))),
		batch: async orders =>
			(await list(rest.submitMultipleOrders(orders.map(wanted) as unknown as Orders))).map(orderSeen),
		amend: async (symbol, id, side, quantity, price) =>
			orderSeen(
				await one(
					rest.modifyOrder({symbol, side, orderId: Number(id), quantity: Number(quantity), price: Number(price)}),
				),
			),
		cancel: async (symbol, id) => orderSeen(await one(rest.cancelOrder({symbol, origClientOrderId: branded(id)}))),
		cancelAll: async symbol => {
			await rest.cancelAllOpenOrders({symbol})
			await rest.cancelAllAlgoOpenOrders({symbol})
		},
		query: async (symbol, id) => orderSeen(await one(rest.getOrder({symbol, origClientOrderId: branded(id)}))),
		openOrders: async symbol => (await list(rest.getAllOpenOrders({symbol}))).map(orderSeen),
		placeStop: async order =>
			algoSeen(
				await one(
					rest.submitNewAlgoOrder({
						algoType: 'CONDITIONAL',
						symbol: order.symbol,
						side: order.side,
						type: order.type,
						triggerPrice: order.trigger,
						clientAlgoId: branded(order.client_id),
						...(order.quantity === undefined
							? {closePosition: 'true'}
							: {quantity: order.quantity, reduceOnly: 'true'}),
					} as unknown as NewAlgo),
				),
			),
		openStops: async symbol => (await list(rest.getOpenAlgoOrders({symbol}))).map(algoSeen),
		cancelStop: async (_symbol, id) => {
			await rest.cancelAlgoOrder({clientAlgoId: branded(id)})
		},
		position: async symbol => {
			const [row] = await list(rest.getPositionsV3({symbol}))
			const amount = String(row?.positionAmt ?? '0')
			return amount === '0' ? undefined : {amount, entry: String(row?.entryPrice)}
		},
		wallet: async () => String((await list(rest.getBalanceV3()))[0]?.balance),
		fills: async symbol => (await list(rest.getAccountTrades({symbol}))).map(fillSeen),
		income: async () =>
			(await list(rest.getIncomeHistory({limit: 1000}))).map(row => ({
				type: String(row.incomeType),
				amount: String(row.income),
			})),
		closes: async symbol => (await rest.getKlines({symbol, interval: '1m'})).map(row => String(row[4])),
		bestBid: async symbol => String((await rest.getOrderBook({symbol, limit: 5})).bids[0]?.[0]),
		listen: async symbol => {
			let user = 0
			streams.on('formattedUserDataMessage', () => undefined)
			streams.on('open', () => {
				user += 1
			})
			await streams.subscribeUsdFuturesUserDataStream('usdmPrivate')
			const small = symbol.toLowerCase()
			await streams.subscribe(
				['aggTrade', 'bookTicker', 'markPrice@1s', 'kline_1m', 'depth@100ms'].map(name => `${small}@${name}`),
				'usdm',
			)
			await eventually(() => user >= 2, {what: 'both connections of the binance client'})
		},
		codeOf: error => (error as {code?: number}).code,
		close: async () => streams.closeAll(true),
	}
	return client
}
