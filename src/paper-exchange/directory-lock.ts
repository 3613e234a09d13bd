import {mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** Who holds a directory. `started` tells a process from a later one with the same number; empty where unknown. */
type Holder = Readonly<{pid: number; started: string; dir: string}>

/** Directories held by this very process. */
const held = new Set<string>()

/** When a process started, in clock ticks since boot (field 22 of its stat line); empty where there is no /proc. */
const startOf = (pid: number): string => {
	try {
		const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
		return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? ''
	} catch {
		return ''
	}
}

const lives = (pid: number): boolean => {
	try {
		process.kill(pid, 0)
		return true
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM'
	}
}

const readHolder = (path: string): Holder | undefined => {
	try {
		return JSON.parse(readFileSync(path, 'utf8')) as Holder
	} catch {
		return undefined
	}
}

/** A note left by a dead process, or copied from another directory, holds nothing. */
const holds = (holder: Holder, dir: string): boolean => {
	if (holder.dir !== dir) return false
	if (holder.pid === process.pid) return held.has(dir)
	return lives(holder.pid) && holder.started === startOf(holder.pid)
}

/**
 * Takes a data directory for this process, creating it when needed; returns how to let it go.
 * @throws Error naming the process that holds it
 */
export const lockDirectory = (path: string): (() => void) => {
	mkdirSync(path, {recursive: true})
	const dir = realpathSync(path)
	const note = join(dir, 'venue.lock')
	const holder = readHolder(note)
	if (holder !== undefined && holds(holder, dir)) {
		throw new Error(
			`The data directory ${dir} is in use by process ${holder.pid}. Stop it, or give this venue a "data_dir" of its own.`,
		)
	}
	writeFileSync(note, JSON.stringify({pid: process.pid, started: startOf(process.pid), dir}))
	held.add(dir)
	return () => {
		held.delete(dir)
		rmSync(note, {force: true})
	}
}
