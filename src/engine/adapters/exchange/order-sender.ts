import {
	type Fence,
	type SendRequest,
	type SendResult,
	type Step,
	type StepOutcome,
	sendRequestSchema,
} from '../../exchange/order-request.js'
import {defaultBudget, type OrderBudget, PriorityLimiter} from '../../exchange/priority-limiter.js'
import {paperOrigins, requireCredentials, type VenueConfig} from '../../exchange/venue-config.js'
import type {EffectAdapter} from '../../runtime/adapters.js'
import type {Clock} from '../../runtime/clock.js'
import {AccountSettings} from './account-settings.js'
import {openClient} from './client.js'
import {Stopped} from './order-lookup.js'
import {OrderSteps} from './order-steps.js'
import {OrderTransport} from './order-transport.js'
import type {SentOrders} from './sent-orders.js'

export type OrderSenderOptions = Readonly<{
	config: VenueConfig
	clock: Clock
	fence: Fence
	/** What has left already, by this sender or the one before it. */
	sent: SentOrders
	/** Whether everything is stopped now: then nothing is sent that rests at the venue already. */
	isStopped?: () => boolean
	/** The venue's order rates when they differ from the usual ones. */
	budget?: OrderBudget
}>

/** The one way by which orders leave. */
export type OrderSender = Readonly<{
	/** Carries out a `SendRequest`; answers with a `SendResult` once every outcome is known. */
	perform(request: unknown, info: Parameters<EffectAdapter['perform']>[1]): Promise<SendResult>
	/** Connects and asserts the account's settings. @throws OperatorError with the remedy, or the venue's error */
	ready(): Promise<void>
	/** Market orders, operators' apart, that have passed the limiter and whose outcome is not known. */
	inFlight(): number
	/** Symbols of those. */
	symbolsInFlight(): readonly string[]
	close(): Promise<void>
}>

type Parts = Readonly<{steps: OrderSteps; settings: AccountSettings; close: () => Promise<void>}>

const FAILED: StepOutcome = {status: 'NOT_SENT', reason: 'EARLIER_STEP_FAILED'}

/** Whether the steps after this one still make sense. */
const goesOn = (step: Step, outcome: StepOutcome): boolean =>
	outcome.status === 'ACCEPTED' && (step.do !== 'market' || Number(outcome.filled_quantity ?? '1') > 0)

class Gateway {
	#parts: Promise<Parts> | undefined
	#steps: OrderSteps | undefined
	readonly #limiter: PriorityLimiter

	constructor(private readonly options: OrderSenderOptions) {
		requireCredentials(options.config)
		if (options.config.mode === 'PAPER') paperOrigins(options.config)
		this.#limiter = new PriorityLimiter(options.clock, options.budget ?? defaultBudget)
	}

	inFlight(): number {
		return [...(this.#steps?.inFlight().values() ?? [])].reduce((sum, count) => sum + count, 0)
	}

	symbolsInFlight(): readonly string[] {
		return [...(this.#steps?.inFlight().keys() ?? [])]
	}

	async ready(): Promise<void> {
		await (await this.#open()).settings.ready()
	}

	async close(): Promise<void> {
		this.#limiter.close()
		await (await this.#parts)?.close()
		this.options.sent.close()
	}

	async perform(raw: unknown, {recovered, signal}: Parameters<EffectAdapter['perform']>[1]): Promise<SendResult> {
		const started_ms = this.options.clock.machine()
		const request = sendRequestSchema.parse(raw)
		const {steps, settings} = await this.#open()
		if (!recovered) {
			await settings.ready()
			if (request.class === 'ENTRY') settings.requireCrossed(request.symbol)
		}
		const run = (step: Step): Promise<StepOutcome> =>
			recovered
				? this.#recover(steps, settings, request, step, started_ms, signal)
				: this.#run(steps, request, step, signal)
		const outcomes: StepOutcome[] = []
		for (const step of request.steps) {
			const outcome = await run(step)
			outcomes.push(outcome)
			if (!goesOn(step, outcome)) break
		}
		while (outcomes.length < request.steps.length) outcomes.push(FAILED)
		return {outcomes, latency_ms: this.options.clock.machine() - started_ms}
	}

	#run(steps: OrderSteps, request: SendRequest, step: Step, signal: AbortSignal): Promise<StepOutcome> {
		switch (step.do) {
			case 'leverage':
				return steps.leverage(request, step.leverage, signal)
			case 'market':
				// Stops and cancels are finished even while stopping: a filled position must not wait for the next start.
				if (signal.aborted) return Promise.reject(new Stopped())
				return steps.market(request, step, signal)
			case 'stop':
			case 'target':
				return steps.resting(request, step, signal)
			case 'cancel':
				return steps.cancel(request, step, signal)
		}
	}

	/**
	 * The process died after the request was recorded, so each step may have been sent or not. A market order is asked
	 * for and never sent again; stops, targets and cancels can do no harm twice.
	 */
	async #recover(
		steps: OrderSteps,
		settings: AccountSettings,
		request: SendRequest,
		step: Step,
		machine_ms: number,
		signal: AbortSignal,
	): Promise<StepOutcome> {
		if (step.do === 'leverage') return {status: 'ACCEPTED', order_id: '', client_order_id: ''}
		if (step.do === 'market') return steps.recoverMarket(request, step, machine_ms, signal)
		const resting = step.do === 'cancel' ? undefined : await steps.recoverResting(request, step, signal)
		if (resting) return resting
		try {
			await settings.ready()
		} catch (error) {
			return {status: 'NOT_SENT', reason: 'UNREACHABLE', detail: String(error)}
		}
		return this.#run(steps, request, step, signal)
	}

	#open(): Promise<Parts> {
		this.#parts ??= this.#connect()
		return this.#parts
	}

	async #connect(): Promise<Parts> {
		const {config, clock, fence, sent, isStopped = () => false} = this.options
		const client = await openClient(config, 'orders')
		const settings = new AccountSettings(client, clock)
		const transport = new OrderTransport(client, fence)
		const steps = new OrderSteps(transport, settings, this.#limiter, clock, sent, isStopped, config.recv_window_ms)
		this.#steps = steps
		return {steps, settings, close: () => client.close()}
	}
}

/** The gateway's sender. Nothing is opened before the first request or `ready()`. */
export const orderSender = (options: OrderSenderOptions): OrderSender => {
	const gateway = new Gateway(options)
	return {
		perform: (request, info) => gateway.perform(request, info),
		ready: () => gateway.ready(),
		inFlight: () => gateway.inFlight(),
		symbolsInFlight: () => gateway.symbolsInFlight(),
		close: () => gateway.close(),
	}
}
