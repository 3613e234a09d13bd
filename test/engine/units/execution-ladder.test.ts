import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import type {Plan as ContractPlan} from '../../../src/engine/contracts/streams/trade.js'
import {requestOf, resultsOf} from '../../../src/engine/logic/order-steps.js'
import {
	alerts,
	allowed,
	answered,
	closed,
	type Execution,
	later,
	only,
	type Plan,
	plans,
	protectedLong,
	SYMBOL,
	stopIs,
	tell,
	traded,
} from './executing.js'

/** What the exit owner asks for: a stop of the whole position that takes the place of another. */
const moved = {plan_id: 'moved', action: 'TRAIL_UPDATE'}
const quantityStop = (plan: Readonly<{plan_id: string; action: string}>, quantity: string, trigger_price = '101') =>
	stopIs(plan, 'NEW', 's', {close_position: false, quantity, trigger_price})
const quiet = async (unit: Execution, ms = 60_000) => plans(await later(unit, ms))

/** A long of 1 whose stop was replaced by one of a quantity at 101. */
const replaced = async (quantity = '1') => {
	const {unit, plan} = await protectedLong()
	await tell(unit, stopIs(plan, 'NEW'))
	await tell(unit, quantityStop(moved, quantity))
	await tell(unit, stopIs(plan, 'CANCELED'))
	return {unit, plan}
}
const sent = {
	plan_id: 'moved',
	symbol: SYMBOL,
	executed: true,
	decision: 'EXECUTED',
	reduce_only: true,
	stop_client_id: 's-moved',
}

describe.each(['REPLACE_STOP', 'TRAIL_UPDATE', 'MOVE_SL_BE'])('%s', action => {
	test.each<readonly [string, (unit: Execution, plan: Plan) => Promise<unknown>]>([
		[
			'event, end of the old one, answer',
			async (unit, plan) => {
				await tell(unit, quantityStop(moved, '1'))
				await tell(unit, stopIs(plan, 'CANCELED'))
				await unit.send('result', {...sent, action})
			},
		],
		[
			'answer first',
			async (unit, plan) => {
				await unit.send('result', {...sent, action})
				await tell(unit, quantityStop(moved, '1'))
				await tell(unit, stopIs(plan, 'CANCELED'))
			},
		],
		[
			'the end of the old one first, within a second',
			async (unit, plan) => {
				await tell(unit, stopIs(plan, 'CANCELED'))
				await tell(unit, quantityStop(moved, '1'))
				await unit.send('result', {...sent, action})
			},
		],
	])('is followed: %s', async (_, happen) => {
		const {unit, plan} = await protectedLong()
		await happen(unit, plan)
		expect(await quiet(unit)).toEqual([])
		await tell(unit, stopIs(moved, 'CANCELED'))
		expect(await quiet(unit)).toMatchObject([{action: 'PROTECT', stop_price: '101'}])
	})

	test('that fails leaves the old stop resting, and nothing is closed', async () => {
		const {unit} = await protectedLong()
		const failed = {...sent, action, decision: 'FAILED', executed: false, error: '-2021', stop_client_id: undefined}
		expect(await unit.send('result', failed)).toEqual([])
		expect(await quiet(unit)).toEqual([])
	})
})

test('a replacement that is refused at the venue cancels nothing', () => {
	const plan: ContractPlan = {
		plan_id: 'moved',
		symbol: SYMBOL,
		action: 'REPLACE_STOP',
		side: 'SELL',
		quantity: '1',
		stop_price: '101',
		cancel_ids: ['s-first'],
		source: 'exitbrain',
	}
	const request = requestOf({
		plan,
		epoch: 1,
		notional_usdt: '0',
		quote_price: '100',
		policy: defaultPolicy,
		operator: false,
		now_ms: 1,
	})
	expect(request?.steps.map(step => step.do)).toEqual(['stop', 'cancel'])
	if (!request) throw new Error('no request')
	const result = resultsOf({
		ok: true,
		idempotency_key: 'moved',
		request,
		result: {
			latency_ms: 1,
			outcomes: [
				{status: 'REFUSED', code: '-2021', message: 'Order would immediately trigger.'},
				{status: 'NOT_SENT', reason: 'EARLIER_STEP_FAILED'},
			],
		},
	})
	expect(result).toMatchObject({decision: 'FAILED', executed: false, error: '-2021'})
	expect(result).not.toHaveProperty('stop_client_id')
})

describe('a stop of a quantity', () => {
	test('that is larger than what is left needs nothing', async () => {
		const {unit} = await replaced()
		expect(plans(await tell(unit, traded('q-part', -0.5)))).toEqual([])
		expect(await quiet(unit)).toEqual([])
	})

	test('is complemented at once when the position outgrows it: at its own level, and for whatever comes', async () => {
		const {unit} = await replaced()
		const complement = only(plans(await tell(unit, traded('q-add', 0.5))))
		expect(complement).toMatchObject({action: 'PROTECT', side: 'SELL', stop_price: '101'})
		expect(complement).not.toHaveProperty('quantity')
		expect(plans(await tell(unit, traded('q-add', 0.5)))).toEqual([])
		await tell(unit, stopIs(complement, 'NEW', 's', {trigger_price: '101'}))
		await unit.send('result', answered(complement))
		expect(plans(await tell(unit, traded('q-add', 3)))).toEqual([])
		// The quantity is of no use any more.
		expect(await quiet(unit, 5_000)).toMatchObject([{action: 'CANCEL_STOP', cancel_ids: ['s-moved']}])
		await tell(unit, stopIs(moved, 'CANCELED'))
		expect(await quiet(unit)).toEqual([])
	})

	test('stays while its complement is not there', async () => {
		const {unit} = await replaced()
		const complement = only(plans(await tell(unit, traded('q-add', 0.5))))
		await unit.send(
			'result',
			answered(complement, {
				decision: 'SKIP',
				executed: false,
				error: 'QUEUE_FULL',
				stop_client_id: undefined,
				target_client_id: undefined,
			}),
		)
		const asked = await quiet(unit, 5_000)
		expect(asked).toMatchObject([{action: 'PROTECT', stop_price: '101'}])
	})

	test('that is outgrown by a correction is complemented too', async () => {
		const {unit} = await replaced()
		const emitted = await unit.send('correction', {
			run_id: 'r1',
			outcome: 'CORRECTION',
			symbol: SYMBOL,
			amount: '2',
			expected: '1',
			entry_price: '100',
			as_of_ms: unit.clock.venue(),
		})
		expect(plans(emitted)).toMatchObject([{action: 'PROTECT', stop_price: '101'}])
	})

	test('that came too small, since the position grew meanwhile, takes nobody’s place', async () => {
		const {unit, plan} = await protectedLong()
		await tell(unit, stopIs(plan, 'NEW'))
		await tell(unit, traded('q-add', 1))
		await tell(unit, quantityStop(moved, '1'))
		await tell(unit, stopIs(plan, 'CANCELED'))
		expect(plans(await later(unit, 1_000))).toMatchObject([{action: 'PROTECT', stop_price: '97'}])
	})
})

test.each([
	['MOVE_SL_BE', 'break_even'],
	['REPLACE_STOP', 'ratchet'],
	['TRAIL_UPDATE', 'trailing'],
	['PROTECT', 'stop'],
])('a trade that a stop of %s closed was closed for %s', async (action, exit_reason) => {
	const {unit, plan} = await protectedLong()
	await unit.send('verdict', allowed('moved', {action, side: 'SELL', reason: 'target 1 taken', source: 'exitbrain'}))
	await tell(unit, quantityStop(moved, '1'))
	await tell(unit, stopIs(plan, 'CANCELED'))
	expect(closed(await tell(unit, traded('s-moved', -1)))).toMatchObject([{exit_reason, exit_plan_id: 'moved'}])
})

test('an entry that fills in parts has one stop for all of it', async () => {
	const {unit, plan} = await protectedLong()
	await tell(unit, stopIs(plan, 'NEW'))
	for (const quantity of [0.3, 0.2, 0.5]) expect(plans(await tell(unit, traded('q-open', quantity)))).toEqual([])
	expect(await quiet(unit)).toEqual([])
})

test('a stop of a quantity that outlives its trade is cancelled after a second, before another trade runs into it', async () => {
	const {unit} = await replaced()
	await tell(unit, traded('q-exit', -1))
	expect(await quiet(unit, 999)).toEqual([])
	expect(await quiet(unit, 1)).toMatchObject([{action: 'CANCEL_STOP', cancel_ids: ['s-moved']}])
})

test('an old stop that is not cancelled with its replacement is cancelled after 5 s; one of somebody else never', async () => {
	const {unit, plan} = await protectedLong()
	await tell(unit, stopIs(plan, 'NEW'))
	await tell(unit, quantityStop(moved, '1'))
	expect(await quiet(unit, 4_999)).toEqual([])
	expect(await quiet(unit, 1)).toMatchObject([{action: 'CANCEL_STOP', cancel_ids: [`s-${plan.plan_id}`]}])

	const {unit: other, plan: first} = await protectedLong()
	await tell(other, stopIs(first, 'CANCELED'))
	await tell(other, stopIs(moved, 'NEW', 's', {client_algo_id: 'web_1', close_position: true}))
	await tell(other, quantityStop(moved, '1'))
	expect(await quiet(other)).toEqual([])
})

test('what would trigger at once when a lost stop is asked for anew is closed: its level has been crossed', async () => {
	const {unit} = await replaced()
	await tell(unit, stopIs(moved, 'EXPIRED'))
	const again = only(plans(await later(unit, 1_000)))
	const emitted = await unit.send(
		'result',
		answered(again, {
			decision: 'FAILED',
			executed: false,
			error: '-2021',
			stop_client_id: undefined,
			target_client_id: undefined,
		}),
	)
	expect(plans(emitted)).toMatchObject([{action: 'FULL_CLOSE_PROPOSED'}])
	expect(alerts(emitted)).toMatchObject([{code: 'UNPROTECTABLE'}])
})
