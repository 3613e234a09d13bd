import {closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'

/**
 * Replaces a file whole: a reader, or a crash at any instant, finds the old
 * text or the new one, never a part. Mode 0600. With `durable: false` that
 * holds for a crash of the process but not of the machine, and is quicker.
 */
export function writeFileAtomically(path: string, text: string, {durable = true}: {durable?: boolean} = {}): void {
	mkdirSync(dirname(path), {recursive: true, mode: 0o700})
	const draft = `${path}.${process.pid}.draft`
	try {
		const file = openSync(draft, 'w', 0o600)
		try {
			writeFileSync(file, text)
			if (durable) fsyncSync(file)
		} finally {
			closeSync(file)
		}
		renameSync(draft, path)
	} catch (error) {
		rmSync(draft, {force: true})
		throw error
	}
}
