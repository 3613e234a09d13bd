import {describe, expect, test} from 'vitest'
import {defaultPolicy, type Policy} from '../../../src/engine/contracts/policy.js'
import {riskSafety} from '../../../src/engine/units/brains/risk-safety.js'
import {drive} from '../../support/drive.js'

const start = (policy: Partial<Policy> = {}) => drive(riskSafety, {policy})
type Unit = Awaited<ReturnType<typeof start>>

const essOf = (unit: Unit) => unit.bus.store.hashAll('test:ess:state')
const policyOf = (unit: Unit) => unit.bus.store.hashAll('test:policy:active')
const of = (emitted: Awaited<ReturnType<Unit['send']>>, stream: string) =>
	emitted.filter(entry => entry.stream === stream).map(({payload}) => payload)
const equity = (unit: Unit, equity_usdt: string, authority: 'live' | 'shadow' = 'live') =>
	unit.send(
		'portfolio',
		{
			equity_usdt,
			wallet_usdt: equity_usdt,
			unrealised_pnl: '0',
			gross_usdt: '0',
			net_usdt: '0',
			open_positions: 0,
			price_ms: 0,
		},
		{authority},
	)
const result = (unit: Unit, error = '-2019') =>
	unit.send('result', {
		plan_id: 'plan-1',
		symbol: 'BTCUSDT',
		action: 'OPEN',
		decision: 'FAILED',
		executed: false,
		reduce_only: false,
		error,
	})

describe('the state', () => {
	test('goes to WARNING and to CRITICAL once each, with what decided it', async () => {
		const unit = await start()
		expect(await equity(unit, '1000')).toEqual([])
		const warned = await equity(unit, '980')
		expect(of(warned, 'ess.state')).toEqual([
			{
				state: 'WARNING',
				before: 'NORMAL',
				rule: 'DAILY_LOSS',
				used: '0.02',
				limit: '0.02',
				flatten: false,
				since_ms: unit.clock.venue(),
			},
		])
		expect(of(warned, 'alerts')).toMatchObject([{severity: 'warning', code: 'ESS_WARNING'}])
		expect(await equity(unit, '975')).toEqual([])
		const stopped = await equity(unit, '960')
		expect(of(stopped, 'ess.state')).toMatchObject([
			{state: 'CRITICAL', before: 'WARNING', rule: 'DAILY_LOSS', used: '0.04', limit: '0.03', flatten: true},
		])
		expect(of(stopped, 'alerts')).toMatchObject([
			{severity: 'critical', code: 'ESS_CRITICAL', message: 'WARNING to CRITICAL: DAILY_LOSS at 0.04 of 0.03'},
		])
		expect(await equity(unit, '2000')).toEqual([])
		expect(essOf(unit)).toMatchObject({state: 'CRITICAL', rule: 'DAILY_LOSS', used: '0.04', limit: '0.03'})
	})

	test('is confirmed every second, and says that the equity is not known', async () => {
		const unit = await start()
		expect(await unit.timer('confirm')).toEqual([])
		expect(essOf(unit)).toMatchObject({
			state: 'NORMAL',
			equity_known: 'false',
			machine_ms: String(unit.clock.machine()),
		})
		unit.clock.advance(59_000)
		expect(await unit.timer('confirm')).toEqual([])
		expect(essOf(unit)).toMatchObject({state: 'NORMAL', machine_ms: String(unit.clock.machine())})
		unit.clock.advance(1_000)
		expect(of(await unit.timer('confirm'), 'ess.state')).toMatchObject([{state: 'WARNING', rule: 'EQUITY_UNKNOWN'}])
		await equity(unit, '1000')
		expect(essOf(unit)).toMatchObject({state: 'WARNING', equity_known: 'true'})
		unit.clock.advance(15 * 60_000)
		expect(of(await unit.timer('confirm'), 'ess.state')).toMatchObject([{state: 'NORMAL', before: 'WARNING'}])
		const rules = JSON.parse(essOf(unit).rules ?? '[]') as unknown[]
		expect(rules).toContainEqual({rule: 'DRAWDOWN', level: 'NORMAL', used: '0', warning: '0.05', critical: '0.08'})
	})

	test('follows failed orders, and not what is measured in shadow or a race with the venue', async () => {
		const unit = await start()
		await equity(unit, '1000')
		expect(await equity(unit, '1', 'shadow')).toEqual([])
		for (let n = 0; n < 10; n += 1) expect(await result(unit, '-2022')).toEqual([])
		await result(unit)
		await result(unit)
		expect(of(await result(unit), 'ess.state')).toMatchObject([{state: 'WARNING', rule: 'FAILED_ORDERS', used: '3'}])
	})

	test.each<[string, Readonly<Record<string, unknown>>, string | undefined]>([
		[
			'budget',
			{scope: 'day', budget: 'LOSS', broken: true, used_usdt: '9', limit_usdt: '8', day: '2026-11-21'},
			'BUDGET',
		],
		[
			'budget',
			{scope: 'strategy.x', budget: 'LOSS', broken: true, used_usdt: '9', limit_usdt: '8', day: '2026-11-21'},
			undefined,
		],
		['exposure', {scope: 'gross', broken: true, used_share: 0.9, limit_share: 0.8}, 'EXPOSURE'],
		['exposure', {scope: 'net', broken: true, used_share: 0.9, limit_share: 0.8}, undefined],
		['reconcile', {run_id: '1', outcome: 'DRIFT'}, undefined],
	])('%s %o leads to %s', async (port, payload, rule) => {
		const unit = await start()
		const emitted = of(await unit.send(port, payload), 'ess.state')
		expect(emitted.map(entry => entry.rule)).toEqual(rule === undefined ? [] : [rule])
	})
})

describe('a reset', () => {
	const ask = (unit: Unit, id: string) => unit.send('reset', {by: 'alice', reason: 'looked at it'}, {id})

	test('bases day and peak anew, and tells who did it', async () => {
		const unit = await start()
		await equity(unit, '1000')
		await equity(unit, '900')
		const emitted = await ask(unit, 'reset-1')
		expect(of(emitted, 'ess.state')).toMatchObject([{state: 'NORMAL', before: 'CRITICAL', rule: 'OPERATOR_RESET'}])
		expect(of(emitted, 'alerts')).toMatchObject([{message: 'CRITICAL to NORMAL: reset by alice: looked at it'}])
		expect(essOf(unit)).toMatchObject({state: 'NORMAL', reset_id: 'reset-1', reset_outcome: 'RESET'})
		expect(await equity(unit, '890')).toEqual([])
	})

	test('is refused while orders fail, and says why', async () => {
		const unit = await start()
		await equity(unit, '1000')
		for (let n = 0; n < 6; n += 1) await result(unit)
		expect(await ask(unit, 'reset-2')).toEqual([])
		expect(essOf(unit)).toMatchObject({
			state: 'CRITICAL',
			reset_id: 'reset-2',
			reset_outcome: 'REFUSED',
			reset_detail: 'FAILED_ORDERS still stands at 6 of 6',
		})
		unit.clock.advance(60_000)
		await ask(unit, 'reset-3')
		expect(essOf(unit)).toMatchObject({state: 'NORMAL', reset_outcome: 'RESET'})
	})
})

const version = (number: number, policy: Policy, before: Policy | null) => ({
	kind: 'version' as const,
	version: number,
	hash: `hash-${number}`,
	author: 'alice',
	reason: 'tighter',
	time_ms: 1,
	policy: {...policy, version: number},
	before,
})

describe('the policy in force', () => {
	test('is published with what each version changed, once', async () => {
		const unit = await start()
		expect(of(await unit.feed('policy', version(1, defaultPolicy, null)), 'policy.updated')).toEqual([
			{version: 1, author: 'alice', reason: 'tighter', hash: 'hash-1', changes: {}},
		])
		const tighter = {...defaultPolicy, ess: {...defaultPolicy.ess, drawdown_warning: 0.01}, positions_max: 3}
		const second = version(2, tighter, defaultPolicy)
		expect(of(await unit.feed('policy', second), 'policy.updated')).toMatchObject([
			{version: 2, changes: {'ess.drawdown_warning': 0.01, positions_max: 3}},
		])
		expect(await unit.feed('policy', second)).toEqual([])
		expect(policyOf(unit)).toMatchObject({version: '2', hash: 'hash-2', author: 'alice'})
		expect(JSON.parse(policyOf(unit).policy ?? '')).toMatchObject({version: 2, positions_max: 3})
	})

	test('that cannot be read is an alarm', async () => {
		const unit = await start()
		expect(await unit.feed('policy', {kind: 'broken', detail: 'line 3'})).toMatchObject([
			{payload: {severity: 'critical', code: 'POLICY_STORE_BROKEN', message: 'line 3'}},
		])
	})
})

describe('a proposal of a unit', () => {
	const propose = (
		unit: Unit,
		changes: Record<string, unknown>,
		{id = 'p-1', from = 'risk-brain', shadow = false} = {},
	) =>
		unit.send(
			'proposal',
			{proposal_id: id, reason: 'because', changes},
			{unit: from, authority: shadow ? 'shadow' : 'live'},
		)

	test.each<[string, Record<string, unknown>, Partial<Policy>, boolean, string, string]>([
		['in shadow', {positions_max: 3}, {}, true, 'RECORDED', 'proposed in shadow'],
		['of a field that is none', {'ess.nothing': 1}, {}, false, 'REFUSED', 'no such field: ess.nothing'],
		['of what is no value', {positions_max: 'many'}, {}, false, 'REFUSED', 'positions_max: found "many"'],
		['that contradicts another field', {notional_total_usdt: 1}, {}, false, 'REFUSED', 'one trade may not be larger'],
		['that loosens', {positions_max: 11}, {}, false, 'REFUSED', 'only an operator may: positions_max is loosened'],
		['that loosens one of two', {positions_max: 9, cooldown_ms: 1}, {}, false, 'REFUSED', 'cooldown_ms is loosened'],
		['of which that is not known', {bar: '1h'}, {}, false, 'REFUSED', 'bar is changed'],
		['of what is so', {positions_max: 10}, {}, false, 'UNCHANGED', 'says so already'],
		['where only recorded', {positions_max: 3}, {unit_tightening: 'record'}, false, 'RECORDED', 'unit_tightening'],
	])('%s is answered, and nothing is written', async (_, changes, policy, shadow, outcome, detail) => {
		const unit = await start(policy)
		const [audit] = of(await propose(unit, changes, {shadow}), 'policy.audit')
		expect(audit).toMatchObject({proposal_id: 'p-1', source: 'risk-brain', outcome, changes})
		expect(audit?.detail).toContain(detail)
		expect(unit.effects).toEqual([])
	})

	test('that tightens becomes a version; one per source and hour of venue time', async () => {
		const unit = await start()
		expect(await propose(unit, {positions_max: 3})).toEqual([])
		expect(unit.effects).toMatchObject([
			{
				port: 'append',
				idempotency_key: 'p-1',
				request: {source: 'risk-brain', reason: 'because', changes: {positions_max: 3}},
			},
		])
		const applied = {outcome: 'APPLIED', detail: 'version 2', version: 2}
		expect(of(await unit.result('append', {ok: true, result: applied}), 'policy.audit')).toMatchObject([applied])
		expect(of(await propose(unit, {positions_max: 2}, {id: 'p-2'}), 'policy.audit')).toMatchObject([
			{outcome: 'REFUSED'},
		])
		expect(await propose(unit, {positions_max: 2}, {id: 'p-3', from: 'another'})).toEqual([])
		unit.clock.advance(3_600_000)
		expect(await propose(unit, {positions_max: 2}, {id: 'p-4'})).toEqual([])
		expect(unit.effects.map(({idempotency_key}) => idempotency_key)).toEqual(['p-3', 'p-4'])
	})

	test('that could not be written uses nothing up', async () => {
		const unit = await start()
		await propose(unit, {positions_max: 3})
		const [audit] = of(await unit.result('append', {ok: false, error: 'disk full'}), 'policy.audit')
		expect(audit).toMatchObject({outcome: 'REFUSED', detail: 'disk full'})
		expect(await propose(unit, {positions_max: 3}, {id: 'p-2'})).toEqual([])
		expect(unit.effects).toHaveLength(1)
	})
})
