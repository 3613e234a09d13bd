import {limits} from '../contracts/limits.js'
import type {Policy} from '../contracts/policy.js'
import type {UnitAdapters} from './adapters.js'
import {EffectLauncher} from './effect-launcher.js'
import {FeedQueue} from './feed-queue.js'
import {type EffectRecord, partitionOf} from './input.js'
import {readStream} from './stream-reader.js'
import {TimerSweep} from './timer-sweep.js'
import {type RunnerOptions, UnitRunner} from './unit-runner.js'

export type LoopOptions = Omit<RunnerOptions, 'dispatch' | 'signal'> &
	Readonly<{adapters: UnitAdapters; onEffectError?: (record: EffectRecord, error: unknown) => void}>

/** Machine time that a stopping loop waits for adapters and commits under way; what is recorded outlives it. */
const STOP_WAIT_MS = 5_000

/**
 * Runs one unit until the signal aborts: reads its streams, drains its feeds, sweeps its timers, carries out its effects.
 * Rejects when a handler has a bug or the lease is lost; what was not committed is handled by the next start.
 */
export class UnitLoop {
	readonly runner: UnitRunner
	readonly #stop = new AbortController()
	readonly #effects: EffectLauncher
	#fail: (error: unknown) => void = () => undefined
	#failure: {error: unknown} | undefined
	#ready = false
	readonly #queues: FeedQueue[] = []
	readonly #timers: readonly TimerSweep[]
	/** Batches of feeds that are being handled. */
	#feeding = 0
	/** Machine time at which a loop of this unit last came round. */
	last_turn_ms = 0

	constructor(readonly options: LoopOptions) {
		const {unit, adapters, onEffectError} = options
		const {signal} = this.#stop
		this.runner = new UnitRunner({
			...options,
			signal,
			dispatch: effects => this.#effects.dispatch(effects, false),
		})
		this.#effects = new EffectLauncher({
			unit,
			adapters: adapters.effects,
			onEffectError,
			signal,
			settle: (record, outcome) => this.runner.result(record, outcome),
			fail: error => this.#fail(error),
		})
		this.#timers = Object.entries(unit.timers ?? {}).map(
			([port, timer]) => new TimerSweep(timer, options.clock, () => this.runner.timer(port)),
		)
	}

	get ready(): boolean {
		return this.#ready
	}

	/** From the next step on, the unit handles its inputs under this policy. */
	adopt(policy: Policy): Promise<void> {
		return this.runner.adopt(policy)
	}

	get effects_in_flight(): number {
		return this.#effects.size
	}

	/** Events of feeds that wait, and batches of them that are not committed yet. */
	get feeds_waiting(): number {
		return this.#queues.reduce((sum, {waiting}) => sum + waiting, this.#feeding)
	}

	/** Feeds whose source has more to tell than it has pushed. */
	get feeds_unsettled(): number {
		return Object.values(this.options.adapters.feeds).filter(feed => feed.settled?.() === false).length
	}

	/**
	 * Lets the unit have what its feeds have told, each as one batch. Once called, events wait for the next call, at most
	 * for a heartbeat: what belongs to one instant of the venue becomes one step here and for all who read of it.
	 */
	releaseFeeds(): void {
		for (const queue of this.#queues) {
			queue.gather()
			queue.release()
		}
	}

	/** Fires the timers whose venue time has come; resolves when their steps are committed. */
	async sweepVenueTimers(): Promise<void> {
		if (!this.#ready) return
		await Promise.all(this.#timers.filter(({timer}) => timer.clock !== 'machine').map(timer => timer.look()))
	}

	async run(signal: AbortSignal): Promise<void> {
		const failed = new Promise<void>(resolve => {
			this.#fail = error => {
				this.#failure ??= {error}
				resolve()
			}
		})
		const stopped = new Promise<void>(resolve => {
			this.#stop.signal.addEventListener('abort', () => resolve(), {once: true})
		})
		const stop = () => this.#stop.abort()
		signal.addEventListener('abort', stop, {once: true})
		if (signal.aborted) stop()
		const loops: Array<Promise<void>> = []
		try {
			const unfinished = await Promise.race([this.runner.start(), stopped])
			if (!unfinished) return
			this.#beat()
			this.#effects.dispatch(unfinished, true)
			this.#ready = true
			loops.push(...this.#loops().map(loop => loop.catch(error => this.#fail(error))))
			await Promise.race([failed, Promise.all(loops), stopped])
		} finally {
			this.#ready = false
			stop()
			signal.removeEventListener('abort', stop)
			await this.#settled(loops)
		}
		if (this.#failure) throw this.#failure.error
	}

	/** Waits for what is under way, within a bound: whatever is not committed by then is taken up by the next start. */
	async #settled(loops: ReadonlyArray<Promise<void>>): Promise<void> {
		const timeUp = new AbortController()
		const ended = Promise.all(loops).then(() => this.#effects.drained())
		await Promise.race([ended, this.options.clock.wait(STOP_WAIT_MS, timeUp.signal)])
		timeUp.abort()
	}

	#loops(): Array<Promise<void>> {
		const {unit, bus, naming, host, clock} = this.options
		const {signal} = this.#stop
		const beat = () => this.#beat()
		return [
			...Object.entries(unit.reads).map(([port, {name}]) =>
				readStream({
					unit: unit.name,
					port,
					stream: naming.stream(name),
					group: naming.group(unit.name, name),
					consumer: naming.consumer(host, unit.name, 0),
					runner: this.runner,
					bus,
					clock,
					signal,
					beat,
				}),
			),
			...Object.keys(unit.feeds ?? {}).map(port => this.#feed(port)),
			...this.#timers.map(timer => timer.run(signal)),
			this.#heartbeat(),
		]
	}

	#beat(): void {
		this.last_turn_ms = this.options.clock.machine()
	}

	async #feed(port: string): Promise<void> {
		const {unit, adapters} = this.options
		const feed = unit.feeds?.[port]
		const adapter = adapters.feeds[port]
		if (!feed || !adapter) throw new Error(`Unit ${unit.name} has no adapter for feed ${port}`)
		// In lock-step the market waits for us, so that nothing needs to be left out.
		const conflates = feed.conflate === true && this.options.clock.speed() > 0
		const queue = new FeedQueue(conflates ? event => partitionOf(unit, event) : undefined)
		this.#queues.push(queue)
		const source = adapter.run(event => queue.push(event), this.#stop.signal).finally(() => queue.close())
		source.catch(error => this.#fail(error))
		for await (const events of queue) {
			this.#beat()
			this.#feeding += 1
			await this.runner.feed(port, events)
			this.#feeding -= 1
		}
		await source
	}

	async #heartbeat(): Promise<void> {
		const {clock} = this.options
		while (!this.#stop.signal.aborted) {
			await this.runner.heartbeat()
			for (const queue of this.#queues) queue.release()
			await clock.wait(limits.heartbeat_ms, this.#stop.signal)
		}
	}
}
