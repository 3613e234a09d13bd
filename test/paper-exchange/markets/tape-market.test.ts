import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {MarketEvent} from '../../../src/paper-exchange/market.js'
import {DepthBook} from '../../../src/paper-exchange/markets/depth-book.js'
import {Grid} from '../../../src/paper-exchange/markets/grid.js'
import {openMarket} from '../../../src/paper-exchange/markets/open-market.js'
import {checkTape} from '../../../src/paper-exchange/markets/tape-agreement.js'
import {loadTape} from '../../../src/paper-exchange/markets/tape-load.js'
import {readUntil} from './market-reading.js'
import {smallTape, TAPE_MS, TapeWriter} from './tape-fixture.js'

async function tell(tape: TapeWriter, more: object = {}): Promise<{events: MarketEvent[]; notes: string[]}> {
	await using saved = await tape.save()
	const notes: string[] = []
	const market = await openMarket({kind: 'tape', file: saved.file, ...more}, line => notes.push(line))
	return {events: readUntil(market, Number.POSITIVE_INFINITY), notes}
}

function books(events: readonly MarketEvent[]): string[] {
	const side = (levels: readonly (readonly [string, string])[]): string =>
		levels.map(level => level.join('x')).join(' ')
	return events.flatMap(event => (event.kind === 'book' ? [`${side(event.bids)} | ${side(event.asks)}`] : []))
}

describe('a tape', () => {
	it('rebuilds the book: snapshot, updates that waited, updates that chain, newer best prices on top', async () => {
		const {events, notes} = await tell(smallTape())
		expect(books(events)).toEqual([
			'100.0x5.0 | 100.1x5.0',
			'100.0x4.0 99.9x7.5 99.5x1.0 | 100.2x3.0 100.3x2.0 101.0x9.0',
			'100.0x4.0 99.9x7.5 99.5x1.0 | 100.2x3.0 100.3x2.0 101.0x9.0',
			'100.1x1.5 100.0x4.0 99.9x7.5 99.5x1.0 | 100.3x2.0 101.0x9.0',
			'100.1x1.5 100.0x4.0 99.5x1.0 | 100.3x2.0 101.0x9.0',
			'100.1x1.5 100.0x4.0 99.5x1.0 | 100.3x1.0 101.0x9.0',
		])
		expect(events.find(event => event.kind === 'trade')).toEqual({
			kind: 'trade',
			time_ms: TAPE_MS + 1200,
			symbol: 'AAAUSDT',
			price: '100.2',
			quantity: '0.7',
			buyer_is_maker: false,
		})
		expect(notes).toEqual([])
	})

	it('shows best prices alone after a break of the chain, until the next snapshot', async () => {
		const tape = smallTape()
			.at(1400)
			.depth(130, 140, 129, [['98.00', '1.0']], [])
			.ticker(141, ['99.80', '2.0'], ['99.90', '1.0'])
			.snapshot(
				140,
				[
					['99.80', '2.0'],
					['98.00', '1.0'],
				],
				[
					['99.90', '1.0'],
					['102.00', '1.0'],
				],
			)
		const {events, notes} = await tell(tape)
		expect(books(events).slice(-2)).toEqual(['99.8x2.0 | 99.9x1.0', '99.8x2.0 98.0x1.0 | 99.9x1.0 102.0x1.0'])
		expect(notes).toEqual([expect.stringContaining(`AAAUSDT: the chain of depth updates breaks at ${TAPE_MS + 1400}`)])
	})

	it('leaves out prints far from the market and prints that are none, and says so', async () => {
		const tape = smallTape()
			.trade('103.00', '1.0', false)
			.trade('97.00', '1.0', true)
			.trade('100.10', '1.0', true, {X: 'INSURANCE_FUND'})
			.trade('100.40', '1.0', false)
			.aggTrade('100.30', '1.0', false)
		const {events, notes} = await tell(tape)
		expect(events.flatMap(event => (event.kind === 'trade' ? [event.price] : []))).toEqual(['100.2', '100.4'])
		expect(notes).toHaveLength(3)
		expect(notes[0]).toMatch(/print of 1.0 at 103.00 left out .*\(best prices 100.1, 100.3\)/)
		expect((await tell(tape, {outlier_bps: 500})).events.filter(event => event.kind === 'trade')).toHaveLength(4)
	})

	it('marks at the middle each second and settles funding when its hour passes', async () => {
		const tape = smallTape().at(2500).ticker(120, ['100.40', '1.0'], ['100.60', '1.0'])
		const {events} = await tell(tape)
		const marks = events.flatMap(event => (event.kind === 'mark' ? [[event.time_ms - TAPE_MS, event.mark]] : []))
		expect(marks).toEqual([
			[0, '100.1'],
			[1200, '100.2'],
			[2500, '100.5'],
		])
		expect(events.filter(event => event.kind === 'funding')).toEqual([
			{kind: 'funding', time_ms: TAPE_MS + 2500, symbol: 'AAAUSDT', rate: '0.0001'},
		])
	})

	it('is replayed in time order, no event after its instant', async () => {
		await using saved = await smallTape().at(500).ticker(119, ['100.10', '1.0'], ['100.30', '1.0']).save('tape.txt')
		const market = await openMarket({kind: 'tape', file: saved.file})
		expect([market.start_ms, market.end_ms]).toEqual([TAPE_MS, TAPE_MS + 1300])
		const early = readUntil(market, TAPE_MS + 200)
		const late = readUntil(market, Number.POSITIVE_INFINITY)
		expect(early.every(event => event.time_ms <= TAPE_MS + 200)).toBe(true)
		const times = [...early, ...late].map(event => event.time_ms)
		expect(times).toEqual([...times].sort((one, other) => one - other))
		expect(late[0]?.time_ms).toBe(TAPE_MS + 1200)
	})

	it('names lines that are no tape, and leaves a last line out that was cut off', async () => {
		const bad = smallTape().raw('{"stream":"x","data":{"e":"bookTicker","s":"AAAUSDT","b":"x"}}').raw('{"a":1}')
		await expect(tell(bad)).rejects.toThrow(/tape\.gz:10: .*tape\.gz:11: a message with neither/s)
		const cut = smallTape().raw('{"stream":"aaausdt@trade","data":{"e":"tra')
		const {notes} = await tell(cut)
		expect(notes).toEqual([expect.stringMatching(/:10: last line left out/)])
		await expect(tell(new TapeWriter().raw('{"e":"forceOrder"}'))).rejects.toThrow(/no message of any symbol/)
	})

	it('is checked: chain, and the rebuilt book against the ticker', async () => {
		await using saved = await smallTape().save()
		const [check] = checkTape(await loadTape(saved.file, {}, () => {}))
		expect(check).toEqual({
			symbol: 'AAAUSDT',
			snapshots: 1,
			applied: 1,
			old: 0,
			waiting: 2,
			gaps: 0,
			crossed: 0,
			compared: 1,
			agreed: 1,
			agreed_in_price: 1,
		})
	})
})

describe('the rebuilt book', () => {
	it('is what a plain map of all updates gives', () => {
		const change = fc.tuple(fc.integer({min: 1, max: 40}), fc.integer({min: 0, max: 5}))
		fc.assert(
			fc.property(fc.array(fc.array(change, {maxLength: 8}), {maxLength: 40}), updates => {
				const book = new DepthBook(new Grid('1'), new Grid('1'))
				book.snapshot({lastUpdateId: 0, bids: [], asks: [['100', '1']]})
				const plain = new Map<number, number>()
				for (const [at, changes] of updates.entries()) {
					const texts = changes.map(([price, quantity]): [string, string] => [String(price), String(quantity)])
					for (const [price, quantity] of changes) plain.set(price, quantity)
					const numbers = {U: at, u: at + 1, pu: at}
					expect(book.depth({e: 'depthUpdate', s: 'A', E: 0, ...numbers, b: texts, a: []})).toBe('applied')
				}
				const left = [...plain].filter(level => level[1] > 0).sort((one, other) => other[0] - one[0])
				expect(book.top(50).bids).toEqual(left.map(level => level.map(String)))
			}),
		)
	})
})
