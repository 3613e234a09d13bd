import * as fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {add, equal, exact} from '../../../src/engine/logic/exact.js'
import {governor} from '../../../src/engine/units/exec/governor.js'
import {drive} from '../../support/drive.js'
import {executed, fieldsOf, filled, open, reserved, SYMBOL, startGovernor, startSender} from './governed.js'

type Unit = Awaited<ReturnType<typeof startGovernor>>
const line = async (unit: Unit) => (await reserved(unit)).bySymbol[SYMBOL]
const micro = (usdt: number) => usdt * 1_000_000
const correction = (amount: string, expected: string) => ({
	run_id: 'run-1',
	outcome: 'CORRECTION',
	invariant: 'R1',
	symbol: SYMBOL,
	amount,
	expected,
	actual: amount,
	entry_price: '100',
})

/** Admitted, and taken by the sender. */
const sent = async () => {
	const unit = await startGovernor()
	await unit.send('plan', open('plan'))
	const sender = await startSender(unit)
	await sender.handle('verdict')
	return unit
}

describe('a reservation', () => {
	test('becomes what is open, fill by fill, and never counts anything twice', async () => {
		const unit = await sent()
		await unit.send('fill', filled('plan', 'BUY', '0.4'))
		expect(await line(unit)).toMatchObject({state: 'TAKEN', open: micro(40), reserved: micro(60)})
		await unit.send('fill', filled('plan', 'BUY', '0.5'))
		expect(await line(unit)).toMatchObject({open: micro(90), reserved: micro(10)})
		const [settled] = await unit.send('result', executed('plan', '0.9'))
		expect(settled?.payload).toMatchObject({verdict: 'SETTLED', reason: 'EXECUTED'})
		expect(await line(unit)).toMatchObject({plan_id: '', open: micro(90), reserved: 0})
		expect(await reserved(unit)).toMatchObject({total: micro(90), slots: 9})
	})

	test('of dust is none: it holds no slot, until it is added to', async () => {
		const unit = await startGovernor({dust_usdt: 5})
		await unit.send('fill', filled('foreign', 'BUY', '0.05'))
		expect(await reserved(unit)).toMatchObject({total: micro(5), slots: 9})
		await unit.send('fill', filled('foreign', 'SELL', '0.01'))
		expect(await reserved(unit)).toMatchObject({bySymbol: {}, total: 0, slots: 10})
		await unit.send('fill', filled('foreign', 'BUY', '0.01'))
		expect(await reserved(unit)).toMatchObject({total: micro(5), slots: 9})
	})

	test('stands for the fills that a result was faster than', async () => {
		const unit = await sent()
		await unit.send('result', executed('plan', '0.9'))
		expect(await line(unit)).toMatchObject({plan_id: 'plan', state: 'FILLING', open: 0, reserved: micro(90)})
		await unit.send('fill', filled('plan', 'BUY', '0.4'))
		expect(await line(unit)).toMatchObject({plan_id: 'plan', open: micro(40), reserved: micro(50)})
		await unit.send('fill', filled('plan', 'BUY', '0.5'))
		expect(await line(unit)).toMatchObject({plan_id: '', open: micro(90), reserved: 0})
	})

	test('is gone when the position was opened and closed before the result', async () => {
		const unit = await sent()
		await unit.send('fill', filled('plan', 'BUY', '0.9'))
		await unit.send('fill', filled('stop-plan', 'SELL', '0.9'))
		await unit.send('result', executed('plan', '0.9'))
		expect(await reserved(unit)).toEqual({bySymbol: {}, total: 0, slots: 10})
	})

	test.each([
		['FAILED', 'REFUSED_BY_VENUE'],
		['SKIP', 'KILLED'],
		['SKIP', 'PERMIT_EXPIRED'],
		['EXECUTED', undefined],
	])('is given back when nothing was filled: %s %s', async (decision, error) => {
		const unit = await sent()
		const [event] = await unit.send('result', executed('plan', '0', {decision, error, executed: false}))
		expect(event?.payload).toMatchObject({verdict: 'RELEASED', reason: error ?? decision, used: String(micro(100))})
		expect(await reserved(unit)).toEqual({bySymbol: {}, total: 0, slots: 10})
		expect((await fieldsOf(unit, keys.permit, {plan_id: 'plan'})).state).toBe('FAILED')
	})

	test.each([
		['of unknown outcome', {decision: 'UNKNOWN', executed: false}],
		['for a permit that was served before', {decision: 'SKIP', error: 'PERMIT_SERVED', executed: false}],
	])('waits after a result %s', async (_, changes) => {
		const unit = await sent()
		const before = await reserved(unit)
		expect(await unit.send('result', executed('plan', '0', changes))).toEqual([])
		unit.clock.advance(3_600_000)
		expect(await unit.timer('sweep')).toEqual([])
		expect(await reserved(unit)).toEqual(before)
	})

	test('expires once when nobody took the permit, at its deadline and not before', async () => {
		const unit = await startGovernor()
		await unit.send('plan', open('plan'))
		unit.clock.advance(30_000)
		expect(await unit.timer('sweep')).toEqual([])
		unit.clock.advance(1)
		expect((await unit.timer('sweep')).map(({payload}) => payload)).toMatchObject([
			{plan_id: 'plan', verdict: 'EXPIRED', reason: 'PERMIT_EXPIRED', used: String(micro(100))},
		])
		expect(await unit.timer('sweep')).toEqual([])
		expect(await reserved(unit)).toEqual({bySymbol: {}, total: 0, slots: 10})
		// The sender, late: its permit is worth nothing, and what it says changes nothing.
		const skipped = executed('plan', '0', {decision: 'SKIP', error: 'PERMIT_SERVED', executed: false})
		expect(await unit.send('result', skipped)).toEqual([])
	})

	test('survives a restart with its deadline', async () => {
		const unit = await startGovernor()
		await unit.send('plan', open('plan'))
		unit.clock.advance(30_001)
		const again = await drive(governor, {bus: unit.bus, clock: unit.clock})
		await again.timer('sweep')
		expect((await reserved(again)).total).toBe(0)
	})

	test('waits for fills that never come until a comparison has looked for them, or nothing opens', async () => {
		const unit = await sent()
		await unit.send('result', executed('plan', '0.9'))
		unit.clock.advance(180_000 + 30_000 - 1)
		await unit.timer('sweep')
		expect((await line(unit))?.state).toBe('FILLING')
		unit.clock.advance(1)
		await unit.timer('sweep')
		expect(await reserved(unit)).toMatchObject({bySymbol: {}, total: 0})
	})
})

describe('a correction', () => {
	test('counts what the venue has, foreign positions as well', async () => {
		const unit = await startGovernor()
		await unit.send('correction', correction('-2', '0'))
		expect(await reserved(unit)).toMatchObject({total: micro(200), slots: 9})
		await unit.send('correction', correction('0', '-2'))
		expect(await reserved(unit)).toEqual({bySymbol: {}, total: 0, slots: 10})
	})

	test.each([
		['correction', 'fill'],
		['fill', 'correction'],
	])('and a fill after the comparison: %s before %s', async first => {
		const unit = await startGovernor()
		const steps = [
			() => unit.send('correction', correction('2', '0')),
			() => unit.send('fill', filled('foreign', 'SELL', '0.5')),
		]
		for (const step of first === 'fill' ? steps.toReversed() : steps) await step()
		expect((await reserved(unit)).total).toBe(micro(150))
		// Taken already, it changes nothing the next time.
		await unit.send('correction', correction('1.5', '-0.5'))
		expect((await reserved(unit)).total).toBe(micro(150))
	})

	test('tells of fills that never come', async () => {
		const unit = await sent()
		await unit.send('result', executed('plan', '0.9'))
		await unit.send('correction', correction('0.9', '0'))
		expect(await line(unit)).toMatchObject({plan_id: '', open: micro(90), reserved: 0})
		expect((await reserved(unit)).total).toBe(micro(90))
	})

	test('before the result: the reservation stands until the outcome is known', async () => {
		const unit = await sent()
		await unit.send('correction', correction('0.9', '0'))
		expect(await line(unit)).toMatchObject({plan_id: 'plan', reserved: micro(100)})
		await unit.send('result', executed('plan', '0.9'))
		expect((await reserved(unit)).total).toBe(micro(90))
	})

	test.each([
		{outcome: 'CLEAN', symbol: undefined},
		{outcome: 'CORRECTION', amount: undefined},
	])('%j says nothing', async changes => {
		const unit = await startGovernor()
		await unit.send('correction', {...correction('1', '0'), ...changes})
		expect(await reserved(unit)).toMatchObject({bySymbol: {}, total: 0})
	})
})

type Event = Readonly<{port: 'result' | 'fill'; payload: Readonly<Record<string, unknown>>}>

/** Shuffles two orders of events into one, as two streams arrive: each keeps its own. */
const interleaved = (first: readonly Event[], second: readonly Event[], picks: readonly boolean[]): Event[] => {
	const rest: [Event[], Event[]] = [[...first], [...second]]
	const merged: Event[] = []
	for (let index = 0; rest[0].length + rest[1].length > 0; index += 1) {
		const from = picks[index % picks.length] ? rest[0] : rest[1]
		const next = from.shift() ?? rest[0].shift() ?? rest[1].shift()
		if (next) merged.push(next)
	}
	return merged
}

const trade = fc.record({
	fills: fc.array(fc.integer({min: 1, max: 99}), {maxLength: 4}),
	/** What stops and exits close of it, in parts. */
	closes: fc.array(fc.integer({min: 1, max: 99}), {maxLength: 3}),
	restarts: fc.boolean(),
	picks: fc.array(fc.boolean(), {minLength: 1, maxLength: 8}),
})

test('whatever the order of results and fills, reservations end equal to what is open, and never exceed what was permitted', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(trade, {minLength: 1, maxLength: 4}), async trades => {
			const policy = {dust_usdt: 0, cooldown_ms: 0, entries_per_hour_max: 100, entries_per_5m_max: 100}
			let unit = await startGovernor(policy)
			let position = '0'
			for (const [index, {fills, closes, restarts, picks}] of trades.entries()) {
				const plan_id = `plan-${index}`
				const action = equal(position, '0') ? 'OPEN' : 'ADD'
				const {bus, naming} = unit
				await bus.commit({
					acknowledge: [],
					writes: [
						{op: 'put-hash', key: naming.key(keys.positionSnapshot, {symbol: SYMBOL}), fields: {amount: position}},
					],
				})
				const [verdict] = await unit.send('plan', open(plan_id, {action}))
				expect(verdict?.payload.verdict).toBe('ALLOW')
				const permitted = (await reserved(unit)).total
				const sender = await startSender(unit)
				await sender.handle('verdict')
				const quantities = fills.map(cents => `${cents / 400}`)
				const whole = quantities.reduce((sum, quantity) => add(sum, quantity), '0')
				position = add(position, whole)
				const reduces: string[] = []
				for (const cents of closes) {
					const part = exact(position).times(cents).div(100).toDecimalPlaces(3).toFixed()
					if (exact(part).isZero()) continue
					position = add(position, `-${part}`)
					reduces.push(part)
				}
				const events = interleaved(
					[{port: 'result', payload: executed(plan_id, whole, {action})}],
					[
						...quantities.map(quantity => ({port: 'fill' as const, payload: filled(plan_id, 'BUY', quantity)})),
						...reduces.map(part => ({port: 'fill' as const, payload: filled('stop-plan', 'SELL', part)})),
					],
					picks,
				)
				for (const {port, payload} of events) {
					if (restarts) unit = await drive(governor, {bus: unit.bus, clock: unit.clock, policy})
					await unit.send(port, payload)
					const {total, bySymbol, slots} = await reserved(unit)
					const sum = Object.values(bySymbol).reduce((all, one) => all + (one ? one.open + one.reserved : 0), 0)
					expect(total).toBe(sum)
					expect(slots).toBe(10 - Object.keys(bySymbol).length)
					expect(total).toBeLessThanOrEqual(permitted)
				}
				const {bySymbol, total} = await reserved(unit)
				expect(total).toBe(Math.round(Number(position) * 100_000_000))
				expect(bySymbol[SYMBOL]?.plan_id ?? '').toBe('')
			}
		}),
		{numRuns: 60},
	)
})
