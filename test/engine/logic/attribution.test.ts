import * as fc from 'fast-check'
import {expect, test} from 'vitest'
import type {PayloadOf} from '../../../src/engine/contracts/stream.js'
import type {tradeClosed} from '../../../src/engine/contracts/streams/trade.js'
import {attributionOf, type Executed} from '../../../src/engine/logic/attribution.js'
import {add, equal, exact, textOf} from '../../../src/engine/logic/exact.js'

const trade: PayloadOf<typeof tradeClosed> = {
	...{trade_id: 't1', symbol: 'BTCUSDT', side: 'LONG' as const, quantity: '2', entry_price: '101', exit_price: '110'},
	...{opened_ms: 1, closed_ms: 9, realised_pnl: '18', fees: '0.5', net_pnl: '17.5', plan_id: 'in', exit_plan_id: 'out'},
	...{exit_reason: 'target', strategy: 'trading-bot'},
}
const fill = (plan_id: string, side: 'BUY' | 'SELL', price: string, quantity = '2'): Executed => ({
	...{trade_id: `${plan_id}/${price}`, plan_id, side, price, quantity, ts_ms: 2},
})

test('what the price did before the order, at the order, and what the decision earned', () => {
	const result = attributionOf({
		trade,
		fills: [fill('in', 'BUY', '101'), fill('out', 'SELL', '110')],
		decisions: [
			{plan_id: 'in', reference_price: '99', quote_price: '100.5'},
			{plan_id: 'out', reference_price: '112'},
		],
		funding: ['-0.25', '0.05'],
	})
	// Decided to buy at 99 and to sell at 112: 26. Of it 3 went before the verdict, 1 and 4 at the fills.
	expect(result).toMatchObject({
		parts: {strategy: '26', timing: '-3', slippage: '-5', fees: '-0.5', funding: '-0.2'},
		net_pnl: '17.3',
		left_out: ['regime', 'model'],
		measured_share: 1,
		strategy: 'trading-bot',
	})
})

test('what is not known is named and not invented', () => {
	const stopped = attributionOf({trade: {...trade, other_fees: {BNB: '0.01'}}, fills: [], decisions: [], funding: []})
	expect(stopped).toMatchObject({
		parts: {strategy: '18', fees: '-0.5', funding: '0'},
		left_out: ['regime', 'model', 'timing', 'slippage', 'other_fees'],
		measured_share: 0,
	})
	expect(stopped.parts).not.toHaveProperty('slippage')
})

test('the parts add up to the PnL, to the last decimal, whatever was measured', () => {
	const digits = (places: number) =>
		fc
			.tuple(fc.bigInt({min: 1n, max: 10n ** 14n}), fc.integer({min: 0, max: places}))
			.map(([whole, power]) => textOf(exact(whole.toString()).div(exact(10).pow(power))))
	const positive = digits(12)
	const signed = fc.tuple(positive, fc.boolean()).map(([text, minus]) => (minus ? `-${text}` : text))
	const plan = fc.constantFrom('in', 'out', 'other')
	const fills = fc.array(
		fc.record({
			...{trade_id: fc.uuid(), plan_id: plan, side: fc.constantFrom('BUY', 'SELL')},
			...{price: positive, quantity: positive, ts_ms: fc.constant(2)},
		}),
		{maxLength: 6},
	)
	const decisions = fc.array(
		fc.record({plan_id: plan, reference_price: positive, quote_price: positive}, {requiredKeys: ['plan_id']}),
		{maxLength: 3},
	)
	fc.assert(
		fc.property(signed, positive, fills, decisions, fc.array(signed, {maxLength: 3}), (pnl, fees, of, on, funding) => {
			const result = attributionOf({
				trade: {...trade, realised_pnl: pnl, fees},
				...{fills: of, decisions: on, funding},
			})
			expect(equal(add(...Object.values(result.parts)), result.net_pnl)).toBe(true)
			expect(equal(result.net_pnl, add(pnl, textOf(exact(fees).neg()), ...funding))).toBe(true)
		}),
	)
})
