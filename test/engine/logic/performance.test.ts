import * as fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
	annualReturn,
	calmarRatio,
	maxDrawdown,
	sharpeRatio,
	sortinoRatio,
} from '../../../src/engine/logic/performance.js'
import {noTrades, tradeFigures, withTrade} from '../../../src/engine/logic/trade-record.js'
import {noReturns, withBalance} from '../../../src/engine/logic/wallet-returns.js'

describe('ratios', () => {
	// The series of empyrical's own tests: daily returns over 252 days, the first of nine unknown.
	const mixed = [1, 10, -4, 2, 3, 2, 1, -10].map(percent => percent / 100)
	const PERIODS = 9
	const YEAR = 252

	test('are those of empyrical', () => {
		expect(sharpeRatio(mixed, YEAR)).toBeCloseTo(1.7238613961706866, 12)
		expect(sortinoRatio(mixed, YEAR)).toBeCloseTo(2.605531251673693, 12)
		expect(maxDrawdown(mixed)).toBeCloseTo(-0.1, 12)
		expect(annualReturn(mixed, YEAR, PERIODS)).toBeCloseTo(1.9135925373194, 12)
		expect(calmarRatio(mixed, YEAR, PERIODS)).toBeCloseTo(19.135925373194, 11)
	})

	test.each([
		['no return', []],
		['one return', [0.1]],
		['returns that do not vary', [0.01, 0.01, 0.01]],
	])('are unknown, not 0: %s', (_, returns) => {
		expect([sharpeRatio(returns, YEAR), sortinoRatio(returns, YEAR), calmarRatio(returns, YEAR)]).toEqual([
			undefined,
			undefined,
			undefined,
		])
	})

	test('no drawdown is deeper than the value that is lost, nor shallower than the deepest single fall', () => {
		const change = fc.double({min: -0.99, max: 3, noNaN: true})
		fc.assert(
			fc.property(fc.array(change, {minLength: 1, maxLength: 40}), returns => {
				const fall = maxDrawdown(returns)
				expect(fall).toBeGreaterThanOrEqual(-1)
				expect(fall).toBeLessThanOrEqual(Math.min(0, ...returns) + 1e-12)
			}),
		)
	})
})

test('trades: hit rate over all, expectancy per trade, exact sums', () => {
	expect(tradeFigures(noTrades)).toEqual({
		...{net_pnl: '0', hit_rate: undefined, expectancy: undefined, profit_factor: undefined},
	})
	const record = ['10.1', '-4.2', '0', '0.3', '-1'].reduce(withTrade, noTrades)
	expect(record).toEqual({trades: 5, wins: 2, losses: 2, gained: '10.4', lost: '5.2'})
	expect(tradeFigures(record)).toEqual({net_pnl: '5.2', hit_rate: 0.4, expectancy: 1.04, profit_factor: 2})
})

describe('returns of a wallet', () => {
	const NOON = Date.parse('2025-06-15T12:00:00Z')
	const DAY = 86_400_000
	const first = withBalance(noReturns, {wallet_balance: '10000', ts_ms: NOON})

	test('by UTC day, without what came in or went out; a day of nothing is a 0', () => {
		const earned = withBalance(first, {wallet_balance: '10100', ts_ms: NOON + 1})
		const paid_in = withBalance(earned, {wallet_balance: '20200', transfer: '10100', ts_ms: NOON + 2})
		const later = withBalance(paid_in, {wallet_balance: '18180', ts_ms: NOON + 3 * DAY})
		expect(later.returns).toEqual([0.01, 0, 0])
		expect(later).toMatchObject({day: '2025-06-18', value: 0.909, peak: 1.01, drawdown: -0.1})
	})

	test('time does not run backwards, and an empty wallet earns nothing', () => {
		const emptied = withBalance(first, {wallet_balance: '0', transfer: '-10000', ts_ms: NOON - DAY})
		expect(emptied).toMatchObject({day: '2025-06-15', value: 1, returns: []})
		expect(withBalance(emptied, {wallet_balance: '500', ts_ms: NOON})).toMatchObject({value: 1, balance: '500'})
	})
})
