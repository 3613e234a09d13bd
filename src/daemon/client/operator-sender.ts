import {SystemClock} from '../../engine/adapters/clock/system-clock.js'
import {reducingFence} from '../../engine/adapters/exchange/fence.js'
import {orderSender} from '../../engine/adapters/exchange/order-sender.js'
import {sentOnce} from '../../engine/adapters/exchange/sent-orders.js'
import {messageOf} from '../../engine/errors.js'
import type {SendRequest, StepOutcome} from '../../engine/exchange/order-request.js'
import type {VenueConfig} from '../../engine/exchange/venue-config.js'
import {clientIds} from '../../engine/logic/client-id.js'
import {closingSide} from '../../engine/logic/closing.js'
import {idOf} from '../../engine/runtime/identity.js'
import {CLIENT_LIMITS} from './client-limits.js'

/** What an operator may send past a kill: what reduces, and what protects. */
export type OperatorSender = Readonly<{
	/** One market order that closes as much of a position as the venue takes at once; `amount` is signed. */
	close(symbol: string, amount: string): Promise<StepOutcome>
	/** A stop at the venue that closes the whole position. */
	stop(symbol: string, amount: string, trigger_price: string): Promise<StepOutcome>
	end(): Promise<void>
}>

const notKnown = (error: unknown): StepOutcome => ({
	status: 'NOT_SENT',
	reason: 'UNREACHABLE',
	detail: messageOf(error),
})

/**
 * The gateway's own sender, behind a fence that lets pass only what can reduce a position. It needs neither the daemon
 * nor Redis. Nothing is opened before the first order.
 */
export const operatorSender = (config: VenueConfig): OperatorSender => {
	const clock = new SystemClock()
	const sender = orderSender({config, clock, fence: reducingFence, sent: sentOnce})
	let sent = 0
	const send = async (
		symbol: string,
		amount: string,
		of: Pick<SendRequest, 'class' | 'action'>,
		step: (plan_id: string, side: SendRequest['side']) => SendRequest['steps'][number],
	): Promise<StepOutcome> => {
		sent += 1
		const plan_id = idOf('operator', symbol, clock.machine(), process.pid, sent)
		const side = closingSide(amount)
		const request: SendRequest = {
			plan_id,
			epoch: 0,
			...of,
			side,
			symbol,
			operator: true,
			sent_after_ms: 0,
			steps: [step(plan_id, side)],
		}
		const signal = AbortSignal.timeout(CLIENT_LIMITS.order_known_ms)
		try {
			const {outcomes} = await sender.perform(request, {idempotency_key: plan_id, recovered: false, signal})
			return outcomes[0] ?? notKnown('no outcome')
		} catch (error) {
			return notKnown(error)
		}
	}
	return {
		close: (symbol, amount) =>
			send(symbol, amount, {class: 'EXIT', action: 'FULL_CLOSE_PROPOSED'}, (plan_id, side) => ({
				do: 'market',
				side,
				client_order_id: clientIds.market(plan_id),
				reduce_only: true,
				close_all: true,
			})),
		stop: (symbol, amount, trigger_price) =>
			send(symbol, amount, {class: 'PROTECT', action: 'PROTECT'}, (plan_id, side) => ({
				do: 'stop',
				side,
				client_order_id: clientIds.stop(plan_id),
				trigger_price,
				close_position: true,
			})),
		end: () => sender.close(),
	}
}
