import {describe, expect, test} from 'vitest'
import {exitbrain} from '../../../src/engine/units/exec/exitbrain.js'
import {drive} from '../../support/drive.js'
import {
	at,
	brief,
	CALM,
	type Event,
	filters,
	left,
	type Mirror,
	market,
	mirrored,
	open,
	play,
	SYMBOL,
	size,
	snapshot,
	startBrain,
} from './exiting.js'

type Story = readonly [name: string, events: (mirror: Mirror) => readonly Event[], told: readonly string[]]
const stories: readonly Story[] = [
	['nothing happens between the levels', () => [99.01, 100, 100.99, 99.5], []],
	['the internal stop, before the one at the venue', () => [99.5, 99], ['FULL_CLOSE_PROPOSED 8 stop']],
	['stop and target within one candle: the stop comes first', () => [99, 101], ['FULL_CLOSE_PROPOSED 8 stop']],
	[
		'stop and target within one candle: the target comes first, and then break-even closes the rest',
		m => [101, left(m, 6), 100.1, left(m, 0), 99],
		['PARTIAL_CLOSE_25 2 target_1', 'FULL_CLOSE_PROPOSED 6 trailing'],
	],
	[
		'a gap through the stop closes for the limit that it lies beyond: 3.4 % of price at 3x',
		() => [96.6],
		['FULL_CLOSE_PROPOSED 8 max_loss'],
	],
	['a gap through everything', () => [95.8], ['FULL_CLOSE_PROPOSED 8 emergency']],
	[
		'targets one by one; the stop follows behind each',
		m => [
			101,
			left(m, 6),
			101.2,
			left(m, 6, [100.4, 's-2']),
			101.5,
			left(m, 4, [100.4, 's-2']),
			101.6,
			left(m, 4, [101, 's-3']),
			102.4,
			102.4,
			102.5,
		],
		[
			'PARTIAL_CLOSE_25 2 target_1',
			'TRAIL_UPDATE 6 to 100.4 target 1 taken',
			'PARTIAL_CLOSE_25 2 target_2',
			'REPLACE_STOP 4 to 101 target 2 taken',
			'TRAIL_UPDATE 4 to 101.6 target 2 taken',
			'FULL_CLOSE_PROPOSED 4 target',
		],
	],
	[
		'a jump over two targets closes both parts at once',
		m => [101.7, left(m, 4), 101],
		['PARTIAL_CLOSE_50 4 target_2', 'FULL_CLOSE_PROPOSED 4 ratchet'],
	],
	['a jump over all of them closes whole', () => [103], ['FULL_CLOSE_PROPOSED 8 target']],
	[
		'trailing after a partial: 0.8 behind the best, however high that was',
		m => [101, left(m, 6), 101.4, 100.7, 100.6],
		['PARTIAL_CLOSE_25 2 target_1', 'TRAIL_UPDATE 6 to 100.6 target 1 taken', 'FULL_CLOSE_PROPOSED 6 trailing'],
	],
	[
		'a stop is moved once, and again only when it matters',
		m => [101, left(m, 6), 101.3, 101.3, left(m, 6, [100.5, 's-2']), 101.39, 101.39, 101.4, 101.4],
		['PARTIAL_CLOSE_25 2 target_1', 'TRAIL_UPDATE 6 to 100.5 target 1 taken', 'TRAIL_UPDATE 6 to 100.6 target 1 taken'],
	],
	[
		'a stop that is not replaced is asked for again after 10 s',
		m => [101, left(m, 6), 101.3, {wait_ms: 8_000}, 101.3, 101.3],
		['PARTIAL_CLOSE_25 2 target_1', 'TRAIL_UPDATE 6 to 100.5 target 1 taken', 'TRAIL_UPDATE 6 to 100.5 target 1 taken'],
	],
	[
		'a stop that somebody moved nearer stays',
		m => [101, left(m, 6, [100.9, 's-harvest']), 101.3],
		['PARTIAL_CLOSE_25 2 target_1'],
	],
	[
		'without a resting stop there is nothing to move',
		m => [
			101,
			{position: {amount: size(m, 6), stop_resting: false, stop_price: undefined, stop_client_id: undefined}},
			101.3,
		],
		['PARTIAL_CLOSE_25 2 target_1'],
	],
	[
		'a close that did not happen is asked for again after 10 s',
		() => [99, 99, {wait_ms: 7_999}, 99, 99],
		['FULL_CLOSE_PROPOSED 8 stop', 'FULL_CLOSE_PROPOSED 8 stop'],
	],
	[
		'a part that did not happen too, while price is there',
		() => [101, {wait_ms: 10_000}, 100.9, 101],
		['PARTIAL_CLOSE_25 2 target_1', 'PARTIAL_CLOSE_25 2 target_1'],
	],
	[
		'a part that was closed only partly counts: no target is taken twice',
		m => [101, left(m, 7), 101.1, {wait_ms: 10_000}, 101.1, 101.5],
		['PARTIAL_CLOSE_25 2 target_1', 'TRAIL_UPDATE 7 to 100.3 target 1 taken', 'PARTIAL_CLOSE_25 2 target_2'],
	],
	[
		'an emergency does not wait for another close, and is asked for again each second',
		() => [99, 95.8, 95.8, 95.8],
		[
			'FULL_CLOSE_PROPOSED 8 stop',
			'FULL_CLOSE_PROPOSED 8 emergency',
			'FULL_CLOSE_PROPOSED 8 emergency',
			'FULL_CLOSE_PROPOSED 8 emergency',
		],
	],
	[
		'a harder reason does not wait for a part',
		() => [101, 99],
		['PARTIAL_CLOSE_25 2 target_1', 'FULL_CLOSE_PROPOSED 8 stop'],
	],
	[
		'shares are of all that was opened',
		m => [{position: {amount: size(m, 16)}}, 101, left(m, 12), 101.5],
		['PARTIAL_CLOSE_25 4 target_1', 'PARTIAL_CLOSE_25 4 target_2'],
	],
	[
		'a part is rounded down to the lot',
		m => [{position: {amount: size(m, 11)}}, 101],
		['PARTIAL_CLOSE_25 2.5 target_1'],
	],
	[
		'a rest that is dust is closed with the part',
		m => [{position: {amount: size(m, 8)}}, left(m, 2), 101],
		['FULL_CLOSE_PROPOSED 2 target'],
	],
]

describe.each([
	['a long', 1],
	['a short', -1],
] as const)('%s', (_, mirror) => {
	test.each(stories)('%s', async (_name, events, told) => {
		expect(await play(await open(mirror), mirror, events(mirror))).toEqual(told)
	})

	test('a part that rounds to nothing is skipped, and the ratchet goes on', async () => {
		const unit = await startBrain()
		await unit.feed('filters', filters)
		await unit.send('market', market(CALM))
		await unit.send('position', snapshot(mirror, {amount: size(mirror, 1.5)}))
		expect(await play(unit, mirror, [101, 101.3])).toEqual(['TRAIL_UPDATE 1.5 to 100.2 target 1 taken'])
		expect(unit.bus.store.hashAll(`test:exit:state:${SYMBOL}`)).toMatchObject({targets_taken: '1', skipped: '1'})
	})

	test('a plan says who asks, why, how urgent, and at which price', async () => {
		const unit = await open(mirror)
		const [plan] = await at(unit, mirror, 99)
		expect(plan).toEqual({
			plan_id: expect.stringMatching(/^[0-9a-f]{16}$/),
			symbol: SYMBOL,
			action: 'FULL_CLOSE_PROPOSED',
			side: mirror > 0 ? 'SELL' : 'BUY',
			quantity: '8',
			source: 'exitbrain',
			reason: 'stop',
			kill_score: expect.closeTo(0.25, 4),
			reference_price: mirrored(mirror, 99),
		})
	})

	test.each<readonly [string, readonly Event[], string[]]>([
		[
			'a spike against a strong trend',
			[{market: {volatility_ratio: 3, trend_strength: -mirror}}, 99.75],
			['kill_score'],
		],
		['the same with the trend', [{market: {volatility_ratio: 3, trend_strength: mirror}}, 99.75], []],
		['the same in profit', [{market: {volatility_ratio: 3, trend_strength: -mirror}}, 100.2], []],
		[
			'after a day',
			[{wait_ms: 86_400_000}, {market: {volatility_ratio: 3, trend_strength: -mirror}}, 100.2],
			['kill_score'],
		],
		[
			'what is not ready says nothing',
			[{market: {ready: false, volatility_ratio: 3, trend_strength: -mirror}}, 99.75],
			[],
		],
		['nor what is old', [{market: {volatility_ratio: 3, trend_strength: -mirror}}, {wait_ms: 180_000}, 99.75], []],
	])('is closed by the kill score: %s', async (_name, events, reasons) => {
		const unit = await open(mirror)
		const told: string[] = []
		for (const event of events) told.push(...(await play(unit, mirror, [event])))
		expect(told).toEqual(reasons.map(reason => `FULL_CLOSE_PROPOSED 8 ${reason}`))
	})
})

describe('restarts', () => {
	test.each(stories)('before every event change nothing: %s', async (_name, events, told) => {
		let unit = await open(1)
		const seen: string[] = []
		for (const event of events(1)) {
			unit = await drive(exitbrain, {clock: unit.clock, bus: unit.bus})
			const before = (await unit.bus.range(unit.naming.stream('apply.plan'), {count: 1_000})).length
			await play(unit, 1, [event])
			const plans = await unit.bus.range(unit.naming.stream('apply.plan'), {count: 1_000})
			seen.push(...plans.slice(before).map(({fields}) => brief(1, fields as never)))
		}
		expect(seen).toEqual(told)
	})

	test('a position that is found open has its present stop for the initial one, and is judged from the entry', async () => {
		const unit = await open(1, {initial_stop_price: undefined, stop_price: '99.5', leverage: undefined})
		expect(await play(unit, 1, [99.51, 99.5])).toEqual(['FULL_CLOSE_PROPOSED 8 stop'])
	})
})
