import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {add, exact, negate, textOf} from '../../../src/engine/logic/exact.js'
import {
	type DatedIncome,
	dayFields,
	dayOf,
	dayStart,
	INCOME_SLACK_MS,
	readIncomeDays,
} from '../../../src/engine/logic/income-days.js'
import {fillEntry, incomeEntry, type LedgerEntry} from '../../../src/engine/logic/ledger.js'

const DAY_MS = 86_400_000
const FIRST_MS = Date.UTC(2025, 5, 15)

const row = (changes: Partial<DatedIncome> = {}): DatedIncome => ({
	income_type: 'FUNDING_FEE',
	asset: 'USDT',
	amount: '-0.5',
	symbol: 'BTCUSDT',
	transaction_id: '900',
	trade_id: '',
	ts_ms: FIRST_MS + 1_000,
	...changes,
})
const bookedOf = ({income_type, asset, amount, symbol, transaction_id, ts_ms}: DatedIncome, late_ms = 5): LedgerEntry =>
	incomeEntry({
		income_type,
		asset,
		amount,
		symbol,
		transaction_id: `${transaction_id}/${income_type}`,
		ts_ms: ts_ms + late_ms,
	})
const ofFill = {symbol: 'BTCUSDT', trade_id: '7', ts_ms: FIRST_MS + 2_000}
const fillRows = [
	row({...ofFill, income_type: 'REALIZED_PNL', amount: '4', transaction_id: '1'}),
	row({...ofFill, income_type: 'COMMISSION', amount: '-0.1', transaction_id: '2'}),
]
const booked = (changes: Partial<Parameters<typeof fillEntry>[0]> = {}) =>
	fillEntry({...ofFill, realised_pnl: '4', fee: '0.1', fee_asset: 'USDT', ...changes})
const read = (income: readonly DatedIncome[], entries: readonly LedgerEntry[], from_ms = 0, ledger_from_ms = 0) =>
	readIncomeDays({income, entries, from_ms, ledger_from_ms})

describe('a reading', () => {
	test('sums each kind by day and asset, transfers apart from what was earned', () => {
		const next = FIRST_MS + DAY_MS
		const {days} = read(
			[
				row({income_type: 'TRANSFER', amount: '1000', symbol: '', transaction_id: '0'}),
				...fillRows,
				row(),
				row({income_type: 'REFERRAL_KICKBACK', amount: '0.25', transaction_id: '901'}),
				row({income_type: 'COMMISSION', asset: 'BNB', amount: '-0.001', transaction_id: '902'}),
				row({ts_ms: next, transaction_id: '903'}),
			],
			[],
		)
		expect(days).toEqual({
			'2025-06-15': {
				USDT: {
					realised_pnl: '4',
					commission: '-0.1',
					funding: '-0.5',
					transfers: '1000',
					other: '0.25',
					net: '3.65',
					rows: 5,
				},
				BNB: {
					realised_pnl: '0',
					commission: '-0.001',
					funding: '0',
					transfers: '0',
					other: '0',
					net: '-0.001',
					rows: 1,
				},
			},
			'2025-06-16': {
				USDT: {realised_pnl: '0', commission: '0', funding: '-0.5', transfers: '0', other: '0', net: '-0.5', rows: 1},
			},
		})
		expect(dayFields(days['2025-06-15'] ?? {})).toEqual({
			realised_pnl: '4',
			commission: '-0.1',
			funding: '-0.5',
			transfers: '1000',
			other: '0.25',
			net: '3.65',
			commission_bnb: '-0.001',
			net_bnb: '-0.001',
			rows: '6',
		})
	})

	test.each<{
		why: string
		income: DatedIncome[]
		entries: LedgerEntry[]
		from?: number
		ledger?: number
		kinds: string[]
	}>([
		{why: 'nothing', income: [], entries: [], kinds: []},
		{why: 'all in both', income: [...fillRows, row()], entries: [booked(), bookedOf(row())], kinds: []},
		{why: 'a row that the ledger has not', income: [row()], entries: [], kinds: ['missing FUNDING_FEE']},
		{
			why: 'an entry that the venue does not list',
			income: [row({ts_ms: FIRST_MS + 9_000})],
			entries: [bookedOf(row({ts_ms: FIRST_MS + 9_000})), booked()],
			kinds: ['extra COMMISSION', 'extra REALIZED_PNL'],
		},
		{
			why: 'another fee by one unit of the last place',
			income: fillRows,
			entries: [booked({fee: '0.10000001'})],
			kinds: ['amount COMMISSION'],
		},
		{
			why: 'another asset',
			income: fillRows,
			entries: [booked({fee_asset: 'BNB'})],
			kinds: ['extra COMMISSION', 'missing COMMISSION'],
		},
		{why: 'what was booked after the income was read', income: [], entries: [booked()], kinds: []},
		{
			why: 'what the venue booked before the ledger began',
			income: [row()],
			entries: [],
			ledger: FIRST_MS + 2_000,
			kinds: [],
		},
		{
			why: 'an entry near the beginning, whose row may lie before it',
			income: [row({ts_ms: FIRST_MS + 2 * INCOME_SLACK_MS})],
			entries: [booked(), bookedOf(row({ts_ms: FIRST_MS + 2 * INCOME_SLACK_MS}))],
			from: FIRST_MS,
			kinds: [],
		},
		{
			why: 'a row near the beginning that was booked before it',
			income: [row({ts_ms: FIRST_MS + 1})],
			entries: [bookedOf(row({ts_ms: FIRST_MS + 1}), -5)],
			from: FIRST_MS,
			kinds: [],
		},
	])('compares row by row: $why', ({income, entries, from, ledger, kinds}) => {
		const {differences, open} = read(income, entries, from, ledger)
		expect(differences.map(({kind, type}) => `${kind} ${type}`).sort()).toEqual(kinds)
		expect(open).toEqual(kinds.length === 0 ? {} : {'2025-06-15': kinds.length})
	})
})

test('days begin at midnight UTC', () => {
	expect([dayOf(FIRST_MS - 1), dayOf(FIRST_MS)]).toEqual(['2025-06-14', '2025-06-15'])
	expect(dayStart(FIRST_MS + DAY_MS - 1)).toBe(FIRST_MS)
})

test('what the venue lists and we booked agrees; leave one out on either side, or change it, and that one is named', () => {
	const amount = fc.integer({min: 1, max: 1e9}).map(units => textOf(exact(units).div(1e8)))
	const item = fc.record({amount, ts_ms: fc.integer({min: FIRST_MS, max: FIRST_MS + 3 * DAY_MS}), gain: fc.boolean()})
	fc.assert(
		fc.property(
			fc.array(item, {minLength: 2, maxLength: 30}),
			fc.nat(),
			fc.constantFrom('drop row', 'drop entry', 'change'),
			(items, pick, how) => {
				const income = items
					.map(({amount: size, ts_ms, gain}, index) =>
						row({amount: gain ? size : negate(size), ts_ms, transaction_id: String(index)}),
					)
					.toSorted((one, other) => one.ts_ms - other.ts_ms)
				const entries = income.map(of => bookedOf(of, 0))
				const whole = read(income, entries)
				expect(whole.differences).toEqual([])
				const total = add('0', ...Object.values(whole.days).map(({USDT}) => USDT?.net ?? '0'))
				expect(total).toBe(add('0', ...income.map(({amount: of}) => of)))
				// The newest row says how far the venue has told: it stays.
				const index = pick % (income.length - 1)
				const rows = how === 'drop row' ? income.toSpliced(index, 1) : income
				const changed = income[index] ? bookedOf({...income[index], amount: '77'}, 0) : undefined
				const ours =
					how === 'change' && changed
						? entries.toSpliced(index, 1, changed)
						: how === 'drop entry'
							? entries.toSpliced(index, 1)
							: entries
				const {differences} = read(rows, ours)
				const kind = {'drop row': 'extra', 'drop entry': 'missing', change: 'amount'}[how]
				expect(differences.map(({kind, id}) => [kind, id])).toEqual([[kind, income[index]?.transaction_id]])
			},
		),
	)
})
