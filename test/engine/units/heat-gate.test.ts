import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {plansIn, withinHour, withPlan} from '../../../src/engine/logic/heat.js'
import {heatGate} from '../../../src/engine/units/exec/heat-gate.js'
import {drive} from '../../support/drive.js'

const policy = {portfolio: {...defaultPolicy.portfolio, plans_per_hour_hot: 4}}
const plan = (action: string, number = 1) => ({
	plan_id: `plan-${number}`,
	symbol: 'BTCUSDT',
	action,
	side: 'BUY',
	source: 'test',
})
const proposal = {
	proposal_id: 'p-1',
	symbol: 'BTCUSDT',
	opened_ms: 1,
	action: 'HARVEST_PARTIAL',
	close_share: 0.6,
	r: 0.5,
	r_usdt: '2',
	reason: 'first',
}
const MINUTE = 60_000

describe('the count', () => {
	test.each([
		{action: 'OPEN', counts: true},
		{action: 'ADD', counts: true},
		{action: 'CLOSE', counts: false},
		{action: 'HARVEST_PARTIAL', counts: false},
		{action: 'PROTECT', counts: false},
		{action: 'TRAIL_UPDATE', counts: false},
	])('of $action: $counts', async ({action, counts}) => {
		const unit = await drive(heatGate, {policy})
		const told = await unit.send('plan', plan(action))
		expect(told.map(({stream}) => stream)).toEqual(counts ? ['apply.heat.observed', 'harvest.heat.decision'] : [])
	})

	test('is told with its heat, which reaches 1 and goes no further', async () => {
		const unit = await drive(heatGate, {policy})
		const heats: unknown[] = []
		for (const number of [1, 2, 3, 4, 5])
			for (const {stream, payload} of await unit.send('plan', plan('OPEN', number)))
				heats.push(stream === 'apply.heat.observed' ? [payload.plans_per_hour, payload.heat] : payload.factor)
		expect(heats).toEqual([[1, 0.25], 1.25, [2, 0.5], 1.5, [3, 0.75], 1.75, [4, 1], 2, [5, 1]])
		expect(unit.bus.store.hashAll('test:heat:BTCUSDT')).toEqual({
			plans_per_hour: '5',
			limit_per_hour: '4',
			heat: '1',
			venue_ms: String(unit.clock.venue()),
		})
	})

	test('cools with venue time, and says so once', async () => {
		const unit = await drive(heatGate, {policy})
		await unit.send('plan', plan('OPEN'))
		unit.clock.advance(59 * MINUTE)
		expect(await unit.timer('sweep')).toEqual([])
		unit.clock.advance(MINUTE)
		const told = await unit.timer('sweep')
		expect(told.map(({payload}) => payload)).toEqual([
			{symbol: 'BTCUSDT', plans_per_hour: 0, limit_per_hour: 4, heat: 0},
			{scope: 'BTCUSDT', heat: 0, factor: 1},
		])
		expect(await unit.timer('sweep')).toEqual([])
	})

	test('ignores what is only measured', async () => {
		const unit = await drive(heatGate, {policy})
		expect(await unit.send('plan', plan('OPEN'), {authority: 'shadow'})).toEqual([])
		expect(await unit.send('proposal', proposal, {authority: 'shadow'})).toEqual([])
	})
})

describe('a proposal', () => {
	test.each([
		{plans: 0, heat: 0, factor: 1, close_share: 0.6},
		{plans: 1, heat: 0.25, factor: 1.25, close_share: 0.75},
		{plans: 4, heat: 1, factor: 2, close_share: 1},
	])('after $plans plans closes $close_share', async ({plans, ...expected}) => {
		const unit = await drive(heatGate, {policy})
		for (let number = 1; number <= plans; number += 1) await unit.send('plan', plan('OPEN', number))
		const [calibrated] = await unit.send('proposal', proposal)
		expect(calibrated?.payload).toEqual({...proposal, ...expected})
	})

	test('to move a stop stays as it is, and another symbol is cold', async () => {
		const unit = await drive(heatGate, {policy})
		await unit.send('plan', plan('OPEN'))
		const {close_share: _, ...move} = {...proposal, action: 'MOVE_SL_BE', stop_price: '100'}
		const [moved] = await unit.send('proposal', move)
		expect(moved?.payload).toEqual({...move, heat: 0.25, factor: 1.25})
		const [other] = await unit.send('proposal', {...proposal, symbol: 'ETHUSDT'})
		expect(other?.payload).toMatchObject({heat: 0, close_share: 0.6})
	})
})

test('the count is that of the plans of the last hour, to the minute', () => {
	fc.assert(
		fc.property(fc.array(fc.integer({min: 0, max: 20 * MINUTE}), {maxLength: 40}), gaps => {
			let now = 1_750_000_000_000
			let counts = {}
			const times: number[] = []
			for (const gap of gaps) {
				now += gap
				counts = withPlan(counts, now)
				times.push(now)
			}
			const counted = plansIn(withinHour(counts, now))
			expect(counted).toBeGreaterThanOrEqual(times.filter(time => now - time < 59 * MINUTE).length)
			expect(counted).toBeLessThanOrEqual(times.filter(time => now - time < 60 * MINUTE).length)
			expect(Object.keys(counts).length).toBeLessThanOrEqual(60)
		}),
	)
})
