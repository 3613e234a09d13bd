import {describe, expect, test} from 'vitest'
import {
	type Belief,
	confirmed,
	contradictionOf,
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

/**
 * What may come between us and the venue, and the test that holds it:
 *
 * | Surprise | Held by |
 * |---|---|
 * | ghost at the venue, ghost on our side | R1 below; units/reconcile-engine `a difference` |
 * | foreign order, manual trade | R5 below; units/account-pipeline `what happened while the units were down` (fills of any hand) |
 * | fills missed while down | adapters/exchange/account-feed `goes on from its checkpoint`; units/account-pipeline |
 * | hedge-mode surprise | R7 below; units/reconcile-surprises `another hand has set hedge mode`; adapters/exchange/venue-inspector |
 * | liquidation, auto-deleveraging | units/execution-origin `an order of the venue’s own`; system/money-edges |
 * | drift of quantity, of price | R1, R2 below |
 * | duplicated, late, disordered user events | units/exchange-stream-bridge `in any order, with any repetition` |
 * | expired listenKey | adapters/exchange/account-feed `takes a new listen key at once` |
 * | socket drop, a wire that hangs | adapters/exchange/account-feed `lists by REST`, `notices a wire that hangs` |
 * | empty answer that is not flat | contradictionOf below; units/reconcile-surprises `an empty list is not flat at once` |
 * | no answer, half an answer | units/reconcile-engine `what is not known is never flat`; adapters/exchange/venue-inspector |
 */
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
		['R7 hedge mode', flat, inspection({hedge_mode: true}), [['R7', 'account', 'one-way mode', 'hedge mode']]],
		[
			'R7 compares nothing else: of two sides neither is our position',
			believes('0.1', '50000'),
			venueHolds('-0.3', '51000', [], {hedge_mode: true, orders: [order()]}),
			[['R7', 'account', 'one-way mode', 'hedge mode']],
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

test.each<[string, Inspection, string | undefined]>([
	['flat, with no margin in use', inspection(), undefined],
	['a position, with its margin', venueHolds('0.1', '50000', [], {position_margin: '1000'}), undefined],
	['nothing listed, with margin in use', inspection({position_margin: '1000.50'}), '1000.5 USDT of margin are in use'],
])('an inspection against itself: %s', (_, seen, expected) => {
	if (expected === undefined) expect(contradictionOf(seen)).toBeUndefined()
	else expect(contradictionOf(seen)).toContain(expected)
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
		['a position mode is for an operator to put back', believes('0.1', '50000'), inspection({hedge_mode: true}), []],
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
