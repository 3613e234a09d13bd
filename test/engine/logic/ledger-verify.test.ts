import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {add, exact, negate, textOf} from '../../../src/engine/logic/exact.js'
import {fillEntry, incomeEntry, type LedgerEntry} from '../../../src/engine/logic/ledger.js'
import {type LedgerProof, type VenueIncome, verifyLedger} from '../../../src/engine/logic/ledger-verify.js'

const row = (changes: Partial<VenueIncome> = {}): VenueIncome => ({
	income_type: 'FUNDING_FEE',
	asset: 'USDT',
	amount: '-0.5',
	symbol: 'BTCUSDT',
	transaction_id: '900',
	trade_id: '',
	...changes,
})
const fills = [
	{symbol: 'BTCUSDT', trade_id: '7', realised_pnl: '0', fee: '2.50000001', fee_asset: 'USDT', ts_ms: 1},
	{symbol: 'BTCUSDT', trade_id: '8', realised_pnl: '12.34567891', fee: '0.001', fee_asset: 'BNB', ts_ms: 2},
	{symbol: 'ETHUSDT', trade_id: '7', realised_pnl: '-3', fee: '1', fee_asset: 'USDT', ts_ms: 3},
]
const transfer = {income_type: 'TRANSFER', asset: 'USDT', amount: '500', transaction_id: '899/TRANSFER', ts_ms: 0}
const funding = {
	income_type: 'FUNDING_FEE',
	asset: 'USDT',
	amount: '-0.5',
	symbol: 'BTCUSDT',
	transaction_id: '900/FUNDING_FEE',
	ts_ms: 4,
}
const proof: LedgerProof = {
	entries: [incomeEntry(transfer), ...fills.map(fillEntry), incomeEntry(funding)],
	income: [
		row({income_type: 'TRANSFER', amount: '500.00000000', symbol: '', transaction_id: '899'}),
		row({income_type: 'COMMISSION', amount: '-2.50000001', transaction_id: '901', trade_id: '7'}),
		row({income_type: 'REALIZED_PNL', amount: '12.34567891', transaction_id: '902', trade_id: '8'}),
		row({income_type: 'COMMISSION', amount: '-0.00100000', asset: 'BNB', transaction_id: '902', trade_id: '8'}),
		row({income_type: 'REALIZED_PNL', amount: '-3', symbol: 'ETHUSDT', transaction_id: '903', trade_id: '7'}),
		row({income_type: 'COMMISSION', amount: '-1', symbol: 'ETHUSDT', transaction_id: '904', trade_id: '7'}),
		row(),
	],
	wallet: {USDT: '5505.34567890', BNB: '0.999'},
	initial: {USDT: '5000', BNB: '1'},
}

test('books that agree: each row, and the wallet by all three ways', () => {
	expect(verifyLedger(proof)).toEqual({
		ok: true,
		wallet_ledger: {USDT: '5505.3456789', BNB: '0.999'},
		wallet_income: {USDT: '5505.3456789', BNB: '0.999'},
		wallet_venue: {USDT: '5505.3456789', BNB: '0.999'},
		changes: {
			transfers: {USDT: '500'},
			realised_pnl: {USDT: '9.34567891'},
			fees: {USDT: '-3.50000001', BNB: '-0.001'},
			funding: {USDT: '-0.5'},
		},
		rows: {ledger: 7, venue: 7},
		differences: [],
	})
})

describe('what does not agree is found and named', () => {
	const booked = (entries: readonly LedgerEntry[]): LedgerProof => ({...proof, entries})
	const wrongFee = fills.map(fill =>
		fill.trade_id === '7' && fill.symbol === 'BTCUSDT' ? {...fill, fee: '2.50000002'} : fill,
	)
	const without = (trade_id: string) =>
		proof.entries.filter(entry => !(entry.reference === trade_id && entry.symbol === 'BTCUSDT'))
	const walletOff = (ledger: string) => ({
		kind: 'amount',
		id: 'wallet',
		type: 'WALLET',
		asset: 'USDT',
		ledger,
		venue: '5505.3456789',
	})
	test.each<[string, LedgerProof, Readonly<Record<string, string>>[]]>([
		[
			'one unit in the last place',
			booked([incomeEntry(transfer), ...wrongFee.map(fillEntry), incomeEntry(funding)]),
			[
				{kind: 'amount', id: '7', symbol: 'BTCUSDT', type: 'COMMISSION', ledger: '-2.50000002', venue: '-2.50000001'},
				walletOff('5505.34567889'),
			],
		],
		[
			'a fill that is not booked',
			booked(without('7')),
			[
				{kind: 'missing', id: '7', symbol: 'BTCUSDT', type: 'COMMISSION', ledger: '', venue: '-2.50000001'},
				walletOff('5507.84567891'),
			],
		],
		[
			'a fill that the venue does not have',
			booked([
				...proof.entries,
				fillEntry({symbol: 'BTCUSDT', trade_id: '99', realised_pnl: '0', fee: '1', fee_asset: 'USDT', ts_ms: 9}),
			]),
			[
				{kind: 'extra', id: '99', symbol: 'BTCUSDT', type: 'COMMISSION', ledger: '-1', venue: ''},
				walletOff('5504.3456789'),
			],
		],
		[
			'a funding that is not booked',
			booked(proof.entries.filter(({income_type}) => income_type !== 'FUNDING_FEE')),
			[
				{kind: 'missing', id: '900', symbol: 'BTCUSDT', type: 'FUNDING_FEE', ledger: '', venue: '-0.5'},
				walletOff('5505.8456789'),
			],
		],
		[
			'a fee in another asset',
			booked([
				incomeEntry(transfer),
				...fills.map(fill => (fill.trade_id === '8' ? {...fill, fee_asset: 'USDT'} : fill)).map(fillEntry),
				incomeEntry(funding),
			]),
			[
				{kind: 'extra', id: '8', type: 'COMMISSION', asset: 'USDT'},
				{kind: 'missing', id: '8', type: 'COMMISSION', asset: 'BNB'},
				{id: 'wallet', asset: 'USDT'},
				{id: 'wallet', asset: 'BNB'},
			],
		],
		[
			'a wallet that no row explains',
			{...proof, wallet: {...proof.wallet, USDT: '5505.3456788'}},
			[{id: 'wallet', ledger: '5505.3456789', venue: '5505.3456788'}],
		],
	])('%s', (_, given, expected) => {
		const {ok, differences} = verifyLedger(given)
		expect(ok).toBe(false)
		expect(differences).toHaveLength(expected.length)
		expect(differences).toMatchObject(expected)
	})
})

test('rows of nothing are no rows: the venue lists no realised PnL of zero', () => {
	const zero = row({income_type: 'REALIZED_PNL', amount: '0.00000000', transaction_id: '905', trade_id: '7'})
	expect(verifyLedger({...proof, income: [...proof.income, zero]}).ok).toBe(true)
})

test('whatever the amounts, true books agree, and one unit more or less anywhere is found by name', () => {
	const money = fc
		.bigInt({min: -(10n ** 12n), max: 10n ** 12n})
		.map(units => textOf(exact(units.toString()).div('100000000')))
	const books = fc.array(fc.record({realised_pnl: money, fee: money}), {minLength: 1, maxLength: 20}).map(drafts =>
		drafts.map((draft, index) => ({
			...draft,
			symbol: 'BTCUSDT',
			trade_id: String(index + 1),
			fee_asset: 'USDT',
			ts_ms: index,
		})),
	)
	fc.assert(
		fc.property(books, fc.nat(), fc.boolean(), (made, at, up) => {
			const income = made.flatMap(({trade_id, realised_pnl, fee}) => [
				row({income_type: 'REALIZED_PNL', amount: realised_pnl, trade_id, transaction_id: trade_id}),
				row({income_type: 'COMMISSION', amount: negate(fee), trade_id, transaction_id: trade_id}),
			])
			const wallet = {USDT: add('1000', ...income.map(({amount}) => amount))}
			const initial = {USDT: '1000'}
			expect(verifyLedger({entries: made.map(fillEntry), income, wallet, initial}).ok).toBe(true)
			const index = at % made.length
			const wrong = made.map((fill, place) =>
				place === index ? {...fill, realised_pnl: add(fill.realised_pnl, up ? '0.00000001' : '-0.00000001')} : fill,
			)
			const {ok, differences} = verifyLedger({entries: wrong.map(fillEntry), income, wallet, initial})
			expect(ok).toBe(false)
			expect(differences.filter(({type}) => type !== 'WALLET')).toMatchObject([
				{id: String(index + 1), type: 'REALIZED_PNL'},
			])
		}),
	)
})
