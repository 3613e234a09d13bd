import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {OUTCOME_KNOWN_MS} from '../../../src/engine/exchange/exchange-limits.js'
import type {Emitted} from '../../support/drive.js'
import {close, executed, fieldsOf, filled, open, put, SYMBOL, startGovernor} from './governed.js'

type Unit = Awaited<ReturnType<typeof startGovernor>>
const verdictOf = ([first]: readonly Emitted[]) => first?.payload
const verdicts = (emitted: readonly Emitted[]) => emitted.map(({payload: {verdict, reason}}) => [verdict, reason])
const nothing = async () => undefined

describe('an exit', () => {
	const held = async (unit: Unit, amount: string) => {
		await put(unit, keys.positionSnapshot, {symbol: SYMBOL}, {amount})
		await unit.send('fill', filled('foreign', amount.startsWith('-') ? 'SELL' : 'BUY', amount.replace('-', '')))
	}

	test.each<readonly [string, Readonly<Record<string, unknown>>, string, (unit: Unit) => Promise<unknown>]>([
		['KILLED', {}, '1', unit => put(unit, keys.kill, {}, '1')],
		['SYMBOL_BLOCKED', {}, '1', unit => put(unit, keys.blockedSymbols, {}, {[SYMBOL]: '{}'})],
		['MODE_MISMATCH', {}, '1', unit => put(unit, keys.mode, {}, 'LIVE')],
		['EXECUTION_DISABLED', {}, '1', unit => put(unit, keys.execution, {}, 'DISABLED')],
		['NO_POSITION', {quantity: '1'}, '0', nothing],
		['EXIT_INCREASES', {side: 'BUY'}, '1', nothing],
		['EXIT_EXCEEDS_POSITION', {quantity: '1.1'}, '1', nothing],
		['EXIT_LOCKED', {}, '1', unit => unit.send('plan', close('first'))],
	])('is refused: %s', async (reason, changes, amount, world) => {
		const unit = await startGovernor()
		if (amount !== '0') await held(unit, amount)
		await world(unit)
		expect(verdicts(await unit.send('plan', close('plan', changes)))).toEqual([['REFUSE', reason]])
	})

	test.each([
		['SIDE_MISSING', {side: undefined}],
		['SIZE_MISSING', {quantity: undefined}],
	])('of a position the governor has not heard of yet says what it needs: %s', async (reason, changes) => {
		const unit = await startGovernor()
		await put(unit, keys.positionSnapshot, {symbol: SYMBOL}, {amount: '1'})
		expect(verdicts(await unit.send('plan', close('plan', changes)))).toEqual([['REFUSE', reason]])
	})

	test('passes a pause, stale data, full slots and drift; its lock is fenced by a token', async () => {
		const unit = await startGovernor({positions_max: 1})
		await held(unit, '1')
		await put(unit, keys.execution, {}, 'REDUCE_ONLY')
		await put(unit, keys.reconcileLast, {}, {outcome: 'DRIFT'})
		await put(unit, keys.marketStale, {symbol: SYMBOL}, {since_ms: '1'})
		expect(verdicts(await unit.send('plan', close('plan', {kill_score: 1})))).toEqual([['ALLOW', 'ALLOW']])
		expect(await fieldsOf(unit, keys.exitLock, {symbol: SYMBOL})).toMatchObject({
			plan_id: 'plan',
			token: '1',
			owner: 'exit-monitor',
		})
	})

	test('of what the policy leaves to others is an operator’s only', async () => {
		const unit = await startGovernor()
		await held(unit, '1')
		await put(unit, keys.positionSnapshot, {symbol: SYMBOL}, {foreign: 'ignored'})
		expect(verdicts(await unit.send('plan', close('plan')))).toEqual([['REFUSE', 'FOREIGN_IGNORED']])
		const answer = await unit.send('plan', close('hand', {source: 'operator'}), {unit: 'intent-executor'})
		expect(verdicts(answer)).toEqual([['ALLOW', 'ALLOW']])
	})

	test('by an operator passes a kill', async () => {
		const unit = await startGovernor()
		await held(unit, '1')
		await put(unit, keys.kill, {}, '1')
		const answer = await unit.send('plan', close('plan', {source: 'operator'}), {unit: 'intent-executor'})
		expect(verdicts(answer)).toEqual([['ALLOW', 'ALLOW']])
	})

	test.each([
		['FULL_CLOSE_PROPOSED', '-0.3', {side: 'BUY', quantity: '0.3'}],
		['PARTIAL_CLOSE_25', '0.3', {side: 'SELL', quantity: '0.075'}],
		['PARTIAL_CLOSE_50', '-0.000001', {side: 'BUY', quantity: '0.0000005'}],
		['PARTIAL_CLOSE_75', '4', {side: 'SELL', quantity: '3'}],
	])(
		'by hand, as the reference writes it (%s of %s), gets side and size from the position',
		async (action, amount, plan) => {
			const unit = await startGovernor()
			await held(unit, amount)
			const fields = {
				plan_id: '83730b8c4352a34e',
				symbol: SYMBOL,
				action,
				kill_score: '0.71',
				decision: 'EXECUTE',
				timestamp: '1770158765',
			}
			expect(verdictOf(await unit.sendFields('plan', fields))).toMatchObject({verdict: 'ALLOW', plan})
		},
	)

	test.each(['EXECUTED', 'FAILED', 'SKIP'])('ended as %s with nothing filled frees its lock', async decision => {
		const unit = await startGovernor()
		await held(unit, '1')
		await unit.send('plan', close('plan'))
		const result = executed('plan', '0', {action: 'FULL_CLOSE_PROPOSED', decision, reduce_only: true})
		expect(await unit.send('result', result)).toEqual([])
		expect(verdicts(await unit.send('plan', close('next')))).toEqual([['ALLOW', 'ALLOW']])
	})

	test('that was filled holds the next one back until the position shows all of its fills', async () => {
		const unit = await startGovernor()
		await held(unit, '1')
		await unit.send('plan', close('plan', {quantity: '0.5'}))
		const order = {action: 'PARTIAL_CLOSE_50', client_order_id: 'order', reduce_only: true}
		await unit.send('result', executed('plan', '0.5', order))
		const next = async (plan_id: string, quantity: string) =>
			verdicts(await unit.send('plan', close(plan_id, {quantity})))
		expect(await next('early', '1')).toEqual([['REFUSE', 'POSITION_BEHIND']])
		const shows = (amount: string, moved_quantity: string) =>
			put(unit, keys.positionSnapshot, {symbol: SYMBOL}, {amount, moved_by: 'order', moved_quantity})
		await shows('0.75', '0.25')
		expect(await next('half', '0.75')).toEqual([['REFUSE', 'POSITION_BEHIND']])
		await shows('0.5', '0.5')
		expect(await next('much', '0.75')).toEqual([['REFUSE', 'EXIT_EXCEEDS_POSITION']])
		expect(await next('rest', '0.5')).toEqual([['ALLOW', 'ALLOW']])
	})

	test('whose answer never comes holds its lock up to the deadline; one of unknown outcome as well', async () => {
		const unit = await startGovernor()
		await held(unit, '1')
		await unit.send('plan', close('plan'))
		await unit.send('result', executed('plan', '0', {action: 'CLOSE', decision: 'UNKNOWN', executed: false}))
		unit.clock.advance(29_999)
		expect(verdicts(await unit.send('plan', close('early')))).toEqual([['REFUSE', 'EXIT_LOCKED']])
		unit.clock.advance(1)
		expect(verdicts(await unit.send('plan', close('next')))).toEqual([['ALLOW', 'ALLOW']])
		// The first one's answer, late: the lock is another plan's by now.
		await unit.send('result', executed('plan', '1', {action: 'CLOSE'}))
		expect(await fieldsOf(unit, keys.exitLock, {symbol: SYMBOL})).toMatchObject({plan_id: 'next', token: '2'})
	})

	test('whose order may be on its way holds its lock past the deadline, until a clean comparison shows what it did', async () => {
		const unit = await startGovernor()
		await held(unit, '1')
		await unit.send('plan', close('plan'))
		const {settled_machine_ms} = await fieldsOf(unit, keys.exitLock, {symbol: SYMBOL})
		expect(Number(settled_machine_ms) - unit.clock.machine()).toBe(30_000 + OUTCOME_KNOWN_MS + 30_000)
		await put(unit, keys.exitLock, {symbol: SYMBOL}, {taken: '1'})
		unit.clock.advance(120_000)
		const compared = (outcome: string, machine_ms: number) =>
			put(unit, keys.reconcileLast, {}, {outcome, machine_ms: String(machine_ms)})
		await compared('CLEAN', Number(settled_machine_ms) - 1)
		expect(verdicts(await unit.send('plan', close('early')))).toEqual([['REFUSE', 'EXIT_LOCKED']])
		await compared('DRIFT', Number(settled_machine_ms))
		expect(verdicts(await unit.send('plan', close('still')))).toEqual([['REFUSE', 'EXIT_LOCKED']])
		await compared('CLEAN', Number(settled_machine_ms))
		expect(verdicts(await unit.send('plan', close('next')))).toEqual([['ALLOW', 'ALLOW']])
	})
})

describe('protection', () => {
	test.each([
		['ALLOW', nothing],
		['ALLOW', (unit: Unit) => put(unit, keys.kill, {}, '1')],
		['ALLOW', (unit: Unit) => put(unit, keys.execution, {}, 'REDUCE_ONLY')],
		['MODE_MISMATCH', (unit: Unit) => put(unit, keys.mode, {}, 'LIVE')],
		['EXECUTION_DISABLED', (unit: Unit) => put(unit, keys.execution, {}, 'DISABLED')],
	] as const)('%s', async (reason, world) => {
		const unit = await startGovernor()
		await world(unit)
		const plan = {plan_id: 'protect', symbol: SYMBOL, action: 'PROTECT', side: 'SELL', stop_price: '97'}
		expect(verdictOf(await unit.send('plan', plan))?.reason).toBe(reason)
	})
})

describe('the latch', () => {
	const state = async (unit: Unit) => [
		await unit.bus.get(unit.naming.key(keys.kill, {})),
		(await fieldsOf(unit, keys.arm, {})).armed,
		(await fieldsOf(unit, keys.arm, {})).epoch,
	]

	test('a kill by hand is noticed, recorded once, and disarms', async () => {
		const unit = await startGovernor()
		await put(unit, keys.kill, {}, '1')
		const alerts = await unit.timer('latch')
		expect(alerts.map(({payload}) => payload)).toMatchObject([
			{severity: 'critical', code: 'LATCH_BY_HAND', subject: 'kill'},
		])
		expect(alerts[0]?.payload.message).toContain('was set outside')
		expect(await state(unit)).toEqual(['1', '0', '8'])
		expect(await unit.timer('latch')).toEqual([])
	})

	test('a 0 by hand opens nothing: it is put back and recorded', async () => {
		const unit = await startGovernor()
		await put(unit, keys.arm, {}, {armed: '0'})
		const [alert] = await unit.timer('latch')
		expect(alert?.payload).toMatchObject({code: 'LATCH_BY_HAND'})
		expect(alert?.payload.message).toContain('put back')
		expect(await state(unit)).toEqual(['1', '0', '8'])
	})

	test('is guarded while an entry waits for its outcome, too', async () => {
		const unit = await startGovernor()
		await unit.send('plan', open('plan'))
		await put(unit, keys.kill, {}, undefined)
		expect((await unit.timer('latch')).map(({payload}) => payload.code)).toEqual(['LATCH_BY_HAND'])
	})

	test('is left alone as long as key and latch agree', async () => {
		const unit = await startGovernor()
		expect(await unit.timer('latch')).toEqual([])
		await put(unit, keys.kill, {}, '1')
		await put(unit, keys.arm, {}, {armed: '0'})
		expect(await unit.timer('latch')).toEqual([])
	})
})
