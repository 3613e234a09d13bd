import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import type {SendRequest} from '../../../src/engine/exchange/order-request.js'
import {applyLayer} from '../../../src/engine/units/exec/apply-layer.js'
import {drive, type Emitted} from '../../support/drive.js'
import {close, executed, fieldsOf, filled, open, put, reserved, SYMBOL, startGovernor, startSender} from './governed.js'

type Unit = Awaited<ReturnType<typeof startGovernor>>
const said = (emitted: readonly Emitted[]) => emitted.map(({payload: {decision, error}}) => [decision, error])
const requests = (unit: Unit) => unit.effects.map(({request}) => request as SendRequest)

/** A governor that admitted an entry, and the sender on the same bus. */
const admitted = async (plan: Readonly<Record<string, unknown>> = open('plan')) => {
	const governor = await startGovernor()
	await put(governor, keys.positionSnapshot, {symbol: SYMBOL}, {amount: plan.action === 'OPEN' ? '0' : '1'})
	if (plan.action !== 'OPEN') await governor.send('fill', filled('before', 'BUY', '1'))
	const unit = plan.source === 'operator' ? 'intent-executor' : 'test'
	const [verdict] = await governor.send('plan', plan, {unit})
	expect(verdict?.payload.verdict).toBe('ALLOW')
	return {governor, sender: await startSender(governor), verdict: verdict?.payload ?? {}}
}
const accepted = {
	status: 'ACCEPTED',
	order_id: '5',
	client_order_id: 'q-plan',
	quantity: '1',
	filled_quantity: '1',
	average_price: '100',
}
const done = {status: 'ACCEPTED', order_id: '', client_order_id: ''}
const answer = (...outcomes: readonly unknown[]) => ({ok: true as const, result: {outcomes, latency_ms: 3}})

describe('an allowed plan', () => {
	test('takes its permit and is recorded before it is sent', async () => {
		const {sender} = await admitted()
		expect(await sender.handle('verdict')).toEqual([])
		expect(requests(sender)).toMatchObject([
			{
				plan_id: 'plan',
				epoch: 7,
				class: 'ENTRY',
				symbol: SYMBOL,
				operator: false,
				sent_after_ms: sender.clock.venue(),
				steps: [
					{do: 'leverage', leverage: 3},
					{
						do: 'market',
						side: 'BUY',
						client_order_id: 'q-plan',
						notional_usdt: '100.000000',
						reference_price: '100.1',
						reduce_only: false,
					},
					{do: 'stop', side: 'SELL', client_order_id: 's-plan', close_position: true},
					{do: 'target', side: 'SELL', client_order_id: 't-plan', close_position: true},
				],
			},
		])
		expect((await fieldsOf(sender, keys.permit, {plan_id: 'plan'})).state).toBe('TAKEN')
		expect((await reserved(sender)).bySymbol[SYMBOL]?.state).toBe('TAKEN')
		expect(await fieldsOf(sender, keys.dedupApply, {id: 'plan'})).toMatchObject({
			state: 'RECORDED',
			symbol: SYMBOL,
			class: 'ENTRY',
			epoch: '7',
		})
	})

	test.each([
		['EXECUTED', answer(done, accepted), {order_id: '5', filled_quantity: '1'}],
		['FAILED', answer(done, {status: 'REFUSED', code: '-2019', message: 'margin'}), {error: '-2019'}],
		[
			'SKIP',
			answer({status: 'NOT_SENT', reason: 'KILLED'}, {status: 'NOT_SENT', reason: 'EARLIER_STEP_FAILED'}),
			{error: 'KILLED'},
		],
		['FAILED', {ok: false as const, error: 'broken'}, {error: 'SENDER_FAILED', detail: 'broken'}],
	])('ends in one result, and its record says which: %s', async (decision, outcome, fields) => {
		const {sender} = await admitted()
		await sender.handle('verdict')
		const results = await sender.result('send', outcome)
		expect(results.map(({payload}) => payload)).toMatchObject([
			{plan_id: 'plan', symbol: SYMBOL, action: 'OPEN', decision, ...fields},
		])
		expect(await fieldsOf(sender, keys.dedupApply, {id: 'plan'})).toMatchObject({state: decision})
		expect(sender.effects).toEqual([])
		const again = await drive(applyLayer, {bus: sender.bus, clock: sender.clock})
		expect(again.recovered).toEqual([])
	})

	test('is handed over once more after a crash, marked as recovered, and answered for once', async () => {
		const {sender} = await admitted()
		await sender.handle('verdict')
		const again = await drive(applyLayer, {bus: sender.bus, clock: sender.clock})
		expect(again.recovered).toEqual(sender.effects)
		again.effects.push(...again.recovered)
		expect(said(await again.result('send', answer(done, accepted)))).toEqual([['EXECUTED', undefined]])
		expect((await drive(applyLayer, {bus: sender.bus, clock: sender.clock})).recovered).toEqual([])
	})

	test('is served once, however often its verdict is read; the second reading settles nothing', async () => {
		const {sender, governor, verdict} = await admitted()
		await sender.handle('verdict')
		const [again] = await sender.send('verdict', verdict)
		expect(again?.payload).toMatchObject({decision: 'SKIP', error: 'PERMIT_SERVED'})
		expect(sender.effects).toHaveLength(1)
		const before = await reserved(governor)
		await governor.handle('result')
		expect(await reserved(governor)).toEqual(before)
	})

	test('that was refused at the sender gives its reservation back', async () => {
		const {sender, governor} = await admitted()
		await put(governor, keys.kill, {}, '1')
		expect(said(await sender.handle('verdict'))).toEqual([['SKIP', 'KILLED']])
		const events = await governor.handle('result')
		expect(events.map(({payload}) => payload)).toMatchObject([{verdict: 'RELEASED', reason: 'KILLED'}])
		expect(await reserved(governor)).toEqual({bySymbol: {}, total: 0, slots: 10})
	})
})

describe('is skipped', () => {
	/** In order of precedence. */
	const skips: ReadonlyArray<
		readonly [reason: string, (unit: Unit) => Promise<unknown>, plan?: Readonly<Record<string, unknown>>]
	> = [
		['PERMIT_MISSING', unit => put(unit, keys.permit, {plan_id: 'plan'}, undefined)],
		['PERMIT_MISSING', unit => put(unit, keys.permit, {plan_id: 'plan'}, {class: 'EXIT'})],
		['PERMIT_MISSING', unit => put(unit, keys.permit, {plan_id: 'plan'}, {symbol: 'ETHUSDT'})],
		['PERMIT_SERVED', unit => put(unit, keys.permit, {plan_id: 'plan'}, {state: 'TAKEN'})],
		['PERMIT_EXPIRED', async unit => unit.clock.advance(30_001)],
		['KILLED', unit => put(unit, keys.kill, {}, '1')],
		['KILLED', unit => put(unit, keys.kill, {}, undefined)],
		['KILLED', unit => put(unit, keys.arm, {}, {armed: '0'})],
		['EPOCH_OLD', unit => put(unit, keys.arm, {}, {epoch: '8'})],
		['EXECUTION_DISABLED', unit => put(unit, keys.execution, {}, 'DISABLED')],
		['EXECUTION_DISABLED', unit => put(unit, keys.execution, {}, undefined), close('plan')],
		['PAUSED', unit => put(unit, keys.execution, {}, 'REDUCE_ONLY')],
		['NOTIONAL_DIFFERS', unit => put(unit, keys.permit, {plan_id: 'plan'}, {notional_micro: '1'})],
		['RESERVATION_MISSING', unit => put(unit, keys.reservations, {}, undefined)],
		['RESERVATION_MISSING', unit => put(unit, keys.reservations, {}, {[SYMBOL]: 'other|RESERVED|0|1|1'})],
		['LOCK_LOST', unit => put(unit, keys.exitLock, {symbol: SYMBOL}, {plan_id: 'other'}), close('plan')],
		[
			'NOTHING_TO_SEND',
			async () => undefined,
			{plan_id: 'plan', symbol: SYMBOL, action: 'CANCEL_STOP', source: 'hand'},
		],
	]
	test.each(skips.map(row => [row[0], row] as const))('%s', async (reason, [, world, plan = open('plan')]) => {
		const {sender} = await admitted(plan)
		await world(sender)
		expect(said(await sender.handle('verdict'))).toEqual([['SKIP', reason]])
		expect(sender.effects).toEqual([])
	})

	test('a forged permit opens nothing: there is no reservation behind it', async () => {
		const governor = await startGovernor()
		const sender = await startSender(governor)
		const fields = {
			verdict: 'ALLOW',
			class: 'ENTRY',
			symbol: SYMBOL,
			state: 'ISSUED',
			epoch: '7',
			notional_micro: '100000000',
		}
		await put(
			governor,
			keys.permit,
			{plan_id: 'forged'},
			{...fields, deadline_ms: String(governor.clock.venue() + 1_000)},
		)
		const verdict = {
			plan_id: 'forged',
			symbol: SYMBOL,
			verdict: 'ALLOW',
			reason: 'ALLOW',
			epoch: 7,
			notional_usdt: '100',
			quote_price: '100',
			plan: open('forged'),
		}
		expect(said(await sender.send('verdict', verdict))).toEqual([['SKIP', 'RESERVATION_MISSING']])
		expect(
			said(await sender.send('verdict', {...verdict, plan: {...open('forged'), action: 'CLOSE', side: 'SELL'}})),
		).toEqual([['SKIP', 'PERMIT_MISSING']])
	})

	test.each(['REFUSE', 'REPEAT', 'EXPIRED', 'RELEASED', 'SETTLED'])('%s is not for the sender', async verdict => {
		const sender = await startSender(await startGovernor())
		expect(
			await sender.send('verdict', {plan_id: 'plan', symbol: SYMBOL, verdict, reason: 'X', plan: open('plan')}),
		).toEqual([])
		expect(sender.effects).toEqual([])
	})

	test('what is shadow is not for the sender', async () => {
		const {sender, verdict} = await admitted()
		expect(await sender.send('verdict', {...verdict, plan_id: 'shadow'}, {authority: 'shadow'})).toEqual([])
		expect(requests(sender).map(({plan_id}) => plan_id)).toEqual(['plan'])
	})
})

describe('while killed', () => {
	test.each([
		[
			'protection',
			{plan_id: 'plan', symbol: SYMBOL, action: 'PROTECT', side: 'SELL', stop_price: '97', source: 'execution'},
			[],
		],
		['an operator’s exit', close('plan', {source: 'operator'}), []],
		['an exit', close('plan'), [['SKIP', 'KILLED']]],
	])('%s', async (_, plan, skipped) => {
		const {sender} = await admitted(plan)
		await put(sender, keys.kill, {}, '1')
		expect(said(await sender.handle('verdict'))).toEqual(skipped)
		expect(sender.effects).toHaveLength(skipped.length === 0 ? 1 : 0)
	})
})

test('a whole life: entry, exit, and nothing is left reserved or locked', async () => {
	const {governor, sender} = await admitted()
	await sender.handle('verdict')
	await sender.result('send', answer(done, accepted))
	await governor.handle('result')
	await governor.send('fill', filled('plan', 'BUY', '1'))
	await put(governor, keys.positionSnapshot, {symbol: SYMBOL}, {amount: '1'})
	await governor.send('plan', close('exit'))
	await sender.handle('verdict')
	expect(requests(sender)).toMatchObject([
		{class: 'EXIT', steps: [{do: 'market', side: 'SELL', close_all: true, reduce_only: true}]},
	])
	await sender.result('send', answer({...accepted, client_order_id: 'q-exit'}))
	await governor.handle('result')
	await governor.send('fill', filled('exit', 'SELL', '1'))
	expect(await reserved(governor)).toEqual({bySymbol: {}, total: 0, slots: 10})
	expect(await fieldsOf(governor, keys.exitLock, {symbol: SYMBOL})).toMatchObject({plan_id: '', token: '1'})
	// Said again, the result of the entry changes nothing.
	expect(await governor.send('result', executed('plan', '1'))).toEqual([])
})
