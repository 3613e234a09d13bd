import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy, policySchema} from '../../../src/engine/contracts/policy.js'
import {diffPolicies, notTightening} from '../../../src/engine/logic/policy-versions.js'
import {type TrailSample, tunedTrail} from '../../../src/engine/logic/trail-tuning.js'
import {harvestOptimizer} from '../../../src/engine/units/exec/harvest-optimizer.js'
import {drive} from '../../support/drive.js'

const {harvest} = defaultPolicy
/** Gains by distance: what 0.3 R got over 0.5 R, the distance in force. */
const sample = (index: number, edge: number, base = 0.5): TrailSample => ({
	closed_ms: index,
	gains: {'0.2': base - 0.1, '0.3': base + edge, '0.4': base, '0.5': base},
})
/** Noise that repeats: its mean over four trades is 0. */
const noise = (index: number): number => [0.1, -0.1, 0.05, -0.05][index % 4] ?? 0
const series = (count: number, edgeOf: (index: number) => number) =>
	Array.from({length: count}, (_, index) => sample(index, edgeOf(index) + noise(index)))

describe('a tighter trail', () => {
	test.each<{why: string; samples: readonly TrailSample[]; expected: number | undefined}>([
		{why: 'that paid before and after is found', samples: series(60, () => 0.2), expected: 0.3},
		{why: 'on too few trades is none', samples: series(39, () => 0.2), expected: undefined},
		{why: 'that paid only where it was chosen', samples: series(60, at => (at < 36 ? 0.2 : 0)), expected: undefined},
		{
			why: 'that paid only later was not chosen',
			samples: series(60, at => (at < 36 ? -0.2 : 0.2)),
			expected: undefined,
		},
		{why: 'that lost', samples: series(60, () => -0.2), expected: undefined},
		{why: 'that gained no more than noise', samples: series(60, () => 0.005), expected: undefined},
		{
			why: 'over trades that ran under another distance',
			samples: series(60, () => 0.2).map(({closed_ms, gains: {'0.3': _, ...gains}}) => ({closed_ms, gains})),
			expected: undefined,
		},
		{why: 'whatever order they come in', samples: series(60, () => 0.2).toReversed(), expected: 0.3},
	])('$why: $expected', ({samples, expected}) => {
		expect(tunedTrail(samples, harvest)?.trail_r).toBe(expected)
	})

	test('is never so tight that the spread sets it off', () => {
		const policy = {...harvest, trail_r: 0.12}
		const gains = {'0.048': 1, '0.072': 1, '0.096': 1, '0.12': 0}
		const samples = Array.from({length: 60}, (_, closed_ms) => ({closed_ms, gains}))
		expect(tunedTrail(samples, policy)).toBeUndefined()
	})

	test('is a policy that only tightens, and has gained on the trades it was not chosen on', () => {
		const gain = fc.integer({min: -30, max: 30}).map(value => value / 10)
		const one = fc.record({'0.2': gain, '0.3': gain, '0.4': gain, '0.5': gain})
		const lean = fc.integer({min: -10, max: 20}).map(value => value / 10)
		fc.assert(
			fc.property(fc.array(one, {minLength: 40, maxLength: 80}), lean, (trades, edge) => {
				const samples = trades.map((gains, closed_ms) => ({closed_ms, gains: {...gains, '0.3': gains['0.3'] + edge}}))
				const tuning = tunedTrail(samples, harvest)
				if (!tuning) return
				const after = policySchema.parse({...defaultPolicy, harvest: {...harvest, trail_r: tuning.trail_r}})
				expect(notTightening(diffPolicies(defaultPolicy, after))).toEqual([])
				const newer = samples.slice(Math.floor(samples.length * 0.6))
				const total = newer.reduce((sum, {gains}) => {
					const tighter = Object.entries(gains).find(([distance]) => Number(distance) === tuning.trail_r)
					return sum + (tighter?.[1] ?? Number.NaN) - gains['0.5']
				}, 0)
				expect(total).toBeGreaterThan(0)
			}),
		)
	})
})

type Unit = Awaited<ReturnType<typeof drive>>
const closed = (index: number) => ({
	trade_id: `trade-${index}`,
	symbol: 'BTCUSDT',
	side: 'LONG',
	quantity: '1',
	entry_price: '100',
	exit_price: '101',
	opened_ms: 1,
	closed_ms: index,
	realised_pnl: '1',
	fees: '0',
	net_pnl: '1',
	plan_id: 'plan',
	exit_plan_id: 'exit',
	exit_reason: 'stop',
	strategy: 'trading-bot',
})
const quality = ({closed_ms, gains}: TrailSample) => ({
	event: 'EXIT_QUALITY',
	subject: 'BTCUSDT',
	detail: JSON.stringify({trade_id: `trade-${closed_ms}`, closed_ms, trailed: gains}),
})
const feed = async (unit: Unit, samples: readonly TrailSample[], changes: Record<string, unknown> = {}) => {
	const said: Record<string, unknown>[] = []
	for (const one of samples) {
		const trade = {...closed(one.closed_ms), ...changes}
		// Either stream may be the faster one.
		const both = one.closed_ms % 2 === 0 ? (['closed', 'event'] as const) : (['event', 'closed'] as const)
		for (const port of both)
			for (const {payload} of await unit.send(port, port === 'closed' ? trade : quality(one))) said.push(payload)
	}
	return said
}

describe('the unit', () => {
	test('proposes once a day, with its figures', async () => {
		const unit = await drive(harvestOptimizer)
		const samples = series(60, () => 0.2)
		const said = await feed(unit, samples)
		expect(said).toEqual([
			{
				proposal_id: expect.stringMatching(/^[0-9a-f]{16}$/),
				reason: expect.stringMatching(
					/^stops that trail 0\.3 R instead of 0\.5 R behind gained 0\.\d+ R per trade out of sample, t \d+\.\d+, 40 closed trades$/,
				),
				changes: {'harvest.trail_r': 0.3},
			},
		])
		const next = Array.from({length: 4}, (_, index) => sample(60 + index, 0.2 + noise(index)))
		unit.clock.advance(86_399_999)
		expect(await feed(unit, next.slice(0, 2))).toEqual([])
		unit.clock.advance(1)
		expect(await feed(unit, next.slice(2))).toHaveLength(1)
	})

	test('looks only at trades of our strategies', async () => {
		const unit = await drive(harvestOptimizer)
		expect(
			await feed(
				unit,
				series(60, () => 0.2),
				{strategy: undefined},
			),
		).toEqual([])
	})

	test.each([
		{why: 'another event', event: {event: 'STAGE_OPEN', subject: 'core', detail: 'open'}},
		{why: 'a detail that is no JSON', event: {event: 'EXIT_QUALITY', subject: 'BTCUSDT', detail: 'good'}},
		{why: 'one that is not its shape', event: {event: 'EXIT_QUALITY', subject: 'BTCUSDT', detail: '{"trade_id":1}'}},
		{why: 'a trade without R', event: quality({closed_ms: 1, gains: {}})},
	])('leaves $why', async ({event}) => {
		const unit = await drive(harvestOptimizer)
		expect(await unit.send('event', event)).toEqual([])
		expect(unit.bus.store.hashAll('test:unit:state:harvest-optimizer')).toEqual({})
	})

	test('keeps a bounded memory', async () => {
		const unit = await drive(harvestOptimizer)
		for (let index = 0; index < 60; index += 1) await unit.send('event', quality(sample(index, 0)))
		for (let index = 100; index < 160; index += 1) await unit.send('closed', closed(index))
		const snapshot = JSON.parse(
			Object.values(unit.bus.store.hashAll('test:unit:state:harvest-optimizer'))[0] ?? '{}',
		) as {
			ours: unknown[]
			paths: unknown[]
		}
		expect([snapshot.ours.length, snapshot.paths.length]).toEqual([50, 50])
	})
})
