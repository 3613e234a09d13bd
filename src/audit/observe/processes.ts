import {readlinkSync, statSync} from 'node:fs'
import {commandOf, listProcesses} from '../../daemon/supervision/process-table.js'
import {holderOf} from '../../daemon/supervision/single-instance.js'
import {findMarked} from '../../daemon/supervision/supervision-mark.js'
import type {Home} from '../../daemon/system/home.js'
import {type OwnProcess, type Part, type ProcessesSeen, seen, unseen} from '../observed.js'

/** The user of a living process; null when it has gone, or where there is no /proc. */
const userOf = (pid: number): number | null => {
	try {
		return statSync(`/proc/${pid}`).uid
	} catch {
		return null
	}
}

const directoryOf = (pid: number): string | null => {
	try {
		return readlinkSync(`/proc/${pid}/cwd`)
	} catch {
		return null
	}
}

/** Root sees all of them; others see the marks and sockets of their own. */
const hiddenFrom = (own_uid: number | undefined, pids: readonly number[]): number =>
	own_uid === undefined || own_uid === 0
		? 0
		: pids.filter(pid => {
				const uid = userOf(pid)
				return uid !== null && uid !== own_uid
			}).length

const ownOf = (run_id: string | null): readonly OwnProcess[] =>
	(run_id === null ? [] : findMarked(run_id)).map(({row: {pid, group}, name, generation, version}) => ({
		pid,
		name,
		leader: pid === group,
		generation,
		version,
		user: userOf(pid),
		directory: directoryOf(pid),
		command: commandOf(pid),
	}))

/** The process table, and which of it belongs to the home: by the marks of its supervisor, and the daemon's own record. */
export const observeProcesses = async (home: Home, run_id: string | null): Promise<Part<ProcessesSeen>> => {
	try {
		const pids = listProcesses().map(({pid}) => pid)
		const holder = await holderOf(home.run)
		return seen({
			own: ownOf(run_id),
			daemon_pid: holder?.pid ?? null,
			living: new Set(pids),
			hidden: hiddenFrom(process.getuid?.(), pids),
		})
	} catch (error) {
		return unseen(`the process table cannot be read: ${String(error)}`)
	}
}
