import {z} from 'zod'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {
	algoRow,
	type IncomeRow,
	incomeRow,
	orderRow,
	positionRow,
	type UserTradeRow,
	userTradeRow,
} from '../../exchange/raw-messages.js'
import type {DatedIncome} from '../../logic/income-days.js'
import type {CcxtSurface, RawCall} from './ccxt-surface.js'

/** A list of the venue, each row validated. @throws ZodError when the answer is not such a list: it is never taken for empty */
export const listOf = async <Row>(
	schema: z.ZodType<Row>,
	call: RawCall,
	params: Parameters<RawCall>[0] = {},
): Promise<Row[]> => z.array(schema).parse(await call(params))

const tooMany = (what: string): Error =>
	new Error(`${what} has more than ${limits.pages_max * limits.rows_per_page} rows: read it in parts`)

/** Income of every kind since a venue time, ascending, all pages. */
export const readIncome = async (ccxt: CcxtSurface, from_ms: number): Promise<IncomeRow[]> => {
	const rows: IncomeRow[] = []
	for (let page = 1; page <= limits.pages_max; page += 1) {
		const next = await listOf(incomeRow, ccxt.fapiPrivateGetIncome, {
			startTime: from_ms,
			limit: limits.rows_per_page,
			page,
		})
		rows.push(...next)
		if (next.length < limits.rows_per_page) return rows.sort((one, other) => one.time - other.time)
	}
	throw tooMany('The income')
}

type From = Readonly<{trade_id: string; time_ms: number}>

const byId = (one: UserTradeRow, other: UserTradeRow): number => (BigInt(one.id) < BigInt(other.id) ? -1 : 1)

/** Fills of one symbol after a trade id, or since a venue time, ascending, all pages. `venue_ms` is the time now. */
export const readFills = async (
	ccxt: CcxtSurface,
	symbol: string,
	from: From,
	venue_ms: number,
): Promise<UserTradeRow[]> => {
	const rows: UserTradeRow[] = []
	// From the very beginning there are too many windows of time to walk through: from the first trade id instead.
	let after = from.trade_id === '' && from.time_ms <= 0 ? '0' : from.trade_id
	let start_ms = from.time_ms
	for (let page = 0; page < limits.pages_max; page += 1) {
		const range =
			after === ''
				? {startTime: start_ms, endTime: start_ms + limits.fills_window_ms - 1}
				: {fromId: String(BigInt(after) + 1n)}
		const listed = await listOf(userTradeRow, ccxt.fapiPrivateGetUserTrades, {
			symbol,
			limit: limits.rows_per_page,
			...range,
		})
		const next = listed.sort(byId)
		rows.push(...next)
		const last = next.at(-1)
		if (last) after = last.id
		else if (after !== '') return rows
		else {
			start_ms += limits.fills_window_ms
			if (start_ms > venue_ms) return rows
		}
		if (last && next.length < limits.rows_per_page && start_ms + limits.fills_window_ms > venue_ms) return rows
	}
	throw tooMany(`The trade list of ${symbol}`)
}

/** Symbols in which the account has a position or an open order, regular or conditional. */
export const symbolsInUse = async (ccxt: CcxtSurface): Promise<ReadonlySet<string>> => {
	const [positions, orders, algos] = await Promise.all([
		listOf(positionRow, ccxt.fapiPrivateV3GetPositionRisk),
		listOf(orderRow, ccxt.fapiPrivateGetOpenOrders),
		listOf(algoRow, ccxt.fapiPrivateGetOpenAlgoOrders),
	])
	return new Set([...positions, ...orders, ...algos].map(({symbol}) => symbol))
}

/** The client id of an order; a made-up one when the venue has forgotten it. */
export const clientIdOf = async (ccxt: CcxtSurface, symbol: string, orderId: string): Promise<string> => {
	try {
		return orderRow.parse(await ccxt.fapiPrivateGetOrder({symbol, orderId})).clientOrderId
	} catch (error) {
		if (error instanceof Error && /-2013|Order does not exist/.test(error.message)) return `unknown-${orderId}`
		throw error
	}
}

/** A row as the ledger is compared with it. */
export const datedIncome = (row: IncomeRow): DatedIncome => ({
	income_type: row.incomeType,
	asset: row.asset,
	amount: row.income,
	symbol: row.symbol,
	transaction_id: row.tranId,
	trade_id: row.tradeId ?? '',
	ts_ms: row.time,
})
