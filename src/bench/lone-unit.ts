import {setTimeout as pause} from 'node:timers/promises'
import type {Redis} from 'ioredis'
import {SystemClock} from '../engine/adapters/clock/system-clock.js'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {RedisBus} from '../engine/adapters/redis/redis-bus.js'
import type {Fields} from '../engine/contracts/field.js'
import {Naming} from '../engine/contracts/naming.js'
import {defaultPolicy, type Policy} from '../engine/contracts/policy.js'
import type {AnyUnit} from '../engine/contracts/unit.js'
import type {UnitAdapters} from '../engine/runtime/adapters.js'
import {UnitLoop} from '../engine/runtime/unit-loop.js'

const LOOK_EVERY_MS = 5
const ANSWER_MS = 30_000

export type LoneOptions = Readonly<{
	redis_url: string
	prefix: string
	unit: AnyUnit
	adapters: UnitAdapters
	policy?: Policy
}>

/** One unit as its host runs it, alone on its bus. */
export class LoneUnit {
	readonly bus: RedisBus
	readonly naming: Naming
	readonly loop: UnitLoop
	readonly #stop = new AbortController()
	readonly #running: Promise<void>
	/** A connection of its own: what is appended does not queue behind what the unit commits. */
	readonly redis: Redis

	constructor({redis_url, prefix, unit, adapters, policy = defaultPolicy}: LoneOptions) {
		this.bus = new RedisBus(() => connectRedis(redis_url))
		this.redis = connectRedis(redis_url)
		this.naming = new Naming(prefix)
		const {bus, naming} = this
		const settings = {policy, mode: 'PAPER', host: 'bench'} as const
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

	/** Waits until the unit has handled all that lies on a stream. */
	async drained(stream: string): Promise<void> {
		const group = this.naming.group(this.loop.options.unit.name, stream)
		await this.until(`all of ${stream} to be handled`, async () => {
			const {undelivered, pending} = await this.bus.backlog(this.naming.stream(stream), group)
			return undelivered === 0 && pending === 0
		})
	}

	/** @throws Error after a bound, or what stopped the unit */
	async until(what: string, look: () => Promise<boolean>, within_ms = ANSWER_MS): Promise<void> {
		const deadline = performance.now() + within_ms
		while (!(await look())) {
			if (performance.now() > deadline) throw new Error(`Waited ${within_ms} ms for ${what}`)
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
