import {onLive, onReady, onSpawned} from './process-readings.js'
import {
	clip,
	type EventOf,
	isAlive,
	type Moment,
	type Policy,
	type ProcessEvent,
	type ProcessState,
} from './process-state.js'
import {begin, beginStopping, enter, gone, notRunning, stay, stopped, type Transition} from './process-steps.js'
import {SUPERVISION_LIMITS} from './supervision-limits.js'

function onRestart(policy: Policy, state: ProcessState, moment: Moment): Transition {
	if (state.phase === 'STOPPED' || state.phase === 'BACKOFF') return begin({...state, desired: 'up'}, moment)
	if (state.desired === 'down' || state.phase === 'FAILED') return stay(state)
	if (state.phase === 'STOPPING') return stay({...state, stopping_for: 'restart'})
	return isAlive(state) ? beginStopping(policy, state, moment.at_ms, 'restart') : stay(state)
}

function onStart(state: ProcessState, moment: Moment): Transition {
	if (state.phase === 'FAILED') return stay(state)
	const wanted: ProcessState = {...state, desired: 'up'}
	if (state.phase === 'STOPPED') return begin(wanted, moment)
	if (state.phase === 'STOPPING' && state.desired === 'down') return stay({...wanted, stopping_for: 'restart'})
	return stay(wanted)
}

function onKill(policy: Policy, state: ProcessState, {at_ms}: Moment): Transition {
	if (state.phase === 'FAILED') return stay({...state, desired: 'down'})
	if (!isAlive(state)) return stopped(state, at_ms)
	return beginStopping(policy, {...state, desired: 'down'}, at_ms, 'kill')
}

/** Failures later than the dependency's last good reading are its doing: they are taken off the count. */
function forgive(policy: Policy, state: ProcessState, last_ok_ms: number | null): ProcessState {
	const since = last_ok_ms ?? Number.NEGATIVE_INFINITY
	const restarts_ms = state.restarts_ms.filter(restarted => restarted <= since)
	const forgiven = state.restarts_ms.length - restarts_ms.length
	const late = state.failed_ms !== null && state.failed_ms > since
	const attempts = Math.max(0, state.attempts - forgiven)
	const next = {...state, restarts_ms, attempts}
	if (!late || policy.restart.type === 'temporary') return next
	return state.phase === 'FAILED' || state.phase === 'BACKOFF' ? {...next, phase: 'WAITING'} : next
}

function onDependencies(
	policy: Policy,
	state: ProcessState,
	event: EventOf<'dependencies'>,
	moment: Moment,
): Transition {
	const {at_ms} = moment
	const seen = {...state, dependencies_ready: event.ready, waiting_for: event.waiting_for, live_failures: 0}
	if (event.ready) {
		if (state.phase === 'WAITING') return begin(seen, moment)
		const waits = state.phase === 'STARTING' && state.pid !== null
		const start_by = waits ? at_ms + policy.start_timeout_ms : null
		return stay(waits ? {...seen, deadlines: {...seen.deadlines, start_by}} : seen)
	}
	const forgiven = forgive(policy, seen, event.last_ok_ms)
	if (forgiven.phase !== state.phase) {
		const entered = enter({...forgiven, phase: state.phase}, 'WAITING', at_ms)
		return state.desired === 'up' ? stay(entered) : stopped(entered, at_ms)
	}
	return stay({...forgiven, deadlines: {...forgiven.deadlines, start_by: null}})
}

function onExited(policy: Policy, state: ProcessState, event: EventOf<'exited'>, moment: Moment): Transition {
	if (!isAlive(state)) return stay(state)
	const {code, signal} = event
	const {at_ms} = moment
	const how = signal ? `ended by ${signal}` : code === null ? 'ended, exit code unknown' : `exited with code ${code}`
	const unasked = state.phase !== 'STOPPING'
	const known: ProcessState = {
		...state,
		last_exit: {code, signal, at_ms, generation: state.generation},
		last_error: unasked ? how : state.last_error,
		stopping_for: state.stopping_for ?? 'exit',
	}
	if (event.group_empty) return gone(policy, known, moment)
	return unasked ? beginStopping(policy, known, at_ms, 'exit') : stay(known)
}

const due = (deadline: number | null, at_ms: number): boolean => deadline !== null && at_ms >= deadline

function onTick(policy: Policy, state: ProcessState, moment: Moment): Transition {
	const {at_ms} = moment
	const {deadlines} = state
	if (due(deadlines.backoff_until, at_ms)) return begin(state, moment)
	if (due(deadlines.start_by, at_ms)) {
		const why = state.ready_reason ?? 'no answer'
		const last_error = clip(`not ready within ${policy.start_timeout_ms} ms: ${why}`)
		return beginStopping(policy, {...state, last_error}, at_ms, 'failure')
	}
	if (due(deadlines.healthy_at, at_ms))
		return stay({...state, attempts: 0, deadlines: {...deadlines, healthy_at: null}})
	if (due(deadlines.kill_at, at_ms)) {
		const kill_at = at_ms + SUPERVISION_LIMITS.kill_repeat_ms
		return {
			state: {...state, deadlines: {...deadlines, slow_at: null, kill_at}},
			commands: [{type: 'signal', signal: 'SIGKILL', generation: state.generation}],
		}
	}
	if (due(deadlines.slow_at, at_ms)) {
		const waited_ms = at_ms - (state.stop_asked_ms ?? at_ms)
		const kill_in_ms = Math.max(0, (deadlines.kill_at ?? at_ms) - at_ms)
		return {
			state: {...state, deadlines: {...deadlines, slow_at: null}},
			commands: [{type: 'announce_slow', waited_ms, kill_in_ms}],
		}
	}
	return stay(state)
}

function onStop(state: ProcessState, at_ms: number): Transition {
	if (state.phase === 'FAILED' || isAlive(state)) return stay({...state, desired: 'down'})
	return stopped(state, at_ms)
}

function onReset(state: ProcessState, moment: Moment): Transition {
	if (state.phase !== 'FAILED') return stay(state)
	const cleared = {...state, restarts_ms: [], attempts: 0, last_error: null, failed_ms: null}
	return state.desired === 'up' ? begin(cleared, moment) : stopped(cleared, moment.at_ms)
}

function onTerminate(policy: Policy, state: ProcessState, {at_ms}: Moment): Transition {
	if (state.phase === 'STOPPING' || !isAlive(state)) return stay(state)
	return beginStopping(policy, {...state, desired: 'down'}, at_ms, 'stop')
}

function onAdopted(policy: Policy, state: ProcessState, event: EventOf<'adopted'>, moment: Moment): Transition {
	if (state.phase !== 'STOPPED') return stay(state)
	const adopted: ProcessState = {...state, desired: 'up', generation: event.generation}
	return onSpawned(policy, enter(adopted, 'STARTING', moment.at_ms, notRunning), event.pid, moment)
}

/** What one event makes of a state. Pure: same state, event and moment, same result; stale generations change nothing. */
export function transition(policy: Policy, state: ProcessState, event: ProcessEvent, moment: Moment): Transition {
	if ('generation' in event && event.type !== 'adopted' && event.generation !== state.generation) return stay(state)
	switch (event.type) {
		case 'start':
			return onStart(state, moment)
		case 'stop':
			return onStop(state, moment.at_ms)
		case 'terminate':
			return onTerminate(policy, state, moment)
		case 'kill':
			return onKill(policy, state, moment)
		case 'restart':
			return onRestart(policy, state, moment)
		case 'reset':
			return onReset(state, moment)
		case 'dependencies':
			return onDependencies(policy, state, event, moment)
		case 'adopted':
			return onAdopted(policy, state, event, moment)
		case 'spawned':
			return onSpawned(policy, state, event.pid, moment)
		case 'spawn_failed':
			return gone(
				policy,
				{...state, last_error: clip(event.error), stopping_for: state.stopping_for ?? 'failure'},
				moment,
			)
		case 'exited':
			return onExited(policy, state, event, moment)
		case 'group_gone':
			return state.phase === 'STOPPING' ? gone(policy, state, moment) : stay(state)
		case 'ready':
			return onReady(policy, state, event, moment)
		case 'live':
			return onLive(policy, state, event, moment)
		case 'tick':
			return onTick(policy, state, moment)
	}
}
