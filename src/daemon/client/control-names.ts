import type {DaemonStatus} from './control-api.js'
import {ControlClient, notRunning} from './control-client.js'
import type {Home} from './home.js'

/** The name as the running system has it: a unit under any of its names, or a process. @throws OperatorError (usage) */
const resolveName = async (typed: string, status: DaemonStatus): Promise<string> => {
	const known = [...status.processes, ...status.units].map(({name}) => name)
	if (known.includes(typed)) return typed
	const [{resolveUnit}, {resolveServer, unknownName, unitNames}] = await Promise.all([
		import('../../engine/registry.js'),
		import('./unit-names.js'),
	])
	const unit = resolveUnit(typed)
	if (unit) return unit.name
	const server = resolveServer(typed)
	if (server && known.includes(server.name)) return server.name
	throw unknownName('unit or process', typed, [...known, ...unitNames()])
}

const act = async (home: Home, typed: string, verb: 'restart' | 'reset'): Promise<string> => {
	const control = new ControlClient(home)
	const status = await control.status()
	// A name that nothing has is wrong whether or not the daemon runs.
	if (!status) {
		const {requireUnit, resolveServer} = await import('./unit-names.js')
		if (!typed.startsWith('host-') && !resolveServer(typed)) requireUnit(typed)
		throw notRunning(home)
	}
	const name = await resolveName(typed, status)
	await control[verb](name)
	return name
}

/** Restarts a unit's process, or a process. Resolves with its name when it has been stopped and started. */
export const restart = (home: Home, name: string): Promise<string> => act(home, name, 'restart')

/** Clears FAILED, so that it is started again. */
export const reset = (home: Home, name: string): Promise<string> => act(home, name, 'reset')
