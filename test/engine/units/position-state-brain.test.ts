import {describe, expect, test} from 'vitest'
import {algo, fill, position, resultOf} from './account-events.js'
import {buy, correction, run, type Sent, sell} from './holding.js'

describe('amount and entry price from fills', () => {
	test.each<[string, Sent[], string, string]>([
		['opens', [buy('1', '0.1', '50000')], '0.1', '50000'],
		['increases', [buy('1', '0.1', '50000'), buy('2', '0.3', '52000')], '0.4', '51500'],
		['reduces', [buy('1', '0.3', '50000'), sell('2', '0.1', '60000')], '0.2', '50000'],
		['closes', [buy('1', '0.3', '50000'), sell('2', '0.3', '60000')], '0', '0'],
		['flips', [buy('1', '0.3', '50000'), sell('2', '0.5', '60000')], '-0.2', '60000'],
		['a short', [sell('1', '0.1', '50000'), sell('2', '0.1', '51000'), buy('3', '0.05', '40000')], '-0.15', '50500'],
		['is exact', [buy('1', '0.1', '0.3'), buy('2', '0.2', '0.6')], '0.3', '0.5'],
		['rounds half even at 16 decimals', [buy('1', '1', '1'), buy('2', '2', '2')], '3', '1.6666666666666667'],
		['a fill twice', [buy('1', '0.1', '50000'), buy('1', '0.1', '50000')], '0.1', '50000'],
		[
			'a late fill is put where it belongs',
			[buy('1', '1', '100'), buy('3', '1', '200'), sell('2', '1', '150')],
			'1',
			'200',
		],
	])('%s', async (_, sent, amount, entry_price) => {
		const {last} = await run(...sent)
		expect(last).toMatchObject({amount, entry_price, source: 'fill'})
	})
})

test('a short form while open, the canonical one always', async () => {
	const {unit} = await run(buy('1', '0.1', '50000'), ['account', algo()])
	const store = unit.bus.store
	expect(store.hashAll('test:position:BTCUSDT')).toMatchObject({amount: '0.1', entry_price: '50000', side: 'LONG'})
	expect(store.hashAll('test:position:snapshot:BTCUSDT')).toMatchObject({
		amount: '0.1',
		stop_resting: 'true',
		stop_client_id: 'qt-stop-1',
		stop_price: '48500',
	})
	await unit.send('account', fill({trade_id: '2', side: 'SELL'}))
	expect(store.exists('test:position:BTCUSDT')).toBe(false)
	expect(store.hashAll('test:position:snapshot:BTCUSDT')).toMatchObject({amount: '0', stop_resting: 'false'})
})

test.each<[string, Sent[], unknown, string]>([
	['a fill', [buy('1', '0.3', '50000')], 'qt-plan-1', '0.3'],
	[
		'the fills of one order together',
		[
			['account', fill({trade_id: '1', quantity: '0.1', client_order_id: 'one'})],
			['account', fill({trade_id: '2', quantity: '0.2', client_order_id: 'one'})],
			['account', fill({trade_id: '2', quantity: '0.2', client_order_id: 'one'})],
		],
		'one',
		'0.3',
	],
	[
		'another order anew',
		[
			['account', fill({trade_id: '1', quantity: '0.1', client_order_id: 'one'})],
			['account', fill({trade_id: '2', quantity: '0.2', client_order_id: 'other'})],
		],
		'other',
		'0.2',
	],
	[
		'a correction by what it changed',
		[buy('1', '0.3', '50000'), correction({amount: '-0.1'})],
		expect.stringMatching(/^[0-9a-f]{16}$/),
		'0.4',
	],
	['no correction to the same', [buy('1', '0.3', '50000'), correction({amount: '0.3'})], 'qt-plan-1', '0.3'],
])('what moved it last: %s', async (_, sent, moved_by, moved_quantity) => {
	const {unit} = await run(...sent)
	const shown = unit.bus.store.hashAll('test:position:snapshot:BTCUSDT')
	expect(shown).toMatchObject({moved_by, moved_quantity})
})

describe('plans come from execution results', () => {
	const first = fill()
	test.each<[string, Sent[], string | undefined]>([
		[
			'after the fill',
			[
				['account', first],
				['result', resultOf(first)],
			],
			'plan-1',
		],
		[
			'before the fill',
			[
				['result', resultOf(first)],
				['account', first],
			],
			'plan-1',
		],
		[
			'the plan that opened stays',
			[
				['account', first],
				['result', resultOf(first)],
				buy('2', '1', '1'),
				['result', resultOf(fill({trade_id: '2'}), {plan_id: 'plan-2'})],
			],
			'plan-1',
		],
		[
			'a flip has its own',
			[
				['account', first],
				['result', resultOf(first)],
				sell('2', '1', '1'),
				['result', resultOf(fill({trade_id: '2'}), {plan_id: 'plan-2'})],
			],
			'plan-2',
		],
		['a foreign trade has none', [['account', first]], undefined],
	])('%s', async (_, sent, plan_id) => {
		const {last} = await run(...sent)
		expect(last?.plan_id).toBe(plan_id)
	})
	test('a result alone moves nothing, and a shadow result says nothing', async () => {
		const {unit, emitted} = await run(['result', resultOf(first)])
		expect(emitted).toEqual([])
		await unit.send('account', fill({trade_id: '5'}))
		expect(await unit.send('result', resultOf(fill({trade_id: '5'})), {authority: 'shadow'})).toEqual([])
	})
})

describe('a stop rests', () => {
	const open = buy('1', '0.1', '50000')
	const event = (changes: Parameters<typeof algo>[0]): Sent => ['account', algo(changes)]
	test.each<[string, Sent[], boolean]>([
		['no stop', [open], false],
		['one that closes the position', [open, event({})], true],
		['placed before the fill is known', [event({}), open], true],
		['a quantity that covers it', [open, event({close_position: false, quantity: '0.1'})], true],
		['a quantity that does not', [open, event({close_position: false, quantity: '0.09'})], false],
		[
			'two quantities that do',
			[
				open,
				event({close_position: false, quantity: '0.05'}),
				event({algo_id: '501', close_position: false, quantity: '0.05'}),
			],
			true,
		],
		['a target is no stop', [open, event({order_type: 'TAKE_PROFIT_MARKET'})], false],
		['one on the side that adds', [open, event({side: 'BUY'})], false],
		['canceled', [open, event({}), event({status: 'CANCELED'})], false],
		['expired', [open, event({}), event({status: 'EXPIRED'})], false],
		['finished', [open, event({}), event({status: 'FINISHED'})], false],
		['rejected', [open, event({}), event({status: 'REJECTED'})], false],
		['triggered: it is closing', [open, event({}), event({status: 'TRIGGERED'})], true],
		['one of two ended', [open, event({}), event({algo_id: '501'}), event({status: 'CANCELED'})], true],
		['an ended one is not brought back by a late NEW', [open, event({status: 'CANCELED'}), event({})], false],
		['flat needs none', [open, event({}), sell('2', '0.1', '1')], false],
	])('%s', async (_, sent, stop_resting) => {
		const {last} = await run(...sent)
		expect(last?.stop_resting).toBe(stop_resting)
	})
})

describe('corrections: the venue wins', () => {
	test.each<[string, Sent[], Readonly<Record<string, unknown>> | undefined]>([
		[
			'from flat',
			[correction({amount: '2', entry_price: '7', expected: '0'})],
			{amount: '2', entry_price: '7', source: 'reconcile'},
		],
		[
			'to flat',
			[buy('1', '1', '5'), correction({amount: '0', expected: '1'})],
			{amount: '0', entry_price: '0', source: 'reconcile'},
		],
		[
			'of the amount',
			[buy('1', '1', '5'), correction({amount: '2', entry_price: '6', expected: '1'})],
			{amount: '2', entry_price: '6', source: 'reconcile'},
		],
		[
			'older than a fill: left',
			[buy('1', '1', '5'), buy('2', '1', '5'), correction({amount: '7', entry_price: '6', expected: '1'})],
			{amount: '2', source: 'fill'},
		],
		[
			'a fill that it covers comes late: left',
			[buy('3', '1', '5'), correction({amount: '2', entry_price: '6', expected: '1'}), buy('2', '1', '5')],
			{amount: '2', source: 'reconcile'},
		],
		[
			'a newer fill counts',
			[buy('3', '1', '5'), correction({amount: '2', entry_price: '5', expected: '1'}), buy('4', '1', '5')],
			{amount: '3', source: 'fill'},
		],
		[
			'a stop unseen',
			[buy('1', '1', '5'), correction({stop_resting: true})],
			{stop_resting: true, source: 'reconcile'},
		],
		[
			'a stop unseen that ends',
			[buy('1', '1', '5'), correction({stop_resting: true}), ['account', algo({status: 'CANCELED'})]],
			{stop_resting: false},
		],
		[
			'a stop that is gone',
			[buy('1', '1', '5'), ['account', algo()], correction({stop_resting: false})],
			{stop_resting: false, source: 'reconcile'},
		],
		['a closing outcome changes nothing', [['reconcile', {run_id: 'r1', outcome: 'CLEAN'}]], undefined],
	])('%s', async (_, sent, expected) => {
		const {last} = await run(...sent)
		if (expected) expect(last).toMatchObject(expected)
		else expect(last).toBeUndefined()
	})
})

describe('positions that the venue pushes are a check', () => {
	test('a disagreement that passes is no matter; one that stays is reported once and corrects nothing', async () => {
		const {unit} = await run(buy('1', '0.1', '50000'), ['account', position()])
		await unit.send('account', position({amount: '0.2'}))
		unit.clock.advance(4_000)
		expect(await unit.timer('check')).toEqual([])
		unit.clock.advance(1_000)
		const [alert, ...rest] = await unit.timer('check')
		expect(rest).toEqual([])
		expect(alert).toMatchObject({
			stream: 'alerts',
			payload: {severity: 'critical', code: 'POSITION_DISAGREES', subject: 'BTCUSDT'},
		})
		unit.clock.advance(60_000)
		expect(await unit.timer('check')).toEqual([])
		expect(unit.bus.store.hashGet('test:position:snapshot:BTCUSDT', 'amount')).toBe('0.1')
	})
	test('the account update before its fill', async () => {
		const {unit} = await run(['account', position()], buy('1', '0.1', '50000'))
		unit.clock.advance(60_000)
		expect(await unit.timer('check')).toEqual([])
	})
})
