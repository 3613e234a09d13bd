import {closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync} from 'node:fs'
import {isMissing, messageOf} from '../../engine/errors.js'
import {type ArmRecord, isArmRecord} from '../../engine/exchange/arm-record.js'
import {writeFileAtomically} from '../supervision/atomic-file.js'
import {tryFileLock} from '../system/file-lock.js'

/** An unreadable file means killed, as a missing one does; they are told apart for the operator. */
export type ArmFile =
	| Readonly<{kind: 'missing'}>
	| Readonly<{kind: 'unreadable'; detail: string}>
	| Readonly<{kind: 'record'; record: ArmRecord}>

export const readArmFile = (path: string): ArmFile => {
	let text: string
	try {
		text = readFileSync(path, 'utf8')
	} catch (error) {
		if (isMissing(error)) return {kind: 'missing'}
		return {kind: 'unreadable', detail: String(error)}
	}
	try {
		const value: unknown = JSON.parse(text)
		if (isArmRecord(value)) return {kind: 'record', record: value}
		return {kind: 'unreadable', detail: `${path} is no arm record: it lacks fields, or holds others`}
	} catch (error) {
		return {kind: 'unreadable', detail: `${path}: ${messageOf(error)}`}
	}
}

export const epochOf = (file: ArmFile): number => (file.kind === 'record' ? file.record.epoch : 0)

/** A writer holds the lock for one read and one rename; older than this its holder died. */
const LOCK_STALE_MS = 2_000
const LOCK_WAIT_MS = {stop: 100, go: 1_000} as const
const KILL_ATTEMPTS_MAX = 3

const locked = (path: string, within_ms: number, act: () => void): Promise<boolean> =>
	tryFileLock(path, {within_ms, stale_ms: LOCK_STALE_MS}, act)

/** Runs `act` under the lock, or without it when that takes too long: the safe direction is never held up. */
const urgently = async (path: string, act: () => void): Promise<void> => {
	if (!(await locked(path, LOCK_WAIT_MS.stop, act))) act()
}

/** Until the file says killed; a writer that held the lock when we went past it may have put its own record over ours. */
const untilKilled = async (path: string, act: () => void): Promise<ArmRecord> => {
	for (let attempt = 0; attempt < KILL_ATTEMPTS_MAX; attempt += 1) {
		await urgently(path, act)
		const after = readArmFile(path)
		if (after.kind === 'record' && !after.record.armed) return after.record
	}
	throw new Error(`${path} was armed again ${KILL_ATTEMPTS_MAX} times while it was being killed`)
}

const textOf = (record: ArmRecord): string => `${JSON.stringify(record)}\n`
const put = (path: string, record: ArmRecord): void => writeFileAtomically(path, textOf(record))

/** A full disk has no room for a second file: then the one that is there is written over. Torn, it means killed as well. */
const putKilled = (path: string, record: Omit<ArmRecord, 'armed'>): void => {
	const killed = {...record, armed: false}
	try {
		put(path, killed)
	} catch (error) {
		if (!existsSync(path)) throw error
		const file = openSync(path, 'r+')
		try {
			writeSync(file, textOf(killed), 0)
			ftruncateSync(file, Buffer.byteLength(textOf(killed)))
			fsyncSync(file)
		} finally {
			closeSync(file)
		}
	}
}

/** Puts the file to killed under the epoch after its own, durably. Returns the record that stands. */
export const writeKilled = (path: string, record: Omit<ArmRecord, 'epoch' | 'armed'>): Promise<ArmRecord> =>
	untilKilled(path, () => putKilled(path, {...record, epoch: epochOf(readArmFile(path)) + 1}))

/** Makes sure that the file says killed under `epoch` or a later one; a record that does so already stays. */
export const raiseKilled = (
	path: string,
	record: Omit<ArmRecord, 'epoch' | 'armed'>,
	epoch: number,
): Promise<ArmRecord> =>
	untilKilled(path, () => {
		const file = readArmFile(path)
		if (file.kind === 'record' && !file.record.armed && file.record.epoch >= epoch) return
		putKilled(path, {...record, epoch: Math.max(epochOf(file), epoch)})
	})

/** Writes a record only while the file's epoch is below the record's. False: the file is ahead, and stays as it is. */
export const advanceArmFile = async (path: string, record: ArmRecord): Promise<boolean> => {
	let advanced = false
	const had = await locked(path, LOCK_WAIT_MS.go, () => {
		if (epochOf(readArmFile(path)) >= record.epoch) return
		put(path, record)
		advanced = true
	})
	return had && advanced
}
