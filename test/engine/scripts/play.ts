import * as fc from 'fast-check'
import type {RedisBus} from '../../../src/engine/adapters/redis/redis-bus.js'
import type {Bus, Write} from '../../../src/engine/bus/bus.js'
import {MemoryBus} from '../../../src/engine/bus/memory-bus.js'
import type {KeyContract} from '../../../src/engine/contracts/key.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import type {Naming} from '../../../src/engine/contracts/naming.js'
import {
	argsOf,
	byHand,
	episode,
	forged,
	forgotten,
	keysOf,
	latchStep,
	now,
	type Op,
	PLANS,
	permitByHand,
	published,
	SYMBOLS,
	settlement,
	setUp,
	take,
	turn,
	type World,
} from './histories.js'

const single = fc.oneof(settlement, take, latchStep, turn, byHand, forgotten, forged, published).map((op): Op[] => [op])
/** What happens in a world: plans with what follows them, and anything in between. */
export const history = fc
	.array(fc.oneof({weight: 3, arbitrary: episode}, {weight: 2, arbitrary: single}), {maxLength: 8})
	.map(parts => parts.flat())

/** A bus and what it does not tell itself: how many of a sorted set lie above a score, and when a key ends. */
type Place = Readonly<{
	bus: Bus
	countAbove(key: string, score: number): Promise<number>
	ends(key: string, ttl_ms: number | undefined): Promise<string>
}>

const ON_TIME = 'within its time'
export const onRedis = (bus: RedisBus): Place => ({
	bus,
	countAbove: (key, score) => bus.redis.zcount(key, `(${score}`, '+inf'),
	ends: async (key, ttl_ms) => {
		const left = await bus.redis.pttl(key)
		if (left < 0) return left === -1 ? 'never' : 'absent'
		return left <= (ttl_ms ?? 0) ? ON_TIME : `in ${left} ms`
	},
})
export const inMemory = (bus = new MemoryBus({now: () => now})): Place => ({
	bus,
	countAbove: async (key, score) => bus.store.sortedCountAbove(key, score),
	ends: async (key, ttl_ms) => {
		if (!bus.store.exists(key)) return 'absent'
		return ttl_ms === undefined ? 'never' : ON_TIME
	},
})

/** Plays a history; every answer, and every value at the end. */
export const play = async (place: Place, naming: Naming, w: World, ops: readonly Op[]): Promise<unknown[]> => {
	const {bus} = place
	await bus.commit({acknowledge: [], writes: setUp(naming, w)})
	const answers: unknown[] = []
	let now_ms = now
	for (const op of ops) {
		now_ms += op.later_ms ?? 0
		if (op.kind === 'hand') {
			const value = String(op.kill)
			await bus.commit({acknowledge: [], writes: [{op: 'put-string', key: naming.key(keys.kill, {}), value}]})
			continue
		}
		if (op.kind === 'position') {
			const {symbol, amount, moved_by, moved_quantity} = op as unknown as Record<string, string>
			const key = naming.key(keys.positionSnapshot, {symbol: symbol ?? ''})
			const fields = {amount: amount ?? '', ...(moved_by && {moved_by}), ...(moved_quantity && {moved_quantity})}
			await bus.commit({acknowledge: [], writes: [{op: 'put-hash', key, fields, replace: true}]})
			continue
		}
		const permit_key = naming.key(keys.permit, {plan_id: String(op.plan_id)})
		if (op.kind === 'forget' || op.kind === 'forge') {
			const {ttl_ms = 0} = keys.permit
			const forge: Write = {op: 'put-hash', key: permit_key, fields: permitByHand(op), replace: true, ttl_ms}
			await bus.commit({acknowledge: [], writes: [op.kind === 'forge' ? forge : {op: 'remove', key: permit_key}]})
			continue
		}
		const permit = await bus.hashAll(permit_key)
		const given = op.kind === 'take' && op.notional_micro === '' ? {notional_micro: permit.notional_micro ?? '0'} : {}
		const {script, args} = argsOf({...op, ...given}, now_ms)
		const branches = Object.fromEntries(Object.keys(script.outcomes).map(outcome => [outcome, []]))
		answers.push(await bus.decide({script, keys: keysOf(script, naming, op), args, branches}, {acknowledge: []}))
	}
	return [...answers, ...(await valuesOf(place, naming, now_ms))]
}

const SINGLE = [
	keys.kill,
	keys.arm,
	keys.execution,
	keys.executionChange,
	keys.reservations,
	keys.totalNotional,
	keys.availableSlots,
]
const PER_SYMBOL = [keys.exitLock, keys.cooldown, keys.execHistory]

const valuesOf = async ({bus, countAbove, ends}: Place, naming: Naming, now_ms: number): Promise<unknown[]> => {
	const value = async (contract: KeyContract, key: string): Promise<unknown[]> => {
		const end = await ends(key, contract.ttl_ms)
		if (contract.type === 'hash') return [key, end, {...(await bus.hashAll(key))}]
		if (contract.type === 'string') return [key, end, await bus.get(key)]
		const scores = [0, now - 1, now, now_ms - 1]
		return [key, end, await Promise.all(scores.map(score => countAbove(key, score)))]
	}
	return Promise.all([
		...SINGLE.map(contract => value(contract, naming.key(contract, {}))),
		...PER_SYMBOL.flatMap(contract => SYMBOLS.map(symbol => value(contract, naming.key(contract, {symbol})))),
		...PLANS.map(plan_id => value(keys.permit, naming.key(keys.permit, {plan_id}))),
	])
}
