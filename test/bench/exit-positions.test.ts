import {expect, test} from 'vitest'
import {
	CALM_PRICE,
	CROSSED_PRICE,
	decisionsOf,
	positionFields,
	symbolsOf,
	tickFields,
	turnOf,
} from '../../src/bench/exit-positions.js'
import {decodeEnvelope} from '../../src/engine/contracts/envelope.js'
import {positionSnapshot} from '../../src/engine/contracts/streams/account.js'
import {marketTick} from '../../src/engine/contracts/streams/market.js'
import {startBrain} from '../engine/units/exiting.js'

const NOW_MS = 1_750_000_000_000

test('each position opens, is calm, crosses, stays there and is flat, again and again', () => {
	const life = (symbol: number) => Array.from({length: 40}, (_, round) => turnOf(symbol, 50, round, 20))
	const once = ['open', ...Array.from({length: 15}, () => 'calm'), 'cross', 'stay', 'stay', 'flat']
	expect(life(0)).toEqual([...once, ...once])
	expect(life(25)).toEqual([...life(0).slice(10), ...life(0).slice(0, 10)])
	expect(new Set(symbolsOf(50)).size).toBe(50)
})

test('in each round as many cross as a life has turns for them', () => {
	for (let round = 0; round < 20; round += 1) {
		const crossing = symbolsOf(50).filter((_, at) => turnOf(at, 50, round, 20) === 'cross')
		expect(Math.abs(crossing.length - 50 / 20)).toBeLessThan(1)
	}
})

test('what the bench writes keeps the contracts, and does what it says to the owner of exits', async () => {
	const [symbol = ''] = symbolsOf(1)
	const position = (open: boolean) => positionSnapshot.payload.parse(positionFields(symbol, 1, open, NOW_MS))
	const tick = (n: number, price: number) => marketTick.payload.parse(tickFields(symbol, n, price, NOW_MS))
	expect(decodeEnvelope(tickFields(symbol, 1, CALM_PRICE, NOW_MS), '1-0', 1)).toMatchObject({
		authority: 'live',
		ts: NOW_MS,
	})
	const unit = await startBrain()
	const plans = async (port: 'tick' | 'position', payload: Readonly<Record<string, unknown>>) =>
		(await unit.send(port, payload)).filter(({stream}) => stream === 'apply.plan').map(({payload: plan}) => plan)
	expect(await plans('position', position(true))).toEqual([])
	expect(await plans('tick', tick(1, CALM_PRICE))).toEqual([])
	expect(await plans('tick', tick(2, CROSSED_PRICE))).toMatchObject([{action: 'FULL_CLOSE_PROPOSED', reason: 'stop'}])
	expect(await plans('position', position(false))).toEqual([])
	expect(await plans('tick', tick(3, CROSSED_PRICE))).toEqual([])
})

test('a decision belongs to the crossing before it, and to none where it came too late', () => {
	const crossings = [
		{symbol: 'A', id: '100-0'},
		{symbol: 'B', id: '100-1'},
		{symbol: 'A', id: '2000-0'},
		{symbol: 'A', id: '4000-0'},
	]
	const plans = [
		{symbol: 'A', id: '103-0'},
		{symbol: 'A', id: '110-0'},
		{symbol: 'B', id: '100-5'},
		{symbol: 'A', id: '4007-0'},
	]
	expect(decisionsOf(crossings, plans).toSorted((one, other) => one - other)).toEqual([0, 3, 7])
	expect(decisionsOf(crossings, [])).toEqual([])
})
