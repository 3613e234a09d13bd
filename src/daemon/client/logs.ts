import {closeSync, existsSync, openSync, readdirSync, readSync, statSync} from 'node:fs'
import {basename, join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {closestName} from '../supervision/closest-name.js'
import {ControlClient} from './control-client.js'
import type {Home} from './home.js'

/** A log file of one process of the system. */
export type LogFile = Readonly<{process: string; path: string}>
export type LogLine = Readonly<{process: string; line: string}>

const CHUNK_BYTES = 64 * 1_024
const FOLLOW_POLL_MS = 200

/** Files of the home, newest written last; those that rotation moved away are not among them. */
export const logFiles = (home: Home): readonly LogFile[] => {
	if (!existsSync(home.logs)) return []
	return readdirSync(home.logs)
		.filter(name => name.endsWith('.log'))
		.map(name => ({process: basename(name, '.log'), path: join(home.logs, name)}))
		.sort((left, right) => (left.process < right.process ? -1 : 1))
}

/** Which process runs a unit: the daemon knows, else the shared host of its stage. */
const processOf = async (home: Home, typed: string): Promise<string | undefined> => {
	const {resolveUnit} = await import('../../engine/registry.js')
	const unit = resolveUnit(typed)
	const name = unit?.name ?? typed
	const status = await new ControlClient(home).status().catch(() => undefined)
	const running = status?.units.find(of => of.name === name)?.process
	if (running) return running
	const own = `host-${name}`
	if (logFiles(home).some(({process}) => process === own)) return own
	return unit ? `host-${unit.target}` : undefined
}

/**
 * The log files that a name means: a process, a unit under any name, or all without one.
 * @throws OperatorError (usage) with the nearest name
 */
export const logsOf = async (home: Home, name: string | undefined): Promise<readonly LogFile[]> => {
	const files = logFiles(home)
	if (name === undefined) return files
	const direct = files.find(({process}) => process === name)
	if (direct) return [direct]
	const process = await processOf(home, name)
	const found = files.find(file => file.process === process)
	if (found) return [found]
	if (process !== undefined)
		throw new OperatorError(`${name} has no log yet in ${home.logs}`, {
			exit_code: EXIT_CODES.unreachable,
			hint: 'start the system: qt up',
		})
	const {unitNames} = await import('./unit-names.js')
	const near = closestName(name, [...files.map(file => file.process), ...unitNames()])
	throw new OperatorError(`unknown unit or process: ${name}`, {
		exit_code: EXIT_CODES.usage,
		hint: near
			? `did you mean ${near}?`
			: files.length > 0
				? `there are logs of ${files.map(file => file.process).join(', ')}`
				: 'see qt registry list for the units; no process has a log yet',
	})
}

/** The last lines of a file, read from its end. */
export const lastLines = (path: string, count: number): readonly string[] => {
	const file = openSync(path, 'r')
	try {
		let start = statSync(path).size
		let tail = Buffer.alloc(0)
		while (start > 0 && tail.toString('latin1').split('\n').length <= count + 1) {
			const length = Math.min(CHUNK_BYTES, start)
			start -= length
			const chunk = Buffer.alloc(length)
			readSync(file, chunk, 0, length, start)
			tail = Buffer.concat([chunk, tail])
		}
		const lines = tail.toString('utf8').split('\n')
		if (lines.at(-1) === '') lines.pop()
		return count === 0 ? [] : lines.slice(-count)
	} finally {
		closeSync(file)
	}
}

/** New whole lines of a file from a position on; a file that was cut back begins anew. */
const readFrom = (path: string, from: number): {text: string; position: number} => {
	const {size} = statSync(path)
	const start = size < from ? 0 : from
	if (size === start) return {text: '', position: start}
	const file = openSync(path, 'r')
	try {
		const chunk = Buffer.alloc(Math.min(size - start, CHUNK_BYTES * 16))
		const length = readSync(file, chunk, 0, chunk.length, start)
		const end = chunk.subarray(0, length).lastIndexOf(10) + 1
		return {text: chunk.toString('utf8', 0, end), position: start + end}
	} finally {
		closeSync(file)
	}
}

/** Hands on new lines of the files as they are written, until the signal. */
export const followLogs = async (
	files: readonly LogFile[],
	onLine: (line: LogLine) => void,
	signal: AbortSignal,
): Promise<void> => {
	const positions = new Map(files.map(({path}) => [path, statSync(path).size]))
	while (!signal.aborted) {
		for (const {process, path} of files) {
			const {text, position} = readFrom(path, positions.get(path) ?? 0)
			positions.set(path, position)
			for (const line of text.split('\n')) if (line !== '') onLine({process, line})
		}
		await pause(FOLLOW_POLL_MS, undefined, {signal}).catch(() => undefined)
	}
}
