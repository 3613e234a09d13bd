import {closeSync, fstatSync, openSync, readSync} from 'node:fs'

const tailBytes = 4_096
const lineCharsMax = 300

/** The last line of a log that is not empty, at most 300 characters; null when there is none. Reads 4 KB at most. */
export function lastLogLine(file: string): string | null {
	let log: number
	try {
		log = openSync(file, 'r')
	} catch {
		return null
	}
	try {
		const tail = Buffer.alloc(tailBytes)
		const read = readSync(log, tail, 0, tailBytes, Math.max(0, fstatSync(log).size - tailBytes))
		const lines = tail.toString('utf8', 0, read).split('\n')
		return (
			lines
				.findLast(line => line.trim() !== '')
				?.trim()
				.slice(0, lineCharsMax) ?? null
		)
	} finally {
		closeSync(log)
	}
}
