import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {exitMonitor} from '../../../src/engine/units/exec/exit-monitor.js'
import {drive, HandClock} from '../../support/drive.js'
import {flat, long, short, start, tickFor, told} from './watching.js'

describe('levels', () => {
	test.each<{why: string; position: typeof long; prices: readonly number[]; expected: string | undefined}>([
		{why: 'nothing happened', position: long, prices: [100], expected: undefined},
		{why: 'just above the stop', position: long, prices: [98.51], expected: undefined},
		{why: 'at the stop', position: long, prices: [98.5], expected: 'stop'},
		{why: 'far below the stop', position: long, prices: [50], expected: 'stop'},
		{why: 'just below the target', position: long, prices: [102.49], expected: undefined},
		{why: 'at the target', position: long, prices: [102.5], expected: 'target'},
		{why: 'trailing from 1 %', position: long, prices: [101, 99.48], expected: 'trailing'},
		{why: 'less than the callback', position: long, prices: [101, 99.5], expected: undefined},
		{why: 'the best price counts', position: long, prices: [101, 102.4, 101.5, 100.86], expected: 'trailing'},
		{why: 'profit that never passed 1 %', position: long, prices: [100.99, 99.4], expected: undefined},
		{why: 'the stop is the harder reason', position: long, prices: [102, 98], expected: 'stop'},
		{why: 'short: just below the stop', position: short, prices: [101.49], expected: undefined},
		{why: 'short: at the stop', position: short, prices: [101.5], expected: 'stop'},
		{why: 'short: at the target', position: short, prices: [97.5], expected: 'target'},
		{why: 'short: trailing', position: short, prices: [99, 98, 99.48], expected: 'trailing'},
		{why: 'short: less than the callback', position: short, prices: [99, 100.48], expected: undefined},
		{why: 'an entry price that is not known', position: {...long, entry_price: '0'}, prices: [1], expected: undefined},
	])('$why: $expected', async ({position, prices, expected}) => {
		const unit = await start(position)
		const reasons: unknown[] = []
		for (const price of prices) reasons.push(...told(await unit.send('tick', tickFor(position, price))))
		expect(reasons).toEqual(expected === undefined ? [] : [expected])
	})

	test('of another policy', async () => {
		const exit_monitor = {
			target: 0.1,
			stop: 0.05,
			trailing: 0.02,
			trailing_from: 0.05,
			every_ms: 1_000,
			owner_stale_ms: 30_000,
		}
		const unit = await drive(exitMonitor, {policy: {exit_monitor}})
		await unit.send('position', long)
		expect(told(await unit.send('tick', tickFor(long, 96)))).toEqual([])
		expect(told(await unit.send('tick', tickFor(long, 95)))).toEqual(['stop'])
	})
})

describe('a plan', () => {
	test.each([
		{position: long, price: '98.40', side: 'SELL'},
		{position: short, price: '101.60', side: 'BUY'},
	])('closes the whole position by $side at the price that closing would get', async ({position, price, side}) => {
		const unit = await start(position)
		const [plan, ...more] = await unit.send('tick', tickFor(position, price))
		expect(plan?.payload).toEqual({
			plan_id: expect.stringMatching(/^[0-9a-f]{16}$/),
			symbol: 'BTCUSDT',
			action: 'FULL_CLOSE_PROPOSED',
			side,
			quantity: '0.50',
			source: 'exit-monitor',
			reason: 'stop',
			reference_price: price,
		})
		expect(plan?.envelope.authority).toBe('live')
		expect(more).toEqual([])
	})

	test('has the same id for the same tick, another for another', async () => {
		const [first, again, other] = [await start(), await start(), await start()]
		const idOfPlan = async (unit: typeof first, id: string) => {
			const [plan] = await unit.send('tick', tickFor(long, 98), {id})
			return plan?.payload.plan_id
		}
		const id = await idOfPlan(first, 'tick-1')
		expect(await idOfPlan(again, 'tick-1')).toBe(id)
		expect(await idOfPlan(other, 'tick-2')).not.toBe(id)
	})

	test.each([
		{speed: 1, pause_ms: 5_000, why: 'every_ms of venue time'},
		{speed: 60, pause_ms: 120_000, why: 'the grace of the machine at speed'},
	])('is in flight for $why: nothing more until then, another after it', async ({speed, pause_ms}) => {
		const unit = await start(long, speed)
		expect(told(await unit.send('tick', tickFor(long, 98)))).toEqual(['stop'])
		unit.clock.advance(pause_ms)
		expect(told(await unit.send('tick', tickFor(long, 98)))).toEqual([])
		expect(told(await unit.send('position', {...long, amount: '0.20'}))).toEqual([])
		expect(told(await unit.send('tick', tickFor(long, 98)))).toEqual([])
		unit.clock.advance(1)
		const [plan] = await unit.send('tick', tickFor(long, 98))
		expect(plan?.payload).toMatchObject({reason: 'stop', quantity: '0.20'})
	})

	test.each([
		{why: 'the position is closed', positions: [flat], expected: []},
		{
			why: 'it is closed and opened anew',
			positions: [flat, {...long, opened_ms: 1_749_999_500_000}],
			expected: ['stop'],
		},
		{why: 'it turned without being seen flat', positions: [short], expected: []},
	])('does not outlive its position: $why', async ({positions, expected}) => {
		const unit = await start()
		expect(told(await unit.send('tick', tickFor(long, 98)))).toEqual(['stop'])
		for (const position of positions) await unit.send('position', position)
		expect(told(await unit.send('tick', {...tickFor(long, 98), ask: '98.1'}))).toEqual(expected)
	})
})

describe('what an increase keeps', () => {
	test('the best price stays, levels follow the new entry price', async () => {
		const unit = await start()
		await unit.send('tick', tickFor(long, 102))
		await unit.send('position', {...long, amount: '1', entry_price: '100.5'})
		expect(told(await unit.send('tick', tickFor(long, 100.47)))).toEqual(['trailing'])
	})

	test('a new position forgets the best price of the last one', async () => {
		const unit = await start()
		await unit.send('tick', tickFor(long, 102))
		await unit.send('position', {...long, opened_ms: long.opened_ms + 1})
		expect(told(await unit.send('tick', tickFor(long, 100)))).toEqual([])
	})
})

describe('no exit', () => {
	test('while flat, or before any position', async () => {
		const unit = await drive(exitMonitor)
		expect(await unit.send('tick', tickFor(long, 1))).toEqual([])
		await unit.send('position', flat)
		expect(await unit.send('tick', tickFor(long, 1))).toEqual([])
		expect(await unit.timer('protection')).toEqual([])
	})

	test.each([
		{age_ms: 10_000, speed: 1, expected: ['stop']},
		{age_ms: 10_001, speed: 1, expected: []},
		{age_ms: 120_000, speed: 60, expected: ['stop']},
		{age_ms: 120_001, speed: 60, expected: []},
	])('on a tick that is too old: $age_ms ms at speed $speed', async ({age_ms, speed, expected}) => {
		const unit = await start(long, speed)
		expect(told(await unit.send('tick', tickFor(long, 98), {ts: unit.clock.venue() - age_ms}))).toEqual(expected)
	})

	test('on what is only measured', async () => {
		const unit = await start()
		expect(await unit.send('tick', tickFor(long, 98), {authority: 'shadow'})).toEqual([])
		await unit.send('position', flat, {authority: 'shadow'})
		expect(told(await unit.send('tick', tickFor(long, 98)))).toEqual(['stop'])
	})

	test('in another symbol', async () => {
		const unit = await start()
		expect(await unit.send('tick', {...tickFor(long, 98), symbol: 'ETHUSDT'})).toEqual([])
	})
})

test('restarted before every event, it does the same; never two plans for one position within every_ms, never one while flat', async () => {
	const event = fc.oneof(
		{
			weight: 4,
			arbitrary: fc.record({kind: fc.constant('tick' as const), price: fc.integer({min: 9_600, max: 10_400})}),
		},
		{
			weight: 2,
			arbitrary: fc.record({
				kind: fc.constant('position' as const),
				amount: fc.constantFrom('0', '0.5', '1', '-0.5'),
				opened: fc.constantFrom(1, 2),
				stop_resting: fc.boolean(),
			}),
		},
		{weight: 1, arbitrary: fc.record({kind: fc.constant('timer' as const)})},
	)
	const story = fc.array(fc.tuple(event, fc.integer({min: 0, max: 4_000})), {minLength: 5, maxLength: 40})
	await fc.assert(
		fc.asyncProperty(story, async steps => {
			const tell = async (restarting: boolean) => {
				const clock = new HandClock()
				let unit = await drive(exitMonitor, {clock})
				let amount = '0'
				let holding = ''
				let spell = 0
				const plans: Record<string, unknown>[] = []
				for (const [index, [what, wait_ms]] of steps.entries()) {
					clock.advance(wait_ms)
					if (restarting) unit = await drive(exitMonitor, {clock, bus: unit.bus})
					const before = (await unit.bus.range(unit.naming.stream('apply.plan'), {count: 1_000})).length
					const id = {id: `event-${index}`}
					if (what.kind === 'tick') {
						const price = (what.price / 100).toFixed(2)
						await unit.send('tick', {...tickFor(long, price), ask: price}, id)
					} else if (what.kind === 'timer') await unit.timer('protection')
					else {
						amount = what.amount
						const {opened, stop_resting} = what
						const held = amount === '0' ? '' : `${Math.sign(Number(amount))} since ${opened}`
						if (held !== holding) spell += 1
						holding = held
						await unit.send('position', {...long, amount, opened_ms: opened, stop_resting}, id)
					}
					const after = await unit.bus.range(unit.naming.stream('apply.plan'), {count: 1_000})
					for (const {fields} of after.slice(before)) plans.push({...fields, amount, spell, planned_ms: clock.venue()})
				}
				return plans
			}
			const plans = await tell(false)
			expect(await tell(true)).toEqual(plans)
			const planIds = plans.map(({plan_id}) => plan_id)
			expect(new Set(planIds).size).toBe(planIds.length)
			for (const [index, plan] of plans.entries()) {
				const last = plans[index - 1]
				if (last?.spell === plan.spell)
					expect(Number(plan.planned_ms) - Number(last?.planned_ms)).toBeGreaterThan(5_000)
				const amount = Number(plan.amount)
				expect(Number(plan.quantity)).toBe(Math.abs(amount))
				expect(plan.side).toBe(amount > 0 ? 'SELL' : 'BUY')
			}
		}),
		{numRuns: 60},
	)
})
