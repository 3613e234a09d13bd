import {encodeEnvelope} from '../../engine/contracts/envelope.js'
import {encodeFields} from '../../engine/contracts/field.js'
import {keys} from '../../engine/contracts/keys.js'
import {events} from '../../engine/contracts/streams/ops.js'
import {fromReply} from '../../engine/contracts/unit.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {executionSwitch} from '../../engine/scripts/execution-switch.js'
import {type ExecutionChange, executionChangeOf} from './execution-record.js'
import {operatorEnvelope} from './operator-envelope.js'
import type {State} from './state.js'

export type Turn = 'pause' | 'resume' | 'disable' | 'enable'

export type ExecutionReport = Readonly<{
	/** UNCHANGED: it stood so already, by the change that is shown. */
	state: 'CHANGED' | 'UNCHANGED'
	turn: Turn
	execution: string
	before: string
	change: ExecutionChange | null
}>

const EVENT = {
	pause: 'EXECUTION_PAUSED',
	resume: 'EXECUTION_RESUMED',
	disable: 'EXECUTION_DISABLED',
	enable: 'EXECUTION_ENABLED',
} as const

type Options = Readonly<{turn: Turn; by: string; reason: string; now_ms: () => number}>

/**
 * Turns the execution switch and records who did it and why, in one step. Repeating it changes nothing.
 * @throws OperatorError (refused) while the governor was never set up.
 */
export const turnExecution = async (state: State, {turn, by, reason, now_ms}: Options): Promise<ExecutionReport> => {
	const {bus, naming} = state
	const time_ms = now_ms()
	const envelope = await operatorEnvelope(state, {what: turn, by, time_ms, v: events.version})
	const payload = {event: EVENT[turn], subject: keys.execution.pattern, detail: reason, by}
	const told = {before: fromReply('before'), after: fromReply('execution')}
	const answer = await bus.decide(
		{
			script: executionSwitch,
			keys: {execution: naming.key(keys.execution, {}), change: naming.key(keys.executionChange, {})},
			args: {what: turn, by, reason, time_ms: String(time_ms)},
			branches: {
				changed: [
					{
						op: 'append',
						stream: naming.stream(events.name),
						fields: {...encodeEnvelope(envelope), ...encodeFields({...payload, ...told})},
						length_max: events.retention_max * 2,
					},
				],
				unchanged: [],
				unset: [],
			},
		},
		{acknowledge: []},
	)
	if (answer.status !== 'decided') throw new Error(`The switch was not decided: ${answer.status}`)
	const {outcome, fields} = answer.reply
	if (outcome === 'unset')
		throw new OperatorError('the governor was never set up: there is no execution switch to turn', {
			exit_code: EXIT_CODES.refused,
			hint: 'qt up sets it up, or qt governor init',
		})
	const {execution = '', before = execution} = fields
	const change = executionChangeOf(await bus.hashAll(naming.key(keys.executionChange, {})))
	return {state: outcome === 'changed' ? 'CHANGED' : 'UNCHANGED', turn, execution, before, change}
}
