import {expect, test} from 'vitest'
import {executionResultBridge} from '../../../src/engine/units/exec/execution-result-bridge.js'
import {drive} from '../../support/drive.js'

const fill = {
	plan_id: 'plan',
	symbol: 'BTCUSDT',
	order_id: '10',
	client_order_id: 'q-plan',
	trade_id: '1',
	side: 'BUY',
	price: '100.5',
	quantity: '0.4',
	fee: '0.02',
	fee_asset: 'USDT',
	realised_pnl: '0',
	maker: false,
	position_amount: '0.4',
}

test.each([
	['BUY', '0.4', '0.4', 'OPEN'],
	['SELL', '0.4', '-0.4', 'OPEN'],
	['BUY', '0.4', '1', 'INCREASE'],
	['SELL', '0.4', '-1', 'INCREASE'],
	['SELL', '0.4', '0.6', 'REDUCE'],
	['BUY', '0.4', '-0.6', 'REDUCE'],
	['SELL', '0.4', '0', 'CLOSE'],
	['BUY', '0.4', '0', 'CLOSE'],
	['SELL', '0.4', '-0.1', 'FLIP'],
	['BUY', '0.4', '0.1', 'FLIP'],
])('%s %s that leaves %s: %s', async (side, quantity, position_amount, effect) => {
	const unit = await drive(executionResultBridge)
	const [result] = await unit.send('fill', {...fill, side, quantity, position_amount})
	expect(result?.payload).toMatchObject({effect, side, position_amount, notional_usdt: '40.2'})
})

test('one result for each fill, with its plan, cost and liquidity', async () => {
	const unit = await drive(executionResultBridge)
	const [taker] = await unit.send('fill', fill, {id: 'fill-1'})
	expect(taker).toMatchObject({stream: 'execution.result', envelope: {cause: 'fill-1'}})
	expect(taker?.payload).toEqual({
		plan_id: 'plan',
		symbol: 'BTCUSDT',
		trade_id: '1',
		order_id: '10',
		side: 'BUY',
		price: '100.5',
		quantity: '0.4',
		notional_usdt: '40.2',
		fee: '0.02',
		fee_asset: 'USDT',
		realised_pnl: '0',
		liquidity: 'TAKER',
		effect: 'OPEN',
		position_amount: '0.4',
	})
	const [authored] = await unit.send('fill', {...fill, source: 'trading-bot', leverage: 3})
	expect(authored?.payload).toMatchObject({source: 'trading-bot', leverage: 3})
	const [maker] = await unit.send('fill', {...fill, maker: true})
	expect(maker?.payload.liquidity).toBe('MAKER')
})

test.each([
	['0.000000012345', '987654321.123', '12.192592594263435'],
	['123456789.123456789', '98765432.987654321', '12193263233043742.333485'],
	['0.000000000000000001', '1.5', '0.000000000000000002'],
])('the notional of %s x %s is exact and plain, to 18 decimals', async (price, quantity, notional) => {
	const unit = await drive(executionResultBridge)
	const [result] = await unit.send('fill', {...fill, price, quantity, position_amount: quantity})
	expect(String(result?.payload.notional_usdt).slice(0, notional.length)).toBe(notional)
	expect(result?.payload.notional_usdt).toMatch(/^\d+(\.\d{1,18})?$/)
})
