import {describe, expect, test} from 'vitest'
import {
	alerts,
	allowed,
	closed,
	fills,
	later,
	only,
	plans,
	protectedLong,
	SYMBOL,
	startExecution,
	stopIs,
	tell,
	traded,
} from './executing.js'

describe('who asked, and with which leverage', () => {
	test.each<readonly [string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>]>([
		['an entry', {source: 'trading-bot', leverage: 3}, {source: 'trading-bot', leverage: 3}],
		['more than the policy allows is not what the venue has', {leverage: 50}, {source: 'intent-bridge', leverage: 10}],
		['an entry that names none goes at the highest', {}, {source: 'intent-bridge', leverage: 10}],
		['an exit sets none', {action: 'PARTIAL_CLOSE_25', leverage: 3}, {source: 'intent-bridge', leverage: undefined}],
	])('%s', async (_, plan, expected) => {
		const unit = await startExecution()
		await unit.send('verdict', allowed('open', plan))
		const [fill] = fills(await tell(unit, traded('q-open', 1)))
		expect({source: fill?.source, leverage: fill?.leverage}).toEqual(expected)
	})

	test('a closed trade names who opened it, not who closed it; of what others opened nobody', async () => {
		const unit = await startExecution()
		await unit.send('verdict', allowed('open', {source: 'trading-bot'}))
		await tell(unit, traded('q-open', 1))
		await unit.send('verdict', allowed('exit', {action: 'CLOSE', side: 'SELL', source: 'exitbrain', reason: 'stop'}))
		expect(closed(await tell(unit, traded('q-exit', -1)))).toMatchObject([
			{strategy: 'trading-bot', exit_reason: 'stop'},
		])
		await tell(unit, traded('web_1', 1))
		expect(only(closed(await tell(unit, traded('web_2', -1))))).not.toHaveProperty('strategy')
	})
})

describe('an order of the venue’s own', () => {
	test.each([
		['autoclose-99', 'LIQUIDATED'],
		['adl_autoclose', 'DELEVERAGED'],
		['settlement_autoclose-7', 'SETTLED'],
	])('of client id %s is an alarm, %s, once', async (client_id, code) => {
		const unit = await startExecution()
		await tell(unit, traded('q-plan', 1))
		const first = await tell(unit, traded(client_id, -0.3, {order_id: '77', price: '90'}))
		expect(alerts(first)).toMatchObject([{severity: 'critical', code, subject: SYMBOL}])
		expect(only(alerts(first)).message).toContain('SELL 0.3 at 90 by its order 77')
		expect(alerts(await tell(unit, traded(client_id, -0.3, {order_id: '77'})))).toEqual([])
		expect(alerts(await tell(unit, traded(client_id, -0.1, {order_id: '78'})))).toMatchObject([{code}])
		const last = await tell(unit, traded(client_id, -0.3, {order_id: '78'}))
		expect([alerts(last), closed(last).length]).toEqual([[], 1])
	})

	test('that leaves a part of the position, without its stop: another is asked for', async () => {
		const {unit, plan} = await protectedLong()
		await tell(unit, stopIs(plan, 'CANCELED'))
		await tell(unit, traded('adl_autoclose', -0.4, {order_id: '77'}))
		expect(plans(await later(unit, 1_500))).toMatchObject([{action: 'PROTECT', side: 'SELL'}])
	})
})
