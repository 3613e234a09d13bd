import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {Clock} from './clock.js'
import {lastLogLine} from './log-tail.js'
import {isReady, type ProcessState, productState} from './process-state.js'
import type {SupervisedProcess} from './supervised-process.js'
import type {ProcessStatus, ProcessTransition} from './supervisor-types.js'

function isoAt(clock: Clock, monotonic_ms: number): string {
	return new Date(clock.wallMs() - (clock.monotonicMs() - monotonic_ms)).toISOString()
}

/** One process as an operator sees it. */
export function statusOf(process: SupervisedProcess, clock: Clock): ProcessStatus {
	const {state, spec} = process
	const window_start = clock.monotonicMs() - spec.restart.window_ms
	const exit = state.last_exit
	return {
		name: spec.name,
		state: productState(state),
		phase: state.phase,
		desired: state.desired,
		pid: state.pid,
		generation: state.generation,
		adopted: process.adopted && state.pid !== null,
		started_at: process.started_at,
		since: isoAt(clock, state.since_ms),
		ready: isReady(state),
		ready_reason: state.ready_reason,
		waiting_for: state.waiting_for,
		restarts_in_window: state.restarts_ms.filter(at_ms => at_ms > window_start).length,
		last_exit: exit && {
			code: exit.code,
			signal: exit.signal,
			at: isoAt(clock, exit.at_ms),
			generation: exit.generation,
		},
		last_error: state.last_error,
	}
}

/** What has changed for an observer, or null when nothing that is shown has. */
export function transitionOf(process: SupervisedProcess, before: ProcessState, clock: Clock): ProcessTransition | null {
	const {state} = process
	const same = before.phase === state.phase && before.ready === state.ready && before.generation === state.generation
	if (same) return null
	return {
		name: process.spec.name,
		from: before.phase,
		to: state.phase,
		ready: isReady(state),
		generation: state.generation,
		pid: state.pid,
		at: isoAt(clock, clock.monotonicMs()),
		reason: isReady(state) ? null : (state.ready_reason ?? state.last_error),
	}
}

function describe({spec, state}: SupervisedProcess): string {
	const waiting = state.waiting_for.length > 0 ? `waits for ${state.waiting_for.join(', ')}` : null
	const reason = waiting ?? state.ready_reason ?? state.last_error
	return `${spec.name} is ${productState(state)}${reason ? ` (${reason})` : ''}`
}

function seeLog(file: string): string {
	const line = lastLogLine(file)
	return line ? `see ${file}, which ends with: ${line}` : `see ${file}`
}

/** The error of a wait for readiness: names each process that is not ready, and why. */
export function describeNotReady(processes: readonly SupervisedProcess[], within_ms: number): OperatorError {
	const unready = processes.filter(({state}) => !isReady(state))
	const first = unready.find(({state}) => state.phase === 'FAILED') ?? unready[0]
	return new OperatorError(`not ready within ${within_ms} ms: ${unready.map(describe).join('; ')}`, {
		exit_code: EXIT_CODES.failure,
		...(first && {hint: seeLog(first.spec.log_file)}),
	})
}

/** @throws OperatorError (refused) when one of them is FAILED, with the command that clears it. */
export function refuseFailed(processes: readonly SupervisedProcess[]): void {
	const failed = processes.find(({state}) => state.phase === 'FAILED')
	if (!failed) return
	const {name, log_file} = failed.spec
	throw new OperatorError(`${name} is FAILED: ${failed.state.last_error ?? 'no reason known'}`, {
		exit_code: EXIT_CODES.refused,
		hint: `${seeLog(log_file)}; then: qt reset ${name}`,
	})
}
