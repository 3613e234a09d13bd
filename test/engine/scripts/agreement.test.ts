import * as fc from 'fast-check'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {connectRedis} from '../../../src/engine/adapters/redis/connect.js'
import {RedisBus} from '../../../src/engine/adapters/redis/redis-bus.js'
import type {Bus} from '../../../src/engine/bus/bus.js'
import {MemoryBus} from '../../../src/engine/bus/memory-bus.js'
import {Naming} from '../../../src/engine/contracts/naming.js'
import {startRedis} from '../../support/redis.js'
import {broken, calm, lostLock, otherNotional, outranked, stoppedLate} from './examples.js'
import {
	argsOf,
	byHand,
	episode,
	keysOf,
	latchStep,
	now,
	type Op,
	PLANS,
	SYMBOLS,
	settlement,
	setUp,
	take,
	turn,
	type World,
	world,
} from './histories.js'

/**
 * Lua on a real Redis and the model in memory see the same history; every answer, and every key at the end,
 * must be the same. Values lie on the limits and beside them.
 */

let server: Awaited<ReturnType<typeof startRedis>>
let redis: RedisBus
beforeAll(async () => {
	server = await startRedis()
	redis = new RedisBus(() => connectRedis(`unix:${server.path}`))
})
afterAll(async () => {
	await redis.close()
	await server.stop()
})

const play = async (bus: Bus, naming: Naming, w: World, ops: readonly Op[]): Promise<unknown[]> => {
	await bus.commit({acknowledge: [], writes: setUp(naming, w)})
	const answers: unknown[] = []
	let now_ms = now
	for (const op of ops) {
		now_ms += op.later_ms ?? 0
		if (op.kind === 'hand') {
			await bus.commit({
				acknowledge: [],
				writes: [{op: 'put-string', key: `${naming.prefix}kill`, value: String(op.kill)}],
			})
			continue
		}
		const permit = await bus.hashAll(`${naming.prefix}permit:p33:${String(op.plan_id)}`)
		const given = op.kind === 'take' && op.notional_micro === '' ? {notional_micro: permit.notional_micro ?? '0'} : {}
		const {script, args} = argsOf({...op, ...given}, now_ms)
		const branches = Object.fromEntries(Object.keys(script.outcomes).map(outcome => [outcome, []]))
		const decided = await bus.decide({script, keys: keysOf(script, naming, op), args, branches}, {acknowledge: []})
		answers.push(decided)
	}
	const key = (name: string) => naming.prefix + name
	const hashes = [
		'arm',
		'governor:execution_change',
		'governor:reservations',
		...SYMBOLS.map(s => `lock:exit:${s}`),
		...PLANS.map(p => `permit:p33:${p}`),
	]
	for (const name of hashes) answers.push([name, {...(await bus.hashAll(key(name)))}])
	for (const name of [
		'kill',
		'governor:execution',
		'total_notional_used',
		'available_slots',
		...SYMBOLS.map(s => `cooldown:last_exec_ts:${s}`),
	])
		answers.push([name, await bus.get(key(name))])
	return answers
}

test('the scripts answer as their models do, for any history', async () => {
	let run = 0
	const reasons = new Set<string>()
	const single = fc.oneof(settlement, take, latchStep, turn, byHand).map((op): Op[] => [op])
	const history = fc
		.array(fc.oneof({weight: 3, arbitrary: episode}, {weight: 2, arbitrary: single}), {maxLength: 8})
		.map(parts => parts.flat())
	await fc.assert(
		fc.asyncProperty(world, history, async (w, ops) => {
			run += 1
			const naming = new Naming(`run-${run}:`)
			const onRedis = await play(redis, naming, w, ops)
			const inMemory = await play(new MemoryBus({now: () => now}), naming, w, ops)
			for (const answer of onRedis) {
				const reason = (answer as {reply?: {fields?: {reason?: string}}}).reply?.fields?.reason
				if (reason) reasons.add(reason)
			}
			expect(onRedis).toEqual(inMemory)
		}),
		{
			numRuns: 1_000,
			examples: [
				[calm, lostLock],
				[calm, stoppedLate],
				[calm, outranked],
				[{...calm, amount: '0'}, otherNotional],
				...broken,
			],
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
