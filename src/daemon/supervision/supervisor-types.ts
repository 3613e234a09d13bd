import type {Orphan} from './adoption.js'
import type {Phase, ProductState} from './process-state.js'

/** One process as an operator sees it. Times are ISO 8601, null where there is none. */
export interface ProcessStatus {
	name: string
	state: ProductState
	phase: Phase
	desired: 'up' | 'down'
	pid: number | null
	generation: number
	/** Started by an earlier daemon and taken over. */
	adopted: boolean
	started_at: string | null
	/** Since when it is in this phase. */
	since: string
	ready: boolean
	/** Why the latest readiness reading was bad. */
	ready_reason: string | null
	/** Dependencies that are not ready. */
	waiting_for: readonly string[]
	restarts_in_window: number
	last_exit: {code: number | null; signal: NodeJS.Signals | null; at: string; generation: number} | null
	last_error: string | null
}

export interface ProcessTransition {
	name: string
	from: Phase
	to: Phase
	ready: boolean
	generation: number
	pid: number | null
	at: string
	/** The last error or the bad reading, if any. */
	reason: string | null
}

/** A stop that takes long: the operator is told which process it is, and when it will be ended hard. */
export interface SlowStop {
	name: string
	pid: number | null
	waited_ms: number
	kill_in_ms: number
}

export interface StopReport {
	/** Down now, dependants first. */
	stopped: string[]
	/** Those of them that had to be ended by SIGKILL. */
	killed: string[]
	/** Wanted up again by a later start while the stop was under way. */
	superseded: string[]
}

export interface RecoveryReport {
	adopted: string[]
	replaced: string[]
	orphans: Orphan[]
	/** Members of groups whose leader had gone, ended by SIGKILL. */
	leftovers_ended: number
	/** Run records that could not be read. */
	unreadable: {file: string; reason: string}[]
}

/** A signal that was really sent to a group, after the identity check. */
export interface SentSignal {
	name: string
	signal: NodeJS.Signals
	pid: number | null
}

export interface SupervisorEvents {
	signal: [SentSignal]
	transition: [ProcessTransition]
	slow: [SlowStop]
	alarm: [{message: string}]
}
