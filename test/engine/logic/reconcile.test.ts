import {describe, expect, test} from 'vitest'
import {
	type Belief,
	confirmed,
	type Difference,
	differencesOf,
	type Inspection,
} from '../../../src/engine/logic/reconcile.js'
import {correctionsOf} from '../../../src/engine/logic/reconcile-report.js'
import {inspection, order, stop, venueHolds} from '../units/inspections.js'

const believes = (amount: string, entry_price: string, stop_resting = true): Belief => ({
	positions: {BTCUSDT: {amount, entry_price, stop_resting}},
	balances: {USDT: '1000'},
})
const ADOPT = {foreign: 'adopt'} as const
const flat: Belief = {positions: {}, balances: {USDT: '1000'}}
const short = ({invariant, subject, expected, actual}: Difference) => [invariant, subject, expected, actual]

describe('differences by invariant', () => {
	test.each<[string, Belief, Inspection, string[][]]>([
		['nothing', flat, inspection(), []],
		['the same position', believes('0.1', '50000'), venueHolds('0.100', '50000.00'), []],
		['R1 amount', believes('0.1', '50000'), venueHolds('0.2', '50000'), [['R1', 'BTCUSDT', '0.1', '0.2']]],
		[
			'R1 unknown to us',
			flat,
			venueHolds('-0.2', '50000'),
			[
				['R1', 'BTCUSDT', '0', '-0.2'],
				['R3', 'BTCUSDT', 'no stop', 'resting'],
			],
		],
		['R1 gone at the venue', believes('0.1', '50000'), inspection(), [['R1', 'BTCUSDT', '0.1', '0']]],
		['R2 entry price', believes('0.1', '50000'), venueHolds('0.1', '50001'), [['R2', 'BTCUSDT', '50000', '50001']]],
		['R2 leaves rounding alone', believes('0.1', '50000'), venueHolds('0.1', '50000.4'), []],
		[
			'R3 no stop',
			believes('0.1', '50000', false),
			venueHolds('0.1', '50000', []),
			[['R3', 'BTCUSDT', 'no stop', 'no stop']],
		],
		[
			'R3 believed',
			believes('0.1', '50000'),
			venueHolds('0.1', '50000', []),
			[['R3', 'BTCUSDT', 'resting', 'no stop']],
		],
		[
			'R3 not known',
			believes('0.1', '50000', false),
			venueHolds('0.1', '50000'),
			[['R3', 'BTCUSDT', 'no stop', 'resting']],
		],
		[
			'R3 a target is no stop',
			believes('0.1', '50000'),
			venueHolds('0.1', '50000', [stop({order_type: 'TAKE_PROFIT_MARKET'})]),
			[['R3', 'BTCUSDT', 'resting', 'no stop']],
		],
		[
			'R3 too small',
			believes('0.1', '50000'),
			venueHolds('0.1', '50000', [stop({close_position: false, quantity: '0.05'})]),
			[['R3', 'BTCUSDT', 'resting', 'no stop']],
		],
		[
			'R4 orphans',
			flat,
			inspection({stops: [stop({client_algo_id: 's-b'}), stop({client_algo_id: 's-a'})]}),
			[['R4', 'BTCUSDT', 'none', 's-a s-b']],
		],
		['R5 a foreign entry', flat, inspection({orders: [order()]}), [['R5', 'BTCUSDT', 'none', 'web_abc']]],
		['R5 ours', flat, inspection({orders: [order({client_order_id: 'q-plan1234'})]}), []],
		['R5 an exit', flat, inspection({orders: [order({reduce_only: true})]}), []],
		[
			'R6 wallet',
			flat,
			inspection({balances: [{asset: 'USDT', wallet_balance: '1000.00000001'}]}),
			[['R6', 'USDT', '1000', '1000.00000001']],
		],
		['R6 never pushed', flat, inspection({balances: [{asset: 'BNB', wallet_balance: '1'}]}), []],
	])('%s', (_, belief, seen, expected) => {
		expect(differencesOf(belief, seen, ADOPT).map(short)).toEqual(expected)
	})
})

describe('what others opened', () => {
	const theirs = {
		...believes('0.1', '50000', false),
		positions: {BTCUSDT: {amount: '0.1', entry_price: '50000', stop_resting: false, foreign: 'ignored' as const}},
	}
	test.each<[string, Belief, Inspection, string[]]>([
		['needs no stop of ours where it is ignored', theirs, venueHolds('0.1', '50000', []), []],
		['has a stop that is not known', theirs, venueHolds('0.1', '50000'), ['R3']],
		['is compared all the same', theirs, venueHolds('0.2', '50000', []), ['R1']],
		['orders of theirs', flat, inspection({orders: [order()]}), []],
		['stops of theirs', flat, inspection({stops: [stop({client_algo_id: 'web_1'})]}), []],
		['orphans of ours', flat, inspection({stops: [stop({client_algo_id: 's-plan1'})]}), ['R4']],
	])('%s', (_, belief, seen, expected) => {
		expect(differencesOf(belief, seen, {foreign: 'ignore'}).map(({invariant}) => invariant)).toEqual(expected)
	})

	test('is told from ours by what rests for it', () => {
		const whose = (client_algo_id: string) => {
			const seen = venueHolds('0.2', '50100', [stop({client_algo_id})])
			return correctionsOf('run-1', differencesOf(flat, seen, ADOPT), flat, seen).map(({ours}) => ours)
		}
		expect([whose('s-plan1'), whose('web_1')]).toEqual([[true], [undefined]])
	})
})

test('a difference is confirmed by the same one, in quiet', () => {
	const [first] = differencesOf(believes('0.1', '50000'), inspection(), ADOPT)
	if (!first) throw new Error('there is a difference')
	const other = {...first, actual: '0.3'}
	expect(confirmed([first], [first], () => true)).toEqual([first])
	expect(confirmed([first], [first], () => false)).toEqual([])
	expect(confirmed([first], [other], () => true)).toEqual([])
	expect(confirmed([], [first], () => true)).toEqual([])
})

describe('corrections: by the venue’s numbers, one per position', () => {
	const corrections = (belief: Belief, seen: Inspection) =>
		correctionsOf('run-1', differencesOf(belief, seen, ADOPT), belief, seen)
	test.each<[string, Belief, Inspection, Readonly<Record<string, unknown>>[]]>([
		[
			'amount',
			believes('0.1', '50000'),
			venueHolds('0.20', '50100'),
			[{invariant: 'R1', symbol: 'BTCUSDT', expected: '0.1', amount: '0.2', entry_price: '50100', stop_resting: true}],
		],
		[
			'amount and stop',
			flat,
			venueHolds('0.2', '50100', []),
			[{invariant: 'R1', expected: '0', amount: '0.2', stop_resting: false}],
		],
		[
			'to flat',
			believes('0.1', '50000'),
			inspection(),
			[{invariant: 'R1', amount: '0', entry_price: '0', stop_resting: false}],
		],
		[
			'entry price',
			believes('0.1', '50000'),
			venueHolds('0.1', '50001'),
			[{invariant: 'R2', expected: '0.1', actual: '0.1', amount: '0.1', entry_price: '50001'}],
		],
		[
			'a stop that is gone',
			believes('0.1', '50000'),
			venueHolds('0.1', '50000', []),
			[{invariant: 'R3', stop_resting: false}],
		],
		[
			'a stop that was not known',
			believes('0.1', '50000', false),
			venueHolds('0.1', '50000'),
			[{invariant: 'R3', stop_resting: true}],
		],
		['no stop on either side corrects nothing', believes('0.1', '50000', false), venueHolds('0.1', '50000', []), []],
		[
			'wallet',
			flat,
			inspection({balances: [{asset: 'USDT', wallet_balance: '999'}]}),
			[{invariant: 'R6', detail: 'USDT', expected: '1000', actual: '999'}],
		],
	])('%s', (_, belief, seen, expected) => {
		const made = corrections(belief, seen)
		expect(made).toHaveLength(expected.length)
		expect(made).toMatchObject(expected)
	})
	test('a stop that is gone names no amount: whoever reads it must not take it for flat', () => {
		expect(corrections(believes('0.1', '50000'), venueHolds('0.1', '50000', []))[0]).not.toHaveProperty('amount')
	})
})
