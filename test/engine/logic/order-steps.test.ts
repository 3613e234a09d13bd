import * as fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {ACTIONS, classOf, type Plan} from '../../../src/engine/contracts/streams/trade.js'
import {prepareMarket} from '../../../src/engine/exchange/order-params.js'
import {sendRequestSchema} from '../../../src/engine/exchange/order-request.js'
import {exact} from '../../../src/engine/logic/exact.js'
import {ask, type Input, plan} from './asked-orders.js'

const stepsOf = (...[of, changes]: Parameters<typeof ask>) => ask(of, changes)?.steps

describe('steps of', () => {
	const brought = [{do: 'stop'}, {do: 'target'}]
	const made: ReadonlyArray<readonly [name: string, steps: readonly object[], plan: Partial<Plan>, input?: Input]> = [
		[
			'an entry by notional',
			[
				{leverage: 10},
				{notional_usdt: '100.500000', reference_price: '100', slippage_bps: 50, reduce_only: false},
				...brought,
			],
			{},
		],
		['an entry by size that fits', [{}, {quantity: '1', reference_price: '100'}, ...brought], {quantity: '1'}],
		['an entry by size that was clipped', [{}, {quantity: '1'}, ...brought], {quantity: '5'}],
		[
			'the quote of the verdict, not the plan’s price',
			[{}, {reference_price: '100'}, ...brought],
			{reference_price: '90'},
		],
		[
			'the plan’s price where there is no quote',
			[{}, {reference_price: '90'}, {do: 'stop', trigger_price: '87.3'}, {do: 'target', trigger_price: '93.591'}],
			{reference_price: '90'},
			{quote_price: ''},
		],
		['a leverage within policy', [{leverage: 3}, {}, ...brought], {leverage: 3}],
		['a leverage beyond policy', [{leverage: 10}, {}, ...brought], {leverage: 125}],
		['a leverage that is none', [{leverage: 1}, {}, ...brought], {leverage: -4}],
		[
			'an entry that opens: it brings the stop and target of its plan',
			[
				{},
				{do: 'market', side: 'BUY'},
				{do: 'stop', side: 'SELL', client_order_id: 's-plan-1', trigger_price: '97.5', close_position: true},
				{do: 'target', side: 'SELL', client_order_id: 't-plan-1', trigger_price: '104', close_position: true},
			],
			{stop_price: '97.5', target_price: '104'},
		],
		[
			'a short one without levels: they come from the policy',
			[
				{},
				{do: 'market', side: 'SELL'},
				{do: 'stop', side: 'BUY', trigger_price: '103'},
				{do: 'target', side: 'BUY', trigger_price: '96.01'},
			],
			{side: 'SELL'},
		],
		['an entry that adds: its stop rests', [{}, {do: 'market'}], {action: 'ADD', stop_price: '97.5'}],
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
