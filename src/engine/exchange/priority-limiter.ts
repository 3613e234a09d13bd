import type {PlanClass} from '../contracts/streams/trade.js'
import type {Clock} from '../runtime/clock.js'
import {exchangeLimits as limits} from './exchange-limits.js'

export type OrderBudget = Readonly<{per_10s: number; per_minute: number; waiting_max: number}>
export const defaultBudget: OrderBudget = {
	per_10s: limits.orders_per_10s,
	per_minute: limits.orders_per_minute,
	waiting_max: limits.orders_waiting_max,
}

/** Why a request was not let through. */
export type Admission = Readonly<{ok: true}> | Readonly<{ok: false; reason: 'QUEUE_FULL' | 'STOPPING'}>

/** Who goes first; and which share of the budget each may use up, so that entries never starve stops. */
const RANK: Readonly<Record<PlanClass, {rank: number; share: number}>> = {
	PROTECT: {rank: 0, share: 1},
	EXIT: {rank: 1, share: 0.95},
	ENTRY: {rank: 2, share: 0.8},
}
const WINDOWS = [
	{ms: 10_000, budget: 'per_10s'},
	{ms: 60_000, budget: 'per_minute'},
] as const

type Waiting = {of: PlanClass; orders: number; order: number; admit: (admission: Admission) => void}

/**
 * Lets requests through in the order protection, exits, entries, within the venue's order rates, and not at all while
 * the venue has asked for silence. Machine time, by the clock it is given.
 */
export class PriorityLimiter {
	/** Machine times of orders let through, ascending. */
	#passed: number[] = []
	#waiting: Waiting[] = []
	#hold_until_ms = 0
	#order = 0
	#turning = false
	readonly #stop = new AbortController()

	constructor(
		private readonly clock: Clock,
		private readonly budget: OrderBudget = defaultBudget,
	) {}

	get waiting(): number {
		return this.#waiting.length
	}

	/** Resolves when the request may leave. `orders` is how many it counts as: 0 for cancels and queries. */
	admit(of: PlanClass, orders: number): Promise<Admission> {
		if (this.#stop.signal.aborted) return Promise.resolve({ok: false, reason: 'STOPPING'})
		if (this.#waiting.length >= this.budget.waiting_max) return Promise.resolve({ok: false, reason: 'QUEUE_FULL'})
		this.#order += 1
		return new Promise(resolve => {
			this.#waiting.push({of, orders, order: this.#order, admit: resolve})
			this.#waiting.sort((one, other) => RANK[one.of].rank - RANK[other.of].rank || one.order - other.order)
			this.#letThrough()
			void this.#turn()
		})
	}

	/** The venue asks for silence: nothing passes for this long. */
	hold(ms: number): void {
		this.#hold_until_ms = Math.max(this.#hold_until_ms, this.clock.machine() + ms)
	}

	/** Refuses whatever waits and whatever comes. */
	close(): void {
		this.#stop.abort()
		for (const {admit} of this.#waiting.splice(0)) admit({ok: false, reason: 'STOPPING'})
	}

	#letThrough(): void {
		const now_ms = this.clock.machine()
		this.#passed = this.#passed.filter(passed_ms => passed_ms > now_ms - WINDOWS[1].ms)
		if (now_ms < this.#hold_until_ms) return
		for (const request of [...this.#waiting]) {
			if (this.#delay(request, now_ms) > 0) continue
			for (let count = 0; count < request.orders; count += 1) this.#passed.push(now_ms)
			this.#waiting.splice(this.#waiting.indexOf(request), 1)
			request.admit({ok: true})
		}
	}

	/** Machine time until there is room for the request, ms. */
	#delay({of, orders}: Waiting, now_ms: number): number {
		if (orders === 0) return 0
		let delay_ms = 0
		for (const {ms, budget} of WINDOWS) {
			const room = Math.max(orders, Math.floor(this.budget[budget] * RANK[of].share))
			const excess = this.#passed.filter(passed_ms => passed_ms > now_ms - ms).length + orders - room
			if (excess <= 0) continue
			const oldest = this.#passed.filter(passed_ms => passed_ms > now_ms - ms)[excess - 1] ?? now_ms
			delay_ms = Math.max(delay_ms, oldest + ms - now_ms)
		}
		return delay_ms
	}

	/** One loop lets through what waits, as room appears. */
	async #turn(): Promise<void> {
		if (this.#turning) return
		this.#turning = true
		while (this.#waiting.length > 0 && !this.#stop.signal.aborted) {
			const now_ms = this.clock.machine()
			const delays = this.#waiting.map(request => this.#delay(request, now_ms))
			const wait_ms = Math.max(1, this.#hold_until_ms - now_ms, Math.min(...delays))
			await this.clock.wait(wait_ms, this.#stop.signal)
			this.#letThrough()
		}
		this.#turning = false
	}
}
