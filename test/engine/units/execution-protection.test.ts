import {describe, expect, test} from 'vitest'
import {execution} from '../../../src/engine/units/exec/execution.js'
import {drive} from '../../support/drive.js'
import {
	alerts,
	answered,
	type Execution,
	failed,
	later,
	only,
	opened,
	type Plan,
	plans,
	protectedLong,
	SYMBOL,
	stopIs,
	tell,
	traded,
} from './executing.js'

const quiet = async (unit: Execution, ms = 60_000) => plans(await later(unit, ms))
const codes = (emitted: Parameters<typeof alerts>[0]) => alerts(emitted).map(({code}) => code)

describe('a stop', () => {
	test.each<readonly [string, (unit: Execution, plan: Plan) => Promise<unknown>]>([
		['by the sender’s answer', (unit, plan) => unit.send('result', answered(plan))],
		['by the venue’s event', (unit, plan) => tell(unit, stopIs(plan, 'NEW'))],
		[
			'by both, event first',
			async (unit, plan) => {
				await tell(unit, stopIs(plan, 'NEW'))
				await unit.send('result', answered(plan))
			},
		],
		[
			'by both, answer first',
			async (unit, plan) => {
				await unit.send('result', answered(plan))
				await tell(unit, stopIs(plan, 'NEW'))
			},
		],
		['since one rests already', (unit, plan) => unit.send('result', failed(plan, '-4130'))],
		[
			'of somebody else that closes the position',
			unit =>
				tell(unit, stopIs({plan_id: 'x', action: ''}, 'NEW', 's', {client_algo_id: 'web_1', close_position: true})),
		],
	])('rests: %s', async (_, rest) => {
		const {unit, plan} = await opened()
		await rest(unit, plan)
		expect(await quiet(unit)).toEqual([])
	})

	test.each(['CANCELED', 'EXPIRED', 'REJECTED', 'FINISHED'])(
		'that ended as %s is asked for again, unless a fill follows within a second',
		async status => {
			const {unit, plan} = await protectedLong()
			await tell(unit, stopIs(plan, status))
			expect(plans(await later(unit, 999))).toEqual([])
			const again = only(plans(await later(unit, 1)))
			expect(again).toMatchObject({action: 'PROTECT', side: 'SELL', stop_price: '97'})
			expect(again.plan_id).not.toBe(plan.plan_id)
		},
	)

	test('that filled in parts is followed by nothing, until its child leaves a rest', async () => {
		const {unit, plan} = await protectedLong()
		await tell(unit, stopIs(plan, 'TRIGGERING'))
		await tell(unit, stopIs(plan, 'TRIGGERED'))
		expect(plans(await tell(unit, traded(`s-${plan.plan_id}`, -0.4)))).toEqual([])
		await tell(unit, stopIs(plan, 'FINISHED'))
		expect(plans(await tell(unit, traded(`s-${plan.plan_id}`, -0.4)))).toEqual([])
		expect(plans(await later(unit, 1_000))).toMatchObject([{action: 'PROTECT'}])
	})

	test('whose end is told before its acceptance does not rest', async () => {
		const {unit, plan} = await opened()
		await tell(unit, stopIs(plan, 'NEW'))
		await tell(unit, stopIs(plan, 'CANCELED'))
		await unit.send('result', answered(plan))
		expect(plans(await later(unit, 1_000))).toMatchObject([{action: 'PROTECT'}])
	})

	test('that was replaced ends without consequence', async () => {
		const {unit, plan} = await protectedLong()
		await tell(unit, stopIs({...plan, plan_id: 'moved'}, 'NEW'))
		await tell(unit, stopIs(plan, 'CANCELED'))
		expect(await quiet(unit)).toEqual([])
		await tell(unit, stopIs({...plan, plan_id: 'moved'}, 'CANCELED'))
		expect(await quiet(unit)).toMatchObject([{action: 'PROTECT'}])
	})

	test('of the other side, a limit stop, or a foreign one of a part protects nothing', async () => {
		const {unit} = await opened()
		const foreign = {plan_id: 'x', action: ''}
		await tell(unit, stopIs(foreign, 'NEW', 's', {side: 'BUY'}))
		await tell(unit, stopIs(foreign, 'NEW', 's', {order_type: 'STOP'}))
		await tell(unit, stopIs(foreign, 'NEW', 's', {client_algo_id: 'web_1', close_position: false, quantity: '0.1'}))
		expect(plans(await later(unit, 5_000))).toMatchObject([{action: 'PROTECT'}])
	})
})

describe('protection that does not come', () => {
	test('without an answer is asked again after 5 s; the first one, late, counts as well', async () => {
		const {unit, plan} = await opened()
		expect(plans(await later(unit, 4_999))).toEqual([])
		expect(plans(await later(unit, 1))).toHaveLength(1)
		await tell(unit, stopIs(plan, 'NEW'))
		expect(await quiet(unit)).toEqual([])
	})

	test('refused by the venue is asked again at once, and after three times the position is closed', async () => {
		const {unit, plan} = await opened()
		const second = await unit.send('result', failed(plan, '-1111', {detail: 'precision'}))
		expect(codes(second)).toEqual(['STOP_REFUSED'])
		const third = await unit.send('result', failed(only(plans(second)), '-1111'))
		const last = await unit.send('result', failed(only(plans(third)), '-1111'))
		expect(plans(last)).toMatchObject([
			{action: 'FULL_CLOSE_PROPOSED', side: 'SELL', quantity: '1', reason: 'unprotectable -1111'},
		])
		expect(alerts(last)).toMatchObject([{severity: 'critical', code: 'UNPROTECTABLE', subject: SYMBOL}])
	})

	test.each([[1], [-1]])('that would trigger at once closes %d at once', async quantity => {
		const {unit, plan} = await opened(quantity)
		const emitted = await unit.send('result', failed(plan, '-2021'))
		expect(plans(emitted)).toMatchObject([
			{action: 'FULL_CLOSE_PROPOSED', side: quantity > 0 ? 'SELL' : 'BUY', quantity: '1'},
		])
		expect(codes(emitted)).toEqual(['UNPROTECTABLE'])
	})

	test('is tried again when the close does not come either, under ids of their own', async () => {
		const {unit, plan} = await opened()
		const ids = [plan.plan_id]
		let asked = plan
		for (let round = 0; round < 4; round += 1) {
			const close = only(plans(await unit.send('result', failed(asked, '-2021'))))
			expect(await quiet(unit, 4_999)).toEqual([])
			asked = only(plans(await later(unit, 1)))
			expect([close.action, asked.action]).toEqual(['FULL_CLOSE_PROPOSED', 'PROTECT'])
			ids.push(close.plan_id, asked.plan_id)
		}
		expect(new Set(ids).size).toBe(ids.length)
	})

	test.each<readonly [string, (unit: Execution, plan: Plan) => Promise<unknown>]>([
		['not sent', (unit, plan) => unit.send('result', failed(plan, 'QUEUE_FULL', {decision: 'SKIP'}))],
		['refused since the venue has no position', (unit, plan) => unit.send('result', failed(plan, '-4509'))],
		[
			'refused by the governor',
			(unit, plan) =>
				unit.send('verdict', {plan_id: plan.plan_id, symbol: SYMBOL, verdict: 'REFUSE', reason: 'EXECUTION_DISABLED'}),
		],
	])('%s is asked again by the clock, not at once', async (_, refuse) => {
		const {unit, plan} = await opened()
		await refuse(unit, plan)
		expect(plans(await later(unit, 999))).toEqual([])
		expect(plans(await later(unit, 1))).toHaveLength(1)
	})

	test('ends in a close when nothing is ever answered', async () => {
		const {unit} = await opened()
		const actions = []
		for (let second = 0; second < 16; second += 1)
			actions.push(...plans(await later(unit, 1_000)).map(({action}) => action))
		expect(actions).toEqual(['PROTECT', 'PROTECT', 'FULL_CLOSE_PROPOSED'])
	})

	test('counts anew once a stop has rested', async () => {
		const {unit, plan} = await opened()
		let asked = plan
		for (let round = 0; round < 5; round += 1) {
			await unit.send('result', answered(asked))
			await tell(unit, stopIs(asked, 'CANCELED'))
			asked = only(plans(await later(unit, 1_000)))
			expect(asked.action).toBe('PROTECT')
		}
	})
})

describe('a target', () => {
	test('that is refused is said, and the stop rests alone', async () => {
		const {unit, plan} = await opened()
		const emitted = await unit.send('result', answered(plan, {target_client_id: undefined, error: '-2021'}))
		expect(codes(emitted)).toEqual(['TARGET_REFUSED'])
		expect(await quiet(unit)).toEqual([])
	})

	test('that rests is not asked for a second time', async () => {
		const {unit, plan} = await protectedLong()
		await tell(unit, stopIs(plan, 'NEW', 't'))
		await tell(unit, stopIs(plan, 'CANCELED'))
		const again = only(plans(await later(unit, 1_000)))
		expect(again).toHaveProperty('stop_price')
		expect(again).not.toHaveProperty('target_price')
	})

	test('that ended is asked for with the next stop', async () => {
		const {unit, plan} = await protectedLong()
		await tell(unit, stopIs(plan, 'NEW', 't'))
		await tell(unit, stopIs(plan, 'CANCELED', 't'))
		expect(await quiet(unit)).toEqual([])
		await tell(unit, stopIs(plan, 'CANCELED'))
		expect(plans(await later(unit, 1_000))).toMatchObject([{target_price: '103.99'}])
	})
})

describe('an increase', () => {
	test('of what rests needs nothing', async () => {
		const {unit} = await protectedLong()
		expect(plans(await tell(unit, traded('q-add', 1)))).toEqual([])
	})

	test('of what has no stop asks', async () => {
		const {unit, plan} = await protectedLong()
		await tell(unit, stopIs(plan, 'CANCELED'))
		expect(plans(await tell(unit, traded('q-add', 1)))).toMatchObject([{action: 'PROTECT'}])
	})
})

describe('what is left over', () => {
	const flat = async () => {
		const {unit, plan} = await protectedLong()
		await tell(unit, traded('q-exit', -1))
		return {unit, plan}
	}

	test('is cancelled when the venue has not removed it within 5 s, and then forgotten', async () => {
		const {unit, plan} = await flat()
		expect(plans(await later(unit, 4_999))).toEqual([])
		const cancel = only(plans(await later(unit, 1)))
		expect(cancel).toMatchObject({action: 'CANCEL_STOP', cancel_ids: [`s-${plan.plan_id}`, `t-${plan.plan_id}`]})
		await unit.send('result', {
			...answered(cancel),
			action: 'CANCEL_STOP',
			stop_client_id: undefined,
			target_client_id: undefined,
		})
		expect(await quiet(unit)).toEqual([])
	})

	test('is what did not end by itself', async () => {
		const {unit, plan} = await flat()
		await tell(unit, stopIs(plan, 'EXPIRED'))
		expect(await quiet(unit)).toMatchObject([{cancel_ids: [`t-${plan.plan_id}`]}])
		const {unit: other, plan: both} = await flat()
		await tell(other, stopIs(both, 'EXPIRED'))
		await tell(other, stopIs(both, 'EXPIRED', 't'))
		expect(await quiet(other)).toEqual([])
	})

	test('is tried five times under ids of their own, and then left to reconciliation', async () => {
		const {unit} = await flat()
		const ids = []
		for (let round = 0; round < 8; round += 1) ids.push(...(await quiet(unit, 5_000)).map(({plan_id}) => plan_id))
		expect(new Set(ids).size).toBe(5)
		expect(ids).toHaveLength(5)
	})

	test('of a plan that came to rest when the position was closed already', async () => {
		const {unit, plan} = await opened()
		await tell(unit, traded('q-exit', -1))
		await tell(unit, stopIs(plan, 'EXPIRED'))
		await tell(unit, stopIs(plan, 'EXPIRED', 't'))
		await tell(unit, stopIs({...plan, plan_id: 'late'}, 'NEW'))
		expect(await unit.send('result', answered(plan))).toEqual([])
		expect(await quiet(unit)).toMatchObject([{action: 'CANCEL_STOP', cancel_ids: ['s-late']}])
	})

	test('foreign stops of a flat symbol are not ours to cancel', async () => {
		const {unit} = await flat()
		await quiet(unit, 5_000)
		const other = await drive(execution)
		await tell(other, stopIs({plan_id: 'x', action: ''}, 'NEW', 's', {client_algo_id: 'web_1'}))
		expect(await quiet(other)).toEqual([])
	})

	test('is cancelled under a new position, too, which keeps its own', async () => {
		const {unit, plan} = await flat()
		const next = only(plans(await tell(unit, traded('q-next', 1))))
		await unit.send('result', answered(next))
		expect(await quiet(unit, 5_000)).toMatchObject([{cancel_ids: [`s-${plan.plan_id}`, `t-${plan.plan_id}`]}])
		await tell(unit, stopIs(plan, 'CANCELED'))
		await tell(unit, stopIs(plan, 'CANCELED', 't'))
		expect(await quiet(unit)).toEqual([])
	})
})
