import {readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {writeFileAtomically} from '../supervision/atomic-file.js'

type Kept = Readonly<{
	/** Names of such files: sorted, they stand in the order of their times. */
	pattern: RegExp
	/** How many are kept. */
	max: number
}>

/**
 * Writes a file whole into a folder that belongs to one unit, over one of its name, and removes the oldest, as well as
 * drafts that a process left behind when it died.
 * @returns its path
 */
export const writeDated = (folder: string, name: string, text: string, {pattern, max}: Kept): string => {
	const file = join(folder, name)
	writeFileAtomically(file, text)
	const names = readdirSync(folder)
	const dated = names.filter(found => pattern.test(found)).sort()
	const drafts = names.filter(found => found.endsWith('.draft'))
	for (const old of [...dated.slice(0, -max), ...drafts]) rmSync(join(folder, old), {force: true})
	return file
}
