import {spawn} from 'node:child_process'
import {closeSync, mkdirSync, openSync, readSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {ControlError, DaemonStatus} from './control-api.js'
import {ControlClient, refusalOf} from './control-client.js'
import type {Home} from './home.js'

/** The daemon holds little: it is kept to that. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=96'] as const

const TAIL_BYTES = 64 * 1_024

export const daemonProgram = (): string => fileURLToPath(new URL('../main.js', import.meta.url))
export const daemonLog = (home: Home): string => join(home.logs, 'daemon.log')

const sizeOf = (path: string): number => {
	try {
		return statSync(path).size
	} catch {
		return 0
	}
}

/** What was written to a file from a byte on; the last 64 KiB of it at most. */
export const textFrom = (path: string, from: number): string => {
	const size = sizeOf(path)
	const start = Math.max(from, size - TAIL_BYTES)
	if (size <= start) return ''
	const file = openSync(path, 'r')
	try {
		const buffer = Buffer.alloc(size - start)
		return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, start))
	} finally {
		closeSync(file)
	}
}

/** The error that the daemon printed before it ended, if it could. */
const toldError = (lines: readonly string[]): OperatorError | undefined => {
	for (const line of lines.toReversed()) {
		if (!line.startsWith('{')) continue
		try {
			const told = JSON.parse(line) as Partial<ControlError>
			if (typeof told.error?.message === 'string') return refusalOf(told as ControlError)
		} catch {
			// A line that only looks like it.
		}
	}
	return undefined
}

const diedEarly = (home: Home, from: number, how: string): OperatorError => {
	const log = daemonLog(home)
	const lines = textFrom(log, from).trimEnd().split('\n')
	const shown = lines.slice(-CLIENT_LIMITS.log_tail_lines).join('\n')
	return (
		toldError(lines) ??
		new OperatorError(`the daemon ended at once (${how}):\n${shown}`, {
			exit_code: EXIT_CODES.failure,
			hint: `see ${log}`,
		})
	)
}

/**
 * Starts the daemon of a home apart from this process and waits for its first answer.
 * @throws OperatorError the daemon's own, when it ends before that.
 */
export const startDaemon = async (
	home: Home,
	{env, program = daemonProgram()}: {env: NodeJS.ProcessEnv; program?: string},
): Promise<DaemonStatus> => {
	mkdirSync(home.logs, {recursive: true, mode: 0o700})
	const path = daemonLog(home)
	const from = sizeOf(path)
	const log = openSync(path, 'a', 0o600)
	const child = spawn(process.execPath, [...NODE_FLAGS, program, home.root], {
		detached: true,
		stdio: ['ignore', log, log],
		env: {...env, MALLOC_ARENA_MAX: '2'},
	})
	closeSync(log)
	let ended: string | undefined
	child.once('error', error => {
		ended = error.message
	})
	child.once('exit', (code, signal) => {
		ended = signal === null ? `exit code ${code}` : `signal ${signal}`
	})
	child.unref()
	const control = new ControlClient(home)
	const deadline = performance.now() + CLIENT_LIMITS.daemon_start_ms
	while (performance.now() < deadline) {
		const status = await control.status()
		if (status) return status
		if (ended !== undefined) throw diedEarly(home, from, ended)
		await pause(CLIENT_LIMITS.poll_ms / 4)
	}
	throw new OperatorError(`the daemon (pid ${child.pid}) did not answer within ${CLIENT_LIMITS.daemon_start_ms} ms`, {
		exit_code: EXIT_CODES.unreachable,
		hint: `see ${path}`,
	})
}
