import {expect, test} from 'vitest'
import {performanceAttribution} from '../../../src/engine/units/obs/performance-attribution.js'
import {drive} from '../../support/drive.js'

const T = 1_750_000_000_000
const symbol = 'BTCUSDT'
const plan = {plan_id: 'plan-1', symbol, action: 'OPEN', side: 'BUY', reference_price: '100', source: 'trading-bot'}
const verdict = {plan_id: 'plan-1', symbol, verdict: 'ALLOW', reason: 'ALLOW', quote_price: '100.5', plan}
const fill = {
	...{kind: 'fill', symbol, trade_id: '7', order_id: '1', client_order_id: 'q-plan-1', side: 'BUY', price: '101'},
	...{quantity: '1', fee: '0.05', fee_asset: 'USDT', realised_pnl: '0', maker: false, origin: 'websocket'},
}
const funding = {kind: 'income', income_type: 'FUNDING_FEE', asset: 'USDT', amount: '-0.1', symbol, transaction_id: 'f'}
const closed = {
	...{trade_id: 't1', symbol, side: 'LONG', quantity: '1', entry_price: '101', exit_price: '110', opened_ms: T},
	...{closed_ms: T + 100, realised_pnl: '9', fees: '0.1', net_pnl: '8.9', plan_id: 'plan-1', exit_plan_id: 's'},
	...{exit_reason: 'stop', strategy: 'trading-bot'},
}

test('waits for what other streams bring of a trade, counts each fill and funding once, then forgets them', async () => {
	const unit = await drive(performanceAttribution)
	await unit.send('closed', closed)
	await unit.send('verdict', verdict)
	for (const _ of ['websocket', 'rest']) await unit.send('account', fill, {ts: T})
	for (const _ of [1, 2]) await unit.send('account', funding, {ts: T + 50})
	// Of the trade after it.
	await unit.send('account', {...funding, transaction_id: 'g'}, {ts: T + 200})
	expect(await unit.timer('settle')).toEqual([])
	unit.clock.advance(5_000)
	const [result] = await unit.timer('settle')
	expect(result?.payload).toMatchObject({
		parts: {strategy: '10', timing: '-0.5', slippage: '-0.5', fees: '-0.1', funding: '-0.1'},
		net_pnl: '8.8',
		measured_share: 0.5,
	})
	expect(await unit.timer('settle')).toEqual([])
	await unit.send('closed', {...closed, trade_id: 't2', opened_ms: T + 150, closed_ms: T + 300})
	unit.clock.advance(5_000)
	expect((await unit.timer('settle'))[0]?.payload).toMatchObject({parts: {funding: '-0.1'}, measured_share: 0})
})

test('shadows, foreign positions and stops are not measured', async () => {
	const unit = await drive(performanceAttribution)
	await unit.send('verdict', verdict, {authority: 'shadow'})
	await unit.send('account', {...fill, client_order_id: 's-plan-1'}, {ts: T})
	await unit.send('closed', {...closed, foreign: 'ignored'})
	await unit.send('closed', closed)
	unit.clock.advance(5_000)
	const [result] = await unit.timer('settle')
	expect(result?.payload).toMatchObject({left_out: ['regime', 'model', 'timing', 'slippage'], net_pnl: '8.9'})
	expect(await unit.timer('settle')).toEqual([])
})
