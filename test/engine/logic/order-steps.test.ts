import * as fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {ACTIONS, classOf, type Plan} from '../../../src/engine/contracts/streams/trade.js'
import {prepareMarket} from '../../../src/engine/exchange/order-params.js'
import {type SendRequest, type StepOutcome, sendRequestSchema} from '../../../src/engine/exchange/order-request.js'
import {exact} from '../../../src/engine/logic/exact.js'
import {requestOf, resultsOf} from '../../../src/engine/logic/order-steps.js'

const plan = (changes: Partial<Plan> = {}): Plan => ({
	plan_id: 'plan-1',
	symbol: 'BTCUSDT',
	action: 'OPEN',
	side: 'BUY',
	source: 'test',
	...changes,
})
type Input = Partial<Parameters<typeof requestOf>[0]>
const ask = (of: Plan, changes: Input = {}) =>
	requestOf({
		plan: of,
		epoch: 7,
		notional_usdt: '100.500000',
		quote_price: '100',
		policy: defaultPolicy,
		operator: false,
		now_ms: 1_750_000_000_000,
		...changes,
	})
const stepsOf = (...[of, changes]: Parameters<typeof ask>) => ask(of, changes)?.steps

describe('steps of', () => {
	const made: ReadonlyArray<readonly [name: string, steps: readonly object[], plan: Partial<Plan>, input?: Input]> = [
		[
			'an entry by notional',
			[{leverage: 10}, {notional_usdt: '100.500000', reference_price: '100', slippage_bps: 50, reduce_only: false}],
			{},
		],
		['an entry by size that fits', [{}, {quantity: '1', reference_price: '100'}], {quantity: '1'}],
		['an entry by size that was clipped', [{}, {quantity: '1'}], {quantity: '5'}],
		['the quote of the verdict, not the plan’s price', [{}, {reference_price: '100'}], {reference_price: '90'}],
		[
			'the plan’s price where there is no quote',
			[{}, {reference_price: '90'}],
			{reference_price: '90'},
			{quote_price: ''},
		],
		['a leverage within policy', [{leverage: 3}, {}], {leverage: 3}],
		['a leverage beyond policy', [{leverage: 10}, {}], {leverage: 125}],
		['a leverage that is none', [{leverage: 1}, {}], {leverage: -4}],
		[
			'an exit of everything',
			[{do: 'market', close_all: true, reduce_only: true, quantity: '1'}],
			{action: 'FULL_CLOSE_PROPOSED', side: 'SELL', quantity: '1'},
		],
		['an exit of everything without size', [{close_all: true, reduce_only: true}], {action: 'CLOSE', side: 'SELL'}],
		[
			'an exit in part',
			[{close_all: false, reduce_only: true, quantity: '0.5'}],
			{action: 'PARTIAL_CLOSE_50', side: 'SELL', quantity: '0.5'},
		],
		[
			'protection',
			[
				{do: 'stop', client_order_id: 's-plan-1', trigger_price: '97', close_position: true},
				{do: 'target', client_order_id: 't-plan-1', trigger_price: '104', close_position: true},
			],
			{action: 'PROTECT', side: 'SELL', stop_price: '97', target_price: '104'},
		],
		[
			'a replacement: first the new stop, beside the old one',
			[
				{do: 'stop', close_position: false, quantity: '1'},
				{do: 'cancel', client_order_id: 's-old', algo: true},
			],
			{action: 'REPLACE_STOP', side: 'SELL', stop_price: '99', quantity: '1', cancel_ids: ['s-old']},
		],
		[
			'cancels only',
			[{do: 'cancel', client_order_id: 's-old'}],
			{action: 'CANCEL_STOP', side: undefined, cancel_ids: ['s-old']},
		],
	]
	test.each(made.map(row => [row[0], row] as const))('%s', (_, [, steps, changes, input]) => {
		const request = ask(plan(changes), input)
		expect(request?.steps).toMatchObject(steps)
		expect(sendRequestSchema.safeParse(request)).toMatchObject({success: true})
	})

	const empty: ReadonlyArray<readonly [name: string, plan: Partial<Plan>, input?: Input]> = [
		['an entry without a side', {side: undefined}],
		['an exit without a side', {action: 'CLOSE', side: undefined}],
		['a stop without a side', {action: 'PROTECT', side: undefined, stop_price: '97'}],
		['a protection of nothing', {action: 'PROTECT'}],
		['a cancel of nothing', {action: 'CANCEL_STOP', cancel_ids: []}],
		[
			'more cancels than one request holds',
			{action: 'CANCEL_STOP', cancel_ids: Array.from({length: 11}, (__, index) => `s-${index}`)},
		],
		['an entry without a price', {}, {quote_price: ''}],
		['an entry without a permit', {}, {notional_usdt: undefined}],
		['an entry of nothing', {}, {notional_usdt: '0.000000'}],
	]
	test.each(empty.map(row => [row[0], row] as const))('%s: none', (_, [, changes, input]) => {
		expect(stepsOf(plan(changes), input)).toBeUndefined()
	})
})

test('an order never costs more than its permit, at a fill as bad as the slippage allows', () => {
	const filters = {
		symbol: 'BTCUSDT',
		tick_size: '0.1',
		step_size: '0.00000001',
		min_quantity: '0.00000001',
		max_market_quantity: '1000000000000',
		min_notional_usdt: '0.000001',
		tradable: true,
	}
	const decimal = (max: number, places: number) =>
		fc.integer({min: 1, max}).map(digits =>
			exact(digits)
				.div(10 ** places)
				.toFixed(),
		)
	fc.assert(
		fc.property(
			fc.record({
				notional: decimal(200_000_000, 6),
				price: decimal(1_000_000_000, 6),
				quantity: fc.option(decimal(1_000_000_000, 6), {nil: undefined}),
				reference_price: fc.option(decimal(1_000_000_000, 6), {nil: undefined}),
			}),
			({notional, price, quantity, reference_price}) => {
				const request = ask(plan({quantity, reference_price}), {notional_usdt: notional, quote_price: price})
				const step = request?.steps[1]
				if (step?.do !== 'market') return
				const prepared = prepareMarket(step, filters as Parameters<typeof prepareMarket>[1])
				if (!prepared.ok) return
				const cost = exact(prepared.quantity ?? '0')
					.mul(price)
					.mul('1.005')
				expect(cost.lte(notional)).toBe(true)
				if (quantity !== undefined) expect(exact(prepared.quantity ?? '0').lte(quantity)).toBe(true)
				expect(JSON.stringify(request)).not.toMatch(/\d[eE][+-]?\d/)
			},
		),
	)
})

test('each action of each class makes a request that the gateway takes, or none', () => {
	for (const action of ACTIONS) {
		const request = ask(plan({action, quantity: '1', stop_price: '97', target_price: '104', cancel_ids: ['s-old']}))
		expect(request?.class).toBe(classOf(action))
		expect(sendRequestSchema.safeParse(request)).toMatchObject({success: true})
	}
})

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
			[done, {...order, filled_quantity: '0'}],
			{decision: 'EXECUTED', filled_quantity: '0'},
		],
		[
			'of an entry refused',
			entry,
			[done, refused('-2019')],
			{decision: 'FAILED', executed: false, error: '-2019', detail: 'venue says -2019'},
		],
		['of an entry never placed', entry, [done, refused('NEVER_PLACED')], {decision: 'FAILED', error: 'NEVER_PLACED'}],
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
