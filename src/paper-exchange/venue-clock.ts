import type {Venue} from './venue.js'

/** Machine milliseconds for which venue time is promised ahead in the state log. */
const lease_ms = 250

/** Market events processed without a pause for requests and sockets. */
const burstMax = 200

/** Machine milliseconds between two looks at the market when there is nothing to do. */
const idle_ms = 4

/** Further behind than this (machine milliseconds), venue time is slowed rather than made up for. */
const lagMax_ms = 1000

/** In lock-step, bytes waiting in a socket above which the next burst waits, and machine milliseconds it waits at most. */
const drainAbove_bytes = 1_000_000
const drainMax_ms = 10_000

export type AdvanceOrder = Readonly<{
	until_ms: number
	/** Stop after the first market event that the account hears of, so that it can be answered at that time. */
	stop_at_account_event: boolean
}>
export type AdvanceReport = Readonly<{venue_ms: number; events: number; last_event_ms: number; ended: boolean}>

/** Moves venue time: at a speed, or by command alone. */
export class VenueClock {
	private anchorVenue_ms: number
	private anchorMachine_ms: number
	private timer: NodeJS.Timeout | NodeJS.Immediate | undefined
	private stopped = false
	private queue: Promise<unknown> = Promise.resolve()

	constructor(
		private readonly venue: Venue,
		private readonly machineNow: () => number,
		private readonly onFailure: (error: unknown) => void,
		/** Bytes that wait in the slowest socket. */
		private readonly backlog: () => number,
		/** Events that the account was told of so far. */
		private readonly told: () => number,
	) {
		this.anchorVenue_ms = venue.resume_ms
		this.anchorMachine_ms = machineNow()
	}

	get speed(): number | 'lockstep' {
		return this.venue.config.speed
	}

	get ended(): boolean {
		return this.venue.core.now_ms >= this.venue.market.end_ms
	}

	start(): void {
		if (this.speed !== 'lockstep') this.tick()
	}

	stop(): void {
		this.stopped = true
		clearTimeout(this.timer as NodeJS.Timeout)
		clearImmediate(this.timer as NodeJS.Immediate)
	}

	/**
	 * Processes everything up to `until_ms`, or less where it is told to stop. Calls wait for each other.
	 * @throws Error outside lockstep
	 */
	advance(order: AdvanceOrder): Promise<AdvanceReport> {
		const next = this.queue.then(() => this.advanceNow(order))
		this.queue = next.catch(() => undefined)
		return next
	}

	private async advanceNow({until_ms, stop_at_account_event}: AdvanceOrder): Promise<AdvanceReport> {
		const {core, market} = this.venue
		const target = Math.max(core.now_ms, Math.min(until_ms, market.end_ms))
		if (target > this.venue.leased_ms) this.venue.lease(target)
		let [events, last_event_ms] = [0, 0]
		for (;;) {
			const before = core.market_seq
			const told = this.told()
			const {count, stopped} = this.burst(target, () => stop_at_account_event && this.told() !== told)
			events += count
			if (core.market_seq > before) last_event_ms = this.venue.lastEvent_ms
			if (stopped || count < burstMax) break
			await this.letSocketsDrain()
			if (this.stopped) break
		}
		return {venue_ms: core.now_ms, events, last_event_ms, ended: this.ended}
	}

	/** Up to `burstMax` events, one at a time as long as `stops` does not hold. */
	private burst(target: number, stops: () => boolean): Readonly<{count: number; stopped: boolean}> {
		for (let count = 0; count < burstMax; count += 1) {
			if (this.venue.run(target, 1) === 0) return {count, stopped: false}
			if (stops()) return {count: count + 1, stopped: true}
		}
		return {count: burstMax, stopped: false}
	}

	/** In lock-step nobody is outrun: a client that reads slowly is waited for, one that does not read is not. */
	private async letSocketsDrain(): Promise<void> {
		await new Promise(setImmediate)
		const deadline = this.machineNow() + drainMax_ms
		while (this.backlog() > drainAbove_bytes && this.machineNow() < deadline && !this.stopped) {
			await new Promise(resolve => setTimeout(resolve, 1))
		}
	}

	private tick(): void {
		if (this.stopped) return
		try {
			const behind = this.step()
			this.timer = behind ? setImmediate(() => this.tick()) : setTimeout(() => this.tick(), idle_ms)
		} catch (error) {
			this.onFailure(error)
		}
	}

	/** Runs a burst towards where venue time should be; true when it did not get there. */
	private step(): boolean {
		const {core, market} = this.venue
		const speed = this.speed
		if (speed === 'lockstep') return false
		const now = this.machineNow()
		const due = Math.floor(this.anchorVenue_ms + (now - this.anchorMachine_ms) * speed)
		const target = Math.min(due, market.end_ms)
		if (target <= core.now_ms) return false
		if (target > this.venue.leased_ms) this.venue.lease(target + Math.ceil(lease_ms * speed))
		const behind = this.venue.run(target, burstMax) === burstMax
		if (behind && target - core.now_ms > lagMax_ms * speed) {
			this.anchorVenue_ms = core.now_ms
			this.anchorMachine_ms = now
		}
		return behind
	}
}
