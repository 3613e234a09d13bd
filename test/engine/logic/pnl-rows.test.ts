import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {exact, negate, textOf} from '../../../src/engine/logic/exact.js'
import type {TradeRow} from '../../../src/engine/logic/journal-rows.js'
import {fillEntry, incomeEntry, type LedgerEntry} from '../../../src/engine/logic/ledger.js'
import {verifyLedger} from '../../../src/engine/logic/ledger-verify.js'
import {
	ACCOUNT,
	NO_TRADE,
	pnlByDay,
	pnlByStrategy,
	pnlBySymbol,
	totalsByAsset,
} from '../../../src/engine/logic/pnl-rows.js'

const DAY_MS = 86_400_000
const FIRST_MS = Date.UTC(2025, 5, 15)

const trade = (changes: Partial<TradeRow> = {}): TradeRow => ({
	trade_id: 't1',
	symbol: 'BTCUSDT',
	side: 'LONG',
	quantity: '1',
	entry_price: '100',
	exit_price: '104',
	opened_ms: FIRST_MS + 100,
	closed_ms: FIRST_MS + 900,
	realised_pnl: '4',
	fees: '0.2',
	net_pnl: '3.8',
	plan_id: 'plan-a',
	exit_plan_id: 'plan-x',
	exit_reason: 'target',
	...changes,
})
const fill = (trade_id: string, ts_ms: number, changes: Partial<Parameters<typeof fillEntry>[0]> = {}): LedgerEntry =>
	fillEntry({symbol: 'BTCUSDT', trade_id, realised_pnl: '0', fee: '0.1', fee_asset: 'USDT', ts_ms, ...changes})
const income = (income_type: string, amount: string, ts_ms: number, symbol?: string): LedgerEntry =>
	incomeEntry({income_type, asset: 'USDT', amount, symbol, transaction_id: `${ts_ms}`, ts_ms})

const entries = [
	income('TRANSFER', '1000', FIRST_MS),
	fill('1', FIRST_MS + 100),
	income('FUNDING_FEE', '-0.05', FIRST_MS + 500, 'BTCUSDT'),
	fill('2', FIRST_MS + 900, {realised_pnl: '4'}),
	fill('3', FIRST_MS + DAY_MS, {symbol: 'ETHUSDT', fee: '0.001', fee_asset: 'BNB'}),
]
const short = (rows: ReturnType<typeof pnlByDay>) =>
	rows.map(({name, asset, realised_pnl, commission, funding, transfers, net, trades, won}) =>
		[name, asset, realised_pnl, commission, funding, transfers, net, trades, won].join(' '),
	)

describe('profit and loss', () => {
	test('by day', () => {
		expect(short(pnlByDay(entries, [trade()]))).toEqual([
			'2025-06-15 USDT 4 -0.2 -0.05 1000 3.75 1 1',
			'2025-06-16 BNB 0 -0.001 0 0 -0.001 0 0',
		])
	})

	test('by symbol, the account’s own apart', () => {
		expect(short(pnlBySymbol(entries, [trade({net_pnl: '-1'})]))).toEqual([
			'BTCUSDT USDT 4 -0.2 -0.05 0 3.75 1 0',
			'ETHUSDT BNB 0 -0.001 0 0 -0.001 0 0',
			`${ACCOUNT} USDT 0 0 0 1000 0 0 0`,
		])
	})

	test('by strategy: of the trade that was open at that time, what lies in none apart', () => {
		const later = trade({trade_id: 't2', opened_ms: FIRST_MS + 901, closed_ms: FIRST_MS + 2_000, plan_id: 'plan-b'})
		const more = [...entries, fill('4', FIRST_MS + 1_500, {realised_pnl: '-2'}), fill('5', FIRST_MS + 2_001)]
		const strategyOf = (plan_id: string) => ({'plan-a': 'trend', 'plan-b': 'hand'})[plan_id] ?? 'unknown'
		expect(short(pnlByStrategy(more, [later, trade()], strategyOf))).toEqual([
			`${ACCOUNT} USDT 0 0 0 1000 0 0 0`,
			'hand USDT -2 -0.1 0 0 -2.1 1 1',
			`${NO_TRADE} BNB 0 -0.001 0 0 -0.001 0 0`,
			`${NO_TRADE} USDT 0 -0.1 0 0 -0.1 0 0`,
			'trend USDT 4 -0.2 -0.05 0 3.75 1 1',
		])
	})

	test('of nothing is nothing', () => {
		expect(pnlByDay([], [])).toEqual([])
		expect(totalsByAsset([])).toEqual({})
	})
})

test('every grouping has the totals of the ledger as it is verified', () => {
	const amount = fc.integer({min: -1e9, max: 1e9}).map(units => textOf(exact(units).div(1e8)))
	const when = fc.integer({min: FIRST_MS, max: FIRST_MS + 3 * DAY_MS})
	const symbol = fc.constantFrom('BTCUSDT', 'ETHUSDT', '币安人生USDT')
	const booked = fc.oneof(
		fc.tuple(symbol, amount, amount, fc.constantFrom('USDT', 'BNB'), when).map(
			([on, realised_pnl, fee, fee_asset, ts_ms]) =>
				(index: number) =>
					fill(String(index), ts_ms, {symbol: on, realised_pnl, fee, fee_asset}),
		),
		fc.tuple(fc.constantFrom('FUNDING_FEE', 'TRANSFER', 'INSURANCE_CLEAR'), amount, when, fc.option(symbol)).map(
			([kind, of, ts_ms, on]) =>
				(index: number) =>
					incomeEntry({
						income_type: kind,
						asset: 'USDT',
						amount: of,
						transaction_id: String(index),
						ts_ms,
						...(on !== null && {symbol: on}),
					}),
		),
	)
	const closed = fc.array(
		fc
			.tuple(symbol, when, fc.integer({min: 0, max: 1e7}), fc.constantFrom('a', 'b'))
			.map(([on, opened_ms, held_ms, plan_id]) =>
				trade({symbol: on, opened_ms, closed_ms: opened_ms + held_ms, plan_id}),
			),
		{maxLength: 5},
	)
	fc.assert(
		fc.property(fc.array(booked, {maxLength: 30}), closed, (makers, trades) => {
			const all = makers.map((make, index) => make(index))
			const groupings = [
				pnlByDay(all, trades),
				pnlBySymbol(all, trades),
				pnlByStrategy(all, trades, plan_id => plan_id),
			]
			const {changes, wallet_ledger} = verifyLedger({entries: all, income: [], wallet: {}, initial: {}})
			for (const rows of groupings) {
				const totals = totalsByAsset(rows)
				for (const [asset, wallet] of Object.entries(wallet_ledger)) {
					const {realised_pnl = '0', commission = '0', funding = '0', transfers = '0', net = '0'} = totals[asset] ?? {}
					expect(exact(net).add(transfers).eq(wallet)).toBe(true)
					expect(realised_pnl).toBe(textOf(exact(changes.realised_pnl?.[asset] ?? '0')))
					expect(commission).toBe(textOf(exact(changes.fees?.[asset] ?? '0')))
					expect(funding).toBe(textOf(exact(changes.funding?.[asset] ?? '0')))
					expect(negate(transfers)).toBe(negate(changes.transfers?.[asset] ?? '0'))
				}
				expect(rows.reduce((sum, row) => sum + row.trades, 0)).toBe(trades.length)
			}
		}),
	)
})
