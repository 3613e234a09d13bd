import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {harvestProposal} from '../../../src/engine/units/exec/harvest-proposal.js'
import {drive, HandClock} from '../../support/drive.js'

const long = {
	symbol: 'BTCUSDT',
	amount: '0.50',
	entry_price: '100',
	opened_ms: 1_749_999_000_000,
	source: 'fill',
	leverage: 10,
	stop_resting: true,
	stop_price: '96',
	stop_client_id: 's-plan-1',
	initial_stop_price: '96',
}
const short = {...long, amount: '-0.50', stop_price: '104', initial_stop_price: '104'}
const flat = {...long, amount: '0', stop_resting: false}
type Position = Record<string, unknown> & {amount: string}

const tickAt = (price: number) => ({
	symbol: 'BTCUSDT',
	bid: String(price),
	ask: String(price),
	bid_quantity: '1',
	ask_quantity: '1',
	received_ms: 1,
})
const start = async (position: Position = long, speed = 1) => {
	const unit = await drive(harvestProposal, {clock: new HandClock(1_750_000_000_000, 1_700_000_000_000, speed)})
	await unit.send('position', position)
	return unit
}
/** Proposals at these prices, a look apart. */
const told = async (unit: Awaited<ReturnType<typeof start>>, prices: readonly number[]) => {
	const said: unknown[] = []
	for (const price of prices) {
		unit.clock.advance(20_000)
		for (const {payload} of await unit.send('tick', tickAt(price))) {
			const {action, close_share, stop_price} = payload
			said.push([price, action, close_share ?? stop_price])
		}
	}
	return said
}

describe('a position with an R of 4', () => {
	test.each<{why: string; position: Position; prices: readonly number[]; expected: readonly unknown[]}>([
		{why: 'nothing below 0.5 R', position: long, prices: [100, 101.99], expected: []},
		{
			why: 'the first part once, from 0.5 R',
			position: long,
			prices: [102, 101, 103],
			expected: [[102, 'HARVEST_PARTIAL', 0.25]],
		},
		{
			why: 'then break-even from 1 R, then trailing half an R behind the best',
			position: long,
			prices: [102, 104, 104, 104.3, 106, 105],
			expected: [
				[102, 'HARVEST_PARTIAL', 0.25],
				[104, 'MOVE_SL_BE', '100.1'],
				[104, 'TRAIL_UPDATE', '102'],
				[106, 'TRAIL_UPDATE', '104'],
			],
		},
		{
			why: 'a jump is taken level by level',
			position: long,
			prices: [108, 107.9, 107.8],
			expected: [
				[108, 'HARVEST_PARTIAL', 0.25],
				[107.9, 'MOVE_SL_BE', '100.1'],
				[107.8, 'TRAIL_UPDATE', '106'],
			],
		},
		{
			why: 'no stop is proposed that price has already passed',
			position: long,
			prices: [108, 107.9, 105.9, 100.05],
			expected: [
				[108, 'HARVEST_PARTIAL', 0.25],
				[107.9, 'MOVE_SL_BE', '100.1'],
			],
		},
		{
			why: 'no stop is proposed that is worse than the one that rests',
			position: {...long, stop_price: '102.5'},
			prices: [102, 104, 104, 104.6, 104.9],
			expected: [
				[102, 'HARVEST_PARTIAL', 0.25],
				[104.9, 'TRAIL_UPDATE', '102.9'],
			],
		},
		{
			why: 'a short is the mirror',
			position: short,
			prices: [98.01, 98, 96, 96, 94],
			expected: [
				[98, 'HARVEST_PARTIAL', 0.25],
				[96, 'MOVE_SL_BE', '99.9'],
				[96, 'TRAIL_UPDATE', '98'],
				[94, 'TRAIL_UPDATE', '96'],
			],
		},
		{
			why: 'nothing while its initial stop is not known',
			position: {...long, initial_stop_price: undefined},
			prices: [102, 110],
			expected: [],
		},
		{why: 'nothing while flat', position: flat, prices: [102, 110], expected: []},
	])('$why', async ({position, prices, expected}) => {
		expect(await told(await start(position), prices)).toEqual(expected)
	})
})

test('a proposal says what it is of, in R and USDT, and has the same id whenever it is made', async () => {
	const [first, again] = [await start(), await start()]
	again.clock.advance(60_000)
	const [proposal] = await first.send('tick', tickAt(102.4))
	expect(proposal?.payload).toEqual({
		proposal_id: expect.stringMatching(/^[0-9a-f]{16}$/),
		symbol: 'BTCUSDT',
		opened_ms: long.opened_ms,
		action: 'HARVEST_PARTIAL',
		close_share: 0.25,
		r: 0.6,
		r_usdt: '2',
		reason: 'first',
	})
	const [same] = await again.send('tick', tickAt(103))
	expect(same?.payload.proposal_id).toBe(proposal?.payload.proposal_id)
})

test('over the margin the first part is taken at 52,500 of an entry at 50,000 with 10x', async () => {
	const harvest = {...defaultPolicy.harvest, r_of: 'margin' as const}
	const unit = await drive(harvestProposal, {policy: {harvest}})
	await unit.send('position', {...long, amount: '0.004', entry_price: '50000', initial_stop_price: undefined})
	expect(await told(unit, [50_100, 51_500, 52_499])).toEqual([])
	const [proposal] = await unit.send('tick', tickAt(52_500))
	expect(proposal?.payload).toMatchObject({r: 0.5, r_usdt: '20', close_share: 0.25})
})

test.each([
	{speed: 1, wait_ms: 5_000},
	{speed: 60, wait_ms: 120_000},
])('proposals of a position are at least $wait_ms ms apart at speed $speed', async ({speed, wait_ms}) => {
	const unit = await start(long, speed)
	expect(await unit.send('tick', tickAt(108))).toHaveLength(1)
	unit.clock.advance(wait_ms)
	expect(await unit.send('tick', tickAt(108))).toEqual([])
	unit.clock.advance(1)
	expect(await unit.send('tick', tickAt(108))).toHaveLength(1)
})

describe('an intent against the position', () => {
	const intent = {symbol: 'BTCUSDT', side: 'SELL', confidence: 0.7}
	test.each([
		{why: 'takes more', intent, envelope: {}, wait_ms: 900_000, expected: [0.375, 'first, intent against it']},
		{why: 'is forgotten', intent, envelope: {}, wait_ms: 900_001, expected: [0.25, 'first']},
		{
			why: 'with it says nothing',
			intent: {...intent, side: 'BUY'},
			envelope: {},
			wait_ms: 1,
			expected: [0.25, 'first'],
		},
		{
			why: 'in shadow says nothing',
			intent,
			envelope: {authority: 'shadow' as const},
			wait_ms: 1,
			expected: [0.25, 'first'],
		},
	])('$why', async ({intent: said, envelope, wait_ms, expected}) => {
		const unit = await start()
		await unit.send('intent', said, envelope)
		unit.clock.advance(wait_ms)
		const [proposal] = await unit.send('tick', tickAt(102))
		expect([proposal?.payload.close_share, proposal?.payload.reason]).toEqual(expected)
	})
})

test('a new position begins anew; a part that was closed or added does not', async () => {
	const unit = await start()
	expect(await told(unit, [102])).toHaveLength(1)
	await unit.send('position', {...long, amount: '0.375'})
	expect(await told(unit, [102])).toEqual([])
	await unit.send('position', {...long, opened_ms: long.opened_ms + 1})
	expect(await told(unit, [102])).toHaveLength(1)
	await unit.send('position', flat)
	expect(await told(unit, [110])).toEqual([])
})

test('neither stale ticks nor what is only measured count', async () => {
	const unit = await start()
	expect(await unit.send('tick', tickAt(102), {ts: unit.clock.venue() - 10_001})).toEqual([])
	expect(await unit.send('tick', tickAt(102), {authority: 'shadow'})).toEqual([])
	await unit.send('position', flat, {authority: 'shadow'})
	expect(await unit.send('tick', tickAt(102))).toHaveLength(1)
})

test('whatever price does: each level once, stops only towards profit and behind price, the same after restarts', async () => {
	const walk = fc.array(fc.integer({min: -30, max: 34}), {minLength: 5, maxLength: 60})
	await fc.assert(
		fc.asyncProperty(walk, fc.boolean(), async (moves, is_short) => {
			const tell = async (restarting: boolean) => {
				const position = is_short ? short : long
				let unit = await start(position)
				let price = 100
				const said: Array<Record<string, unknown> & {price: number}> = []
				for (const [index, move] of moves.entries()) {
					price = Math.round((price + (is_short ? -move : move) / 20) * 100) / 100
					unit.clock.advance(6_000)
					if (restarting) unit = await drive(harvestProposal, {clock: unit.clock, bus: unit.bus})
					await unit.send('tick', tickAt(price), {id: `tick-${index}`})
					const all = await unit.bus.range(unit.naming.stream('harvest.proposal'), {count: 1_000})
					for (const {fields} of all.slice(said.length)) said.push({...fields, price})
				}
				return said
			}
			const said = await tell(false)
			expect(await tell(true)).toEqual(said)
			const side = is_short ? -1 : 1
			expect(said.filter(({action}) => action === 'HARVEST_PARTIAL').length).toBeLessThanOrEqual(1)
			expect(said.filter(({action}) => action === 'MOVE_SL_BE').length).toBeLessThanOrEqual(1)
			const stops = said.filter(({stop_price}) => stop_price !== undefined)
			for (const [index, {stop_price, price}] of stops.entries()) {
				expect((price - Number(stop_price)) * side).toBeGreaterThan(0)
				const before = stops[index - 1]
				if (before) expect((Number(stop_price) - Number(before.stop_price)) * side).toBeGreaterThanOrEqual(0.4 - 1e-9)
			}
		}),
		{numRuns: 40},
	)
})

test('an intent that nobody can read is left to the gate to bury', async () => {
	const unit = await drive(harvestProposal)
	expect(await unit.sendFields('intent', {symbol: 'BTCUSDT', side: 'UP'})).toEqual([])
	const buried = ['trade.intent.dlq', 'dead.letter'].map(name => unit.bus.range(unit.naming.stream(name), {count: 10}))
	expect(await Promise.all(buried)).toEqual([[], []])
	expect(unit.runner.dead_lettered).toBe(0)
})
