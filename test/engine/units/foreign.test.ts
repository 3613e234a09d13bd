import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {essTrigger} from '../../../src/engine/units/brains/ess-trigger.js'
import {riskSafety} from '../../../src/engine/units/brains/risk-safety.js'
import {exitMonitor} from '../../../src/engine/units/exec/exit-monitor.js'
import {exitbrain} from '../../../src/engine/units/exec/exitbrain.js'
import {exposureBalancer} from '../../../src/engine/units/exec/exposure-balancer.js'
import {harvestProposal} from '../../../src/engine/units/exec/harvest-proposal.js'
import {positionStateBrain} from '../../../src/engine/units/state/position-state-brain.js'
import {drive} from '../../support/drive.js'
import {fill} from './account-events.js'
import {allowed, closed, plans, startExecution, stopIs, tell, traded} from './executing.js'
import {ENTRY, snapshot, tickAt} from './exiting.js'
import {correction, type Sent} from './holding.js'

const IGNORE = {foreign: 'ignore'} as const

describe('a position is foreign while no plan of ours is in it', () => {
	let trade = 0
	const by = (client_order_id: string, side: 'BUY' | 'SELL', quantity = '0.1'): Sent => {
		trade += 1
		return ['account', fill({trade_id: String(trade), client_order_id, side, quantity})]
	}
	const found = (changes: Readonly<Record<string, unknown>> = {}) =>
		correction({amount: '0.1', entry_price: '50000', expected: '0', ...changes})
	test.each<[string, readonly Sent[], string | undefined]>([
		['of ours', [by('q-plan1', 'BUY')], undefined],
		['of theirs', [by('web_1', 'BUY')], 'ignored'],
		['of theirs, partly closed by us', [by('web_1', 'BUY'), by('q-plan1', 'SELL', '0.05')], 'ignored'],
		['of theirs, and we add', [by('web_1', 'BUY'), by('q-plan1', 'BUY')], undefined],
		['of ours, and they add', [by('q-plan1', 'BUY'), by('web_1', 'BUY')], undefined],
		['of ours, turned by them', [by('q-plan1', 'BUY'), by('web_1', 'SELL', '0.3')], 'ignored'],
		['of theirs, turned by us', [by('web_1', 'BUY'), by('q-plan1', 'SELL', '0.3')], undefined],
		['theirs and flat', [by('web_1', 'BUY'), by('web_2', 'SELL')], undefined],
		['found by reconciliation', [found()], 'ignored'],
		['found, with a stop of ours', [found({ours: true})], undefined],
		['found, and our fill came late', [found({as_of_ms: 8e15}), by('q-plan1', 'BUY')], undefined],
		['found, and a fill of ours that closed came late', [found({as_of_ms: 8e15}), by('q-plan1', 'SELL')], 'ignored'],
		['ours, corrected', [by('q-plan1', 'BUY'), found({amount: '0.2', expected: '0.1'})], undefined],
	])('%s', async (_, sent, expected) => {
		const unit = await drive(positionStateBrain, {policy: IGNORE})
		for (const one of sent) await unit.send(...one)
		const key = unit.naming.key(keys.positionSnapshot, {symbol: 'BTCUSDT'})
		expect(unit.bus.store.hashGet(key, 'foreign')).toBe(expected)
	})

	test('and is marked anew when the policy changes', async () => {
		const unit = await drive(positionStateBrain)
		expect((await unit.send(...by('web_1', 'BUY'))).at(-1)?.payload).toMatchObject({foreign: 'adopted'})
		await unit.runner.adopt({...defaultPolicy, ...IGNORE})
		const told = await unit.timer('check')
		expect(told.map(({payload}) => payload)).toMatchObject([{foreign: 'ignored', source: 'policy', amount: '0.1'}])
		expect(await unit.timer('check')).toEqual([])
	})
})

describe('what the policy leaves to others', () => {
	test('gets no stop, and one as soon as a plan of ours is in it, or the policy adopts it', async () => {
		const unit = await startExecution(IGNORE)
		expect(plans(await tell(unit, traded('web_1', 1)))).toEqual([])
		unit.clock.advance(60_000)
		expect(plans(await unit.timer('sweep'))).toEqual([])
		await unit.send('verdict', allowed('more', {action: 'ADD'}))
		expect(plans(await tell(unit, traded('q-more', 1)))).toMatchObject([{action: 'PROTECT'}])
		const other = await startExecution(IGNORE)
		await tell(other, traded('web_1', 1))
		await other.runner.adopt({...defaultPolicy, foreign: 'adopt'})
		other.clock.advance(60_000)
		expect(plans(await other.timer('sweep'))).toMatchObject([{action: 'PROTECT'}])
	})

	test('is not closed by a stop that is left over from a trade of ours', async () => {
		const unit = await startExecution(IGNORE)
		const [asked] = plans(await tell(unit, traded('q-open', 1)))
		if (!asked) throw new Error('nothing was asked for')
		await tell(unit, stopIs(asked, 'NEW'))
		await tell(unit, traded('q-exit', -1))
		await tell(unit, traded('web_1', 1))
		unit.clock.advance(60_000)
		expect(plans(await unit.timer('sweep'))).toMatchObject([{action: 'CANCEL_STOP'}])
	})

	const falling = [tickAt(1, ENTRY), tickAt(1, 110), tickAt(1, 80)]
	test.each([
		['exitbrain', exitbrain],
		['exit-monitor', exitMonitor],
		['harvest-proposal', harvestProposal],
	] as const)('%s acts on it where it is adopted, and not where it is ignored', async (_, acting) => {
		const told = async (foreign: 'adopted' | 'ignored') => {
			const unit = await drive(acting)
			await unit.send('position', snapshot(1, {foreign, stop_resting: false}))
			for (const tick of falling) {
				unit.clock.advance(60_000)
				await unit.send('tick', tick)
			}
			const stream = acting === harvestProposal ? 'harvest.proposal' : 'apply.plan'
			return (await unit.bus.range(unit.naming.stream(stream), {count: 10})).length
		}
		expect(await told('adopted')).toBeGreaterThan(0)
		expect(await told('ignored')).toBe(0)
	})

	test('is not closed by the ESS, which does not wait for it either', async () => {
		const unit = await drive(essTrigger)
		await unit.send('position', snapshot(1, {foreign: 'ignored'}))
		await unit.send('position', snapshot(1, {symbol: 'ETHUSDT'}))
		const critical = {state: 'CRITICAL', before: 'NORMAL', rule: 'DAILY_LOSS', used: '0.04', limit: '0.03'}
		const told = await unit.send('ess', {...critical, flatten: true, since_ms: 1})
		expect(plans(told).map(({symbol}) => symbol)).toEqual(['ETHUSDT'])
	})

	test('is told as such when it is closed, and is no loss of ours to the ESS', async () => {
		const unit = await startExecution(IGNORE)
		await tell(unit, traded('web_1', 1))
		const [theirs] = closed(await tell(unit, traded('web_2', -1, {realised_pnl: '-5'})))
		await tell(unit, traded('q-open', 1))
		const [ours] = closed(await tell(unit, traded('web_3', -1, {realised_pnl: '-5'})))
		expect([theirs?.foreign, ours?.foreign]).toEqual(['ignored', undefined])
		const ess = await drive(riskSafety)
		const streak = async (trade: typeof theirs) => {
			await ess.send('closed', trade ?? {})
			await ess.timer('confirm')
			const rules = ess.bus.store.hashGet(ess.naming.key(keys.essState, {}), 'rules') ?? '[]'
			return (JSON.parse(rules) as {rule: string; used: string}[]).find(({rule}) => rule === 'LOSS_STREAK')?.used
		}
		expect(await streak(theirs)).toBe('0')
		expect(await streak(ours)).toBe('1')
	})

	test('counts in exposure, and neither is reduced nor makes ours pay for it', async () => {
		const unit = await drive(exposureBalancer)
		const held = (symbol: string, notional_usdt: string, foreign?: 'ignored') => ({
			symbol,
			amount: '1',
			entry_price: notional_usdt,
			price: notional_usdt,
			notional_usdt,
			unrealised_pnl: '0',
			price_ms: 1,
			...(foreign && {foreign}),
		})
		const tell = (...positions: ReturnType<typeof held>[]) => {
			const figures = {equity_usdt: '1000', wallet_usdt: '1000', unrealised_pnl: '0', gross_usdt: '0', net_usdt: '0'}
			return unit.send('snapshot', {snapshot: {...figures, open_positions: 2, price_ms: 1, positions}})
		}
		const theirs = await tell(held('BTCUSDT', '3000', 'ignored'), held('ETHUSDT', '100'))
		const of = (stream: string) => theirs.filter(entry => entry.stream === stream).map(({payload}) => payload)
		expect(of('exposure.alerts')).toContainEqual(
			expect.objectContaining({scope: 'gross', broken: true, used_share: 3.1}),
		)
		expect(of('executor.commands')).toEqual([])
		const both = await tell(held('BTCUSDT', '3000', 'ignored'), held('ETHUSDT', '3000'))
		const commands = both.filter(({stream}) => stream === 'executor.commands')
		expect(commands.map(({payload}) => payload.symbol)).toEqual(['ETHUSDT'])
	})
})
