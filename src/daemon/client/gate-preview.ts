import {MemoryStore} from '../../engine/bus/memory-store.js'
import type {KeyContract} from '../../engine/contracts/key.js'
import type {Mode} from '../../engine/contracts/mode.js'
import type {Policy} from '../../engine/contracts/policy.js'
import {classOf, type Plan} from '../../engine/contracts/streams/trade.js'
import {admissionArguments} from '../../engine/logic/governing.js'
import {admission, admissionNames} from '../../engine/scripts/admission.js'
import {lookOf} from '../../engine/scripts/admission-model.js'
import {applies, gates} from '../../engine/scripts/gates/all.js'
import {allowedOf} from '../../engine/scripts/gates/room.js'
import {type OrderPreview, previewOrder} from './order-preview.js'
import type {State} from './state.js'

/** One gate's answer to a plan, as things stand. */
export type GateRow = Readonly<{
	code: string
	passed: boolean
	used: string
	limit: string
	meaning: string
	remedy: string
	/** What value and limit count; empty where they are none. */
	unit: 'ms' | 'bps' | 'micro-USDT' | ''
	/** Path of the limit in the policy; empty where it is none of ours. */
	policy: string
}>
export type GatePreview = Readonly<{
	gates: readonly GateRow[]
	/** What an entry would get, after clipping, to a millionth; null for an exit. */
	notional_usdt: string | null
}>
/** The gates' answers, and what would reach the exchange: null for what is no market order, and without the symbol's rules. */
export type PlanPreview = GatePreview & Readonly<{order: OrderPreview | null}>

type Now = Readonly<{now_ms: number; machine_ms: number; speed: number; policy: Policy; mode: Mode}>

/** A key with its value, whatever its type is, into memory. */
const copyKey = async ({bus}: State, store: MemoryStore, key: string, {type}: KeyContract): Promise<void> => {
	if (type === 'hash') store.hashPut(key, await bus.hashAll(key))
	if (type === 'string') {
		const value = await bus.get(key)
		if (value !== undefined) store.put(key, value)
	}
	if (type === 'set') store.apply({op: 'add-members', key, members: await bus.redis.smembers(key)})
	if (type === 'zset') {
		const flat = await bus.redis.zrange(key, '0', '-1', 'WITHSCORES')
		for (let index = 0; index + 1 < flat.length; index += 2)
			store.sortedAdd(key, Number(flat[index + 1]), String(flat[index]))
	}
}

/** Gates that share a code are one row: the one that refuses, else the first that has something to show. */
const onePerCode = (rows: readonly GateRow[]): readonly GateRow[] => {
	const best = (code: string): GateRow | undefined => {
		const same = rows.filter(row => row.code === code)
		return same.find(({passed}) => !passed) ?? same.find(({used}) => used !== '') ?? same[0]
	}
	return rows.filter(row => row === best(row.code))
}

/** Asks every gate of the governor about a plan, and not only up to the first refusal. Changes nothing. */
export const previewPlan = async (state: State, plan: Plan, now: Now): Promise<PlanPreview> => {
	const store = new MemoryStore()
	const names = admissionNames(state.naming, plan)
	await Promise.all(
		Object.entries(admission.keys).map(([name, contract]) => copyKey(state, store, names[name] ?? '', contract)),
	)
	const entry = {id: plan.plan_id, cause: '', unit: plan.source, ts: now.now_ms, v: 1, authority: 'live' as const}
	const args = admissionArguments(plan, {...now, entry})
	const look = lookOf(store, names, args)
	const kind = classOf(plan.action)
	const rows = gates
		.filter(gate => applies(gate, kind))
		.map(({code, meaning, remedy, policy = '', unit = '' as const, look: ask}) => {
			const {passed, used, limit} = ask(look)
			return {code, passed, used: String(used), limit: String(limit), meaning, remedy, unit, policy}
		})
	const notional_usdt = kind === 'ENTRY' ? (allowedOf(look) / 1e6).toFixed(6) : null
	const rules = store.hashAll(names.filters ?? '')
	const position_amount = store.hashGet(names.position ?? '', 'amount')
	const order = previewOrder(plan, {...now, notional_usdt, rules, position_amount})
	return {gates: onePerCode(rows), notional_usdt, order}
}
