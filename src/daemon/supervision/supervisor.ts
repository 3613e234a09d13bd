import {EventEmitter} from 'node:events'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {Orphan} from './adoption.js'
import {ChangeWatch} from './change-watch.js'
import {type Clock, systemClock} from './clock.js'
import {endGroup} from './end-group.js'
import {requireKnown, withDependants, withDependencies} from './process-order.js'
import {ProcessSet} from './process-set.js'
import {type ProcessSpec, validateSpecs} from './process-spec.js'
import {isAlive, isReady, type ProcessState} from './process-state.js'
import {describeNotReady, refuseFailed, statusOf, transitionOf} from './process-status.js'
import {recoverRuns} from './recovery.js'
import {openRunRecords} from './run-record.js'
import {baseEnvironment, type Spawner, systemSpawner} from './spawner.js'
import type {SupervisedProcess} from './supervised-process.js'
import {SUPERVISION_LIMITS} from './supervision-limits.js'
import type {
	ProcessStatus,
	RecoveryReport,
	SentSignal,
	SlowStop,
	StopReport,
	SupervisorEvents,
} from './supervisor-types.js'

export interface SupervisorOptions {
	specs: readonly ProcessSpec[]
	/** Where the run records live: one directory per QT_HOME. */
	run_dir: string
	/** Version of the product; a process of another version is replaced, not adopted. */
	version: string
	/** What every child gets besides its own `env`; nothing else is inherited. Default: `baseEnvironment(process.env)`. */
	base_env?: Readonly<Record<string, string>>
	clock?: Clock
	spawner?: Spawner
	/** Draws in [0, 1) for the jitter. Default Math.random. */
	chance?: () => number
}

/** Starts, watches, restarts and stops a set of processes in the order of their dependencies. */
export class Supervisor extends EventEmitter<SupervisorEvents> {
	readonly #set: ProcessSet
	readonly #clock: Clock
	readonly #ending: {clock: Clock; spawner: Spawner}
	readonly #recover: () => Promise<RecoveryReport>
	readonly #watch: ChangeWatch
	#recovery: Promise<RecoveryReport> | undefined

	/** @throws OperatorError (usage) for a set of specs that cannot work. */
	constructor(options: SupervisorOptions) {
		super()
		const specs = validateSpecs(options.specs)
		const {version, run_dir, clock = systemClock, spawner = systemSpawner, chance = Math.random} = options
		const records = openRunRecords(run_dir)
		const base_env = options.base_env ?? baseEnvironment(process.env)
		this.#clock = clock
		this.#watch = new ChangeWatch(clock)
		this.#ending = {clock, spawner}
		this.#set = new ProcessSet(
			specs,
			{
				...{clock, chance, spawner, records, base_env, version},
				onSignal: ({spec, state}, signal) => this.emit('signal', {name: spec.name, signal, pid: state.pid}),
				onSlow: ({spec, state}, waited_ms, kill_in_ms) =>
					this.emit('slow', {name: spec.name, pid: state.pid, waited_ms, kill_in_ms}),
				onAlarm: message => this.emit('alarm', {message}),
			},
			(process, before) => this.#onChange(process, before),
		)
		this.#recover = () => recoverRuns({set: this.#set, records, version, clock, spawner})
	}

	/**
	 * Takes over what an earlier daemon of this run directory left running: adopts
	 * equal processes, stops others of a known name (and starts them anew), reports
	 * orphans. Done once; `start` does it when nobody has.
	 */
	recover(): Promise<RecoveryReport> {
		this.#recovery ??= this.#recover().catch((error: unknown) => {
			this.#recovery = undefined
			throw error
		})
		return this.#recovery
	}

	/**
	 * Wants the named processes and all that they need up; all when no name is given.
	 * Returns when that is set in motion; `waitReady` waits for it.
	 * @throws OperatorError (usage) for an unknown name, (refused) for one that is FAILED.
	 */
	async start(names?: readonly string[]): Promise<void> {
		requireKnown(this.#set.specs, names ?? [])
		await this.recover()
		const order = withDependencies(this.#set.specs, names ?? this.#set.specs.keys())
		if (names) refuseFailed(order.map(name => this.#set.get(name)))
		for (const name of order) this.#set.get(name).send({type: 'start'})
	}

	/**
	 * Stops the named processes and all that need them, dependants first, each by
	 * SIGTERM to its group, its grace, SIGKILL. Wins over every restart.
	 * @param onSlow is told which process keeps the stop waiting.
	 * @throws OperatorError naming what could not be ended in time.
	 */
	async stop(names?: readonly string[], onSlow?: (slow: SlowStop) => void): Promise<StopReport> {
		requireKnown(this.#set.specs, names ?? [])
		const order = withDependants(this.#set.specs, names ?? this.#set.specs.keys())
		const set = new Set(order)
		const killed = new Set<string>()
		const slow = (notice: SlowStop) => set.has(notice.name) && onSlow?.(notice)
		const signalled = ({name, signal}: SentSignal) => signal === 'SIGKILL' && killed.add(name)
		const isDown = (name: string) => {
			const {state} = this.#set.get(name)
			return !isAlive(state) || state.desired === 'up'
		}
		this.on('slow', slow).on('signal', signalled)
		try {
			for (const name of order) this.#set.get(name).send({type: 'stop'})
			this.#set.advanceStops()
			const limit_ms = order.reduce((sum, name) => sum + this.#set.get(name).spec.stop.grace_ms, 0)
			await this.#watch.until(
				() => order.every(isDown),
				limit_ms + SUPERVISION_LIMITS.stop_margin_ms,
				() => {
					const left = order.filter(name => !isDown(name))
					const named = left.map(name => `${name} (pid ${this.#set.get(name).state.pid})`).join(', ')
					return new OperatorError(`still running after SIGKILL: ${named}`, {hint: 'see what blocks them with ps'})
				},
			)
		} finally {
			this.off('slow', slow).off('signal', signalled)
		}
		const superseded = order.filter(name => this.#set.get(name).state.desired === 'up')
		const stopped = order.filter(name => !superseded.includes(name))
		return {stopped, superseded, killed: order.filter(name => killed.has(name))}
	}

	/** Ends the named processes, or all, by SIGKILL at once and in no order: the second Ctrl-C. Does not wait. */
	kill(names?: readonly string[]): void {
		requireKnown(this.#set.specs, names ?? [])
		for (const name of withDependants(this.#set.specs, names ?? this.#set.specs.keys()))
			this.#set.get(name).send({type: 'kill'})
	}

	/**
	 * Stops one process and starts its next generation; dependants ride it out.
	 * @throws OperatorError (usage) when unknown, (refused) when FAILED or being stopped.
	 */
	async restart(name: string): Promise<void> {
		requireKnown(this.#set.specs, [name])
		await this.recover()
		const process = this.#set.get(name)
		refuseFailed([process])
		if (process.state.desired === 'down' && isAlive(process.state))
			throw new OperatorError(`${name} is being stopped`, {
				exit_code: EXIT_CODES.refused,
				hint: 'wait for the stop, then start it',
			})
		if (process.state.phase === 'STOPPED') return this.start([name])
		process.send({type: 'restart'})
	}

	/** Clears FAILED: a process that is still wanted is started again, another is STOPPED. Harmless otherwise. */
	reset(name: string): void {
		requireKnown(this.#set.specs, [name])
		this.#set.get(name).send({type: 'reset'})
	}

	/** All processes, dependencies first. */
	status(): ProcessStatus[] {
		return this.#set.all().map(process => statusOf(process, this.#clock))
	}

	/**
	 * Resolves once all the named processes (or all) are running and ready.
	 * @throws OperatorError naming each that is not and why: at `within_ms`, or at once when one is FAILED or wanted down.
	 */
	async waitReady(names: readonly string[] | undefined, within_ms: number): Promise<void> {
		requireKnown(this.#set.specs, names ?? [])
		const order = withDependencies(this.#set.specs, names ?? this.#set.specs.keys()).map(name => this.#set.get(name))
		const wanted = names ? order.filter(process => names.includes(process.spec.name)) : order
		const lost = () => order.some(({state}) => state.phase === 'FAILED' || state.desired === 'down')
		const done = () => wanted.every(({state}) => isReady(state))
		await this.#watch.until(
			() => done() || lost(),
			within_ms,
			() => describeNotReady(order, within_ms),
		)
		if (!done()) throw describeNotReady(order, within_ms)
	}

	/** Ends an orphan that `recover` reported, after checking that it still is the same process. False: it survived. */
	reapOrphan(orphan: Orphan, grace_ms: number): Promise<boolean> {
		return endGroup(this.#ending, orphan.identity, grace_ms)
	}

	/** Stops supervising and leaves the processes running, for a later daemon to adopt. */
	close(): void {
		for (const process of this.#set.all()) process.close()
	}

	#onChange(process: SupervisedProcess, before: ProcessState): void {
		const change = transitionOf(process, before, this.#clock)
		if (change) this.emit('transition', change)
		this.#watch.changed()
	}
}
