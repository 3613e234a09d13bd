import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {intentExecutor} from '../../../src/engine/units/exec/intent-executor.js'
import {drive} from '../../support/drive.js'
import {close, put, SYMBOL, startGovernor, startSender} from './governed.js'

const plansOf = async (port: string, payload: Readonly<Record<string, unknown>>, unit: string) => {
	const lane = await drive(intentExecutor)
	return (await lane.send(port, payload, {unit, id: 'cause'})).map(emitted => emitted.payload)
}

describe('becomes a plan with its source', () => {
	test('what an operator asks for, whatever source it names', async () => {
		const asked = {plan_id: 'by-hand', symbol: SYMBOL, action: 'OPEN', side: 'BUY', notional_usdt: '50', source: 'me'}
		expect(await plansOf('manual', asked, 'hand')).toMatchObject([{...asked, source: 'operator'}])
	})

	test('a reduction of the balancer', async () => {
		const command = {command_id: 'c1', symbol: SYMBOL, quantity: '0.5', reason: 'gross 1.2 of 1'}
		const [plan] = await plansOf('command', command, 'exposure-balancer')
		expect(plan).toMatchObject({symbol: SYMBOL, quantity: '0.5', source: 'exposure-balancer', reason: 'gross 1.2 of 1'})
	})

	test('a close that reconciliation recommends', async () => {
		const recommended = {symbol: SYMBOL, amount: '1', reason: 'no stop rests'}
		expect(await plansOf('close', recommended, 'reconcile-engine')).toMatchObject([
			{symbol: SYMBOL, action: 'FULL_CLOSE_PROPOSED', source: 'reconcile-engine', reason: 'no stop rests'},
		])
	})

	test('asked twice it is the same plan', async () => {
		const command = {command_id: 'c1', symbol: SYMBOL, quantity: '0.5', reason: 'gross'}
		const [first] = await plansOf('command', command, 'exposure-balancer')
		const [second] = await plansOf('command', command, 'exposure-balancer')
		expect(first?.plan_id).toBe(second?.plan_id)
	})
})

describe('a close while killed', () => {
	test.each([
		['an operator’s lane', 'intent-executor', 'ALLOW'],
		['a person at the stream', 'hand', 'ALLOW'],
		['a strategy that calls itself operator', 'trading-bot', 'KILLED'],
	])('by %s', async (_, unit, reason) => {
		const governor = await startGovernor()
		await put(governor, keys.positionSnapshot, {symbol: SYMBOL}, {amount: '1'})
		await put(governor, keys.kill, {}, '1')
		const [verdict] = await governor.send('plan', close('plan', {source: 'operator'}), {unit})
		expect(verdict?.payload.reason).toBe(reason)
	})
})

describe('the exit lock', () => {
	test('is taken over by an exit of higher rank, until the other has been sent', async () => {
		const governor = await startGovernor()
		const sender = await startSender(governor)
		await put(governor, keys.positionSnapshot, {symbol: SYMBOL}, {amount: '1'})
		const ask = async (plan_id: string, source: string) =>
			(await governor.send('plan', close(plan_id, {source})))[0]?.payload.reason
		expect(await ask('plan-low', 'harvest-brain')).toBe('ALLOW')
		expect(await ask('plan-same', 'harvest-brain')).toBe('EXIT_LOCKED')
		expect(await ask('plan-lower', 'trading-bot')).toBe('EXIT_LOCKED')
		expect(await ask('plan-high', 'exitbrain')).toBe('ALLOW')
		const results = await sender.handle('verdict')
		expect(results.map(({payload: {plan_id, error}}) => [plan_id, error])).toEqual([['plan-low', 'LOCK_LOST']])
		expect(await ask('plan-higher', 'exit-monitor')).toBe('EXIT_LOCKED')
	})
})
