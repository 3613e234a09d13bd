import {existsSync} from 'node:fs'
import {copyFile, open, rename} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {JournalSummary} from '../../engine/logic/journal-rows.js'
import {ControlClient} from './control-client.js'
import type {Home} from './home.js'
import {holderOf, journalPath} from './journal.js'
import {callSocket} from './unix-http.js'

const COPY_MS = 600_000

export type Backup = Readonly<{
	backup: JournalSummary
	/** Whether it was taken from the process that holds the journal, while it was written. */
	live: boolean
}>

/** Asks the process that holds the journal, and otherwise opens the file itself. */
const copyTo = async (home: Home, path: string): Promise<boolean> => {
	const socket = await holderOf(home)
	if (socket === undefined) {
		const {TradeJournal} = await import('../../engine/adapters/storage/trade-journal.js')
		const journal = new TradeJournal(journalPath(home))
		try {
			await journal.backup(path)
		} finally {
			await journal.close()
		}
		return false
	}
	const asked = `/journal/backup?${new URLSearchParams({path})}`
	const {status, body} = await callSocket({socket, method: 'POST', path: asked, within_ms: COPY_MS})
	if (status === 200) return true
	throw new OperatorError(`the journal was not copied: ${String((body as {error?: unknown} | null)?.error ?? status)}`)
}

/**
 * Writes a copy of the journal as of one instant, and looks through the copy.
 * @throws OperatorError when there is no journal, the file exists, or the copy is not sound
 */
export const backUpJournal = async (home: Home, file: string): Promise<Backup> => {
	const path = resolve(file)
	if (existsSync(path))
		throw new OperatorError(`${path} exists already`, {
			exit_code: EXIT_CODES.refused,
			hint: 'a backup never replaces a file; name another',
		})
	if (!existsSync(dirname(path)))
		throw new OperatorError(`there is no folder ${dirname(path)}`, {exit_code: EXIT_CODES.usage, hint: 'make it first'})
	if (!existsSync(journalPath(home)))
		throw new OperatorError(`there is no trade journal in ${home.journal}`, {
			exit_code: EXIT_CODES.unreachable,
			hint: 'start the system: qt up',
		})
	const live = await copyTo(home, path)
	const {inspectJournal} = await import('../../engine/adapters/storage/journal-backup.js')
	return {backup: await inspectJournal(path), live}
}

export type Restored = Readonly<{
	restored: JournalSummary
	/** Where the journal that was there before is now; empty when there was none. */
	before: string
}>

const synced = async (path: string): Promise<void> => {
	const file = await open(path, 'r+')
	try {
		await file.sync()
	} finally {
		await file.close()
	}
}

/**
 * Puts a backup in the place of the journal, which is kept beside it. Only while nothing runs.
 * @throws OperatorError (refused) when the system runs or the backup is not sound; nothing is changed then
 */
export const restoreJournal = async (home: Home, file: string, now_ms: number): Promise<Restored> => {
	const running = await new ControlClient(home).status().catch(() => undefined)
	if (running !== undefined || (await holderOf(home)) !== undefined)
		throw new OperatorError('the system runs, and its journal with it', {
			exit_code: EXIT_CODES.refused,
			hint: 'qt down first; a restored journal is read at the next qt up',
		})
	const {inspectJournal} = await import('../../engine/adapters/storage/journal-backup.js')
	const source = resolve(file)
	const summary = await inspectJournal(source)
	const path = journalPath(home)
	const incoming = `${path}.incoming`
	await copyFile(source, incoming)
	await synced(incoming)
	const stamp = new Date(now_ms).toISOString().replaceAll(/[:.]/g, '-')
	const before = join(dirname(path), `trades.before-${stamp}.duckdb`)
	const had = existsSync(path)
	for (const end of ['.wal', '']) if (existsSync(path + end)) await rename(path + end, before + end)
	await rename(incoming, path)
	return {restored: {...summary, path}, before: had ? before : ''}
}
