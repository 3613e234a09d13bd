import {type ChildProcess, spawn} from 'node:child_process'
import {closeSync, mkdirSync, openSync} from 'node:fs'
import {dirname} from 'node:path'
import {messageOf} from '../../engine/errors.js'
import {identify, membersOf, type ProcessIdentity, sameProcess, signalGroup} from './process-identity.js'

export interface SpawnRequest {
	command: string
	args: readonly string[]
	env: Readonly<Record<string, string>>
	cwd: string
	log_file: string
}

export interface ProcessExit {
	code: number | null
	signal: NodeJS.Signals | null
}

export interface SpawnedProcess {
	identity: ProcessIdentity
	exited: Promise<ProcessExit>
	/** Why its output goes nowhere, null when it goes to the log. */
	log_error: string | null
}

/** What supervision does to the operating system, injected. */
export interface Spawner {
	/** @throws Error with the system's message when the command cannot be started. */
	spawn(request: SpawnRequest): Promise<SpawnedProcess>
	isAlive(identity: ProcessIdentity): boolean
	signalGroup(identity: ProcessIdentity, signal: NodeJS.Signals): boolean
	/** No living process is left in the group of a leader that has just gone. */
	isGroupEmpty(identity: ProcessIdentity): boolean
}

function started(child: ChildProcess): Promise<void> {
	return new Promise((resolve, reject) => {
		child.once('spawn', resolve)
		child.once('error', reject)
	})
}

/** A log that cannot be opened (a full disk) must not keep a process down: its output is given up instead. */
function openLog(log_file: string): {log: number; log_error: string | null} {
	try {
		mkdirSync(dirname(log_file), {recursive: true, mode: 0o700})
		return {log: openSync(log_file, 'a', 0o600), log_error: null}
	} catch (error) {
		return {log: openSync('/dev/null', 'a'), log_error: messageOf(error)}
	}
}

/**
 * Starts a command as leader of a session and group of its own, so that it
 * outlives us and a signal reaches all that it starts. Its output goes by file
 * descriptor to the log, opened for appending: no byte of it passes through us.
 */
async function spawnDetached({command, args, cwd, env, log_file}: SpawnRequest): Promise<SpawnedProcess> {
	const {log, log_error} = openLog(log_file)
	try {
		const child = spawn(command, [...args], {cwd, env: {...env}, detached: true, stdio: ['ignore', log, log]})
		const exited = new Promise<ProcessExit>(resolve => {
			child.once('exit', (code, signal) => resolve({code, signal}))
		})
		// Read before the event loop turns: until then a child that is already dead has not been reaped.
		const identity = child.pid === undefined ? null : identifyChild(child.pid)
		child.unref()
		await started(child)
		if (!identity) throw new Error(`${command} was started but has no process id`)
		return {identity, exited, log_error}
	} finally {
		closeSync(log)
	}
}

/** A child that died at once is a zombie without identity; it gets one that matches no process. */
function identifyChild(pid: number): ProcessIdentity {
	return identify(pid) ?? {pid, start_time: 'gone', boot_id: 'gone'}
}

export const systemSpawner: Spawner = {
	spawn: spawnDetached,
	isAlive: sameProcess,
	signalGroup,
	isGroupEmpty: identity => membersOf(identity).length === 0,
}

const inherited = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR']

/** The part of an environment that is no secret and belongs to no session: the same for every daemon of one user. */
export function baseEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
	const entries = inherited.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]] as const]))
	return Object.fromEntries(entries)
}
