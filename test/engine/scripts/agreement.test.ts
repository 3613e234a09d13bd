import * as fc from 'fast-check'
import {beforeAll, expect, test} from 'vitest'
import type {RedisBus} from '../../../src/engine/adapters/redis/redis-bus.js'
import {Naming} from '../../../src/engine/contracts/naming.js'
import {startBus} from '../../support/bus.js'
import {examples} from './examples.js'
import {world} from './histories.js'
import {history, inMemory, onRedis, play} from './play.js'

/**
 * Lua on a real Redis and the model in memory see the same history; every answer, and every key at the end,
 * must be the same. Values lie on the limits and beside them.
 */

let redis: RedisBus
beforeAll(async () => {
	const own = await startBus()
	redis = own.bus
	return own.close
})

test('the scripts answer as their models do, for any history', {timeout: 120_000}, async () => {
	let run = 0
	const reasons = new Set<string>()
	await fc.assert(
		fc.asyncProperty(world, history, async (w, ops) => {
			run += 1
			const naming = new Naming(`run-${run}:`)
			const found = await play(onRedis(redis), naming, w, ops)
			const expected = await play(inMemory(), naming, w, ops)
			for (const answer of found) {
				const reason = (answer as {reply?: {fields?: {reason?: string}}}).reply?.fields?.reason
				if (reason) reasons.add(reason)
			}
			expect(found).toEqual(expected)
		}),
		{
			numRuns: 800,
			examples: [...examples],
		},
	)
	// The generators reach the gates: a suite that only ever meets the first refusal would prove nothing.
	for (const reason of [
		'KILLED',
		'MODE_MISMATCH',
		'PAUSED',
		'DATA_STALE',
		'PLAN_STALE',
		'SPREAD_WIDE',
		'SLOTS_FULL',
		'ENTRY_IN_PROGRESS',
		'BELOW_MIN_NOTIONAL',
		'POSITION_EXISTS',
		'NO_POSITION',
		'PERMIT_SERVED',
		'PERMIT_MISSING',
		'SIDE_MISSING',
		'LOCK_LOST',
		'EXECUTION_DISABLED',
		'NOTIONAL_DIFFERS',
		'EXIT_LOCKED',
		'POSITION_BEHIND',
		'ESS_STALE',
		'ESS_STOPPED',
		'ESS_UNWATCHED',
		'BSC_STALE',
		'BSC_TRIPPED',
		'POLICY_CHANGING',
		'DIVERGENCE_STALE',
		'DIVERGED',
		'UNIVERSE_STALE',
		'NOT_IN_UNIVERSE',
		'STOP_BEYOND_LOSS_LIMIT',
		'HEAT_STALE',
		'HEAT_PORTFOLIO',
		'DEPTH_THIN',
	])
		expect([...reasons]).toContain(reason)
})
