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
	auditHeadSchema,
	followed,
	type KeptHead,
	nextAuditLine,
	proveAudit,
	readAuditLine,
} from '../../engine/logic/audit-chain.js'
import {writeFileAtomically} from '../supervision/atomic-file.js'
import {withFileLock} from './file-lock.js'
import type {Home} from './home.js'

/** A writer holds the lock for one reading and one writing; older than this its holder died. Nobody is in a hurry. */
const LOCK = {within_ms: 15_000, stale_ms: 10_000} as const
/** A line is far shorter. */
const TAIL_BYTES = 262_144

type Tail = Readonly<{size: number; newest: readonly AuditLine[]; ended: boolean}>

/** The lines that can be read at the end of the file, newest first. */
const tailOf = (file: number): Tail => {
	const {size} = fstatSync(file)
	const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES))
	readSync(file, buffer, 0, buffer.length, size - buffer.length)
	const text = buffer.toString('utf8')
	const newest = text
		.split('\n')
		.reverse()
		.flatMap(line => readAuditLine(line) ?? [])
	return {size, newest, ended: size === 0 || text.endsWith('\n')}
}

/**
 * The newest record as it is kept beside the log: a log that lost its end still follows line by line, so only a second
 * place can tell. A file and no key of Redis, because a log must be written and proven with Redis gone, and what is lost
 * with Redis would be no proof. It is written after the line: a crash in between leaves it behind, never ahead.
 */
const keptHead = (home: Home): KeptHead => {
	if (!existsSync(home.auditHead)) return undefined
	try {
		return auditHeadSchema.parse(JSON.parse(readFileSync(home.auditHead, 'utf8')))
	} catch {
		return 'unreadable'
	}
}

/** The line is in the log already: a second place that cannot be written lags, which `kept` of a proof shows. */
const keepHead = (home: Home, text: string): void => {
	const line = readAuditLine(text)
	if (!line) return
	try {
		writeFileAtomically(home.auditHead, `${JSON.stringify({n: line.n, hash: line.hash})}\n`)
	} catch {
		// The next line tells it.
	}
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
			const {size, newest, ended} = tailOf(file)
			const {head, keeps} = followed(newest, keptHead(home))
			const line = nextAuditLine(head, entry)
			writeWhole(file, size, `${ended ? '' : '\n'}${line}\n`)
			if (keeps) keepHead(home, line)
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

/** Whether the whole log is as it was written, and all of it is there. @throws Error when the file cannot be read */
export const proveAuditFile = (home: Home): AuditProof => {
	// Read first: whatever is written meanwhile is then in the log.
	const kept = keptHead(home)
	return proveAudit(linesOf(home), kept)
}
