import fc from 'fast-check'
import {
	initialState,
	nextDeadline,
	type Policy,
	type ProcessEvent,
	type ProcessState,
	productState,
} from '../../../src/daemon/supervision/process-state.js'
import {transition} from '../../../src/daemon/supervision/process-transition.js'

export const policy: Policy = {
	restart: {
		type: 'permanent',
		intensity_max: 3,
		window_ms: 1_000,
		backoff_min_ms: 10,
		backoff_max_ms: 100,
		jitter: 0.5,
		healthy_after_ms: 200,
	},
	stop: {signal: 'SIGTERM', grace_ms: 100},
	start_timeout_ms: 150,
	has_ready: true,
	live_failures_max: 2,
	ready_failures_max: 2,
}

export type Action =
	| {do: 'start' | 'stop' | 'terminate' | 'restart' | 'reset' | 'kill' | 'dependency_up' | 'dependency_down'}
	| {do: 'spawn_answer'; ok: boolean}
	| {do: 'leader_exits'; code: number; stragglers: boolean}
	| {do: 'stragglers_go'}
	| {do: 'reading'; kind: 'ready' | 'live'; ok: boolean; stale: boolean}
	| {do: 'wait'; ms: number}

export const plain = (
	...names: Extract<
		Action,
		{do: 'start' | 'stop' | 'terminate' | 'restart' | 'reset' | 'kill' | 'dependency_up' | 'dependency_down'}
	>['do'][]
) => fc.constantFrom(...names).map((name): Action => ({do: name}))

export const worldActions: fc.Arbitrary<Action>[] = [
	fc.record({do: fc.constant('spawn_answer' as const), ok: fc.boolean()}),
	fc.record({do: fc.constant('leader_exits' as const), code: fc.constantFrom(0, 1), stragglers: fc.boolean()}),
	fc.constant({do: 'stragglers_go' as const}),
	fc.record({
		do: fc.constant('reading' as const),
		kind: fc.constantFrom('ready' as const, 'live' as const),
		ok: fc.boolean(),
		stale: fc.boolean(),
	}),
	fc.record({do: fc.constant('wait' as const), ms: fc.integer({min: 1, max: 120})}),
]

export const operator = plain('start', 'stop', 'terminate', 'restart', 'reset', 'kill')
export const dependency = plain('dependency_up', 'dependency_down')

/** What is really there, beside what the machine believes; it acts like a system that may do its worst. */
export class World {
	state: ProcessState
	at_ms = 0
	spawning: number | null = null
	leader: number | null = null
	stragglers = false
	/** Set by an order to be down, cleared by one to be up: in between nothing may be spawned. */
	wantedDown = true
	lastOkMs = 0
	spawns: number[] = []
	readonly broken: string[] = []
	readonly #policy: Policy

	constructor(used: Policy) {
		this.#policy = used
		this.state = initialState(0, true)
	}

	get exists(): boolean {
		return this.spawning !== null || this.leader !== null || this.stragglers
	}

	#require(holds: boolean, what: string): void {
		if (!holds) this.broken.push(`${what}, at ${this.at_ms} ms in ${this.state.phase}`)
	}

	send(event: ProcessEvent): void {
		const before = this.state
		const {state, commands} = transition(this.#policy, before, event, {at_ms: this.at_ms, chance: 0.5})
		this.state = state
		for (const command of commands) {
			if (command.type === 'spawn') {
				this.#require(!this.exists, 'a second copy was spawned')
				this.#require(state.dependencies_ready, 'spawned before its dependency was ready')
				this.#require(!this.wantedDown, 'spawned though it is wanted down')
				this.#require(command.generation > Math.max(0, ...this.spawns), 'a generation came twice')
				this.spawning = command.generation
				this.spawns.push(command.generation)
			} else if (command.type === 'signal') {
				this.#require(command.generation === (this.leader ?? this.spawns.at(-1)), 'another generation was signalled')
				this.#require(this.leader !== null || this.stragglers, 'something that does not exist was signalled')
				const charged = before.phase !== 'STOPPING' && state.stopping_for === 'failure' && !state.dependencies_ready
				this.#require(!charged, 'ended for a failure while its dependency was out')
				if (command.signal === 'SIGKILL') this.#die()
			}
		}
		this.#invariants()
	}

	#die(): void {
		const generation = this.leader
		this.stragglers = false
		this.leader = null
		if (generation !== null) this.send({type: 'exited', generation, code: null, signal: 'SIGKILL', group_empty: true})
		else this.send({type: 'group_gone', generation: this.state.generation})
	}

	#invariants(): void {
		const {state} = this
		const {phase, deadlines} = state
		if (phase === 'STOPPED' || phase === 'FAILED' || phase === 'WAITING' || phase === 'BACKOFF')
			this.#require(!this.exists, 'a process exists though the machine says there is none')
		else this.#require(this.exists, 'the machine believes in a process that is gone')
		this.#require(!state.ready || phase === 'RUNNING', 'ready without running')
		this.#require(phase !== 'WAITING' || !state.dependencies_ready, 'waits for a dependency that is ready')
		this.#require(phase !== 'BACKOFF' || deadlines.backoff_until !== null, 'would stay in back-off for ever')
		this.#require(phase !== 'STOPPING' || state.pid === null || deadlines.kill_at !== null, 'would stop for ever')
		const starting = phase === 'STARTING' && state.pid !== null && state.dependencies_ready
		this.#require(!starting || deadlines.start_by !== null, 'would start for ever')
		this.#require(state.restarts_ms.length <= this.#policy.restart.intensity_max, 'restarts beyond the intensity')
		this.#require(phase !== 'STOPPED' || state.desired === 'down', 'stopped though wanted up')
		const shown = productState(state)
		this.#require(['STOPPED', 'STARTING', 'RUNNING', 'FAILED'].includes(shown), `unknown state ${shown}`)
	}

	#reading(kind: 'ready' | 'live', ok: boolean, stale: boolean): void {
		const generation = stale ? this.state.generation - 1 : this.state.generation
		if (!stale && this.leader === null) return
		const before = this.state
		this.send({type: kind, generation, ok, reason: 'said so'})
		if (stale) this.#require(this.state === before, 'a reading of an earlier generation was believed')
	}

	#wait(ms: number): void {
		const until = this.at_ms + ms
		for (let ticks = 0; ticks < 1_000; ticks += 1) {
			const next = nextDeadline(this.state)
			if (next === null || next > until) break
			this.at_ms = Math.max(this.at_ms, next)
			const before = this.state
			this.send({type: 'tick'})
			this.#require(this.state !== before, 'a deadline passed without effect')
			if (this.state === before) break
		}
		this.at_ms = until
		if (this.state.dependencies_ready) this.lastOkMs = until
	}

	run(action: Action): void {
		switch (action.do) {
			case 'spawn_answer': {
				const generation = this.spawning
				if (generation === null) return
				this.spawning = null
				if (action.ok) this.leader = generation
				if (action.ok) this.send({type: 'spawned', generation, pid: 1_000 + generation})
				else this.send({type: 'spawn_failed', generation, error: 'ENOENT'})
				return
			}
			case 'leader_exits': {
				const generation = this.leader
				if (generation === null) return
				this.leader = null
				this.stragglers = action.stragglers
				const {code, stragglers} = action
				this.send({type: 'exited', generation, code, signal: null, group_empty: !stragglers})
				return
			}
			case 'stragglers_go':
				if (!this.stragglers) return
				this.stragglers = false
				this.send({type: 'group_gone', generation: this.state.generation})
				break
			case 'reading':
				this.#reading(action.kind, action.ok, action.stale)
				break
			case 'wait':
				this.#wait(action.ms)
				break
			case 'dependency_up':
				this.send({type: 'dependencies', ready: true, waiting_for: [], last_ok_ms: null})
				break
			case 'dependency_down':
				this.send({type: 'dependencies', ready: false, waiting_for: ['redis'], last_ok_ms: this.lastOkMs})
				break
			default:
				this.#order(action.do)
		}
	}

	#order(type: 'start' | 'stop' | 'terminate' | 'restart' | 'reset' | 'kill'): void {
		const {phase, desired} = this.state
		if (type === 'start' && phase !== 'FAILED') this.wantedDown = false
		// A restart of what is stopped is a start; a restart of what is being stopped loses.
		if (type === 'restart' && (phase === 'STOPPED' || desired === 'up')) this.wantedDown = false
		if (type === 'stop' || type === 'kill') this.wantedDown = true
		if (type === 'terminate' && ['STARTING', 'RUNNING'].includes(phase)) this.wantedDown = true
		this.send({type})
	}
}
