import {Decimal} from 'decimal.js'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {prepareMarket, prepareResting} from '../../../src/engine/exchange/order-params.js'
import type {MarketStep, RestingStep} from '../../../src/engine/exchange/order-request.js'
import type {SymbolFilters} from '../../../src/engine/exchange/symbol-filters.js'

const filters: SymbolFilters = {
	symbol: 'BTCUSDT',
	tick_size: '0.10',
	step_size: '0.001',
	min_quantity: '0.001',
	max_market_quantity: '120',
	min_notional_usdt: '100',
	tradable: true,
}
const market = (more: Partial<MarketStep>): MarketStep => ({
	do: 'market',
	side: 'BUY',
	client_order_id: 'id',
	reduce_only: false,
	...more,
})
const resting = (more: Partial<RestingStep>): RestingStep => ({
	do: 'stop',
	side: 'SELL',
	client_order_id: 'id',
	trigger_price: '60000',
	close_position: true,
	...more,
})

describe('market orders', () => {
	it.each<[string, Partial<MarketStep>, string | undefined, string]>([
		['rounds down to the step', {quantity: '0.0029999'}, undefined, '0.002'],
		['does not round what a float would', {quantity: '0.2'}, undefined, '0.2'],
		['cuts to the largest market order', {quantity: '500'}, undefined, '120'],
		[
			'sizes inside the notional with slippage',
			{notional_usdt: '200', reference_price: '50000', slippage_bps: 50},
			undefined,
			'0.003',
		],
		['exits may be small', {quantity: '0.001', reduce_only: true, reference_price: '60000'}, undefined, '0.001'],
		['closes a short whole', {close_all: true, reduce_only: true}, '-1.2345', '1.234'],
	])('%s', (_, more, amount, quantity) => {
		expect(prepareMarket(market(more), filters, amount)).toMatchObject({
			ok: true,
			quantity,
			params: {quantity, newOrderRespType: 'RESULT', newClientOrderId: 'id'},
		})
	})

	it.each<[string, Partial<MarketStep>, Partial<SymbolFilters>, string | undefined]>([
		['NOT_TRADABLE', {quantity: '1'}, {tradable: false}, undefined],
		['NOT_TRADABLE', {quantity: '1', reduce_only: true}, {step_size: '0', tradable: false}, undefined],
		['NO_POSITION', {close_all: true, reduce_only: true, side: 'SELL'}, {}, '0'],
		['NO_POSITION', {close_all: true, reduce_only: true, side: 'SELL'}, {}, '-1'],
		['BELOW_MIN_QUANTITY', {quantity: '0.00099'}, {}, undefined],
		['BELOW_MIN_QUANTITY', {quantity: '0.004'}, {min_quantity: '0.005'}, undefined],
		['BELOW_MIN_NOTIONAL', {notional_usdt: '100', reference_price: '60000', slippage_bps: 0}, {}, undefined],
	])('refuses with %s', (code, more, filter, amount) => {
		expect(prepareMarket(market(more), {...filters, ...filter}, amount)).toMatchObject({
			ok: false,
			refused: {status: 'REFUSED', code},
		})
	})

	it('never spends more than the notional, however the fill slips within what was said', () => {
		const price = fc.integer({min: 1, max: 10_000_000}).map(cents => new Decimal(cents).div(100))
		fc.assert(
			fc.property(
				price,
				fc.integer({min: 1, max: 100_000}),
				fc.integer({min: 0, max: 500}),
				fc.constantFrom('1', '0.1', '0.001'),
				(reference, notional, slippage_bps, step_size) => {
					const step = market({notional_usdt: String(notional), reference_price: reference.toFixed(), slippage_bps})
					const prepared = prepareMarket(step, {
						...filters,
						step_size,
						min_quantity: step_size,
						min_notional_usdt: '0',
						max_market_quantity: '0',
					})
					if (!prepared.ok || prepared.quantity === undefined) return
					const worst = reference.mul(new Decimal(1).add(new Decimal(slippage_bps).div(10_000)))
					expect(worst.mul(prepared.quantity).lte(notional)).toBe(true)
					expect(new Decimal(prepared.quantity).mod(step_size).isZero()).toBe(true)
				},
			),
		)
	})
})

describe('stops and targets', () => {
	it.each<[RestingStep['do'], RestingStep['side'], string, string]>([
		['stop', 'SELL', '58200.04', '58200.1'],
		['stop', 'BUY', '58200.06', '58200'],
		['target', 'SELL', '62400.09', '62400'],
		['target', 'BUY', '62400.01', '62400.1'],
		['stop', 'SELL', '58200.1', '58200.1'],
	])('a %s that %ss triggers earlier, never later: %s becomes %s', (kind, side, trigger_price, triggerPrice) => {
		expect(prepareResting(resting({do: kind, side, trigger_price}), filters)).toMatchObject({
			ok: true,
			params: {
				triggerPrice,
				type: kind === 'stop' ? 'STOP_MARKET' : 'TAKE_PROFIT_MARKET',
				closePosition: 'true',
				workingType: 'MARK_PRICE',
				clientAlgoId: 'id',
			},
		})
	})

	it('is reduce-only when it has a size of its own', () => {
		const prepared = prepareResting(resting({close_position: false, quantity: '0.0059'}), filters)
		expect(prepared).toMatchObject({ok: true, params: {quantity: '0.005', reduceOnly: 'true'}})
		expect(prepared.ok && prepared.params).not.toHaveProperty('closePosition')
	})

	it('refuses a trigger that rounds to nothing', () => {
		expect(prepareResting(resting({side: 'BUY', trigger_price: '0.05'}), filters)).toMatchObject({
			ok: false,
			refused: {code: 'BAD_PRICE'},
		})
	})
})
