import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {portfolioGovernance} from '../../../src/engine/units/state/portfolio-governance.js'
import {drive, HandClock} from '../../support/drive.js'

const NOON_MS = Date.UTC(2026, 0, 5, 12)
const DAY_MS = 86_400_000
const budgets = {day_loss_usdt: 100, day_turnover_usdt: 10_000, strategy_loss_usdt: 60, cluster_loss_usdt: 50}
const figures = {
	equity_usdt: '1000',
	wallet_usdt: '1000',
	unrealised_pnl: '0',
	net_usdt: '0',
	open_positions: 1,
	price_ms: 1,
}

const start = async () => {
	const clock = new HandClock(NOON_MS)
	const unit = await drive(portfolioGovernance, {clock, policy: {...defaultPolicy, budgets}})
	const said = (emitted: Awaited<ReturnType<typeof unit.send>>) =>
		emitted.map(({payload}) => `${payload.scope} ${payload.budget} ${payload.broken}`)
	let trades = 0
	return {
		unit,
		clock,
		close: async (
			net_pnl: string,
			{strategy, authority, foreign}: {strategy?: string; authority?: 'shadow'; foreign?: string} = {},
		) => {
			trades += 1
			const trade = {
				trade_id: `t${trades}`,
				symbol: '币安人生USDT',
				side: 'LONG',
				quantity: '10',
				entry_price: '1',
				exit_price: '1.5',
				opened_ms: 1,
				closed_ms: clock.venue_ms,
				realised_pnl: net_pnl,
				fees: '0',
				net_pnl,
				plan_id: 'p',
				exit_plan_id: 'x',
				exit_reason: 'stop',
				...(strategy && {strategy}),
				...(foreign && {foreign}),
			}
			return said(await unit.send('closed', trade, {...(authority && {authority})}))
		},
		cluster: async (members: readonly string[]) =>
			said(await unit.send('clusters', {bars: 96, open_ms: 1, clusters: {A: members}, correlations: {}})),
		open: async (gross_usdt: string, ignored_usdt?: string) =>
			said(await unit.send('state', {...figures, gross_usdt, ...(ignored_usdt && {ignored_usdt})})),
		tick: async () => said(await unit.timer('day')),
		record: (scope: string) => unit.bus.hashAll(unit.naming.key(keys.budget, {scope})),
	}
}

describe('portfolio-governance', () => {
	test('a broken budget is told, kept in its record, and holds again on the next day', async () => {
		const {clock, close, tick, record} = await start()
		expect(await close('-59', {strategy: 'trading-bot'})).toEqual([])
		expect(await close('-1', {strategy: 'trading-bot'})).toEqual(['strategy.trading-bot LOSS true'])
		expect(await record('strategy.trading-bot')).toEqual({
			day: '2026-01-05',
			loss_usdt: '60',
			loss_limit_usdt: '60',
			loss_broken: 'true',
			machine_ms: String(clock.machine_ms),
		})
		expect(await record('day')).toMatchObject({loss_usdt: '60', loss_broken: 'false', turnover_usdt: '50'})
		expect(await tick()).toEqual([])
		clock.advance(DAY_MS)
		expect(await tick()).toEqual(['strategy.trading-bot LOSS false'])
		expect(await record('strategy.trading-bot')).toEqual({})
		expect(await record('day')).toMatchObject({day: '2026-01-06', loss_usdt: '0', turnover_usdt: '0'})
	})

	test('a cluster that is found later counts what its symbols have lost', async () => {
		const {close, cluster, record} = await start()
		await close('-55')
		expect(await cluster(['BBUSDT', '币安人生USDT'])).toEqual(['cluster.A LOSS true'])
		expect(await record('cluster.A')).toMatchObject({loss_usdt: '55', loss_broken: 'true'})
		expect(await record('strategy.foreign')).toMatchObject({loss_usdt: '55', loss_broken: 'false'})
	})

	test('what is open is turnover too, and is told once', async () => {
		const {close, open, record} = await start()
		await close('1')
		expect(await open('9974')).toEqual([])
		expect(await open('9975')).toEqual(['day TURNOVER true'])
		expect(await record('day')).toMatchObject({turnover_broken: 'true'})
		expect(await open('9976')).toEqual([])
		expect(await open('0')).toEqual([])
	})

	test('what the policy leaves to others counts nothing, what it adopts does', async () => {
		const {close, open, record} = await start()
		expect(await close('-500', {foreign: 'ignored'})).toEqual([])
		expect(await open('12000', '2001')).toEqual([])
		expect(await record('day')).toEqual({})
		expect(await open('12000', '2000')).toEqual(['day TURNOVER true'])
		expect(await close('-70', {foreign: 'adopted'})).toEqual(['strategy.foreign LOSS true'])
	})

	test('shadow trades count nothing', async () => {
		const {close, record} = await start()
		expect(await close('-500', {authority: 'shadow'})).toEqual([])
		expect(await record('day')).toEqual({})
	})
})
