import {messageOf} from '../../engine/errors.js'
import type {Clock} from './clock.js'
import {startProbeLoop} from './probe-loop.js'
import type {ProcessIdentity} from './process-identity.js'
import {type Probe, type ProcessSpec, specHash} from './process-spec.js'
import {
	initialState,
	nextDeadline,
	type ProcessCommand,
	type ProcessEvent,
	type ProcessState,
	policyOf,
} from './process-state.js'
import {transition} from './process-transition.js'
import type {RunRecords} from './run-record.js'
import type {ProcessExit, Spawner} from './spawner.js'
import {SUPERVISION_LIMITS} from './supervision-limits.js'
import {encodeMark, markVariable} from './supervision-mark.js'

/** What one supervised process needs of its surroundings. */
export interface ProcessSurroundings {
	clock: Clock
	/** A draw in [0, 1). */
	chance: () => number
	spawner: Spawner
	records: RunRecords
	base_env: Readonly<Record<string, string>>
	version: string
	onChange: (process: SupervisedProcess, before: ProcessState) => void
	onSlow: (process: SupervisedProcess, waited_ms: number, kill_in_ms: number) => void
	onSignal: (process: SupervisedProcess, signal: NodeJS.Signals) => void
	onAlarm: (message: string) => void
}

/** Carries out what the state machine of one process decides, and tells it what happens. */
export class SupervisedProcess {
	readonly spec: ProcessSpec
	readonly spec_hash: string
	state: ProcessState
	adopted = false
	#identity: ProcessIdentity | null = null
	#started_at: string | null = null
	readonly #around: ProcessSurroundings
	#cancelTick = () => {}
	#cancelWatch = () => {}
	readonly #probes = new Map<'ready' | 'live', () => void>()
	#closed = false

	constructor(spec: ProcessSpec, around: ProcessSurroundings) {
		this.spec = spec
		this.spec_hash = specHash(spec)
		this.#around = around
		this.state = initialState(around.clock.monotonicMs(), spec.depends_on.length === 0)
	}

	/** The process that runs now, as its record names it. */
	get identity(): ProcessIdentity | null {
		return this.#identity
	}

	get started_at(): string | null {
		return this.#started_at
	}

	/** Continues the count of generations of an earlier daemon. Only before the first start. */
	continueFrom(generation: number): void {
		this.state = {...this.state, generation: Math.max(this.state.generation, generation)}
	}

	/** Takes over a living process that an earlier daemon started. */
	adopt(identity: ProcessIdentity, generation: number, started_at: string | null): void {
		this.adopted = true
		this.#identity = identity
		this.#started_at = started_at
		this.send({type: 'adopted', generation, pid: identity.pid})
		this.#record()
		this.#watchAdopted(identity, generation)
	}

	send(event: ProcessEvent): void {
		if (this.#closed) return
		const before = this.state
		const moment = {at_ms: this.#around.clock.monotonicMs(), chance: this.#around.chance()}
		const {state, commands} = transition(policyOf(this.spec), before, event, moment)
		this.state = state
		if (before.pid !== null && state.pid === null) this.#forget()
		for (const command of commands) this.#carryOut(command)
		this.#armTick()
		this.#syncProbe('ready', this.spec.ready, state.phase === 'STARTING' || state.phase === 'RUNNING')
		this.#syncProbe('live', this.spec.live, state.phase === 'RUNNING')
		if (state !== before) this.#around.onChange(this, before)
	}

	/** Lets go: no more timers, probes or signals. The process itself is left as it is. */
	close(): void {
		this.#closed = true
		this.#cancelTick()
		this.#cancelWatch()
		for (const stop of this.#probes.values()) stop()
		this.#probes.clear()
	}

	#carryOut(command: ProcessCommand): void {
		if (command.type === 'spawn') void this.#spawn(command.generation)
		else if (command.type === 'announce_slow') this.#around.onSlow(this, command.waited_ms, command.kill_in_ms)
		else if (this.#identity && this.#around.spawner.signalGroup(this.#identity, command.signal))
			this.#around.onSignal(this, command.signal)
	}

	async #spawn(generation: number): Promise<void> {
		const {spawner, base_env, records, version, clock} = this.#around
		const {spec, spec_hash} = this
		const mark = encodeMark({run_id: records.run_id, name: spec.name, generation, spec_hash, version})
		const {command, args, cwd, log_file} = spec
		this.adopted = false
		this.#record(generation)
		try {
			const env = {...base_env, ...spec.env, [markVariable]: mark}
			const {identity, exited, log_error} = await spawner.spawn({command, args, cwd, log_file, env})
			if (log_error !== null) this.#around.onAlarm(`${spec.name} runs without its log: ${log_error}`)
			this.#identity = identity
			this.#started_at = new Date(clock.wallMs()).toISOString()
			this.#record(generation)
			void exited.then(exit => this.#leaderGone(identity, generation, exit))
			this.send({type: 'spawned', generation, pid: identity.pid})
		} catch (error) {
			const reason = messageOf(error)
			this.send({type: 'spawn_failed', generation, error: `cannot start ${command}: ${reason}`})
		}
	}

	#watchAdopted(identity: ProcessIdentity, generation: number): void {
		const look = () => {
			if (!this.#around.spawner.isAlive(identity))
				return this.#leaderGone(identity, generation, {code: null, signal: null})
			this.#cancelWatch = this.#around.clock.after(SUPERVISION_LIMITS.adopted_poll_ms, look)
		}
		look()
	}

	#leaderGone(identity: ProcessIdentity, generation: number, exit: ProcessExit): void {
		if (this.#closed) return
		const {spawner, clock} = this.#around
		const look = () => {
			if (spawner.isGroupEmpty(identity)) return this.send({type: 'group_gone', generation})
			this.#cancelWatch = clock.after(SUPERVISION_LIMITS.group_poll_ms, look)
		}
		const group_empty = spawner.isGroupEmpty(identity)
		this.send({type: 'exited', generation, ...exit, group_empty})
		if (!group_empty) look()
	}

	#forget(): void {
		this.#identity = null
		this.#started_at = null
		this.#record()
	}

	/** Writes the record; a full disk must not stop supervision, since a process can also be told by its mark. */
	#record(generation = this.state.generation): void {
		const {records, version, onAlarm} = this.#around
		try {
			const {spec_hash} = this
			const {name} = this.spec
			records.write({name, generation, identity: this.#identity, spec_hash, version, started_at: this.#started_at})
		} catch (error) {
			onAlarm(`cannot write the run record of ${this.spec.name}: ${messageOf(error)}`)
		}
	}

	#armTick(): void {
		this.#cancelTick()
		const deadline = nextDeadline(this.state)
		if (deadline === null) return
		const {clock} = this.#around
		// Rounded up: a timer that fires a fraction early would find nothing due and be armed again at once.
		const wait_ms = Math.ceil(deadline - clock.monotonicMs())
		this.#cancelTick = clock.after(wait_ms, () => this.send({type: 'tick'}))
	}

	/** A probe belongs to one generation: between two of them there is no process, so that none outlives its own. */
	#syncProbe(kind: 'ready' | 'live', probe: Probe | undefined, wanted: boolean): void {
		const {generation, pid} = this.state
		const stop = this.#probes.get(kind)
		if (!wanted || !probe || pid === null) {
			stop?.()
			this.#probes.delete(kind)
		} else if (!stop) {
			const loop = startProbeLoop({
				probe,
				clock: this.#around.clock,
				context: {name: this.spec.name, generation, pid},
				isEager: () => kind === 'ready' && this.state.phase === 'STARTING',
				report: result => this.send({type: kind, generation, ...result}),
			})
			this.#probes.set(kind, loop)
		}
	}
}
