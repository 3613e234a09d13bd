import {z} from 'zod'
import {type Classified, classifyError} from '../../exchange/classify-error.js'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {type Params, prepareMarket, prepareResting} from '../../exchange/order-params.js'
import type {
	CancelStep,
	FenceContext,
	MarketStep,
	RestingStep,
	SendRequest,
	StepOutcome,
} from '../../exchange/order-request.js'
import type {PriorityLimiter} from '../../exchange/priority-limiter.js'
import {algoRow, orderRow, positionRow} from '../../exchange/raw-messages.js'
import type {Clock} from '../../runtime/clock.js'
import {listOf} from './account-history.js'
import type {AccountSettings} from './account-settings.js'
import type {RawCall} from './ccxt-surface.js'
import {acceptedAlgo, acceptedOrder, OrderLookup, Stopped} from './order-lookup.js'
import {contextOf, type NotSent, outcomeOf, type Sending} from './order-sending.js'
import type {OrderTransport} from './order-transport.js'
import type {SentOrders} from './sent-orders.js'

const leverageAnswer = z.object({leverage: z.coerce.number().int()})
const cancelAnswer = z.object({
	orderId: z.union([z.string(), z.number()]).optional(),
	algoId: z.union([z.string(), z.number()]).optional(),
})

/** Carries out single steps: one request each, sent at most once where it creates an order. */
export class OrderSteps {
	readonly #lookup: OrderLookup
	/** Orders on their way, by symbol. */
	readonly #inFlight = new Map<string, number>()

	constructor(
		private readonly transport: OrderTransport,
		private readonly settings: AccountSettings,
		private readonly limiter: PriorityLimiter,
		private readonly clock: Clock,
		private readonly sent: SentOrders,
		private readonly isStopped: () => boolean,
		recv_window_ms: number,
	) {
		this.#lookup = new OrderLookup(transport, clock, failure => this.#heed(failure), recv_window_ms)
	}

	/** Market orders of plans that are not an operator's, from their way through the limiter until their outcome is known. */
	inFlight(): ReadonlyMap<string, number> {
		return this.#inFlight
	}

	async leverage(request: SendRequest, leverage: number, signal: AbortSignal): Promise<StepOutcome> {
		const done: StepOutcome = {status: 'ACCEPTED', order_id: '', client_order_id: ''}
		if (this.settings.hasLeverage(request.symbol, leverage)) return done
		this.settings.forgetLeverage(request.symbol)
		const {ccxt} = this.transport.client
		const params = {symbol: request.symbol, leverage: String(leverage)}
		const context = contextOf(request, request.class)
		const outcome = await this.#repeatable(
			() => this.#send(request.class, 0, ccxt.fapiPrivatePostLeverage, params, context),
			signal,
		)
		if ('status' in outcome) return outcome
		const answer = leverageAnswer.safeParse(outcome.body)
		if (!answer.success || answer.data.leverage !== leverage)
			return {
				status: 'REFUSED',
				code: 'LEVERAGE_NOT_SET',
				message: `Asked for ${leverage}, the venue did not confirm it`,
			}
		this.settings.confirmLeverage(request.symbol, leverage)
		return done
	}

	async market(request: SendRequest, step: MarketStep, signal: AbortSignal): Promise<StepOutcome> {
		const before_ms = this.sent.leftAt(step.client_order_id)
		if (before_ms !== undefined) return this.recoverMarket(request, step, before_ms, signal)
		const {ccxt} = this.transport.client
		const amount = step.close_all === true ? await this.#positionOf(request.symbol) : '0'
		if (amount === undefined)
			return {status: 'NOT_SENT', reason: 'UNREACHABLE', detail: 'The position could not be read'}
		const prepared = prepareMarket(step, this.settings.filters(request.symbol), amount)
		if (!prepared.ok) return prepared.refused
		const context = contextOf(request, request.class)
		const held = await this.#admitted(request.class, 1)
		if (held) return held
		return this.#counted(request, async () => {
			const unrecorded = this.#record(request, step)
			if (unrecorded) return unrecorded
			const sent = await this.#carry(ccxt.fapiPrivatePostOrder, prepared.params, context)
			const left = {machine_ms: this.clock.machine(), venue_ms: request.sent_after_ms}
			if ('body' in sent) {
				const row = orderRow.safeParse(sent.body)
				if (row.success) return acceptedOrder(await this.#lookup.settled(row.data, signal))
			} else if (sent.status !== 'UNKNOWN') return sent
			return this.#lookup.market(request.symbol, step, left, signal)
		})
	}

	/** What became of a market order that a dead process may have sent, until `machine_ms` at the latest. */
	recoverMarket(request: SendRequest, step: MarketStep, machine_ms: number, signal: AbortSignal): Promise<StepOutcome> {
		const left = {machine_ms, venue_ms: request.sent_after_ms}
		return this.#counted(request, () => this.#lookup.market(request.symbol, step, left, signal))
	}

	/** A stop or target that a dead process may have sent: undefined when it does not rest and may be sent. */
	async recoverResting(request: SendRequest, step: RestingStep, signal: AbortSignal): Promise<StepOutcome | undefined> {
		// It can do no harm twice, so there is no window to wait for.
		const found = await this.#lookup.resting(step, {machine_ms: 0, venue_ms: request.sent_after_ms}, signal)
		return found.status === 'ACCEPTED' ? found : undefined
	}

	async resting(request: SendRequest, step: RestingStep, signal: AbortSignal): Promise<StepOutcome> {
		const {ccxt} = this.transport.client
		const prepared = prepareResting(step, this.settings.filters(request.symbol))
		if (!prepared.ok) return prepared.refused
		// A stop is protection, whatever plan asks for it: it passes the fence when the entry before it was filled.
		const context = contextOf(request, 'PROTECT')
		const held = await this.#admitted('PROTECT', 1)
		if (held) return held
		// Who stopped the system has seen to it that stops rest, maybe before whoever asks for this one has heard of it.
		if (step.close_position && this.isStopped() && (await this.#lookup.closing(request.symbol, step)))
			return {status: 'NOT_SENT', reason: 'PROTECTED_ALREADY'}
		const sent = await this.#carry(ccxt.fapiPrivatePostAlgoOrder, prepared.params, context)
		const left = {machine_ms: this.clock.machine(), venue_ms: request.sent_after_ms}
		if ('body' in sent) {
			const row = algoRow.safeParse(sent.body)
			if (row.success) return acceptedAlgo(row.data)
		} else if (sent.status !== 'UNKNOWN') return sent
		return this.#lookup.resting(step, left, signal)
	}

	/** Cancels; what is not there any more is as good as cancelled. Safe to repeat, so it is, until the venue answers. */
	async cancel(request: SendRequest, step: CancelStep, signal: AbortSignal): Promise<StepOutcome> {
		const {ccxt} = this.transport.client
		const {client_order_id, algo} = step
		const call = algo ? ccxt.fapiPrivateDeleteAlgoOrder : ccxt.fapiPrivateDeleteOrder
		const params: Params = algo
			? {clientAlgoId: client_order_id}
			: {symbol: request.symbol, origClientOrderId: client_order_id}
		const outcome = await this.#repeatable(() => this.#send('PROTECT', 0, call, params), signal)
		if ('status' in outcome) return outcome
		const {orderId, algoId} = cancelAnswer.catch({}).parse(outcome.body)
		return {status: 'ACCEPTED', order_id: String(orderId ?? algoId ?? ''), client_order_id}
	}

	async #send(
		of: SendRequest['class'],
		orders: number,
		call: RawCall,
		params: Params,
		context?: FenceContext,
	): Promise<Sending> {
		return (await this.#admitted(of, orders)) ?? this.#carry(call, params, context)
	}

	/** Before it leaves. What cannot be recorded does not open anything; what only closes goes on. */
	#record(request: SendRequest, {client_order_id}: MarketStep): NotSent | undefined {
		try {
			this.sent.record(client_order_id, this.clock.machine())
			return undefined
		} catch (error) {
			if (request.class !== 'ENTRY') return undefined
			return {status: 'NOT_SENT', reason: 'NOT_RECORDED', detail: String(error)}
		}
	}

	/** @returns why it may not leave, if so. @throws Stopped */
	async #admitted(of: SendRequest['class'], orders: number): Promise<NotSent | undefined> {
		const admission = await this.limiter.admit(of, orders)
		if (admission.ok) return undefined
		if (admission.reason === 'STOPPING') throw new Stopped()
		return {status: 'NOT_SENT', reason: admission.reason}
	}

	async #carry(call: RawCall, params: Params, context?: FenceContext): Promise<Sending> {
		const answer = await this.transport.send(call.bind(this.transport.client.ccxt), params, context)
		if (answer.ok) return {body: answer.body}
		const failure = classifyError(answer.failure)
		this.#heed(failure)
		return outcomeOf(failure)
	}

	async #counted(request: SendRequest, run: () => Promise<StepOutcome>): Promise<StepOutcome> {
		if (request.operator) return run()
		const {symbol} = request
		this.#inFlight.set(symbol, (this.#inFlight.get(symbol) ?? 0) + 1)
		try {
			return await run()
		} finally {
			const left = (this.#inFlight.get(symbol) ?? 1) - 1
			if (left > 0) this.#inFlight.set(symbol, left)
			else this.#inFlight.delete(symbol)
		}
	}

	/** Repeats what may be repeated while its outcome is unknown. */
	async #repeatable(send: () => Promise<Sending>, signal: AbortSignal): Promise<Exclude<Sending, {status: 'UNKNOWN'}>> {
		for (let attempt = 0; ; attempt += 1) {
			const sent = await send()
			if (!('status' in sent) || sent.status !== 'UNKNOWN') return sent
			if (signal.aborted) throw new Stopped()
			await this.clock.wait(Math.min(limits.query_first_ms * 2 ** Math.min(attempt, 10), limits.query_max_ms), signal)
		}
	}

	async #positionOf(symbol: string): Promise<string | undefined> {
		const {ccxt} = this.transport.client
		try {
			const rows = await listOf(positionRow, ccxt.fapiPrivateV3GetPositionRisk.bind(ccxt), {symbol})
			return rows.find(row => row.symbol === symbol && row.positionSide === 'BOTH')?.positionAmt ?? '0'
		} catch {
			return undefined
		}
	}

	#heed(failure: Classified): void {
		if (failure.hold_ms !== undefined) this.limiter.hold(failure.hold_ms)
		if (failure.clock) void this.transport.client.syncClock().catch(() => undefined)
		if (failure.settings || failure.code === 'UNREACHABLE') this.settings.forget()
	}
}
