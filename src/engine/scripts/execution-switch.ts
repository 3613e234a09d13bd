import type {Write} from '../bus/bus.js'
import {keys} from '../contracts/keys.js'
import type {Naming} from '../contracts/naming.js'
import {defineScript} from '../contracts/script.js'

export const executionSwitch = defineScript({
	name: 'execution-switch',
	summary:
		'Pauses, resumes, disables and enables: the two decisions behind one word, so that taking one back leaves the other.',
	keys: {execution: keys.execution, change: keys.executionChange},
	/** what = pause | resume | disable | enable; machine time. */
	args: ['what', 'by', 'reason', 'time_ms'],
	outcomes: {changed: ['execution', 'before'], unchanged: ['execution'], unset: []},
	source: new URL('./execution-switch.lua', import.meta.url),
	model: (store, key, {what = '', by = '', reason = '', time_ms = ''}) => {
		const execution = key.execution ?? ''
		const change = key.change ?? ''
		const before = store.get(execution)
		if (before === undefined) return {outcome: 'unset', fields: {}}
		const wasDisabled = before !== 'ENABLED' && before !== 'REDUCE_ONLY'
		const wasPaused = before === 'REDUCE_ONLY' || (wasDisabled && store.hashGet(change, 'paused') === '1')
		const paused = what === 'pause' || (wasPaused && what !== 'resume')
		const disabled = what === 'disable' || (wasDisabled && what !== 'enable')
		if (paused === wasPaused && disabled === wasDisabled) return {outcome: 'unchanged', fields: {execution: before}}
		const after = disabled ? 'DISABLED' : paused ? 'REDUCE_ONLY' : 'ENABLED'
		store.put(execution, after)
		store.hashPut(change, {what, paused: paused ? '1' : '0', by, reason, time_ms})
		return {outcome: 'changed', fields: {execution: after, before}}
	},
})

/** ENABLED, and nothing of earlier decisions: what initialising the governor leaves. `time_ms` is machine time. */
export const executionReset = (
	naming: Naming,
	{by, time_ms}: Readonly<{by: string; time_ms: number}>,
): readonly Write[] => [
	{op: 'put-string', key: naming.key(keys.execution, {}), value: 'ENABLED'},
	{
		op: 'put-hash',
		key: naming.key(keys.executionChange, {}),
		fields: {what: 'init', paused: '0', by, reason: 'governor initialised', time_ms: String(time_ms)},
		replace: true,
	},
]
