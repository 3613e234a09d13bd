import type {Redis} from 'ioredis'
import {keys} from '../engine/contracts/keys.js'
import type {Naming} from '../engine/contracts/naming.js'
import {policySchema} from '../engine/contracts/policy.js'
import {planPayload} from '../engine/contracts/streams/trade.js'
import {admissionArguments} from '../engine/logic/governing.js'
import {toMicro} from '../engine/logic/micro.js'
import {admissionNames} from '../engine/scripts/admission.js'
import {symbolsOf} from './exit-positions.js'
import {widePolicy} from './wide-policy.js'

/** Time stands still, so that nothing grows old however long it takes. */
const NOW_MS = 1_750_000_000_000
const [BID, ASK, QUANTITY] = ['99.99', '100.01', '1.5']
const MODE = 'PAPER'
/** Of one entry, at the most. */
const NOTIONAL_MAX_USDT = 1_000
/** Symbols that are told to the server in one round trip. */
const CHUNK = 500

/** One call of the script: names of keys and values by those of its contract. */
export type PlanCall = Readonly<{keys: Readonly<Record<string, string>>; args: Readonly<Record<string, string>>}>

/** Entries that pass every gate of the world below: each of a symbol of its own, so that every one reserves. */
export const planCalls = (naming: Naming, count: number): readonly PlanCall[] => {
	const symbols = symbolsOf(count)
	const policy = policySchema.parse(widePolicy(symbols))
	// More than any policy grants, so that no entry stands in the way of the next.
	const room = {slots_max: String(count + 1), total_cap_micro: toMicro(String(count * NOTIONAL_MAX_USDT))}
	const now = {now_ms: NOW_MS, machine_ms: NOW_MS, speed: 1, policy, mode: MODE}
	return symbols.map((symbol, n) => {
		const plan_id = `bench-${n}`
		const entry = {id: plan_id, cause: '', unit: 'bench', ts: NOW_MS, v: 1, authority: 'live' as const}
		const plan = planPayload.parse({
			...{plan_id, symbol, action: 'OPEN', side: 'BUY', source: 'bench'},
			...{quantity: QUANTITY, reference_price: ASK, stop_price: '97', leverage: '2'},
		})
		return {keys: admissionNames(naming, plan), args: {...admissionArguments(plan, {...now, entry}), ...room}}
	})
}

/** All that the gates look at, as it is while everything is well. */
export const openWorld = async (redis: Redis, naming: Naming, count: number): Promise<void> => {
	const [now, none] = [String(NOW_MS), {}]
	const {version} = policySchema.parse({})
	await redis
		.pipeline()
		.set(naming.key(keys.kill, none), '0')
		.hset(naming.key(keys.arm, none), {armed: '1', epoch: '1'})
		.set(naming.key(keys.mode, none), MODE)
		.set(naming.key(keys.execution, none), 'ENABLED')
		.hset(naming.key(keys.reconcileLast, none), {outcome: 'CLEAN', machine_ms: now})
		.hset(naming.key(keys.essState, none), {state: 'NORMAL', machine_ms: now})
		.hset(naming.key(keys.essWatch, none), {machine_ms: now})
		.hset(naming.key(keys.bscState, none), {state: 'NORMAL', machine_ms: now})
		.hset(naming.key(keys.policyActive, none), {version: String(version)})
		.hset(naming.key(keys.universe, none), {machine_ms: now})
		.hset(naming.key(keys.heatPortfolio, none), {heat_share: '0', machine_ms: now})
		.exec()
	const symbols = symbolsOf(count)
	const quote = {bid: BID, ask: ASK, bid_quantity: '50', ask_quantity: '50', venue_ms: now, machine_ms: now}
	for (let from = 0; from < count; from += CHUNK) {
		const pipeline = redis.pipeline()
		for (const symbol of symbols.slice(from, from + CHUNK)) {
			pipeline.hset(naming.key(keys.marketQuote, {symbol}), quote)
			pipeline.hset(naming.key(keys.marketFilters, {symbol}), {tradable: 'true', min_notional_usdt: '5'})
			pipeline.hset(naming.key(keys.divergence, none), symbol, `1|${now}`)
			pipeline.sadd(naming.key(keys.allowlist, none), symbol)
		}
		await pipeline.exec()
	}
}

/** The answer of the script. @throws Error with what refused it */
export const admitted = (answer: readonly string[]): readonly string[] => {
	const [status, outcome] = answer
	if (status !== 'decided' || outcome !== 'allow') throw new Error(`A plan was not allowed: ${answer.join(' ')}`)
	return answer
}
