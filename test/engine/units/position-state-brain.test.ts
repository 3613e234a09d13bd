import {describe, expect, test} from 'vitest'
import {positionStateBrain} from '../../../src/engine/units/state/position-state-brain.js'
import {drive, type Emitted} from '../../support/drive.js'
import {algo, fill, position, resultOf} from './account-events.js'

type Sent = readonly [port: 'account' | 'result' | 'reconcile', payload: Readonly<Record<string, unknown>>]
const run = async (...sent: readonly Sent[]) => {
	const unit = await drive(positionStateBrain)
	const emitted: Emitted[] = []
	for (const [port, payload] of sent) emitted.push(...(await unit.send(port, payload)))
	return {unit, emitted, last: emitted.at(-1)?.payload}
}
const buy = (trade_id: string, quantity: string, price: string): Sent => ['account', fill({trade_id, quantity, price})]
const sell = (trade_id: string, quantity: string, price: string): Sent => [
	'account',
	fill({trade_id, quantity, price, side: 'SELL'}),
]
const correction = (changes: Readonly<Record<string, unknown>>): Sent => [
	'reconcile',
	{run_id: 'r1', outcome: 'CORRECTION', symbol: 'BTCUSDT', ...changes},
]

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

describe('who opened it, with which leverage, and where its stop rests', () => {
	const by = (trade_id: string, changes: Readonly<Record<string, unknown>>): Sent => [
		'result',
		resultOf(fill({trade_id}), changes),
	]
	const open = buy('1', '0.1', '50000')
	const opened = by('1', {source: 'intent-bridge', leverage: 3})
	const stop = (algo_id: string, trigger_price: string, changes: Parameters<typeof algo>[0] = {}): Sent => [
		'account',
		algo({algo_id, client_algo_id: `s-${algo_id}`, trigger_price, ...changes}),
	]
	const ends = (algo_id: string): Sent => stop(algo_id, '1', {status: 'CANCELED'})
	const at = (price: string, id: string, initial = price) => ({
		stop_price: price,
		stop_client_id: `s-${id}`,
		initial_stop_price: initial,
	})
	const unknown = {opened_by: undefined, leverage: undefined}
	test.each<[string, Sent[], Readonly<Record<string, unknown>>]>([
		['of the plan behind the fill', [open, opened], {opened_by: 'intent-bridge', leverage: 3}],
		['known before the fill', [opened, open], {opened_by: 'intent-bridge', leverage: 3}],
		['of a foreign fill nothing', [open, stop('7', '48500')], unknown],
		[
			'an increase by another at another leverage: the venue has the newest, the opener stays',
			[open, opened, buy('2', '0.1', '50000'), by('2', {plan_id: 'plan-2', source: 'operator', leverage: 5})],
			{opened_by: 'intent-bridge', leverage: 5},
		],
		[
			'an exit says nothing about leverage',
			[open, opened, sell('2', '0.05', '50000'), by('2', {plan_id: 'plan-2', source: 'exitbrain'})],
			{opened_by: 'intent-bridge', leverage: 3},
		],
		['a flip forgets both', [open, opened, sell('2', '0.2', '50000')], unknown],
		['the next position forgets both', [open, opened, sell('2', '0.1', '1'), buy('3', '0.1', '1')], unknown],
		[
			'a correction of the size keeps them',
			[open, opened, correction({amount: '0.3', entry_price: '1', expected: '0.1'})],
			{opened_by: 'intent-bridge', leverage: 3},
		],
		['the stop that rests', [open, stop('7', '48500')], at('48500', '7')],
		['the one that rested before the fill was known', [stop('7', '48500'), open], at('48500', '7')],
		[
			'the nearest of two, the first one stays the initial',
			[open, stop('7', '48500'), stop('8', '49900')],
			at('49900', '8', '48500'),
		],
		[
			'the one left after a replacement',
			[open, stop('7', '48500'), stop('8', '49900'), ends('7')],
			at('49900', '8', '48500'),
		],
		[
			'the farther one when the nearer ends',
			[open, stop('7', '48500'), stop('8', '49900'), ends('8')],
			at('48500', '7'),
		],
		[
			'the nearest of a short is the lowest',
			[sell('1', '0.1', '50000'), stop('7', '52000', {side: 'BUY'}), stop('8', '51000', {side: 'BUY'})],
			at('51000', '8', '52000'),
		],
		[
			'none while nothing rests; the initial one stays known',
			[open, stop('7', '48500'), ends('7')],
			{stop_price: undefined, stop_client_id: undefined, initial_stop_price: '48500'},
		],
		[
			'a partial close keeps them',
			[open, stop('7', '48500'), stop('8', '49900'), sell('2', '0.05', '1')],
			at('49900', '8', '48500'),
		],
		[
			'an unseen one has no price',
			[open, correction({stop_resting: true})],
			{stop_resting: true, stop_price: undefined, initial_stop_price: undefined},
		],
		[
			'flat has none',
			[open, opened, stop('7', '48500'), sell('2', '0.1', '1')],
			{...unknown, stop_price: undefined, initial_stop_price: undefined},
		],
	])('%s', async (_, sent, expected) => {
		const {last, unit} = await run(...sent)
		const shown = Object.fromEntries(Object.keys(expected).map(field => [field, last?.[field]]))
		expect(shown).toEqual(expected)
		const hash = unit.bus.store.hashAll('test:position:snapshot:BTCUSDT')
		const kept = Object.entries(expected).filter(([, value]) => value !== undefined)
		expect(hash).toMatchObject(Object.fromEntries(kept.map(([field, value]) => [field, String(value)])))
	})

	test('is published when one of them changes, and only then', async () => {
		const {unit} = await run(open)
		expect(await unit.send(...opened)).toHaveLength(1)
		expect(await unit.send(...opened)).toHaveLength(0)
		expect(await unit.send(...stop('7', '48500'))).toHaveLength(1)
		expect(await unit.send(...stop('8', '48000'))).toHaveLength(0)
		expect(await unit.send(...stop('9', '49000'))).toHaveLength(1)
		expect(await unit.send(...ends('8'))).toHaveLength(0)
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
