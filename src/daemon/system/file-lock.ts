import {closeSync, openSync, rmSync, statSync} from 'node:fs'
import {setTimeout as pause} from 'node:timers/promises'

const LOCK_POLL_MS = 2

/** How long a lock is waited for; one older than `stale_ms` was left by a process that died. */
type Patience = Readonly<{within_ms: number; stale_ms: number}>

const takeLock = (lock: string, stale_ms: number): boolean => {
	try {
		closeSync(openSync(lock, 'wx', 0o600))
		return true
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
	}
	try {
		if (Date.now() - statSync(lock).mtimeMs > stale_ms) rmSync(lock, {force: true})
	} catch {
		// Its holder has just given it back.
	}
	return false
}

/** Runs `act` alone among those who write the file. False: the lock was not had in time, and nothing was done. */
export const tryFileLock = async (path: string, patience: Patience, act: () => void): Promise<boolean> => {
	const lock = `${path}.lock`
	const deadline = performance.now() + patience.within_ms
	while (!takeLock(lock, patience.stale_ms)) {
		if (performance.now() >= deadline) return false
		await pause(LOCK_POLL_MS)
	}
	try {
		act()
	} finally {
		rmSync(lock, {force: true})
	}
	return true
}

/**
 * Runs `act` alone among those who write the file.
 * @throws Error when the lock was not had within `within_ms`; nothing was done then.
 */
export const withFileLock = async <Result>(path: string, patience: Patience, act: () => Result): Promise<Result> => {
	let done: {result: Result} | undefined
	await tryFileLock(path, patience, () => {
		done = {result: act()}
	})
	if (done === undefined) throw new Error(`${path} is being written by another process (${path}.lock is held)`)
	return done.result
}
