import type {ProcessSpec} from './process-spec.js'
import {SUPERVISION_LIMITS} from './supervision-limits.js'

/** What the machine knows; WAITING (for a dependency), BACKOFF and STOPPING are internal. */
export type Phase = 'STOPPED' | 'WAITING' | 'STARTING' | 'RUNNING' | 'BACKOFF' | 'STOPPING' | 'FAILED'

/** What the product shows. */
export type ProductState = 'STOPPED' | 'STARTING' | 'RUNNING' | 'FAILED'

export interface LastExit {
	/** Null when ended by a signal, or when the process was not our child and nobody could know. */
	code: number | null
	signal: NodeJS.Signals | null
	at_ms: number
	generation: number
}

/** Moments are monotonic ms. A deadline that is null is not armed. */
export interface Deadlines {
	start_by: number | null
	backoff_until: number | null
	healthy_at: number | null
	slow_at: number | null
	kill_at: number | null
}

export interface ProcessState {
	phase: Phase
	/** What the operator wants; `down` wins over every restart. */
	desired: 'up' | 'down'
	/** Grows with each spawn and never repeats; every reading carries the generation it belongs to. */
	generation: number
	/** The group's leader, null when there is none or its spawn has not been answered. */
	pid: number | null
	started_ms: number | null
	since_ms: number
	ready: boolean
	ready_reason: string | null
	/** The last good readiness reading of this or an earlier generation. */
	ready_ok_ms: number | null
	ready_failures: number
	live_failures: number
	/** Moments of the automatic restarts that count against the intensity. */
	restarts_ms: readonly number[]
	/** Restarts in a row without a healthy spell: the exponent of the back-off. */
	attempts: number
	/** The moment of the failure that led to FAILED or BACKOFF. */
	failed_ms: number | null
	/** Why it is STOPPING: decides what follows once the group has gone. */
	stopping_for: 'stop' | 'kill' | 'restart' | 'failure' | 'exit' | null
	stop_asked_ms: number | null
	last_exit: LastExit | null
	last_error: string | null
	dependencies_ready: boolean
	waiting_for: readonly string[]
	deadlines: Deadlines
}

export type ProcessEvent =
	| {type: 'start'}
	/** Wanted down; nothing is signalled until `terminate`, so that dependants can go first. */
	| {type: 'stop'}
	| {type: 'terminate'}
	| {type: 'kill'}
	| {type: 'restart'}
	| {type: 'reset'}
	| {type: 'dependencies'; ready: boolean; waiting_for: readonly string[]; last_ok_ms: number | null}
	| {type: 'adopted'; generation: number; pid: number}
	| {type: 'spawned'; generation: number; pid: number}
	| {type: 'spawn_failed'; generation: number; error: string}
	| {type: 'exited'; generation: number; code: number | null; signal: NodeJS.Signals | null; group_empty: boolean}
	| {type: 'group_gone'; generation: number}
	| {type: 'ready'; generation: number; ok: boolean; reason?: string}
	| {type: 'live'; generation: number; ok: boolean; reason?: string}
	| {type: 'tick'}

export type EventOf<Type extends ProcessEvent['type']> = Extract<ProcessEvent, {type: Type}>

export type ProcessCommand =
	| {type: 'spawn'; generation: number}
	| {type: 'signal'; signal: NodeJS.Signals; generation: number}
	| {type: 'announce_slow'; waited_ms: number; kill_in_ms: number}

/** The moment of an event and the draw in [0, 1) that any jitter takes. */
export interface Moment {
	at_ms: number
	chance: number
}

export type Policy = Pick<ProcessSpec, 'restart' | 'stop' | 'start_timeout_ms'> & {
	has_ready: boolean
	live_failures_max: number
	ready_failures_max: number
}

export const noDeadlines: Deadlines = {
	start_by: null,
	backoff_until: null,
	healthy_at: null,
	slow_at: null,
	kill_at: null,
}

export function policyOf(spec: ProcessSpec): Policy {
	return {
		restart: spec.restart,
		stop: spec.stop,
		start_timeout_ms: spec.start_timeout_ms,
		has_ready: spec.ready !== undefined,
		live_failures_max: spec.live?.failures_max ?? Number.POSITIVE_INFINITY,
		ready_failures_max: spec.ready?.failures_max ?? Number.POSITIVE_INFINITY,
	}
}

/** A process that has never run here; `generation` continues the count of an earlier daemon. */
export function initialState(at_ms: number, dependencies_ready: boolean, generation = 0): ProcessState {
	return {
		phase: 'STOPPED',
		desired: 'down',
		generation,
		pid: null,
		started_ms: null,
		since_ms: at_ms,
		ready: false,
		ready_reason: null,
		ready_ok_ms: null,
		ready_failures: 0,
		live_failures: 0,
		restarts_ms: [],
		attempts: 0,
		failed_ms: null,
		stopping_for: null,
		stop_asked_ms: null,
		last_exit: null,
		last_error: null,
		dependencies_ready,
		waiting_for: [],
		deadlines: noDeadlines,
	}
}

/** A process of this state exists, or is being made. */
export const isAlive = (state: ProcessState): boolean =>
	state.phase === 'STARTING' || state.phase === 'RUNNING' || state.phase === 'STOPPING'

/** Satisfies a dependant: this generation runs and its latest readings are good. */
export const isReady = (state: ProcessState): boolean => state.phase === 'RUNNING' && state.ready

const shown: Record<Phase, ProductState> = {
	STOPPED: 'STOPPED',
	WAITING: 'STARTING',
	STARTING: 'STARTING',
	BACKOFF: 'STARTING',
	RUNNING: 'RUNNING',
	STOPPING: 'RUNNING',
	FAILED: 'FAILED',
}

export const productState = (state: ProcessState): ProductState => shown[state.phase]

/** The next moment at which a `tick` would change something, or null. */
export function nextDeadline(state: ProcessState): number | null {
	const armed = Object.values(state.deadlines).filter(value => value !== null)
	return armed.length === 0 ? null : Math.min(...armed)
}

/** Pause before restart number `attempt` (1, 2, …) in ms: doubling, bounded, less the share that chance takes. */
export function backoffMs(restart: ProcessSpec['restart'], attempt: number, chance: number): number {
	const whole = Math.min(restart.backoff_max_ms, restart.backoff_min_ms * 2 ** (attempt - 1))
	return Math.max(whole * (1 - restart.jitter * chance), Math.min(whole, restart.backoff_min_ms * (1 - restart.jitter)))
}

export const clip = (text: string): string => text.slice(0, SUPERVISION_LIMITS.reason_chars_max)
