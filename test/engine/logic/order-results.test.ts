import {describe, expect, test} from 'vitest'
import type {SendRequest, StepOutcome} from '../../../src/engine/exchange/order-request.js'
import {resultsOf} from '../../../src/engine/logic/order-steps.js'
import {ask, plan} from './asked-orders.js'

const order = {
	status: 'ACCEPTED',
	order_id: '55',
	client_order_id: 'q-plan-1',
	quantity: '1',
	filled_quantity: '0.9',
	average_price: '100.02',
} as const
const done = {status: 'ACCEPTED', order_id: '', client_order_id: ''} as const
const stop = {status: 'ACCEPTED', order_id: '56', client_order_id: 's-plan-1', trigger_price: '97'} as const
const target = {status: 'ACCEPTED', order_id: '57', client_order_id: 't-plan-1', trigger_price: '104'} as const
const refused = (code: string) => ({status: 'REFUSED', code, message: `venue says ${code}`}) as const
const unsent = (reason: string, detail?: string) => ({status: 'NOT_SENT', reason, ...(detail && {detail})}) as const

describe('result', () => {
	const entry = ask(plan()) as SendRequest
	const exit = ask(plan({action: 'CLOSE', side: 'SELL', quantity: '1'})) as SendRequest
	const both = ask(plan({action: 'PROTECT', side: 'SELL', stop_price: '97', target_price: '104'})) as SendRequest
	const cancel = ask(plan({action: 'CANCEL_STOP', cancel_ids: ['s-old']})) as SendRequest

	test.each<
		readonly [
			name: string,
			request: SendRequest,
			outcomes: readonly StepOutcome[],
			result: Readonly<Record<string, unknown>>,
		]
	>([
		[
			'of an entry',
			entry,
			[done, order],
			{
				decision: 'EXECUTED',
				executed: true,
				order_id: '55',
				filled_quantity: '0.9',
				average_price: '100.02',
				reduce_only: false,
			},
		],
		[
			'of an entry that filled nothing',
			entry,
			[done, {...order, filled_quantity: '0'}, unsent('EARLIER_STEP_FAILED'), unsent('EARLIER_STEP_FAILED')],
			{decision: 'EXECUTED', filled_quantity: '0'},
		],
		[
			'of an entry with the stop and target that it brought',
			entry,
			[done, order, stop, target],
			{
				decision: 'EXECUTED',
				filled_quantity: '0.9',
				stop_client_id: 's-plan-1',
				stop_price: '97',
				target_client_id: 't-plan-1',
			},
		],
		[
			'of an entry that was filled and brought no stop',
			entry,
			[done, order, refused('-2021'), unsent('EARLIER_STEP_FAILED')],
			{decision: 'EXECUTED', executed: true, filled_quantity: '0.9', error: '-2021'},
		],
		[
			'of an entry refused',
			entry,
			[done, refused('-2019')],
			{decision: 'FAILED', executed: false, error: '-2019', detail: 'venue says -2019'},
		],
		['of an entry never placed', entry, [done, refused('NEVER_PLACED')], {decision: 'FAILED', error: 'NEVER_PLACED'}],
		[
			'of an entry of which nothing was done',
			entry,
			Array.from({length: 4}, () => unsent('EARLIER_STEP_FAILED')),
			{decision: 'SKIP', executed: false, error: 'EARLIER_STEP_FAILED'},
		],
		[
			'of a leverage refused',
			entry,
			[refused('LEVERAGE_NOT_SET'), unsent('EARLIER_STEP_FAILED')],
			{decision: 'FAILED', error: 'LEVERAGE_NOT_SET'},
		],
		[
			'of an entry held back',
			entry,
			[done, unsent('KILLED', 'fence')],
			{decision: 'SKIP', executed: false, error: 'KILLED', detail: 'fence'},
		],
		[
			'of a leverage held back',
			entry,
			[unsent('QUEUE_FULL'), unsent('EARLIER_STEP_FAILED')],
			{decision: 'SKIP', error: 'QUEUE_FULL'},
		],
		['of an exit', exit, [order], {decision: 'EXECUTED', reduce_only: true, client_order_id: 'q-plan-1'}],
		[
			'of protection',
			both,
			[stop, target],
			{
				decision: 'EXECUTED',
				stop_client_id: 's-plan-1',
				stop_price: '97',
				target_client_id: 't-plan-1',
				target_price: '104',
			},
		],
		[
			'of a stop without its target',
			both,
			[stop, refused('-2021')],
			{decision: 'EXECUTED', executed: true, stop_client_id: 's-plan-1', error: '-2021'},
		],
		[
			'of a stop refused',
			both,
			[refused('-2021'), unsent('EARLIER_STEP_FAILED')],
			{decision: 'FAILED', error: '-2021', executed: false},
		],
		[
			'of a stop not sent',
			both,
			[unsent('UNREACHABLE'), unsent('EARLIER_STEP_FAILED')],
			{decision: 'SKIP', error: 'UNREACHABLE'},
		],
		['of a cancel', cancel, [done], {decision: 'EXECUTED'}],
		['of a cancel refused', cancel, [refused('-1111')], {decision: 'FAILED', error: '-1111'}],
	])('%s', (_, request, outcomes, result) => {
		const answer = resultsOf({ok: true, idempotency_key: 'plan-1', request, result: {outcomes, latency_ms: 12}})
		expect(answer).toMatchObject({plan_id: 'plan-1', symbol: 'BTCUSDT', latency_ms: 12, ...result})
		if (result.error === undefined) expect(answer).not.toHaveProperty('error')
	})

	test('of a sender that failed before it sent', () => {
		const answer = resultsOf({ok: false, idempotency_key: 'plan-1', request: entry, error: 'no such symbol'})
		expect(answer).toMatchObject({
			decision: 'FAILED',
			executed: false,
			error: 'SENDER_FAILED',
			detail: 'no such symbol',
		})
	})
})
