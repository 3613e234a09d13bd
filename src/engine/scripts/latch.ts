import {keys} from '../contracts/keys.js'
import {defineScript} from '../contracts/script.js'

export const latch = defineScript({
	name: 'latch',
	summary: 'The kill latch: kill, arm and guard are the only ways to change it. Each change counts the arm epoch up.',
	keys: {kill: keys.kill, arm: keys.arm},
	/** what = kill | arm | guard; `expected_epoch` of an arm, so that two operators cannot arm over each other. */
	args: ['what', 'by', 'reason', 'time_ms', 'mode', 'expected_epoch'],
	outcomes: {killed: ['epoch', 'reason'], armed: ['epoch'], unchanged: ['epoch'], refused: ['epoch']},
	source: new URL('./latch.lua', import.meta.url),
	model: (store, key, arg) => {
		const kill = key.kill ?? ''
		const arm = key.arm ?? ''
		const epoch = Number(store.hashGet(arm, 'epoch') ?? 0)
		const armed = store.hashGet(arm, 'armed') === '1'
		const killed = store.get(kill) !== '0'
		const set = (outcome: string, armedTo: string, by = arg.by ?? '', reason = arg.reason ?? '') => {
			const next = String(epoch + 1)
			store.put(kill, armedTo === '1' ? '0' : '1')
			store.hashPut(arm, {epoch: next, armed: armedTo, by, reason, time_ms: arg.time_ms ?? '', mode: arg.mode ?? ''})
			return {outcome, fields: {epoch: next, reason}}
		}
		if (arg.what === 'kill') return set('killed', '0')
		if (arg.what === 'arm') {
			if (arg.expected_epoch !== String(epoch)) return {outcome: 'refused', fields: {epoch: String(epoch)}}
			return set('armed', '1')
		}
		if (armed && killed) return set('killed', '0', 'by hand', 'the kill key was set outside of qt')
		if (!armed && !killed) return set('killed', '0', 'by hand', 'the kill key was opened outside of qt and is put back')
		return {outcome: 'unchanged', fields: {epoch: String(epoch)}}
	},
})
