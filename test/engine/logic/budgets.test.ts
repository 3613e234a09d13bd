import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
	type BudgetBook,
	budgetRecords,
	emptyBudgets,
	judgeBudgets,
	onDay,
	withTrade,
} from '../../../src/engine/logic/budgets.js'
import {add} from '../../../src/engine/logic/exact.js'

const DAY_MS = 86_400_000
const NOON_MS = Date.UTC(2026, 0, 5, 12)
const DAY = '2026-01-05'
const limits = {day_loss_usdt: 100, day_turnover_usdt: 10_000, strategy_loss_usdt: 60, cluster_loss_usdt: 50}
const prices = {BNB: '600'}
const clusters = {AAUSDT: ['AAUSDT', 'BBUSDT'], CCUSDT: ['CCUSDT']}

type Trade = Parameters<typeof withTrade>[1]
const trade = (net_pnl: string, changes: Partial<Trade> = {}): Trade => ({
	symbol: 'AAUSDT',
	quantity: '1',
	entry_price: '100',
	exit_price: '110',
	net_pnl,
	strategy: 'trading-bot',
	closed_ms: NOON_MS,
	...changes,
})
const bookOf = (trades: readonly Trade[], book: BudgetBook = {...emptyBudgets, clusters, prices}): BudgetBook =>
	trades.reduce(withTrade, book)
const brokenOf = (book: BudgetBook, open?: string) =>
	judgeBudgets(book, limits, open).violations.map(({scope, budget, broken}) => `${scope} ${budget} ${broken}`)

describe('a budget', () => {
	test.each<{why: string; trades: readonly Trade[]; open?: string; expected: readonly string[]}>([
		{why: 'holds', trades: [trade('-49.99')], expected: []},
		{
			why: 'of a cluster, by both of its symbols',
			trades: [trade('-25'), trade('-25', {symbol: 'BBUSDT'})],
			expected: ['cluster.AAUSDT LOSS true'],
		},
		{
			why: 'of a strategy',
			trades: [trade('-30'), trade('-30', {symbol: 'CCUSDT'})],
			expected: ['strategy.trading-bot LOSS true'],
		},
		{
			why: 'of the day, by several strategies',
			trades: [
				trade('-49'),
				trade('-49', {symbol: 'CCUSDT', strategy: undefined}),
				trade('-2', {symbol: 'DDUSDT', strategy: 'operator'}),
			],
			expected: ['day LOSS true'],
		},
		{
			why: 'by fees in BNB, at what it is worth',
			trades: [trade('-49', {other_fees: {BNB: '0.002', LTC: '9'}})],
			expected: ['cluster.AAUSDT LOSS true'],
		},
		{why: 'gains make up for losses', trades: [trade('40'), trade('-80')], expected: []},
		{why: 'of turnover', trades: [trade('0', {quantity: '48'})], expected: ['day TURNOVER true']},
		{
			why: 'of turnover, with what is open',
			trades: [trade('0', {quantity: '40'})],
			open: '1600',
			expected: ['day TURNOVER true'],
		},
		{why: 'of turnover holds', trades: [trade('0', {quantity: '40'})], open: '1599.99', expected: []},
	])('$why', ({trades, open, expected}) => {
		expect(brokenOf(bookOf(trades), open)).toEqual(expected)
	})

	test('says what was used, of what, when and in which symbols', () => {
		const {violations} = judgeBudgets(bookOf([trade('-50.5')]), limits)
		expect(violations).toEqual([
			{
				scope: 'cluster.AAUSDT',
				budget: 'LOSS',
				broken: true,
				used_usdt: '50.5',
				limit_usdt: '50',
				day: DAY,
				symbols: ['AAUSDT', 'BBUSDT'],
			},
		])
	})

	test('is told once, and stays broken whatever is earned, until the day is over', () => {
		const {book} = judgeBudgets(bookOf([trade('-55')]), limits)
		expect(brokenOf(book)).toEqual([])
		const earned = judgeBudgets(bookOf([trade('500')], book), limits)
		expect(earned.violations).toEqual([])
		const next = judgeBudgets(onDay(earned.book, NOON_MS + DAY_MS), limits)
		expect(next.violations).toMatchObject([{scope: 'cluster.AAUSDT', broken: false, used_usdt: '0', day: '2026-01-06'}])
		expect(next.book.broken).toEqual({})
	})

	test('holds again when the policy allows more', () => {
		const {book} = judgeBudgets(bookOf([trade('-55')]), limits)
		expect(judgeBudgets(book, {...limits, cluster_loss_usdt: 56}).violations).toMatchObject([
			{broken: false, limit_usdt: '56'},
		])
	})

	test('of a cluster blocks who comes to it, and those it had when it is called otherwise', () => {
		const {book} = judgeBudgets(bookOf([trade('-55')]), limits)
		const grown = judgeBudgets({...book, clusters: {AAUSDT: ['AAUSDT', 'BBUSDT', 'CCUSDT']}}, limits)
		expect(grown.violations).toMatchObject([{broken: true, symbols: ['AAUSDT', 'BBUSDT', 'CCUSDT']}])
		const split = judgeBudgets({...grown.book, clusters: {BBUSDT: ['BBUSDT']}}, limits)
		expect(split.violations).toEqual([])
		expect(Object.keys(split.book.broken)).toEqual(['cluster.AAUSDT/LOSS'])
	})
})

describe('a day', () => {
	test('that is over does not count', () => {
		const book = bookOf([trade('-40'), trade('-40', {closed_ms: NOON_MS - DAY_MS})])
		expect(book).toMatchObject({day: DAY, symbols: {AAUSDT: '-40'}, turnover_usdt: '210'})
		expect(bookOf([trade('-1', {closed_ms: NOON_MS + DAY_MS})], book)).toMatchObject({
			day: '2026-01-06',
			symbols: {AAUSDT: '-1'},
		})
		expect(onDay(book, NOON_MS - DAY_MS)).toBe(book)
	})

	test('every trade counts once per symbol and once per strategy', () => {
		const cents = fc.integer({min: -9_999, max: 9_999}).map(value => (value / 100).toFixed(2))
		const any = fc.record({
			net: cents,
			symbol: fc.constantFrom('AAUSDT', 'BBUSDT', 'ZZUSDT'),
			strategy: fc.constantFrom('one', 'two', undefined),
		})
		fc.assert(
			fc.property(fc.array(any, {maxLength: 20}), trades => {
				const book = bookOf(trades.map(({net, ...of}) => trade(net, of)))
				const sum = add(...trades.map(({net}) => net))
				expect(add(...Object.values(book.symbols))).toBe(sum)
				expect(add(...Object.values(book.strategies))).toBe(sum)
				const loss = budgetRecords(book, limits).day?.loss_usdt
				expect(loss).toBe(Number(sum) < 0 ? sum.slice(1) : '0')
				expect(
					judgeBudgets(book, limits).violations.some(({scope, budget}) => scope === 'day' && budget === 'LOSS'),
				).toBe(Number(sum) <= -limits.day_loss_usdt)
			}),
		)
	})
})
