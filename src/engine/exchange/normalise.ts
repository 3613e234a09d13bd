import type {PayloadOf} from '../contracts/stream.js'
import type {exchangeNormalized} from '../contracts/streams/account.js'
import {
	accountUpdate,
	algoUpdate,
	eventHead,
	type IncomeRow,
	orderTradeUpdate,
	type UserTradeRow,
} from './raw-messages.js'

/** Exactly what stream `exchange.normalized` carries. */
export type NormalizedEvent = PayloadOf<typeof exchangeNormalized>
export type FillEvent = Extract<NormalizedEvent, {kind: 'fill'}>

/** One user-data message as the account feed understands it. */
export type UserMessage = Readonly<{
	/** `ORDER_TRADE_UPDATE`, `ACCOUNT_UPDATE`, `ALGO_UPDATE`, … */
	channel: string
	/** Venue time of the event, ms. */
	venue_ms: number
	events: readonly NormalizedEvent[]
	/** The wallet moved other than by a fill: income must be fetched. */
	income_due: boolean
	/** The listen key is dead: nothing comes any more until there is a new one. */
	expired: boolean
}>

const EXECUTED = new Set(['TRADE', 'CALCULATED'])

const orderEvents = (body: unknown): readonly NormalizedEvent[] => {
	const {o} = orderTradeUpdate.parse(body)
	const order: NormalizedEvent = {
		kind: 'order',
		symbol: o.s,
		order_id: o.i,
		client_order_id: o.c,
		side: o.S,
		order_type: o.ot ?? o.o,
		status: o.X,
		quantity: o.q,
		filled_quantity: o.z,
		average_price: o.ap,
		reduce_only: o.R,
	}
	// A liquidation executes as CALCULATED: it moves the position and the wallet as any fill does.
	if (!EXECUTED.has(o.x) || Number(o.l) === 0) return [order]
	const fill: NormalizedEvent = {
		kind: 'fill',
		symbol: o.s,
		trade_id: o.t,
		order_id: o.i,
		client_order_id: o.c,
		side: o.S,
		price: o.L,
		quantity: o.l,
		fee: o.n ?? '0',
		fee_asset: o.N ?? 'USDT',
		realised_pnl: o.rp,
		maker: o.m,
		origin: 'websocket',
	}
	return [order, fill]
}

const algoEvents = (body: unknown): readonly NormalizedEvent[] => {
	const {o} = algoUpdate.parse(body)
	return [
		{
			kind: 'algo',
			symbol: o.s,
			algo_id: o.aid,
			client_algo_id: o.caid,
			order_type: o.o,
			side: o.S,
			status: o.X,
			trigger_price: o.tp,
			quantity: o.q,
			close_position: o.cp,
		},
	]
}

const accountEvents = (body: unknown): readonly NormalizedEvent[] => {
	const {a} = accountUpdate.parse(body)
	const balances: NormalizedEvent[] = a.B.map(({a: asset, wb, bc}) => ({
		kind: 'balance',
		asset,
		wallet_balance: wb,
		change: bc,
		reason: a.m,
	}))
	// One-way mode is asserted at start: rows of the other mode would be another position of the same symbol.
	const positions: NormalizedEvent[] = a.P.filter(({ps}) => ps === 'BOTH').map(({s, pa, ep, up}) => ({
		kind: 'position',
		symbol: s,
		amount: pa,
		entry_price: ep,
		unrealised_pnl: up,
		reason: a.m,
	}))
	return [...balances, ...positions]
}

const readers: Readonly<Record<string, (body: unknown) => readonly NormalizedEvent[]>> = {
	ORDER_TRADE_UPDATE: orderEvents,
	ALGO_UPDATE: algoEvents,
	ACCOUNT_UPDATE: accountEvents,
}

/**
 * What a message of the user-data stream means; kinds that mean nothing to us have no events.
 * @throws ZodError when a message of a known kind lacks what it must have
 */
export const readUserMessage = (body: unknown): UserMessage => {
	const {e: channel, E: venue_ms} = eventHead.parse(body)
	return {
		channel,
		venue_ms,
		events: readers[channel]?.(body) ?? [],
		income_due: channel === 'ACCOUNT_UPDATE' && accountUpdate.parse(body).a.m !== 'ORDER',
		expired: channel === 'listenKeyExpired',
	}
}

/** A fill as REST lists it. Its order's client id is not in the row: the caller looks it up or gives an empty one. */
export const fillOfTrade = (row: UserTradeRow, client_order_id: string): FillEvent => ({
	kind: 'fill',
	symbol: row.symbol,
	trade_id: row.id,
	order_id: row.orderId,
	client_order_id,
	side: row.side,
	price: row.price,
	quantity: row.qty,
	fee: row.commission,
	fee_asset: row.commissionAsset,
	realised_pnl: row.realizedPnl,
	maker: row.maker,
	origin: 'rest',
})

/** What fills already tell. */
const TOLD_BY_FILLS = new Set(['COMMISSION', 'REALIZED_PNL'])
export const isOwnIncome = ({incomeType}: IncomeRow): boolean => !TOLD_BY_FILLS.has(incomeType)
/** The venue's id is unique per kind of income only. */
export const incomeId = ({tranId, incomeType}: IncomeRow): string => `${tranId}/${incomeType}`

export const eventOfIncome = (row: IncomeRow): NormalizedEvent => ({
	kind: 'income',
	income_type: row.incomeType,
	asset: row.asset,
	amount: row.income,
	transaction_id: incomeId(row),
	...(row.symbol === '' ? {} : {symbol: row.symbol}),
})

export const connectionEvent = (status: 'CONNECTED' | 'LOST' | 'RESYNCED', detail: string): NormalizedEvent => ({
	kind: 'connection',
	status,
	detail: detail.slice(0, DETAIL_CHARS_MAX),
})
const DETAIL_CHARS_MAX = 4_000
