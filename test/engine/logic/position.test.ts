import fc from 'fast-check'
import {expect, test} from 'vitest'
import {add} from '../../../src/engine/logic/exact.js'
import {
	afterFill,
	corrected,
	flat,
	holdingOf,
	newTrack,
	type PositionFill,
	type Track,
	track,
} from '../../../src/engine/logic/position.js'

const fills = fc
	.array(
		fc.record({
			side: fc.constantFrom('BUY' as const, 'SELL' as const),
			price: fc.integer({min: 1, max: 99_999}).map(price => String(price / 100)),
			quantity: fc.integer({min: 1, max: 500}).map(quantity => String(quantity / 1_000)),
		}),
		{minLength: 1, maxLength: 60},
	)
	.map(drafts =>
		drafts.map((draft, index): PositionFill => ({...draft, trade_id: String(95 + index * 7), ts_ms: 1_000 + index})),
	)

const fed = (sequence: readonly PositionFill[], from: Track = newTrack): Track =>
	sequence.reduce((before, fill) => track(before, fill) ?? before, from)

test('the same fills in any order, any of them repeated, give the same position', () => {
	const disorder = fills.chain(inOrder =>
		fc.record({
			inOrder: fc.constant(inOrder),
			shuffled: fc.shuffledSubarray(inOrder, {minLength: inOrder.length}),
			repeated: fc.array(fc.constantFrom(...inOrder), {maxLength: 30}),
		}),
	)
	fc.assert(
		fc.property(disorder, ({inOrder, shuffled, repeated}) => {
			const expected = inOrder.reduce(afterFill, flat)
			expect(holdingOf(fed([...shuffled, ...repeated]))).toEqual(expected)
		}),
	)
})

test('the amount is the sum of the fills, and nothing is owned at a price when flat', () => {
	fc.assert(
		fc.property(fills, sequence => {
			const holding = holdingOf(fed(sequence))
			expect(holding.amount).toBe(
				add(...sequence.map(({side, quantity}) => (side === 'BUY' ? quantity : `-${quantity}`))),
			)
			if (holding.amount === '0') expect(holding).toEqual(flat)
			else expect(Number(holding.entry_price)).toBeGreaterThan(0)
		}),
	)
})

test('a track survives JSON at any point', () => {
	fc.assert(
		fc.property(fills, fc.nat(60), (sequence, cut) => {
			const half = JSON.parse(JSON.stringify(fed(sequence.slice(0, cut)))) as Track
			expect(fed(sequence.slice(cut), half)).toEqual(fed(sequence))
		}),
	)
})

test('a longer history folds into the base and stays bounded', () => {
	const long = Array.from(
		{length: 500},
		(_, index): PositionFill => ({
			trade_id: String(index + 1),
			side: index % 3 === 0 ? 'SELL' : 'BUY',
			price: String(100 + (index % 10)),
			quantity: '0.01',
			ts_ms: index,
		}),
	)
	const kept = fed(long)
	expect(holdingOf(kept)).toEqual(long.reduce(afterFill, flat))
	expect(kept.fills.length).toBeLessThanOrEqual(64)
	expect(kept.seen.ids.length).toBe(kept.fills.length)
})

test('a correction stands, whatever came before and comes late', () => {
	fc.assert(
		fc.property(fills, sequence => {
			const before = fed(sequence)
			const after = corrected(before, {amount: '1.5', entry_price: '10', ts_ms: 5, as_of_ms: 0})
			expect(holdingOf(fed(sequence, after))).toMatchObject({amount: '1.5', entry_price: '10'})
		}),
	)
})

test('a fill that the venue had counted when it was asked counts once, though it arrives after the correction', () => {
	const late = {trade_id: '900', side: 'BUY', price: '10', quantity: '1', ts_ms: 50} as const
	const after = corrected(newTrack, {amount: '1', entry_price: '10', ts_ms: 60, as_of_ms: 55})
	expect(track(after, late)).toBeUndefined()
	const next = track(after, {...late, trade_id: '901', ts_ms: 56})
	expect(next && holdingOf(next).amount).toBe('2')
})
