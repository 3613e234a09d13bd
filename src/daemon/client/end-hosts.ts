import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {sameProcess, signalGroup} from '../supervision/process-identity.js'
import {openRunRecords} from '../supervision/run-record.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {Home} from './home.js'

/**
 * Ends processes of a home by SIGKILL, by the identity that their supervisor wrote down: also a stopped one, and with
 * the daemon gone. Returns those that have ended, as `name (pid n)`; one that nobody wrote down is left alone.
 */
export const endHosts = async (home: Home, names: readonly string[]): Promise<readonly string[]> => {
	const {records} = openRunRecords(join(home.run, 'processes')).readAll()
	const due = records.flatMap(({name, identity}) =>
		identity && names.includes(name) && sameProcess(identity) ? [{name, identity}] : [],
	)
	for (const {identity} of due) signalGroup(identity, 'SIGKILL')
	const deadline = performance.now() + CLIENT_LIMITS.end_ms
	while (due.some(({identity}) => sameProcess(identity)) && performance.now() < deadline)
		await pause(CLIENT_LIMITS.poll_ms / 4)
	return due.filter(({identity}) => !sameProcess(identity)).map(({name, identity}) => `${name} (pid ${identity.pid})`)
}
