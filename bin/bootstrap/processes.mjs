import {spawn} from 'node:child_process'
import {accessSync, constants, statSync} from 'node:fs'
import {constants as osConstants} from 'node:os'
import {delimiter, join} from 'node:path'

const forwardedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']

/** One Ctrl-C arrives up to three times: from the terminal, from npm, from a wrapper that signals its group. */
const sameSignalWithinMs = 500

/** Whether `path` is a file that we may execute. */
export function isExecutable(path) {
	try {
		accessSync(path, constants.X_OK)
		return statSync(path).isFile()
	} catch {
		return false
	}
}

/** Absolute path of a program on PATH, or undefined. */
export function findOnPath(name, env = process.env) {
	for (const folder of (env.PATH ?? '').split(delimiter)) {
		if (folder && isExecutable(join(folder, name))) return join(folder, name)
	}
	return undefined
}

/**
 * Runs a program to its end and resolves with its exit code (128 + n when a
 * signal ended it) and whether it was we who were asked to stop.
 *
 * The program gets a session of its own, so that a signal reaches it once and
 * only through us: it takes a second Ctrl-C as "now, by force", and npm and
 * the terminal would otherwise deliver the first one twice. The terminal's
 * resize signal has to be passed on for the same reason.
 */
export function run(command, args, {cwd, env = process.env, stdio = 'inherit'}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, {cwd, env, stdio, detached: true})
		const seenAt = new Map()
		let interrupted = false
		const forward = signal => {
			const now = performance.now()
			if (now - (seenAt.get(signal) ?? Number.NEGATIVE_INFINITY) < sameSignalWithinMs) return
			seenAt.set(signal, now)
			interrupted = true
			child.kill(signal)
		}
		const resized = () => child.kill('SIGWINCH')
		for (const signal of forwardedSignals) process.on(signal, forward)
		process.on('SIGWINCH', resized)
		const release = () => {
			for (const signal of forwardedSignals) process.off(signal, forward)
			process.off('SIGWINCH', resized)
		}
		child.once('error', error => {
			release()
			reject(error)
		})
		child.once('exit', (code, signal) => {
			release()
			resolve({code: code ?? 128 + (osConstants.signals[signal] ?? 0), interrupted})
		})
	})
}

/** Thrown out of a preparing step that a signal ended, so that nothing is started after it. */
export class Interrupted extends Error {
	constructor(code) {
		super('interrupted')
		this.code = code === 0 ? 130 : code
	}
}

/** Runs a preparing step: its output goes to stderr, it reads nothing, and a signal ends the bootstrap with it. */
export async function runStep(command, args, options) {
	const {code, interrupted} = await run(command, args, {...options, stdio: ['ignore', 2, 2]})
	if (interrupted) throw new Interrupted(code)
	return code
}
