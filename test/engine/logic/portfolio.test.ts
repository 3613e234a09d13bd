import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {HeldPosition} from '../../../src/engine/contracts/streams/portfolio.js'
import {add, equal, exact, textOf} from '../../../src/engine/logic/exact.js'
import {
	emptyHoldings,
	type Holdings,
	snapshotOf,
	withAssetPrice,
	withBalance,
	withPosition,
	withTick,
} from '../../../src/engine/logic/portfolio.js'

const NOW_MS = 1_750_000_000_000
const funded = withBalance(emptyHoldings, 'USDT', '1000.00')
const position = (symbol: string, amount: string, entry_price: string) => ({symbol, amount, entry_price})
const tick = (symbol: string, price: string, mark_price?: string) => ({
	symbol,
	bid: price,
	ask: price,
	bid_quantity: '1',
	ask_quantity: '1',
	received_ms: 1,
	...(mark_price !== undefined && {mark_price}),
})

describe('what holdings are worth', () => {
	const long = withPosition(funded, position('BTCUSDT', '0.5', '100'), NOW_MS)
	const short = withPosition(long, position('ETHUSDT', '-2', '10'), NOW_MS + 1)
	test.each<{why: string; holdings: Holdings; expected: Record<string, unknown> | undefined}>([
		{why: 'no wallet yet', holdings: withPosition(emptyHoldings, position('A1', '1', '1'), 1), expected: undefined},
		{why: 'another asset only', holdings: withBalance(emptyHoldings, 'BNB', '1'), expected: undefined},
		{
			why: 'what came in, of the asset that equity is in',
			holdings: withBalance(
				withBalance(withBalance(funded, 'USDT', '1500', '500'), 'BNB', '1', '1'),
				'USDT',
				'1400',
				'-90',
			),
			expected: {equity_usdt: '1400', transfers_usdt: '410', open_positions: 0},
		},
		{
			why: 'another asset of the wallet is worth something, and no other one',
			holdings: [tick('BNBUSDT', '600'), tick('BNBUSDT', '600.1'), tick('LTCUSDT', '90')].reduce(
				withAssetPrice,
				withBalance(funded, 'BNB', '1'),
			),
			expected: {equity_usdt: '1000', asset_prices: {BNB: '600'}},
		},
		{
			why: 'nothing open',
			holdings: funded,
			expected: {
				equity_usdt: '1000',
				gross_usdt: '0',
				net_usdt: '0',
				open_positions: 0,
				price_ms: 0,
				exposure_ratio: '0',
			},
		},
		{
			why: 'opened and no price yet: what it cost',
			holdings: long,
			expected: {equity_usdt: '1000', unrealised_pnl: '0', gross_usdt: '50', net_usdt: '50', price_ms: NOW_MS},
		},
		{
			why: 'a short counts against a long in net, not in gross',
			holdings: short,
			expected: {gross_usdt: '70', net_usdt: '30', open_positions: 2, exposure_ratio: '0.07', price_ms: NOW_MS},
		},
		{
			why: 'the mark price goes before the book',
			holdings: withTick(long, tick('BTCUSDT', '90', '120'), NOW_MS + 5),
			expected: {unrealised_pnl: '10', equity_usdt: '1010', gross_usdt: '60', price_ms: NOW_MS + 5},
		},
		{
			why: 'without one the middle of the book',
			holdings: withTick(long, {...tick('BTCUSDT', '90'), ask: '91'}, NOW_MS + 5),
			expected: {unrealised_pnl: '-4.75', gross_usdt: '45.25'},
		},
		{
			why: 'a short gains when the price falls',
			holdings: withTick(short, tick('ETHUSDT', '9'), NOW_MS + 5),
			expected: {unrealised_pnl: '2', net_usdt: '32'},
		},
		{
			why: 'a price that came late changes nothing',
			holdings: withTick(long, tick('BTCUSDT', '1'), NOW_MS - 1),
			expected: {unrealised_pnl: '0'},
		},
		{
			why: 'an increase keeps the price',
			holdings: withPosition(
				withTick(long, tick('BTCUSDT', '110'), NOW_MS + 5),
				position('BTCUSDT', '1', '105'),
				NOW_MS + 6,
			),
			expected: {unrealised_pnl: '5', gross_usdt: '110', price_ms: NOW_MS + 5},
		},
		{
			why: 'closed',
			holdings: withPosition(long, position('BTCUSDT', '0', '0'), NOW_MS + 6),
			expected: {gross_usdt: '0', open_positions: 0},
		},
	])('$why', ({holdings, expected}) => {
		const snapshot = snapshotOf(holdings)
		if (expected) expect(snapshot).toMatchObject(expected)
		else expect(snapshot).toBeUndefined()
	})

	test('there is no share of an equity that is gone', () => {
		const lost = withTick(withPosition(funded, position('A1', '1', '2000'), 1), tick('A1', '1'), 2)
		expect(snapshotOf(lost)).toMatchObject({equity_usdt: '-999'})
		expect(snapshotOf(lost)).not.toHaveProperty('exposure_ratio')
	})

	test('flat again and again, and ticks of symbols without a position, move nothing', () => {
		expect(withPosition(funded, position('BTCUSDT', '0', '0'), 1)).toBe(funded)
		expect(withTick(funded, tick('BTCUSDT', '5'), 1)).toBe(funded)
	})
})

test('sums are exact, whatever the order; net lies within gross; equity is wallet and unrealised', () => {
	const decimal = (max: number, places: number) =>
		fc.integer({min: 1, max}).map(units => textOf(exact(units).div(10 ** places)))
	const held = fc.record({
		symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT', '币安人生USDT', 'SOLUSDT'),
		amount: fc.tuple(fc.boolean(), decimal(1e9, 6)).map(([short, size]) => (short ? `-${size}` : size)),
		entry_price: decimal(1e9, 8),
		price: decimal(1e9, 8),
	})
	fc.assert(
		fc.property(fc.uniqueArray(held, {selector: ({symbol}) => symbol}), decimal(1e9, 8), (all, wallet) => {
			const tell = (order: typeof all) =>
				snapshotOf(
					order.reduce(
						(holdings, of) => withTick(withPosition(holdings, of, 1), tick(of.symbol, of.price), 2),
						withBalance(emptyHoldings, 'USDT', wallet),
					),
				)
			const told = tell(all)
			expect(tell(all.toReversed())).toEqual(told)
			if (!told) throw new Error('a known wallet has an equity')
			const sum = (of: (held: HeldPosition) => string) => add('0', ...told.positions.map(of))
			expect(
				equal(
					told.net_usdt,
					sum(({notional_usdt}) => notional_usdt),
				),
			).toBe(true)
			expect(
				equal(
					told.unrealised_pnl,
					sum(({unrealised_pnl}) => unrealised_pnl),
				),
			).toBe(true)
			expect(equal(told.equity_usdt, add(wallet, told.unrealised_pnl))).toBe(true)
			expect(exact(told.net_usdt).abs().lte(told.gross_usdt)).toBe(true)
			expect(told.open_positions).toBe(all.length)
		}),
	)
})
