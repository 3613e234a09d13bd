import {bootId, listProcesses, readProcess} from './process-table.js'

/** Which process, beyond doubt: an id alone is given to another process sooner or later. */
export interface ProcessIdentity {
	pid: number
	start_time: string
	boot_id: string
}

/** The identity of a living process, or null. */
export function identify(pid: number): ProcessIdentity | null {
	const row = readProcess(pid)
	return row && {pid, start_time: row.start_time, boot_id: bootId()}
}

/** The very process of this identity is alive (a zombie is not). */
export function sameProcess(identity: ProcessIdentity): boolean {
	return identity.boot_id === bootId() && readProcess(identity.pid)?.start_time === identity.start_time
}

/**
 * Members left in the group of a leader that has just gone. Children are
 * session leaders, and the kernel gives no new process an id that is still a
 * session's: as long as one member lives, the id cannot mean anybody else.
 */
export function membersOf(leader: ProcessIdentity): number[] {
	if (leader.boot_id !== bootId()) return []
	const {pid} = leader
	return listProcesses().flatMap(row => (row.group === pid && row.session === pid ? row.pid : []))
}

function send(pid: number, signal: NodeJS.Signals): boolean {
	try {
		process.kill(pid, signal)
		return true
	} catch {
		return false
	}
}

/** Signals one process after checking that it still is the one. False: it is gone, nothing was signalled. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
	return sameProcess(identity) && send(identity.pid, signal)
}

/**
 * Signals the whole group of a leader that is alive, or that this supervisor
 * has just seen go. A stopped group is woken so that it can act on the signal.
 */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): boolean {
	if (!sameProcess(leader) && (readProcess(leader.pid) !== null || membersOf(leader).length === 0)) return false
	const sent = send(-leader.pid, signal)
	if (sent && signal !== 'SIGKILL' && signal !== 'SIGSTOP') send(-leader.pid, 'SIGCONT')
	return sent
}
