import {closeSync, openSync, rmSync, statSync} from 'node:fs'
import {setTimeout as pause} from 'node:timers/promises'

const LOCK_POLL_MS = 5

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

/**
 * Runs `act` alone among those who write the file. A lock older than `stale_ms` was left by a process that died.
 * @throws Error when the lock was not had within `within_ms`; nothing was done then.
 */
export const withFileLock = async <Result>(
	path: string,
	{within_ms, stale_ms}: Readonly<{within_ms: number; stale_ms: number}>,
	act: () => Result,
): Promise<Result> => {
	const lock = `${path}.lock`
	const deadline = performance.now() + within_ms
	while (!takeLock(lock, stale_ms)) {
		if (performance.now() >= deadline) throw new Error(`${path} is being written by another process (${lock} is held)`)
		await pause(LOCK_POLL_MS)
	}
	try {
		return act()
	} finally {
		rmSync(lock, {force: true})
	}
}
