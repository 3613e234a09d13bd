import {onTestFinished} from 'vitest'
import {SystemClock} from '../../../../src/engine/adapters/clock/system-clock.js'
import {type OrderSender, orderSender} from '../../../../src/engine/adapters/exchange/order-sender.js'
import {type SentOrders, sentOnce} from '../../../../src/engine/adapters/exchange/sent-orders.js'
import type {Fence, SendRequest, SendResult} from '../../../../src/engine/exchange/order-request.js'
import type {VenueConfig} from '../../../../src/engine/exchange/venue-config.js'
import {startMs} from '../../../paper-exchange/scripted-market.js'
import {type Json, TestVenue} from '../../../paper-exchange/venue-fixture.js'
import {configOf} from './gateway-fixture.js'

export const start = async (fence: Fence = async () => ({ok: true}), config: Partial<VenueConfig> = {}) => {
	const venue = await TestVenue.start()
	onTestFinished(() => venue.close())
	await venue.advance(10)
	return {venue, sender: senderAt(venue, {fence, config})}
}

/** Another sender to a venue that runs: the gateway of the next process. */
export const senderAt = (
	venue: TestVenue,
	{
		fence = async () => ({ok: true}),
		config = {},
		sent = sentOnce,
		isStopped = () => false,
	}: {fence?: Fence; config?: Partial<VenueConfig>; sent?: SentOrders; isStopped?: () => boolean},
): OrderSender => {
	const sender = orderSender({
		config: configOf(venue, {recv_window_ms: 300, ...config}),
		clock: new SystemClock(),
		fence,
		sent,
		isStopped,
	})
	onTestFinished(() => sender.close())
	return sender
}

export const request = (more: Partial<SendRequest>): SendRequest => ({
	plan_id: 'plan-1',
	epoch: 1,
	class: 'ENTRY',
	action: 'OPEN',
	side: 'BUY',
	symbol: 'BTCUSDT',
	operator: false,
	sent_after_ms: startMs,
	steps: [],
	...more,
})
export const buy = (client_order_id: string, more: object = {}): SendRequest['steps'][number] => ({
	do: 'market',
	side: 'BUY',
	client_order_id,
	quantity: '0.010',
	reduce_only: false,
	...more,
})
export const send = (
	sender: OrderSender,
	asked: SendRequest,
	{recovered = false, signal = new AbortController().signal} = {},
): Promise<SendResult> => sender.perform(asked, {idempotency_key: asked.plan_id, recovered, signal})

/** Requests that reached the venue, by its own log. */
export const creating = (venue: TestVenue): Json[] =>
	venue
		.log()
		.filter(
			({kind, method, path}) => kind === 'request' && method === 'POST' && /\/(order|algoOrder)$/.test(String(path)),
		)
