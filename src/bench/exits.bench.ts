import {setTimeout as pause} from 'node:timers/promises'
import type {Redis} from 'ioredis'
import {SystemClock} from '../engine/adapters/clock/system-clock.js'
import {untilAborted} from '../engine/adapters/clock/wait.js'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {RedisBus} from '../engine/adapters/redis/redis-bus.js'
import {idTime} from '../engine/bus/stream-id.js'
import type {Fields} from '../engine/contracts/field.js'
import {Naming} from '../engine/contracts/naming.js'
import {defaultPolicy} from '../engine/contracts/policy.js'
import {positionSnapshot} from '../engine/contracts/streams/account.js'
import {marketTick} from '../engine/contracts/streams/market.js'
import {applyPlan} from '../engine/contracts/streams/trade.js'
import {anyUnit} from '../engine/contracts/unit.js'
import {UnitLoop} from '../engine/runtime/unit-loop.js'
import {exitbrain} from '../engine/units/exec/exitbrain.js'
import {type Bench, type Contender, inTurn, type Sample, sampleOf, spreadOf} from './bench.js'
import {
	CALM_PRICE,
	CROSSED_PRICE,
	type Crossing,
	decisionsOf,
	type PlanSeen,
	positionFields,
	symbolsOf,
	tickFields,
	turnOf,
} from './exit-positions.js'

const POSITIONS = 50
const SYMBOLS = symbolsOf(POSITIONS)
/** Each symbol ticks ten times a second, five of them in each slot. */
const SLOT_MS = 10
const SLOT_SYMBOLS = 5
const SLOTS_PER_TURN = POSITIONS / SLOT_SYMBOLS
/** A position lives for two seconds. */
const TURNS = 20
const PACED_MS = 60_000
const BURSTS = 40
const DRAINED_TICKS = 20_000
const LOOK_EVERY_MS = 5
const ANSWER_MS = 30_000

const unit = anyUnit(exitbrain)

/** The unit as its host runs it, alone on its bus. */
class Brain {
	readonly bus: RedisBus
	readonly naming: Naming
	readonly loop: UnitLoop
	readonly #stop = new AbortController()
	readonly #running: Promise<void>
	/** A connection of its own: what is appended does not queue behind what the unit commits. */
	readonly redis: Redis

	constructor(redis_url: string, prefix: string) {
		this.bus = new RedisBus(() => connectRedis(redis_url))
		this.redis = connectRedis(redis_url)
		this.naming = new Naming(prefix)
		const filters = {run: (_: unknown, signal: AbortSignal) => untilAborted(signal)}
		const settings = {policy: defaultPolicy, mode: 'PAPER', host: 'bench'} as const
		const adapters = {feeds: {filters}, effects: {}}
		const {bus, naming} = this
		this.loop = new UnitLoop({...settings, adapters, unit, bus, naming, clock: new SystemClock()})
		this.#running = this.loop.run(this.#stop.signal)
		this.#running.catch(() => undefined)
	}

	/** Appends at one moment; returns the ids, in order. */
	async append(rows: ReadonlyArray<readonly [stream: string, fields: Fields]>): Promise<string[]> {
		const together = this.redis.multi()
		for (const [stream, fields] of rows)
			together.xadd(this.naming.stream(stream), '*', ...Object.entries(fields).flat())
		return ((await together.exec()) ?? []).map(([error, id]) => {
			if (error) throw error
			return String(id)
		})
	}

	async plans(): Promise<PlanSeen[]> {
		const rows = await this.redis.xrange(this.naming.stream(applyPlan.name), '-', '+')
		return rows.map(([id, flat]) => ({id, symbol: flat[flat.indexOf('symbol') + 1] ?? ''}))
	}

	planned(): Promise<number> {
		return this.redis.xlen(this.naming.stream(applyPlan.name))
	}

	/** Waits until the unit has handled all that lies on a stream. */
	async drained(stream: string): Promise<void> {
		const group = this.naming.group(unit.name, stream)
		await this.until(`all of ${stream} to be handled`, async () => {
			const {undelivered, pending} = await this.bus.backlog(this.naming.stream(stream), group)
			return undelivered === 0 && pending === 0
		})
	}

	/** @throws Error after a bound, or what stopped the unit */
	async until(what: string, look: () => Promise<boolean>): Promise<void> {
		const deadline = performance.now() + ANSWER_MS
		while (!(await look())) {
			if (performance.now() > deadline) throw new Error(`Waited ${ANSWER_MS} ms for ${what}`)
			await Promise.race([this.#running, pause(LOOK_EVERY_MS)])
		}
	}

	async close(): Promise<void> {
		this.#stop.abort()
		await this.#running
		await this.redis.flushall()
		this.redis.disconnect()
		await this.bus.close()
	}
}

const open = async (brain: Brain, life: number, is_open = true): Promise<void> => {
	const now_ms = Date.now()
	await brain.append(SYMBOLS.map(symbol => [positionSnapshot.name, positionFields(symbol, life, is_open, now_ms)]))
	await brain.drained(positionSnapshot.name)
}

const started = async (redis_url: string, prefix: string): Promise<Brain> => {
	const brain = new Brain(redis_url, prefix)
	await brain.until('the unit to begin', async () => brain.loop.ready)
	await open(brain, 0, false)
	return brain
}

/** Ticks for all at their pace, in which each position in its turn crosses its stop: how long until its plan, ms. */
const paced = async (redis_url: string, ms: number) => {
	const brain = await started(redis_url, 'paced:')
	try {
		const crossings: Crossing[] = []
		const isOpen = new Set<string>()
		const begun = performance.now()
		// Whole lives, so that each one that opens is decided upon.
		const slots = Math.ceil(ms / (TURNS * SLOTS_PER_TURN * SLOT_MS)) * TURNS * SLOTS_PER_TURN + SLOTS_PER_TURN
		for (let slot = 0; slot < slots; slot += 1) {
			const round = Math.floor(slot / SLOTS_PER_TURN)
			const from = (slot % SLOTS_PER_TURN) * SLOT_SYMBOLS
			const rows = SYMBOLS.slice(from, from + SLOT_SYMBOLS).map((symbol, at) => {
				const turn = turnOf(from + at, POSITIONS, round, TURNS)
				const now_ms = Date.now()
				const changes = turn === 'open' || turn === 'flat'
				if (changes) isOpen[turn === 'open' ? 'add' : 'delete'](symbol)
				const fields = changes
					? positionFields(symbol, round, turn === 'open', now_ms)
					: tickFields(symbol, round, turn === 'calm' ? CALM_PRICE : CROSSED_PRICE, now_ms)
				const crosses = turn === 'cross' && isOpen.has(symbol)
				return {symbol, crosses, row: [changes ? positionSnapshot.name : marketTick.name, fields] as const}
			})
			const ids = await brain.append(rows.map(({row}) => row))
			for (const [at, {symbol, crosses}] of rows.entries()) if (crosses) crossings.push({symbol, id: ids[at] ?? ''})
			await pause(Math.max(0, begun + (slot + 1) * SLOT_MS - performance.now()))
		}
		const per_s = (slots * SLOT_SYMBOLS) / ((performance.now() - begun) / 1_000)
		await brain.drained(marketTick.name)
		return {per_s, crossings: crossings.length, times: decisionsOf(crossings, await brain.plans())}
	} finally {
		await brain.close()
	}
}

/** The whole market falls through all stops with one message each, at one moment: ms from the first to each plan. */
const bursts = async (redis_url: string, count: number): Promise<number[]> => {
	const brain = await started(redis_url, 'burst:')
	try {
		const times: number[] = []
		for (let life = 1; life <= count; life += 1) {
			await open(brain, life)
			const now_ms = Date.now()
			const before = await brain.planned()
			const ids = await brain.append(
				SYMBOLS.map(symbol => [marketTick.name, tickFields(symbol, life, CROSSED_PRICE, now_ms)]),
			)
			await brain.until('a plan for each position', async () => (await brain.planned()) >= before + POSITIONS)
			const plans = (await brain.plans()).slice(before)
			times.push(...plans.map(({id}) => idTime(id) - idTime(ids[0] ?? '')))
			await open(brain, life, false)
		}
		return times
	} finally {
		await brain.close()
	}
}

/** Ticks of calm prices that lie there already, over 50 open positions. */
const drainSample = async (redis_url: string, count: number, looked: number[]): Promise<Sample> => {
	const brain = await started(redis_url, 'drain:')
	try {
		await open(brain, 1)
		const before = brain.loop.runner.handled
		const sample = await sampleOf(brain.redis, count, async () => {
			const now_ms = Date.now()
			const rows = Array.from(
				{length: count},
				(_, n) => [marketTick.name, tickFields(SYMBOLS[n % POSITIONS] ?? '', n, CALM_PRICE, now_ms)] as const,
			)
			await brain.append(rows)
			await brain.drained(marketTick.name)
		})
		looked.push((brain.loop.runner.handled - before) / count)
		return sample
	} finally {
		await brain.close()
	}
}

export const exits: Bench = {
	name: 'exits',
	summary: `The owner of exits over ${POSITIONS} open positions: from the tick that crosses a stop to the plan to close.`,
	run: async ({redis_url, scale, rounds}) => {
		const count = Math.max(POSITIONS, Math.round(DRAINED_TICKS * scale))
		const looked: number[] = []
		const drains: Contender = {
			name: 'ticks appended and read',
			unit: 'ticks/s',
			measure: () => drainSample(redis_url, count, looked),
		}
		const {per_s, crossings, times} = await paced(redis_url, PACED_MS * scale)
		const burst = await bursts(redis_url, Math.max(1, Math.round(BURSTS * scale)))
		const measurements = await inTurn([drains], rounds)
		const share = looked.reduce((sum, part) => sum + part, 0) / looked.length
		return {
			measurements,
			ratios: [],
			floors: [],
			spreads: [
				spreadOf('tick to exit plan', 'ms', times),
				spreadOf(`the same, all ${POSITIONS} at once`, 'ms', burst),
			],
			notes: [
				`${Math.round(per_s)} ticks and positions/s (asked for: ${(1_000 / SLOT_MS) * SLOT_SYMBOLS}); ${times.length} of ${crossings} crossings were decided`,
				`a tick that a newer one of its symbol overtook in the same read is not looked at: ${Math.round(share * 100)} % were, when ${count} lay there at once`,
				'the unit alone on its bus; the way of a plan through gates and sender is that of order-path',
			],
		}
	},
}
