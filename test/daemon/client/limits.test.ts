import {writeFileSync} from 'node:fs'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {type LimitRow, readLimits} from '../../../src/daemon/client/limits.js'
import {changePolicy} from '../../../src/daemon/client/policy.js'
import {ensureVersion} from '../../../src/daemon/system/policy-file.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {limitsView} from '../../../src/tui/plain/limits-view.js'
import {widthOf} from '../../../src/tui/plain/width.js'
import {startSystem, type TestSystem} from './system-fixture.js'

const NOW_MS = 1_700_000_000_000
const VENUE_MS = 1_750_000_000_000

describe('limits of a system', () => {
	let system: TestSystem
	beforeAll(async () => {
		system = await startSystem()
		writeFileSync(system.home.policy, 'positions_max: 5\nnotional_total_usdt: 1000\n')
		await ensureVersion(system.home, {author: 'ada', time_ms: NOW_MS})
		const options = {home: system.home, author: 'bob', reason: 'fewer', now_ms: () => NOW_MS}
		await changePolicy(options, inForce => ({policy: {...inForce, positions_max: 4}, origin: 'file', source: 'test'}))
	})
	afterAll(() => system.stop())
	beforeEach(() => system.reset())

	const rows = async (): Promise<Readonly<Record<string, LimitRow>>> => {
		const {limits} = await readLimits(system.home, system.state, () => NOW_MS)
		return Object.fromEntries(limits.map(limit => [limit.name, limit]))
	}
	const trade = async (speed = 1) => {
		const {bus, naming} = system.state
		const {redis} = bus
		await redis.hset(naming.key(keys.clock, {}), {venue_ms: VENUE_MS, machine_ms: NOW_MS, speed})
		await redis.hset(naming.key(keys.reservations, {}), {
			BTCUSDT: 'plan-a|RESERVED|0|150000000|5',
			ETHUSDT: '||190500000|0|0',
		})
		await redis.set(naming.key(keys.totalNotional, {}), '340500000')
		await redis.zadd(naming.key(keys.execHistory, {symbol: 'BTCUSDT'}), VENUE_MS - 20_000, 'a', VENUE_MS - 400_000, 'b')
		await redis.zadd(naming.key(keys.execHistory, {symbol: 'ETHUSDT'}), VENUE_MS - 3_600_000, 'c')
		await redis.set(naming.key(keys.cooldown, {symbol: 'BTCUSDT'}), VENUE_MS - 20_000)
		await redis.hset(naming.key(keys.marketQuote, {symbol: 'BTCUSDT'}), {
			bid: '99.95',
			ask: '100.05',
			venue_ms: VENUE_MS - 700,
		})
		await redis.hset(naming.key(keys.marketQuote, {symbol: 'ETHUSDT'}), {
			bid: '10',
			ask: '10',
			venue_ms: VENUE_MS - 900,
		})
		await redis.hset(naming.key(keys.reconcileLast, {}), {outcome: 'CLEAN', machine_ms: NOW_MS - 18_000})
		await redis.hset(naming.key(keys.heatPortfolio, {}), {heat_share: '0.03'})
		await redis.hset(naming.key(keys.portfolioState, {}), {exposure_ratio: '0.2'})
		await redis.hset(naming.key(keys.marginTotal, {}), {net_share: '-0.1'})
		await redis.hset(naming.key(keys.budget, {scope: 'day'}), {loss_usdt: '30', turnover_usdt: '400'})
	}

	it.each<[name: string, used: string | null, limit: string, share: number | null, symbol: string, set_by: string]>([
		['positions_max', '2', '4', 0.5, '', 'version 2 by bob'],
		['notional_total_usdt', '340.5', '1000', 0.3405, '', 'version 1 by ada'],
		['notional_per_trade_usdt', '190.5', '200', 0.9525, 'ETHUSDT', 'default'],
		['entries_per_hour_max', '2', '3', 0.6667, 'BTCUSDT', 'default'],
		['entries_per_5m_max', '1', '2', 0.5, 'BTCUSDT', 'default'],
		['cooldown_ms', '40000', '60000', 0.6667, 'BTCUSDT', 'default'],
		['spread_bps_max', '10', '20', 0.5, 'BTCUSDT', 'default'],
		['data_stale_ms', '900', '10000', 0.09, 'ETHUSDT', 'default'],
		['reconcile_stale_machine_ms', '18000', '180000', 0.1, '', 'default'],
		['leverage_max', null, '10', null, '', 'default'],
		['portfolio.heat_share_max', '0.03', '0.06', 0.5, '', 'default'],
		['portfolio.exposure_share_max', '0.2', '0.8', 0.25, '', 'default'],
		['balance.net_share_max', '0.1', '0.8', 0.125, '', 'default'],
		['budgets.day_loss_usdt', '30', '300', 0.1, '', 'default'],
		['stop.loss_share_max', null, '0.1', null, '', 'default'],
	])('%s: %s of %s', async (name, used, limit, share, symbol, set_by) => {
		await trade()
		expect((await rows())[name]).toEqual({name, used, limit, share, symbol, set_by})
	})

	it('at speed the age of data has the room that the governor gives it', async () => {
		await trade(300)
		expect((await rows()).data_stale_ms).toMatchObject({used: '900', limit: '600000', share: 0.0015})
	})

	it('without anything open nothing is used, and what is unknown is not 0', async () => {
		const unused = await rows()
		expect(unused.positions_max).toMatchObject({used: '0', share: 0})
		expect(unused.notional_total_usdt).toMatchObject({used: '0', share: 0})
		for (const name of ['notional_per_trade_usdt', 'cooldown_ms', 'spread_bps_max', 'data_stale_ms'])
			expect(unused[name]).toMatchObject({used: null, share: null})
	})

	it.each([40, 80, 120])('at %i cells keeps name, use and limit', async width => {
		await trade()
		const shown = limitsView(await readLimits(system.home, system.state, () => NOW_MS), plainPaint, width)
		expect(Math.max(...shown.split('\n').map(widthOf))).toBeLessThanOrEqual(width)
		expect(shown).toMatch(/positions_max +2 +4/)
		expect(shown).toMatch(/leverage_max +per plan +10/)
	})
})
