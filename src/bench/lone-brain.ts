import {setTimeout as pause} from 'node:timers/promises'
import type {Redis} from 'ioredis'
import {SystemClock} from '../engine/adapters/clock/system-clock.js'
import {untilAborted} from '../engine/adapters/clock/wait.js'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {RedisBus} from '../engine/adapters/redis/redis-bus.js'
import type {Fields} from '../engine/contracts/field.js'
import {Naming} from '../engine/contracts/naming.js'
import {defaultPolicy} from '../engine/contracts/policy.js'
import {applyPlan} from '../engine/contracts/streams/trade.js'
import {anyUnit} from '../engine/contracts/unit.js'
import {UnitLoop} from '../engine/runtime/unit-loop.js'
import {exitbrain} from '../engine/units/exec/exitbrain.js'
import type {PlanSeen} from './exit-positions.js'

const LOOK_EVERY_MS = 5
const ANSWER_MS = 30_000

const unit = anyUnit(exitbrain)

/** The owner of exits as its host runs it, alone on its bus. */
export class LoneBrain {
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
