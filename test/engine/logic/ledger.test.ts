import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {add} from '../../../src/engine/logic/exact.js'
import {accountOf, fillEntry, incomeEntry, type LedgerEntry, totalsOf} from '../../../src/engine/logic/ledger.js'

const sumPerAsset = ({postings}: Pick<LedgerEntry, 'postings'>): Record<string, string> => {
	const sums: Record<string, string> = {}
	for (const {asset, amount} of postings) sums[asset] = add(sums[asset] ?? '0', amount)
	return sums
}
const decimal = fc
	.tuple(fc.bigInt({min: -(10n ** 24n), max: 10n ** 24n}), fc.integer({min: 0, max: 18}))
	.map(([units, places]) => {
		const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0')
		const whole = digits.slice(0, digits.length - places)
		return `${units < 0n ? '-' : ''}${whole}${places > 0 ? `.${digits.slice(-places)}` : ''}`
	})

test('a fill in one asset: PnL in, fee out', () => {
	const entry = fillEntry({
		symbol: 'BTCUSDT',
		trade_id: '7',
		realised_pnl: '10.50',
		fee: '0.25',
		fee_asset: 'USDT',
		ts_ms: 5,
	})
	expect(entry).toEqual({
		id: 'fill:BTCUSDT:7',
		kind: 'fill',
		symbol: 'BTCUSDT',
		reference: '7',
		income_type: '',
		ts_ms: 5,
		postings: [
			{account: 'wallet', asset: 'USDT', amount: '10.5'},
			{account: 'realised_pnl', asset: 'USDT', amount: '-10.5'},
			{account: 'wallet', asset: 'USDT', amount: '-0.25'},
			{account: 'fees', asset: 'USDT', amount: '0.25'},
		],
	})
})

test('a fee in another asset, and a rebate', () => {
	const entries = [
		fillEntry({symbol: 'BTCUSDT', trade_id: '7', realised_pnl: '0', fee: '0.001', fee_asset: 'BNB', ts_ms: 5}),
		fillEntry({symbol: 'ETHUSDC', trade_id: '7', realised_pnl: '-3', fee: '-0.5', fee_asset: 'USDC', ts_ms: 5}),
	]
	expect(totalsOf(entries)).toEqual({
		wallet: {USDT: '0', BNB: '-0.001', USDC: '-2.5'},
		realised_pnl: {USDT: '0', USDC: '3'},
		fees: {BNB: '0.001', USDC: '-0.5'},
	})
})

test.each([
	['FUNDING_FEE', 'funding'],
	['TRANSFER', 'transfers'],
	['INSURANCE_CLEAR', 'other:INSURANCE_CLEAR'],
	['COMMISSION_REBATE', 'other:COMMISSION_REBATE'],
])('an income of type %s is booked on %s', (income_type, account) => {
	expect(accountOf(income_type)).toBe(account)
	const entry = incomeEntry({income_type, asset: 'USDT', amount: '-1.5', transaction_id: '9', ts_ms: 1})
	expect(entry).toMatchObject({id: `income:${income_type}:9`, symbol: ''})
	expect(totalsOf([entry])).toEqual({wallet: {USDT: '-1.5'}, [account]: {USDT: '1.5'}})
})

describe('whatever the amounts', () => {
	const assets = fc.constantFrom('USDT', 'USDC', 'BNB')
	const entry = fc.oneof(
		fc
			.record({
				symbol: fc.constantFrom('BTCUSDT', 'ETHUSDC', '币安人生USDT'),
				trade_id: fc.nat().map(String),
				realised_pnl: decimal,
				fee: decimal,
				fee_asset: assets,
				ts_ms: fc.nat(),
			})
			.map(fillEntry),
		fc
			.record({
				income_type: fc.constantFrom('FUNDING_FEE', 'TRANSFER', 'INSURANCE_CLEAR'),
				asset: assets,
				amount: decimal,
				transaction_id: fc.nat().map(String),
				ts_ms: fc.nat(),
			})
			.map(incomeEntry),
	)
	test('each entry has two postings or more and sums to zero per asset', () => {
		fc.assert(
			fc.property(entry, made => {
				expect(made.postings.length).toBeGreaterThanOrEqual(2)
				for (const sum of Object.values(sumPerAsset(made))) expect(sum).toBe('0')
			}),
		)
	})
	test('so does the ledger', () => {
		fc.assert(
			fc.property(fc.array(entry), entries => {
				const totals = totalsOf(entries)
				for (const asset of ['USDT', 'USDC', 'BNB'])
					expect(add(...Object.values(totals).map(balances => balances[asset] ?? '0'))).toBe('0')
			}),
		)
	})
})
