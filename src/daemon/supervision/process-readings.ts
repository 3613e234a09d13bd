import {clip, type EventOf, type Moment, noDeadlines, type Policy, type ProcessState} from './process-state.js'
import {beginStopping, enter, stay, type Transition} from './process-steps.js'

function running(policy: Policy, state: ProcessState, at_ms: number): ProcessState {
	const deadlines = {...noDeadlines, healthy_at: at_ms + policy.restart.healthy_after_ms}
	const changes = {ready: true, ready_reason: null, ready_ok_ms: at_ms, ready_failures: 0, deadlines}
	return enter(state, 'RUNNING', at_ms, changes)
}

export function onSpawned(policy: Policy, state: ProcessState, pid: number, {at_ms}: Moment): Transition {
	const spawned = {...state, pid, started_ms: at_ms}
	if (state.phase === 'STOPPING') return beginStopping(policy, spawned, at_ms, state.stopping_for ?? 'stop')
	if (state.phase !== 'STARTING') return stay(state)
	if (!policy.has_ready) return stay(running(policy, spawned, at_ms))
	const start_by = state.dependencies_ready ? at_ms + policy.start_timeout_ms : null
	return stay({...spawned, deadlines: {...noDeadlines, start_by}})
}

export function onReady(policy: Policy, state: ProcessState, event: EventOf<'ready'>, {at_ms}: Moment): Transition {
	if (state.pid === null || (state.phase !== 'STARTING' && state.phase !== 'RUNNING')) return stay(state)
	if (event.ok) {
		if (state.phase === 'STARTING' || !state.ready) return stay(running(policy, state, at_ms))
		return stay({...state, ready_ok_ms: at_ms, ready_failures: 0, ready_reason: null})
	}
	const ready_failures = state.ready_failures + 1
	const seen = {...state, ready_failures, ready_reason: clip(event.reason ?? 'no reason given')}
	if (!state.ready || ready_failures < policy.ready_failures_max) return stay(seen)
	return stay({...seen, ready: false, deadlines: {...seen.deadlines, healthy_at: null}})
}

export function onLive(policy: Policy, state: ProcessState, event: EventOf<'live'>, {at_ms}: Moment): Transition {
	if (state.phase !== 'RUNNING') return stay(state)
	if (event.ok || !state.dependencies_ready) return stay({...state, live_failures: 0})
	const live_failures = state.live_failures + 1
	if (live_failures < policy.live_failures_max) return stay({...state, live_failures})
	const last_error = clip(`not alive, ${live_failures} times: ${event.reason ?? 'no reason given'}`)
	return beginStopping(policy, {...state, last_error}, at_ms, 'failure')
}
