import {type Classified, classifyError} from '../../exchange/classify-error.js'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import type {MarketStep, RestingStep, StepOutcome} from '../../exchange/order-request.js'
import {type AlgoRow, algoRow, type OrderRow, orderRow, userTradeRow} from '../../exchange/raw-messages.js'
import type {Clock} from '../../runtime/clock.js'
import {listOf} from './account-history.js'
import type {OrderTransport} from './order-transport.js'

/** The process is stopping before the outcome is known: the next start takes it up. */
export class Stopped extends Error {
	constructor() {
		super('Stopped before the outcome of the order was known; the next start asks for it')
	}
}

export const neverPlaced: StepOutcome = {
	status: 'REFUSED',
	code: 'NEVER_PLACED',
	message: 'The venue knows no such order, its receive window has passed, and its trade list shows nothing of it',
}

const WORKING = new Set(['NEW', 'PARTIALLY_FILLED'])

export const acceptedOrder = (row: OrderRow): StepOutcome => ({
	status: 'ACCEPTED',
	order_id: row.orderId,
	client_order_id: row.clientOrderId,
	quantity: row.origQty,
	filled_quantity: row.executedQty,
	...(Number(row.avgPrice) > 0 ? {average_price: row.avgPrice} : {}),
})

export const acceptedAlgo = (row: AlgoRow): StepOutcome => ({
	status: 'ACCEPTED',
	order_id: row.algoId,
	client_order_id: row.clientAlgoId,
	trigger_price: row.triggerPrice,
})

type Found<Row> = Readonly<{found: Row}> | Readonly<{absent: true}> | Readonly<{failed: Classified}>

/** Asks the venue what became of an order, by its client id. Never sends an order. */
export class OrderLookup {
	constructor(
		private readonly transport: OrderTransport,
		private readonly clock: Clock,
		/** What a failed query says about us: silence asked for, clocks apart. */
		private readonly onFailure: (failure: Classified) => void,
		private readonly recv_window_ms: number,
	) {}

	/**
	 * What became of a market order that may have left at `sent_ms` (machine time) or before.
	 * @throws Stopped when the signal aborts first
	 */
	async market(symbol: string, step: MarketStep, sent: Sent, signal: AbortSignal): Promise<StepOutcome> {
		for await (const _ of this.#attempts(sent, signal)) {
			const answer = await this.#order({symbol, origClientOrderId: step.client_order_id})
			if ('found' in answer) return acceptedOrder(await this.settled(answer.found, signal))
			if (!('absent' in answer) || !this.#tooLate(sent)) continue
			const traded = await this.#tradedUnder(symbol, step.client_order_id, sent.venue_ms)
			if (traded === 'unknown') continue
			return traded ? acceptedOrder(traded) : neverPlaced
		}
		throw new Stopped()
	}

	/** What became of a stop or target. @throws Stopped when the signal aborts first */
	async resting(step: RestingStep, sent: Sent, signal: AbortSignal): Promise<StepOutcome> {
		for await (const _ of this.#attempts(sent, signal)) {
			const answer = await this.#algo(step.client_order_id)
			if ('found' in answer) return acceptedAlgo(answer.found)
			if ('absent' in answer && this.#tooLate(sent)) return neverPlaced
		}
		throw new Stopped()
	}

	/** Whether the symbol has one already that closes its position; an answer that does not come is a no. */
	async closing(symbol: string, {do: kind, side}: RestingStep): Promise<boolean> {
		const {ccxt} = this.transport.client
		const type = kind === 'stop' ? 'STOP_MARKET' : 'TAKE_PROFIT_MARKET'
		try {
			const rows = await listOf(algoRow, ccxt.fapiPrivateGetOpenAlgoOrders.bind(ccxt), {symbol})
			return rows.some(row => row.closePosition && row.side === side && row.orderType === type)
		} catch {
			return false
		}
	}

	/** A market order is through within moments: asks a few times until it is. */
	async settled(row: OrderRow, signal: AbortSignal): Promise<OrderRow> {
		let latest = row
		for (let query = 0; query < limits.fill_queries_max && WORKING.has(latest.status) && !signal.aborted; query += 1) {
			await this.clock.wait(limits.query_first_ms, signal)
			const answer = await this.#order({symbol: row.symbol, orderId: row.orderId})
			if ('found' in answer) latest = answer.found
		}
		return latest
	}

	/** Nothing that left then can still be accepted: its receive window has passed, with room for clocks and networks. */
	#tooLate(sent: Sent): boolean {
		return this.#acceptableFor(sent) <= 0
	}

	#acceptableFor({machine_ms}: Sent): number {
		return machine_ms + this.recv_window_ms + limits.never_placed_margin_ms - this.clock.machine()
	}

	/** Ever rarer, but at the moment from which on an answer can be final. */
	async *#attempts(sent: Sent, signal: AbortSignal): AsyncGenerator<number> {
		for (let attempt = 0; !signal.aborted; attempt += 1) {
			yield attempt
			const pause_ms = Math.min(limits.query_first_ms * 2 ** Math.min(attempt, 10), limits.query_max_ms)
			const left_ms = this.#acceptableFor(sent)
			await this.clock.wait(left_ms > 0 ? Math.min(pause_ms, left_ms) : pause_ms, signal)
		}
	}

	async #ask<Row>(
		answer: Awaited<ReturnType<OrderTransport['send']>>,
		read: (body: unknown) => Row,
	): Promise<Found<Row>> {
		if (!answer.ok) {
			const failed = classifyError(answer.failure)
			this.onFailure(failed)
			return failed.kind === 'GONE' ? {absent: true} : {failed}
		}
		try {
			return {found: read(answer.body)}
		} catch (error) {
			return {failed: {kind: 'UNKNOWN', code: 'UNREADABLE', message: String(error)}}
		}
	}

	async #order(params: Readonly<Record<string, string>>): Promise<Found<OrderRow>> {
		const {ccxt} = this.transport.client
		return this.#ask(await this.transport.send(ccxt.fapiPrivateGetOrder.bind(ccxt), params), body =>
			orderRow.parse(body),
		)
	}

	async #algo(clientAlgoId: string): Promise<Found<AlgoRow>> {
		const {ccxt} = this.transport.client
		const answer = await this.transport.send(ccxt.fapiPrivateGetAlgoOrder.bind(ccxt), {clientAlgoId})
		return this.#ask(answer, body => algoRow.parse(body))
	}

	/** The order behind a trade since then that bears this client id; `unknown` when the venue does not say. */
	async #tradedUnder(symbol: string, client_id: string, since_ms: number): Promise<OrderRow | undefined | 'unknown'> {
		const {ccxt} = this.transport.client
		const startTime = Math.max(0, since_ms - limits.fills_overlap_ms)
		try {
			const trades = await listOf(userTradeRow, ccxt.fapiPrivateGetUserTrades.bind(ccxt), {
				symbol,
				startTime,
				limit: limits.rows_per_page,
			})
			for (const orderId of new Set(trades.map(trade => trade.orderId))) {
				const order = await this.#order({symbol, orderId})
				if ('failed' in order) return 'unknown'
				if ('found' in order && order.found.clientOrderId === client_id) return order.found
			}
			return undefined
		} catch {
			return 'unknown'
		}
	}
}

/** When a request may have left at the latest (machine time), and at the earliest (venue time), ms. */
export type Sent = Readonly<{machine_ms: number; venue_ms: number}>
