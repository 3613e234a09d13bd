import {z} from 'zod'
import {datedIncome, listOf, readIncome} from '../../engine/adapters/exchange/account-history.js'
import type {CcxtSurface} from '../../engine/adapters/exchange/ccxt-surface.js'
import {openReadingClient} from '../../engine/adapters/exchange/client.js'
import {algoRow, balanceRow, orderRow, positionRow} from '../../engine/exchange/raw-messages.js'
import type {VenueConfig} from '../../engine/exchange/venue-config.js'
import {isZero} from '../../engine/logic/exact.js'
import {isEntryOrder, type RestingOrder, type VenueDesk} from './venue-desk.js'

const pricedOrder = orderRow.extend({price: z.coerce.string().default('0')})

/** What the venue says when an order has gone by itself: -2011 unknown order sent, -2013 order does not exist. */
const GONE = /-2011|-2013|Unknown order|does not exist/

const regularOrders = async (ccxt: CcxtSurface): Promise<readonly RestingOrder[]> =>
	(await listOf(pricedOrder, ccxt.fapiPrivateGetOpenOrders)).map(row => ({
		symbol: row.symbol,
		kind: 'regular' as const,
		order_id: row.orderId,
		client_order_id: row.clientOrderId,
		side: row.side,
		order_type: row.type,
		status: row.status,
		price: row.price,
		trigger_price: '0',
		quantity: row.origQty,
		filled_quantity: row.executedQty,
		reduce_only: row.reduceOnly,
		close_position: row.closePosition,
	}))

const algoOrders = async (ccxt: CcxtSurface): Promise<readonly RestingOrder[]> =>
	(await listOf(algoRow, ccxt.fapiPrivateGetOpenAlgoOrders)).map(row => ({
		symbol: row.symbol,
		kind: 'algo' as const,
		order_id: row.algoId,
		client_order_id: row.clientAlgoId,
		side: row.side,
		order_type: row.orderType,
		status: row.algoStatus,
		price: '0',
		trigger_price: row.triggerPrice,
		quantity: row.quantity,
		filled_quantity: '0',
		reduce_only: row.reduceOnly,
		close_position: row.closePosition,
	}))

const cancel = async (
	ccxt: CcxtSurface,
	{symbol, kind, order_id}: Pick<RestingOrder, 'symbol' | 'kind' | 'order_id'>,
): Promise<void> => {
	try {
		if (kind === 'regular') await ccxt.fapiPrivateDeleteOrder({symbol, orderId: order_id})
		else await ccxt.fapiPrivateDeleteAlgoOrder({symbol, algoId: order_id})
	} catch (error) {
		if (!(error instanceof Error && GONE.test(error.message))) throw error
	}
}

/** The venue over REST, with a connection of its own; nothing in it can create an order. Close it after use. */
export const openDesk = async (config: VenueConfig): Promise<VenueDesk> => {
	const client = await openReadingClient(config)
	const {ccxt} = client
	const openOrders = async () => (await Promise.all([regularOrders(ccxt), algoOrders(ccxt)])).flat()
	return {
		openOrders,
		cancel: order => cancel(ccxt, order),
		cancelEntryOrders: async only => {
			const resting = (await openOrders()).filter(isEntryOrder)
			const entries = resting.filter(({symbol}) => only === undefined || symbol === only)
			await Promise.all(entries.map(order => cancel(ccxt, order)))
			return entries.map(({symbol, client_order_id}) => ({symbol, client_order_id}))
		},
		positions: async () =>
			(await listOf(positionRow, ccxt.fapiPrivateV3GetPositionRisk))
				.filter(({positionAmt}) => !isZero(positionAmt))
				.map(row => ({
					symbol: row.symbol,
					amount: row.positionAmt,
					entry_price: row.entryPrice,
					mark_price: row.markPrice,
					unrealised_pnl: row.unRealizedProfit,
					liquidation_price: row.liquidationPrice,
					...(row.maintMargin !== undefined && {maintenance_margin: row.maintMargin}),
				})),
		everyPosition: async () =>
			(await listOf(positionRow, ccxt.fapiPrivateV2GetPositionRisk)).map(({symbol, positionAmt: amount}) => ({
				symbol,
				amount,
			})),
		wallet: async () =>
			(await listOf(balanceRow, ccxt.fapiPrivateV3GetBalance)).map(({asset, balance}) => ({
				asset,
				wallet_balance: balance,
			})),
		income: async () => (await readIncome(ccxt, 0)).map(datedIncome),
		close: () => client.close(),
	}
}
