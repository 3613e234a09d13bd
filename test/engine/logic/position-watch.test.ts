import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {liquidationDistance} from '../../../src/engine/logic/liquidation.js'
import {
	dangerOf,
	NEAR,
	positionRow,
	toLiquidation,
	toStop,
	type Watched,
} from '../../../src/engine/logic/position-watch.js'

type Changes = Partial<Watched['position']> & Readonly<{price?: string; liquidation_price?: string; of?: string}>
const watched = ({price = '100', liquidation_price = '50', of, ...position}: Changes = {}): Watched => ({
	position: {amount: '2', entry_price: '90', opened_ms: 1_000, ...position},
	price,
	price_ms: 4_000,
	priced_machine_ms: 4_000,
	margin: {
		amount: of ?? position.amount ?? '2',
		liquidation_price,
		maintenance_margin: '0.8',
		margin_ratio: 0.1,
		machine_ms: 4_500,
	},
})

describe('room up to liquidation', () => {
	test.each<[why: string, amount: string, mark_price: string, liquidation_price: string, room: number | null]>([
		['a long falls to it', '1', '100', '90', 0.1],
		['a short rises to it', '-1', '100', '125', 0.25],
		['a long beyond it', '1', '80', '90', 0],
		['a short beyond it', '-1', '130', '125', 0],
		['no such price', '1', '100', '0', null],
		['a short that is larger than the wallet could lose', '-1', '100', '-5', null],
		['no mark price', '1', '0', '90', null],
	])('%s', (_, amount, mark_price, liquidation_price, room) => {
		expect(liquidationDistance({amount, mark_price, liquidation_price})).toBe(room)
	})

	test('is not known of another size, nor before the venue has said anything', () => {
		expect(toLiquidation(watched())).toBe(0.5)
		expect(toLiquidation(watched({of: '2.000'}))).toBe(0.5)
		expect(toLiquidation(watched({of: '3'}))).toBeNull()
		const {margin: _, ...unread} = watched()
		expect(toLiquidation(unread)).toBeNull()
	})
})

test.each<{why: string; changes: Changes; expected: number | null}>([
	{why: 'long', changes: {stop_price: '98'}, expected: 0.02},
	{why: 'short', changes: {amount: '-2', stop_price: '103'}, expected: 0.03},
	{why: 'beyond it', changes: {stop_price: '101'}, expected: -0.01},
	{why: 'none', changes: {}, expected: null},
])('room to the stop: $why', ({changes, expected}) => {
	expect(toStop(watched(changes))).toBe(expected)
})

describe('danger', () => {
	test.each<{why: string; changes: Changes; near?: boolean; expected: string | undefined}>([
		{why: 'far away', changes: {}, expected: undefined},
		{why: 'liquidation before the stop', changes: {stop_price: '90', liquidation_price: '92'}, expected: 'BEFORE_STOP'},
		{why: 'liquidation at the stop', changes: {stop_price: '90', liquidation_price: '90'}, expected: 'BEFORE_STOP'},
		{why: 'the stop before liquidation', changes: {stop_price: '92', liquidation_price: '90'}, expected: undefined},
		{why: 'near, with a stop before it', changes: {stop_price: '99.5', liquidation_price: '99'}, expected: 'NEAR'},
		{why: 'near, without a stop', changes: {liquidation_price: '98.01'}, expected: 'NEAR'},
		{why: 'not near enough', changes: {liquidation_price: '98'}, expected: undefined},
		{why: 'not far enough to be over', changes: {liquidation_price: '98'}, near: true, expected: 'NEAR'},
		{why: 'over', changes: {liquidation_price: '97'}, near: true, expected: undefined},
		{why: 'a short', changes: {amount: '-2', liquidation_price: '101'}, expected: 'NEAR'},
		{why: 'no price closes it', changes: {liquidation_price: '0', stop_price: '90'}, expected: undefined},
	])('$why', ({changes, near = false, expected}) => {
		expect(dangerOf(watched(changes), near)).toBe(expected)
	})

	test('what comes nearer to liquidation is never less dangerous', () => {
		const cents = fc.integer({min: 5_001, max: 20_000}).map(value => (value / 100).toFixed(2))
		fc.assert(
			fc.property(cents, cents, (one, other) => {
				const [near, far] = [one, other].sort((left, right) => Number(left) - Number(right))
				if (dangerOf(watched({price: far ?? ''}), false))
					expect(dangerOf(watched({price: near ?? ''}), false)).toBe('NEAR')
			}),
		)
		expect(NEAR.from).toBeLessThan(NEAR.until)
	})
})

test('a row says everything, each with its age', () => {
	const row = positionRow(
		'BTCUSDT',
		watched({amount: '-2', stop_price: '103', leverage: 5, liquidation_price: '150'}),
		{
			venue_ms: 5_000,
			machine_ms: 5_000,
		},
	)
	expect(row).toEqual({
		symbol: 'BTCUSDT',
		side: 'SHORT',
		amount: '-2',
		entry_price: '90',
		price: '100',
		notional_usdt: '-200',
		unrealised_pnl: '-20',
		leverage: 5,
		stop_price: '103',
		to_stop: 0.03,
		liquidation_price: '150',
		to_liquidation: 0.5,
		maintenance_margin: '0.8',
		margin_ratio: 0.1,
		near_liquidation: false,
		age_ms: 4_000,
		price_age_ms: 1_000,
		margin_age_ms: 500,
	})
})
