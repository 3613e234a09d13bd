import {expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {performanceTracker} from '../../../src/engine/units/obs/performance-tracker.js'
import {drive} from '../../support/drive.js'

const trade = (net_pnl: string, more: Readonly<Record<string, string>> = {}) => ({
	...{trade_id: `t${net_pnl}`, symbol: 'BTCUSDT', side: 'LONG', quantity: '1', entry_price: '100', exit_price: '110'},
	...{opened_ms: 1, closed_ms: 2, realised_pnl: net_pnl, fees: '0', net_pnl, plan_id: 'p', exit_plan_id: 'x'},
	...{exit_reason: 'target', ...more},
})
const balance = (wallet_balance: string, asset = 'USDT') => ({asset, wallet_balance, change: '0', reason: 'ORDER'})

const start = async () => {
	const unit = await drive(performanceTracker)
	return {unit, summary: () => unit.bus.store.hashAll(unit.naming.key(keys.performanceSummary, {}))}
}

test('leaves out what is not known yet, and counts only live trades of ours', async () => {
	const {unit, summary} = await start()
	await unit.send('closed', trade('5'))
	await unit.send('closed', trade('-2'))
	await unit.send('closed', trade('100', {foreign: 'ignored'}))
	await unit.send('closed', trade('100'), {authority: 'shadow'})
	expect(summary()).toMatchObject({trades: '2', net_pnl: '3', hit_rate: '0.5', expectancy: '1.5', profit_factor: '2.5'})
	expect(summary()).not.toHaveProperty('sharpe')
	expect(summary()).not.toHaveProperty('calmar')
})

test('tells each day as it ended, and goes on with the next', async () => {
	const {unit, summary} = await start()
	const begin = Date.parse('2025-06-15T00:00:00Z')
	expect(await unit.send('balance', balance('1000'), {ts: begin})).toEqual([])
	await unit.send('balance', balance('1010'), {ts: begin + 1})
	await unit.send('balance', balance('7', 'BNB'), {ts: begin + 2})
	const [told] = await unit.send('balance', balance('909'), {ts: begin + 86_400_000})
	expect(told?.payload).toMatchObject({event: 'PERFORMANCE_DAY', subject: '2025-06-15'})
	expect(JSON.parse(String(told?.payload.detail))).toMatchObject({days: 1, total_return: '0.01', max_drawdown: '0'})
	expect(summary()).toMatchObject({day: '2025-06-16', days: '1', day_return: '-0.1', max_drawdown: '-0.1'})
	await unit.send('balance', balance('950'), {ts: begin + 2 * 86_400_000})
	expect(Number(summary().sharpe)).toBeLessThan(0)
	expect(summary()).toHaveProperty('calmar')
})
