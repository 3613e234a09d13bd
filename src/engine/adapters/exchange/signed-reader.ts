import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import type {IncomeRow, UserTradeRow} from '../../exchange/raw-messages.js'
import type {VenueConfig} from '../../exchange/venue-config.js'
import {readFills, readIncome} from './account-history.js'
import {openReadingClient} from './client.js'
import {
	readBalances,
	readOrders,
	readPositions,
	readStops,
	type VenueBalance,
	type VenueOrder,
	type VenuePosition,
	type VenueStop,
} from './venue-reading.js'
import {venueNow} from './venue-time.js'

export type OpenOrders = Readonly<{orders: readonly VenueOrder[]; stops: readonly VenueStop[]}>
export type CancelReport = Readonly<{
	/** Client ids of entry orders that are gone. */
	cancelled: readonly string[]
	/** What still rests after the last sweep: empty means that the venue itself has confirmed it. */
	remaining: OpenOrders
}>

/** The account read and cleaned up by a command, without the daemon. Every call rejects when the venue does not answer. */
export type SignedReader = Readonly<{
	/** Income rows of every kind since then, ascending, all pages; amounts as the venue wrote them. */
	fetchIncome(from: Readonly<{from_ms: number}>): Promise<IncomeRow[]>
	fetchWallet(): Promise<VenueBalance[]>
	/** Fills of a symbol since then, ascending, all pages. */
	fetchUserTrades(symbol: string, from: Readonly<{from_ms: number}>): Promise<UserTradeRow[]>
	/** Cancels all that could open or enlarge a position, on every symbol; what protects stays. */
	cancelEntryOrders(): Promise<CancelReport>
	openOrders(): Promise<OpenOrders>
	positions(): Promise<VenuePosition[]>
	/** The venue's time, ms. */
	venueNow(): Promise<number>
	close(): Promise<void>
}>

const entriesOf = ({orders, stops}: OpenOrders): OpenOrders => ({
	orders: orders.filter(order => !order.reduce_only),
	stops: stops.filter(stop => !stop.reduce_only && !stop.close_position),
})

const unlessGone = async (cancel: Promise<unknown>): Promise<void> => {
	try {
		await cancel
	} catch (error) {
		if (!(error instanceof Error) || !/-2011|-2013|Unknown order|does not exist/i.test(error.message)) throw error
	}
}

/** @throws OperatorError when an address or a credential is missing, else what the venue answers */
export const openSignedReader = async (config: VenueConfig): Promise<SignedReader> => {
	const client = await openReadingClient(config)
	const {ccxt} = client
	const openOrders = async (): Promise<OpenOrders> => {
		const [orders, stops] = await Promise.all([readOrders(ccxt), readStops(ccxt)])
		return {orders, stops}
	}
	const cancel = ({orders, stops}: OpenOrders): Promise<unknown> =>
		Promise.all([
			...orders.map(({symbol, order_id}) => unlessGone(ccxt.fapiPrivateDeleteOrder({symbol, orderId: order_id}))),
			...stops.map(({algo_id}) => unlessGone(ccxt.fapiPrivateDeleteAlgoOrder({algoId: algo_id}))),
		])
	const cancelEntryOrders = async (): Promise<CancelReport> => {
		const cancelled = new Set<string>()
		let remaining = entriesOf(await openOrders())
		for (let sweep = 0; sweep < limits.cancel_sweeps_max; sweep += 1) {
			if (remaining.orders.length + remaining.stops.length === 0) break
			for (const {client_order_id} of remaining.orders) cancelled.add(client_order_id)
			for (const {client_algo_id} of remaining.stops) cancelled.add(client_algo_id)
			await cancel(remaining)
			remaining = entriesOf(await openOrders())
		}
		for (const {client_order_id} of remaining.orders) cancelled.delete(client_order_id)
		for (const {client_algo_id} of remaining.stops) cancelled.delete(client_algo_id)
		return {cancelled: [...cancelled], remaining}
	}
	return {
		fetchIncome: ({from_ms}) => readIncome(ccxt, from_ms),
		fetchWallet: () => readBalances(ccxt),
		fetchUserTrades: async (symbol, {from_ms}) =>
			readFills(ccxt, symbol, {trade_id: '', time_ms: from_ms}, await venueNow(config, client)),
		cancelEntryOrders,
		openOrders,
		positions: () => readPositions(ccxt),
		venueNow: () => venueNow(config, client),
		close: () => client.close(),
	}
}
