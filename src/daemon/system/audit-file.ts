import {
	closeSync,
	existsSync,
	fstatSync,
	fsyncSync,
	ftruncateSync,
	openSync,
	readFileSync,
	readSync,
	writeSync,
} from 'node:fs'
import {
	type AuditEntry,
	type AuditLine,
	type AuditProof,
	nextAuditLine,
	proveAudit,
	readAuditLine,
} from '../../engine/logic/audit-chain.js'
import {withFileLock} from './file-lock.js'
import type {Home} from './home.js'

/** A writer holds the lock for one reading and one writing; older than this its holder died. Nobody is in a hurry. */
const LOCK = {within_ms: 15_000, stale_ms: 10_000} as const
/** A line is far shorter. */
const TAIL_BYTES = 262_144

type Tail = Readonly<{size: number; head: Pick<AuditLine, 'n' | 'hash'> | undefined; ended: boolean}>

/** The newest line that can be read, from the end of the file. */
const tailOf = (file: number): Tail => {
	const {size} = fstatSync(file)
	const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES))
	readSync(file, buffer, 0, buffer.length, size - buffer.length)
	const text = buffer.toString('utf8')
	const lines = text.split('\n').filter(line => line !== '')
	const head = lines
		.reverse()
		.map(readAuditLine)
		.find(line => line !== undefined)
	return {size, head, ended: size === 0 || text.endsWith('\n')}
}

/** All of it or nothing: what a full disk took in part is taken back. */
const writeWhole = (file: number, size: number, text: string): void => {
	const bytes = Buffer.from(text)
	try {
		for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
		fsyncSync(file)
	} catch (error) {
		try {
			ftruncateSync(file, size)
		} catch {
			// What was written in part then stands, and is named by whoever proves the log.
		}
		throw error
	}
}

/**
 * Appends one line to the audit log, durably and alone among all writers. A line that was torn off by a crash stays as it
 * is, for `proveAudit` to name.
 * @throws Error when it cannot be written, also where the home does not exist; nothing was written then
 */
export const appendAudit = (home: Home, entry: AuditEntry): Promise<void> =>
	withFileLock(home.audit, LOCK, () => {
		const file = openSync(home.audit, 'a+', 0o600)
		try {
			const {size, head, ended} = tailOf(file)
			writeWhole(file, size, `${ended ? '' : '\n'}${nextAuditLine(head, entry)}\n`)
		} finally {
			closeSync(file)
		}
	})

const linesOf = (home: Home): readonly string[] =>
	existsSync(home.audit)
		? readFileSync(home.audit, 'utf8')
				.split('\n')
				.filter(line => line !== '')
		: []

/** The newest lines, oldest first; those that hold no record are left out. */
export const readAudit = (home: Home, last: number): readonly AuditLine[] =>
	linesOf(home)
		.slice(-last)
		.flatMap(line => readAuditLine(line) ?? [])

/** Whether the whole log is as it was written. @throws Error when the file cannot be read */
export const proveAuditFile = (home: Home): AuditProof => proveAudit(linesOf(home))
