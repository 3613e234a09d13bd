import type {Json} from '../venue-fixture.js'
import type {FillSeen, OrderSeen, StopSeen, Told} from './client.js'

/** Reads the venue's own REST shapes, which two of the libraries hand through. */
export const orderSeen = (row: Json): OrderSeen => ({
	id: String(row.orderId),
	client_id: String(row.clientOrderId),
	status: String(row.status),
	filled: String(row.executedQty),
	average: String(row.avgPrice),
})

export const algoSeen = (row: Json): StopSeen => ({
	id: String(row.algoId),
	client_id: String(row.clientAlgoId),
	status: String(row.algoStatus),
	trigger: String(row.triggerPrice),
})

export const fillSeen = (row: Json): FillSeen => ({
	id: String(row.id),
	client_id: '',
	price: String(row.price),
	quantity: String(row.qty),
	fee: String(row.commission),
})

const hearOrder = (told: Told, order: Json): void => {
	told.orders.push({client_id: String(order.c), status: String(order.X)})
	if (order.x !== 'TRADE') return
	told.fills.push({
		id: String(order.t),
		client_id: String(order.c),
		price: String(order.L),
		quantity: String(order.l),
		fee: String(order.n),
	})
}

const hearAccount = (told: Told, account: Json): void => {
	for (const row of account.P as Json[]) {
		told.positions.push({symbol: String(row.s), amount: String(row.pa), entry: String(row.ep)})
	}
	for (const row of account.B as Json[]) told.balances.push(String(row.wb))
}

/** Notes one stream message in the venue's own words. */
export const hear = (told: Told, message: Json): void => {
	const order = message.o as Json
	switch (message.e) {
		case 'ORDER_TRADE_UPDATE':
			hearOrder(told, order)
			return
		case 'ALGO_UPDATE':
			told.stops.push({client_id: String(order.caid), status: String(order.X)})
			return
		case 'ACCOUNT_UPDATE':
			hearAccount(told, message.a as Json)
			return
		case 'aggTrade':
			told.trades.push(String(message.p))
			return
		case 'bookTicker':
			told.bids.push(String(message.b))
			return
		case 'markPriceUpdate':
			told.marks.push(String(message.p))
			return
		case 'kline': {
			const candle = message.k as Json
			if (candle.x === true) told.candles.push({open_ms: Number(candle.t), close: String(candle.c)})
			return
		}
		case 'depthUpdate':
			for (const level of message.b as unknown[][]) if (level[1] !== '0') told.depths.push(String(level[0]))
			return
	}
}
