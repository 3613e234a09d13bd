import {describe, expect, test} from 'vitest'
import type {JournalRequest} from '../../../src/engine/logic/journal-rows.js'
import {tradeLogger} from '../../../src/engine/units/state/trade-logger.js'
import {drive} from '../../support/drive.js'
import {balance, fill, income, position, resultOf} from './account-events.js'

const trade = {
	trade_id: 't-1',
	symbol: 'BTCUSDT',
	side: 'LONG',
	quantity: '0.1',
	entry_price: '50000',
	exit_price: '51000',
	opened_ms: 1_000,
	closed_ms: 2_000,
	realised_pnl: '100',
	fees: '5',
	net_pnl: '95',
	plan_id: 'plan-1',
	exit_plan_id: 'plan-2',
	exit_reason: 'target',
}
type Sent = readonly [
	port: 'account' | 'result' | 'closed',
	payload: Readonly<Record<string, unknown>>,
	envelope?: {authority: 'shadow'},
]
const run = async (...sent: readonly Sent[]) => {
	const unit = await drive(tradeLogger)
	for (const [port, payload, envelope] of sent) await unit.send(port, payload, envelope)
	const store = unit.bus.store
	return {
		unit,
		book: store.hashAll('test:ledger:BTCUSDT'),
		keys: unit.effects.map(({idempotency_key}) => idempotency_key),
		requests: unit.effects.map(({request}) => request as JournalRequest),
	}
}
const first = fill({realised_pnl: '12.5'})

describe('a fill is booked once, whoever reports it and however often', () => {
	test.each<[string, Sent[]]>([
		['the account stream', [['account', first]]],
		[
			'the account stream, twice',
			[
				['account', first],
				['account', {...first, origin: 'rest'}],
			],
		],
		['the execution result', [['result', resultOf(first)]]],
		[
			'both',
			[
				['account', first],
				['result', resultOf(first)],
			],
		],
		[
			'both, the result first',
			[
				['result', resultOf(first)],
				['account', first],
				['result', resultOf(first)],
			],
		],
	])('%s', async (_, sent) => {
		const {book, keys, unit} = await run(...sent)
		expect(book).toMatchObject({realised_pnl: '12.5', fees: '2.5', funding: '0', net: '10', fills: '1', trades: '0'})
		expect(keys.filter(key => key === 'fill:BTCUSDT:1')).toHaveLength(1)
		expect(unit.bus.store.members('test:ledger:seen_orders')).toEqual(['BTCUSDT:1'])
	})
})

test('what goes to the journal', async () => {
	const {requests} = await run(
		['account', first],
		['result', resultOf(first)],
		['account', income()],
		['closed', trade],
	)
	expect(requests.map(({kind}) => kind)).toEqual(['fill', 'plan', 'income', 'trade'])
	expect(requests[0]).toMatchObject({
		entry: {
			id: 'fill:BTCUSDT:1',
			postings: [{account: 'wallet', amount: '12.5'}, {}, {amount: '-2.5'}, {account: 'fees'}],
		},
		fill: {trade_id: '1', client_order_id: 'qt-plan-1', maker: false},
	})
	expect(requests[1]).toEqual({kind: 'plan', symbol: 'BTCUSDT', trade_id: '1', plan_id: 'plan-1'})
	expect(requests[2]).toMatchObject({entry: {id: 'income:FUNDING_FEE:900', symbol: 'BTCUSDT'}})
	expect(requests[3]).toEqual({kind: 'trade', trade})
})

describe('sums per symbol', () => {
	test.each<[string, Sent[], Readonly<Record<string, string>>]>([
		[
			'funding',
			[
				['account', income()],
				['account', income({transaction_id: '901', amount: '0.2'})],
			],
			{funding: '-0.3', net: '-0.3'},
		],
		[
			'the same funding twice',
			[
				['account', income()],
				['account', income()],
			],
			{funding: '-0.5'},
		],
		['a fee in another asset', [['account', fill({fee: '0.001', fee_asset: 'BNB'})]], {fees: '0', fees_bnb: '0.001'}],
		[
			'what else moves the wallet',
			[['account', income({income_type: 'INSURANCE_CLEAR', amount: '-7'})]],
			{other: '-7', net: '-7'},
		],
		[
			'closed trades',
			[
				['closed', trade],
				['closed', trade],
			],
			{trades: '1', last_close_ms: '2000'},
		],
		[
			'a shadow trade is none',
			[
				['account', first],
				['closed', trade, {authority: 'shadow'}],
			],
			{trades: '0'},
		],
		[
			'income that fills have told',
			[
				['account', first],
				['account', income({income_type: 'COMMISSION'})],
			],
			{fees: '2.5', other: '0'},
		],
		['the position as the venue pushed it', [['account', position({amount: '0.100'})]], {position_amount: '0.1'}],
	])('%s', async (_, sent, fields) => {
		const {book} = await run(...sent)
		expect(book).toMatchObject(fields)
	})
	test('in the names of the wiring map too', async () => {
		const {unit} = await run(['account', first], ['account', position()], ['closed', trade])
		expect(unit.bus.store.hashAll('test:position:ledger:BTCUSDT')).toEqual({
			position_amt: '0.1',
			entry_price: '50000',
			realized_pnl: '12.5',
			fees: '2.5',
			funding: '0',
			total_trades: '1',
			last_close_timestamp: '2000',
			last_update: String(unit.clock.venue()),
		})
	})
})

test('account-wide income goes to the journal alone', async () => {
	const {symbol: _symbol, ...transfer} = income({income_type: 'TRANSFER', amount: '1000'})
	const {keys, unit} = await run(['account', transfer], ['account', balance()])
	expect(keys).toEqual(['income:TRANSFER:900'])
	expect(unit.bus.store.exists('test:ledger:')).toBe(false)
})

test('the set of booked trades stays bounded', async () => {
	const {unit} = await run()
	for (let id = 1; id <= 250; id += 1) await unit.send('account', fill({trade_id: String(id)}))
	const members = unit.bus.store.members('test:ledger:seen_orders')
	expect(members).toHaveLength(200)
	expect(members).toContain('BTCUSDT:250')
	expect(members).not.toContain('BTCUSDT:50')
	expect(await unit.send('account', fill({trade_id: '50'}))).toEqual([])
	expect(unit.bus.store.hashGet('test:ledger:BTCUSDT', 'fills')).toBe('250')
})

test('what could not be written is reported and asked for again', async () => {
	const {unit} = await run(['account', first])
	const emitted = await unit.result('journal', {ok: false, error: 'No space left on device'})
	expect(emitted).toMatchObject([{stream: 'alerts', payload: {code: 'JOURNAL_FAILED', subject: 'BTCUSDT'}}])
	expect(unit.effects.map(({idempotency_key}) => idempotency_key)).toEqual(['fill:BTCUSDT:1'])
	expect(await unit.result('journal', {ok: true, result: {written: true}})).toEqual([])
	expect(unit.effects).toEqual([])
	expect(unit.bus.store.hashSize('test:unit:effects:trade-logger')).toBe(0)
})
