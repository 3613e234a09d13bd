import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy, policySchema} from '../../../src/engine/contracts/policy.js'
import {diffPolicies, notTightening} from '../../../src/engine/logic/policy-versions.js'
import {smallerNotional} from '../../../src/engine/logic/volatility-watch.js'
import {riskProposal} from '../../../src/engine/units/exec/risk-proposal.js'
import {drive} from '../../support/drive.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const position = {symbol: 'BTCUSDT', amount: '1', entry_price: '100', opened_ms: 1, source: 'fill', stop_resting: true}
type Unit = Awaited<ReturnType<typeof drive>>

const candle = (unit: Unit, volatility_ratio: number, changes: Record<string, unknown> = {}) => ({
	symbol: 'BTCUSDT',
	open_ms: unit.clock.venue(),
	ready: true,
	volatility_ewma: 0.001,
	volatility_range: 0.001,
	volatility_ratio,
	spread_bps: 1,
	trend_strength: 0,
	...changes,
})
const start = async (notional_per_trade_usdt = 200) => {
	const unit = await drive(riskProposal, {policy: {notional_per_trade_usdt}})
	await unit.send('position', position)
	return unit
}
/** Notionals proposed over candles of these ratios. */
const told = async (unit: Unit, ratios: readonly number[], changes: Record<string, unknown> = {}) => {
	const proposed: unknown[] = []
	for (const ratio of ratios) {
		unit.clock.advance(MINUTE)
		for (const {payload} of await unit.send('market', candle(unit, ratio, changes))) proposed.push(payload.changes)
	}
	return proposed
}
const hot = [3, 3, 3, 3, 3]
const smaller = {notional_per_trade_usdt: 150}

describe('a smaller trade is proposed', () => {
	test.each<{why: string; ratios: readonly number[]; expected: readonly unknown[]}>([
		{why: 'after five hot candles', ratios: hot, expected: [smaller]},
		{why: 'not after four', ratios: hot.slice(1), expected: []},
		{why: 'not at the level itself', ratios: [2, 2, 2, 2, 2, 2], expected: []},
		{why: 'not when they are broken', ratios: [3, 3, 3, 1.9, 3, 3, 3, 3], expected: []},
		{why: 'once for a spell', ratios: [...hot, ...hot], expected: [smaller]},
	])('$why', async ({ratios, expected}) => {
		expect(await told(await start(), ratios)).toEqual(expected)
	})

	test.each<{why: string; notional: number; expected: readonly unknown[]}>([
		{why: 'down to the floor', notional: 60, expected: [{notional_per_trade_usdt: 50}]},
		{why: 'not below it', notional: 50, expected: []},
		{why: 'nor where the operator went lower', notional: 20, expected: []},
	])('$why', async ({notional, expected}) => {
		expect(await told(await start(notional), hot)).toEqual(expected)
	})

	test('with a reason, and the same id for the same candle', async () => {
		const [first, again] = [await start(), await start()]
		const update = async (unit: Unit) => {
			await told(unit, hot.slice(1))
			return (await unit.send('market', candle(unit, 3, {open_ms: 1_900_000_000_000})))[0]?.payload
		}
		const payload = await update(first)
		expect(payload).toEqual({
			proposal_id: expect.stringMatching(/^[0-9a-f]{16}$/),
			reason: 'volatility of BTCUSDT above 2 times its usual for 5 candles, with a position open',
			changes: smaller,
		})
		expect(await update(again)).toEqual(payload)
	})
})

test('the next spell needs calm in between, and six hours', async () => {
	const unit = await start()
	expect(await told(unit, hot)).toEqual([smaller])
	unit.clock.advance(7 * HOUR)
	expect(await told(unit, [1.6, ...hot])).toEqual([])
	expect(await told(unit, [1.4, ...hot])).toEqual([smaller])
	expect(await told(unit, [1.4, ...hot])).toEqual([])
	unit.clock.advance(6 * HOUR)
	expect(await told(unit, [3])).toEqual([smaller])
})

describe('nothing is proposed', () => {
	test('without an open position, or for another symbol', async () => {
		const unit = await start()
		expect(await told(unit, hot, {symbol: 'ETHUSDT'})).toEqual([])
		await unit.send('position', {...position, amount: '0'})
		expect(await told(unit, hot)).toEqual([])
	})

	test('from states that warm up, that were seen, or that are only measured', async () => {
		const unit = await start()
		expect(await told(unit, hot, {ready: false})).toEqual([])
		expect(await told(unit, [...hot, ...hot], {open_ms: 1_900_000_000_000})).toEqual([])
		const other = await start()
		for (let count = 0; count < 6; count += 1) {
			other.clock.advance(MINUTE)
			expect(await other.send('market', candle(other, 3), {authority: 'shadow'})).toEqual([])
		}
	})
})

test('what it proposes is a policy, and only ever tightens', () => {
	fc.assert(
		fc.property(fc.integer({min: 1, max: 200_000}), cents => {
			const notional_per_trade_usdt = smallerNotional(cents / 100)
			if (notional_per_trade_usdt === undefined) return cents <= 5_000
			const before = {...defaultPolicy, notional_per_trade_usdt: cents / 100}
			const after = policySchema.parse({...before, notional_per_trade_usdt})
			expect(notTightening(diffPolicies(before, after))).toEqual([])
			return notional_per_trade_usdt >= 50
		}),
	)
})
