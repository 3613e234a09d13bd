import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import type {Journal} from '../../../src/daemon/client/journal.js'
import {readPnl} from '../../../src/daemon/client/pnl.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {fillEntry} from '../../../src/engine/logic/ledger.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {pnlView} from '../../../src/tui/plain/pnl-view.js'
import {widthOf} from '../../../src/tui/plain/width.js'
import {startSystem, type TestSystem} from './system-fixture.js'

const OPENED_MS = Date.UTC(2025, 5, 15, 1)
const CLOSED_MS = Date.UTC(2025, 5, 15, 2)
const fill = (trade_id: string, ts_ms: number, realised_pnl: string) =>
	fillEntry({symbol: 'BTCUSDT', trade_id, realised_pnl, fee: '0.1', fee_asset: 'USDT', ts_ms})
const entries = [fill('1', OPENED_MS, '0'), fill('2', CLOSED_MS, '4')]
const trade = {
	trade_id: 't1',
	symbol: 'BTCUSDT',
	side: 'LONG' as const,
	quantity: '1',
	entry_price: '100',
	exit_price: '104',
	opened_ms: OPENED_MS,
	closed_ms: CLOSED_MS,
	realised_pnl: '4',
	fees: '0.2',
	net_pnl: '3.8',
	plan_id: 'plan-a',
	exit_plan_id: 'plan-x',
	exit_reason: 'target',
}
const journal: Journal = {
	entries: async ({after} = {}) => (after === undefined ? entries : []),
	trades: async () => [trade],
	fills: async () => [],
	totals: async () => ({}),
	close: async () => undefined,
}

describe('profit and loss of a system', () => {
	let system: TestSystem
	beforeAll(async () => {
		system = await startSystem()
	})
	afterAll(() => system.stop())
	beforeEach(() => system.reset())

	const prove = (differences: number) => {
		const {bus, naming} = system.state
		const record = {net: '3.8', differences, machine_ms: 7}
		return bus.redis.hset(naming.key(keys.pnlDay, {day: '2025-06-15'}), record)
	}

	it.each([
		[0, 'agrees'],
		[2, '2 differ'],
	])('says whether the venue’s rows of a day agree: %i differences', async (differences, said) => {
		await prove(differences)
		const view = await readPnl(journal, system.state, 'day')
		expect(view).toMatchObject({
			differences,
			proofs: {'2025-06-15': {net_usdt: '3.8', differences, machine_ms: 7}},
			rows: [{name: '2025-06-15', realised_pnl: '4', commission: '-0.2', net: '3.8', trades: 1, won: 1}],
		})
		expect(pnlView(view, plainPaint)).toMatch(new RegExp(`2025-06-15 .*\\+3\\.8 +USDT +${said}`))
	})

	it('says that a day has not been compared, with Redis and without', async () => {
		for (const state of [system.state, undefined])
			expect(pnlView(await readPnl(journal, state, 'day'), plainPaint)).toContain('not compared')
	})

	it('names the strategy by the intent behind the plan, else by who wrote the plan, else not', async () => {
		const {bus, naming} = system.state
		const nameNow = async () => (await readPnl(journal, system.state, 'strategy')).rows.map(({name}) => name)
		expect(await nameNow()).toEqual(['unknown (its plan is no longer kept)'])
		await bus.append(naming.stream('apply.plan'), {plan_id: 'plan-a', intent_id: 'i1', source: 'intent-bridge'})
		expect(await nameNow()).toEqual(['intent-bridge'])
		await bus.append(naming.stream('trade.intent'), {id: 'i1', model: 'trend-following'})
		expect(await nameNow()).toEqual(['trend-following'])
	})

	it.each([40, 80, 120])('at %i cells keeps name and net', async width => {
		const shown = pnlView(await readPnl(journal, system.state, 'symbol'), plainPaint, width)
		expect(Math.max(...shown.split('\n').map(widthOf))).toBeLessThanOrEqual(width)
		expect(shown).toMatch(/BTCUSDT.*\+3\.8/)
	})
})
