import {
	backoffMs,
	clip,
	type Moment,
	noDeadlines,
	type Policy,
	type ProcessCommand,
	type ProcessState,
} from './process-state.js'
import {SUPERVISION_LIMITS} from './supervision-limits.js'

export interface Transition {
	state: ProcessState
	commands: readonly ProcessCommand[]
}

export const stay = (state: ProcessState): Transition => ({state, commands: []})

export function enter(
	state: ProcessState,
	phase: ProcessState['phase'],
	at_ms: number,
	changes: Partial<ProcessState> = {},
) {
	const since_ms = state.phase === phase ? state.since_ms : at_ms
	return {...state, deadlines: noDeadlines, phase, since_ms, ...changes}
}

export const notRunning = {
	pid: null,
	ready: false,
	ready_failures: 0,
	live_failures: 0,
	stopping_for: null,
	stop_asked_ms: null,
}

/** Spawns the next generation, or waits for the dependencies. Only called while no process exists. */
export function begin(state: ProcessState, {at_ms}: Moment): Transition {
	if (!state.dependencies_ready) return stay(enter(state, 'WAITING', at_ms, {...notRunning, started_ms: null}))
	const generation = state.generation + 1
	const changes = {...notRunning, generation, started_ms: null, ready_reason: null}
	return {state: enter(state, 'STARTING', at_ms, changes), commands: [{type: 'spawn', generation}]}
}

export const stopped = (state: ProcessState, at_ms: number): Transition =>
	stay(enter(state, 'STOPPED', at_ms, {...notRunning, desired: 'down', started_ms: null}))

const gaveUp = (policy: Policy, state: ProcessState): string =>
	clip(`${state.last_error ?? 'failed'}; given up at ${policy.restart.intensity_max} restarts`)

/** The process itself said that its configuration or its data cannot be used. */
const isFinal = ({restart}: Policy, {stopping_for, last_exit}: ProcessState): boolean =>
	stopping_for === 'exit' && last_exit?.code != null && (restart.final_exit_codes ?? []).includes(last_exit.code)

/** A failure of a process that has gone: restart it after a pause, wait for a dependency, or give up. */
function failed(policy: Policy, state: ProcessState, moment: Moment): Transition {
	const {at_ms, chance} = moment
	if (state.desired === 'down') return stopped(state, at_ms)
	const {restart} = policy
	const gone = {...notRunning, started_ms: null, failed_ms: at_ms}
	if (restart.type === 'temporary') return stay(enter(state, 'FAILED', at_ms, gone))
	if (isFinal(policy, state)) {
		const last_error = clip(`${state.last_error ?? 'failed'}; another try would end the same way`)
		return stay(enter(state, 'FAILED', at_ms, {...gone, last_error}))
	}
	if (!state.dependencies_ready) return stay(enter(state, 'WAITING', at_ms, gone))
	const restarts_ms = state.restarts_ms.filter(restarted => restarted > at_ms - restart.window_ms)
	if (restarts_ms.length >= restart.intensity_max || state.attempts >= restart.intensity_max)
		return stay(enter(state, 'FAILED', at_ms, {...gone, restarts_ms, last_error: gaveUp(policy, state)}))
	const attempts = state.attempts + 1
	const deadlines = {...noDeadlines, backoff_until: at_ms + backoffMs(restart, attempts, chance)}
	const changes = {...gone, restarts_ms: [...restarts_ms, at_ms], attempts, deadlines}
	return stay(enter(state, 'BACKOFF', at_ms, changes))
}

/** The group has gone for good: what follows depends on why. */
export function gone(policy: Policy, state: ProcessState, moment: Moment): Transition {
	if (state.desired === 'down') return stopped(state, moment.at_ms)
	if (state.stopping_for === 'restart') return begin(state, moment)
	if (state.stopping_for === 'exit' && state.last_exit?.code === 0 && policy.restart.type !== 'permanent')
		return stopped(state, moment.at_ms)
	return failed(policy, state, moment)
}

/** Signals the group and arms the grace. While the spawn is unanswered the signal follows its answer. */
export function beginStopping(
	policy: Policy,
	state: ProcessState,
	at_ms: number,
	stopping_for: NonNullable<ProcessState['stopping_for']>,
): Transition {
	const entered = enter(state, 'STOPPING', at_ms, {ready: false, stopping_for, stop_asked_ms: at_ms})
	if (state.pid === null) return stay(entered)
	if (stopping_for === 'kill') {
		const deadlines = {...noDeadlines, kill_at: at_ms + SUPERVISION_LIMITS.kill_repeat_ms}
		return {
			state: {...entered, deadlines},
			commands: [{type: 'signal', signal: 'SIGKILL', generation: state.generation}],
		}
	}
	const {signal, grace_ms} = policy.stop
	const kill_at = at_ms + grace_ms
	const slow_at = at_ms + Math.min(SUPERVISION_LIMITS.stop_slow_after_ms, grace_ms / 2)
	return {
		state: {...entered, deadlines: {...noDeadlines, slow_at, kill_at}},
		commands: [{type: 'signal', signal, generation: state.generation}],
	}
}
