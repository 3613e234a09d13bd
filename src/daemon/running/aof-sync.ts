import {open, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import type {Clock} from '../../engine/runtime/clock.js'

/** What a machine that loses its power may lose, ms. */
const SYNC_EVERY_MS = 1_000
/** A disk that is slower is told of. */
const SLOW_MS = 5_000

const isOpenPart = (name: string): boolean => name.endsWith('.incr.aof')

/** Has the disk hold all that the server has written. @returns the files; none before its first write */
export const syncAppendOnlyFiles = async (data_dir: string): Promise<readonly string[]> => {
	const folder = join(data_dir, 'appendonlydir')
	const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return []
		throw error
	})
	const parts = names.filter(isOpenPart)
	for (const name of parts) {
		const file = await open(join(folder, name), 'r+').catch((error: NodeJS.ErrnoException) => {
			// Rewritten, and so synced and removed, since it was listed.
			if (error.code === 'ENOENT') return undefined
			throw error
		})
		try {
			await file?.datasync()
		} finally {
			await file?.close()
		}
	}
	return parts
}

/**
 * Syncs the files of our Redis once a second, in its stead. A server that syncs by itself (`everysec`) puts off writing
 * while a sync is under way and goes on answering: killed then, it comes back without up to two seconds of what it had
 * acknowledged. One that leaves the disk alone has written everything before it answers.
 */
export const keepSynced = async (
	data_dir: string,
	clock: Clock,
	signal: AbortSignal,
	onError: (error: unknown) => void,
): Promise<void> => {
	let slow = false
	while (!signal.aborted) {
		await clock.wait(SYNC_EVERY_MS, signal)
		const begun_ms = clock.machine()
		await syncAppendOnlyFiles(data_dir).catch(onError)
		const took_ms = clock.machine() - begun_ms
		if (took_ms > SLOW_MS && !slow)
			onError(new Error(`the disk took ${took_ms} ms to hold what Redis wrote: a loss of power would lose as much`))
		slow = took_ms > SLOW_MS
	}
}
