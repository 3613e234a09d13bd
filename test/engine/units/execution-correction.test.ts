import {describe, expect, test} from 'vitest'
import {
	closed,
	fills,
	later,
	opened,
	plans,
	protectedLong,
	SYMBOL,
	startExecution,
	stopIs,
	tell,
	traded,
} from './executing.js'

const correction = (changes: Readonly<Record<string, unknown>>) => ({
	run_id: 'run-1',
	outcome: 'CORRECTION',
	invariant: 'R1',
	symbol: SYMBOL,
	...changes,
})
const moved = (amount: string, expected: string, changes: Readonly<Record<string, unknown>> = {}) =>
	correction({amount, expected, actual: amount, entry_price: '200', ...changes})

describe('a position of which nothing was known', () => {
	test.each([
		['2', 'SELL', '194'],
		['-2', 'BUY', '206'],
	])('of %s is adopted and protected by policy', async (amount, side, stop_price) => {
		const unit = await startExecution()
		const emitted = await unit.send('correction', moved(amount, '0', {stop_resting: false}))
		expect(plans(emitted)).toMatchObject([{action: 'PROTECT', side, stop_price}])
		const end = await tell(unit, traded('web_1', -Number(amount), {price: '210', fee: '0.1', realised_pnl: '20'}))
		expect(closed(end)).toMatchObject([
			{plan_id: 'adopted', quantity: '2', entry_price: '200', exit_price: '210', net_pnl: '19.9'},
		])
	})

	test('that has its stop is left alone', async () => {
		const unit = await startExecution()
		expect(await unit.send('correction', moved('2', '0', {stop_resting: true}))).toEqual([])
		expect(plans(await later(unit, 60_000))).toEqual([])
	})

	test('of which the price is not known cannot be protected: it is closed', async () => {
		const unit = await startExecution()
		const emitted = await unit.send('correction', moved('2', '0', {entry_price: undefined, stop_resting: false}))
		expect(plans(emitted)).toMatchObject([{action: 'FULL_CLOSE_PROPOSED', side: 'SELL', quantity: '2'}])
	})
})

describe('a position that the venue', () => {
	test('has not: it is over, and its stops are cancelled when they do not end', async () => {
		const {unit, plan} = await protectedLong()
		expect(await unit.send('correction', moved('0', '1', {entry_price: '0'}))).toEqual([])
		expect(plans(await later(unit, 5_000))).toMatchObject([
			{action: 'CANCEL_STOP', cancel_ids: [`s-${plan.plan_id}`, `t-${plan.plan_id}`]},
		])
	})

	test('has turned: it is another trade, protected on the other side', async () => {
		const {unit} = await protectedLong()
		const emitted = await unit.send('correction', moved('-1', '1', {stop_resting: false}))
		expect(plans(emitted)).toMatchObject([{action: 'PROTECT', side: 'BUY', stop_price: '206'}])
	})

	test('has more of: the same trade at the venue’s average, its stop stays', async () => {
		const {unit} = await protectedLong()
		expect(await unit.send('correction', moved('3', '1', {entry_price: '150'}))).toEqual([])
		const end = await tell(unit, traded('q-exit', -3, {price: '160', realised_pnl: '30'}))
		expect(closed(end)).toMatchObject([{plan_id: 'open', quantity: '3', entry_price: '150', exit_price: '160'}])
	})
})

describe('a correction and a fill after the comparison', () => {
	test.each([
		['correction', 'fill'],
		['fill', 'correction'],
	])('%s before %s: the same position', async first => {
		const {unit} = await opened()
		const steps = [() => unit.send('correction', moved('3', '1')), () => tell(unit, traded('q-exit', -0.5))]
		for (const step of first === 'fill' ? steps.toReversed() : steps) await step()
		expect(fills(await tell(unit, traded('q-exit', -0.5)))).toMatchObject([{position_amount: '2'}])
	})

	test('once is enough: what we have already changes nothing', async () => {
		const {unit} = await opened()
		await tell(unit, traded('q-exit', -0.5))
		await unit.send('correction', moved('3', '1'))
		await unit.send('correction', moved('2.5', '0.5'))
		expect(fills(await tell(unit, traded('q-exit', -0.5)))).toMatchObject([{position_amount: '2'}])
	})

	test('a close that came first is not undone', async () => {
		const {unit} = await protectedLong()
		await tell(unit, traded('q-exit', -1))
		expect(plans(await unit.send('correction', moved('1', '1', {stop_resting: false})))).toEqual([])
		expect(fills(await tell(unit, traded('q-next', 1)))).toMatchObject([{position_amount: '1'}])
	})
})

describe('of the stop alone', () => {
	test('that does not rest: asked for at once', async () => {
		const {unit, plan} = await protectedLong()
		const asked = plans(await unit.send('correction', correction({invariant: 'R3', stop_resting: false})))
		expect(asked).toMatchObject([{action: 'PROTECT', stop_price: '97'}])
		expect(asked[0]?.plan_id).not.toBe(plan.plan_id)
	})

	test('that is on its way: its answer is awaited', async () => {
		const {unit} = await opened()
		expect(await unit.send('correction', correction({invariant: 'R3', stop_resting: false}))).toEqual([])
		expect(plans(await later(unit, 5_000))).toHaveLength(1)
	})

	test('that rests, unseen by us: nothing is asked for', async () => {
		const {unit, plan} = await protectedLong()
		await tell(unit, stopIs(plan, 'CANCELED'))
		await unit.send('correction', correction({invariant: 'R3', stop_resting: true}))
		expect(plans(await later(unit, 60_000))).toEqual([])
	})

	test('of a flat symbol says nothing', async () => {
		const unit = await startExecution()
		expect(await unit.send('correction', correction({invariant: 'R3', stop_resting: false}))).toEqual([])
		expect(plans(await later(unit, 60_000))).toEqual([])
	})
})

test.each([
	{outcome: 'CLEAN', run_id: 'run-1'},
	{...moved('2', '0'), outcome: 'DRIFT'},
	correction({symbol: undefined, invariant: 'R6'}),
])('%j corrects nothing', async event => {
	const unit = await startExecution()
	expect(await unit.send('correction', event)).toEqual([])
	expect(plans(await later(unit, 60_000))).toEqual([])
})

test('a fill that the correction had counted and that arrives after it is told and moves nothing', async () => {
	const unit = await startExecution()
	const fill = traded('web_1', 2, {price: '210', fee: '0.1'})
	await unit.send('correction', moved('2', '0', {stop_resting: true, as_of_ms: 8e15}))
	const late = await tell(unit, fill)
	expect(fills(late)).toMatchObject([{quantity: '2', position_amount: '2', absorbed: true}])
	expect(plans(late)).toEqual([])
})
