import {keys} from '../../contracts/keys.js'
import {alerts} from '../../contracts/streams/ops.js'
import {applyResult, classOf, governorEvents} from '../../contracts/streams/trade.js'
import {defineEffect, defineFeed, defineUnit, fromReply, stay} from '../../contracts/unit.js'
import type {SendRequest, SendResult} from '../../exchange/order-request.js'
import type {CountdownEvent} from '../../logic/dead-mans-switch.js'
import {toMicro} from '../../logic/micro.js'
import {requestOf, resultsOf} from '../../logic/order-steps.js'
import {OPERATOR} from '../../logic/plan-author.js'
import {takePermit} from '../../scripts/take-permit.js'

export const applyLayer = defineUnit({
	name: 'apply-layer',
	target: 'exec',
	kind: 'stream',
	summary:
		'The one place that sends orders: takes the permit once, records before and after, and is fenced on the arm epoch as the request leaves.',
	// The verdict carries its plan, so that the sender acts on one explicit record and joins nothing.
	reads: {verdict: governorEvents},
	writes: {result: applyResult, alert: alerts},
	keys: {dedup: keys.dedupApply},
	scripts: [takePermit],
	looks: [keys.kill, keys.arm, keys.execution, keys.blockedSymbols, keys.permit],
	feeds: {
		countdown: defineFeed<CountdownEvent>('The dead-man’s switch: that the venue was not told in time, and its end.'),
	},
	effects: {
		send: defineEffect<SendRequest, SendResult>('Sends the orders of one plan, and finds out what became of them.'),
	},
	initial: () => ({}),
	partition: event => {
		const {symbol} = ((event as {request?: {symbol?: string}}).request ?? event) as {symbol?: string}
		return symbol ?? ''
	},
	on: {
		verdict: (
			_,
			{plan_id, symbol, verdict, plan, notional_usdt, quote_price, epoch = 0},
			{entry, now_ms, machine_ms, policy, emit, key, effect},
		) => {
			if (verdict !== 'ALLOW' || !plan || entry.authority !== 'live') return stay
			const kind = classOf(plan.action)
			const operator = plan.source === OPERATOR
			const request = requestOf({plan, epoch, notional_usdt, quote_price, policy, operator, now_ms})
			const common = {
				plan_id,
				symbol,
				action: plan.action,
				reduce_only: kind !== 'ENTRY',
				...(plan.side && {side: plan.side}),
			}
			const skipped = {...common, decision: 'SKIP' as const, executed: false}
			if (!request) return {wishes: [emit.result({...skipped, error: 'NOTHING_TO_SEND'})]}
			return {
				decide: {
					script: takePermit,
					keys: {kill: {}, arm: {}, execution: {}, permit: {plan_id}, reservations: {}, lock: {symbol}},
					args: {
						plan_id,
						symbol,
						class: kind,
						operator: operator ? '1' : '0',
						notional_micro: toMicro(notional_usdt ?? '0'),
						now_ms,
					},
					branches: {
						taken: {
							wishes: [
								key.dedup.put(
									{id: plan_id},
									{state: 'RECORDED', symbol, class: kind, epoch, recorded_ms: machine_ms, venue_ms: now_ms},
								),
								effect.send(plan_id, request),
							],
						},
						refused: {
							wishes: [emit.result({...skipped, error: fromReply('reason')})],
						},
					},
				},
			}
		},
	},
	onFeed: {
		countdown: (_, {symbol, state, silent_ms}, {emit}) => {
			const silence = `${Math.round(silent_ms / 1_000)} s`
			if (state === 'LATE')
				return {
					wishes: [
						emit.alert({
							severity: 'critical',
							code: 'DEAD_MANS_SWITCH_LATE',
							subject: symbol,
							message: `the venue has not been told for ${silence} that we live: it cancels the resting entries of ${symbol}, or has; stops stay`,
						}),
					],
				}
			const now = state === 'KEPT' ? 'entries rest and are watched over again' : 'no entry rests any more'
			const message = `the venue answers again after ${silence}: ${now}`
			return {wishes: [emit.alert({severity: 'info', code: 'DEAD_MANS_SWITCH_KEPT', subject: symbol, message})]}
		},
	},
	onResult: {
		send: (_, outcome, {machine_ms, emit, key}) => {
			const {plan_id} = outcome.request
			const result = resultsOf(outcome)
			const {decision, error, order_id} = result
			return {
				wishes: [
					key.dedup.put({id: plan_id}, {state: decision, settled_ms: machine_ms, error, order_id}),
					emit.result(result),
				],
			}
		},
	},
})
