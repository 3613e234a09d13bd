import {randomUUID} from 'node:crypto'
import {chmodSync, mkdirSync, realpathSync, rmSync} from 'node:fs'
import {connect, createServer, type Server} from 'node:net'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {writeFileAtomically} from './atomic-file.js'
import {claimNumber, type InstanceRecord, readInstanceRecord, recordNumbers, recordPath} from './instance-record.js'
import {identify, sameProcess} from './process-identity.js'
import {socketPath} from './socket-path.js'

/** Lost races after which acquiring gives up; each loss means that another process has won. */
const attemptsMax = 100
/** A holder whose event loop is blocked still accepts in the kernel, at once. */
const connectWithinMs = 2_000
/**
 * Old records are kept for so many takeovers: a number that a slow contender
 * has seen must not become free again while it is still looking.
 */
const recordsKept = 16

export interface InstanceLock {
	readonly record: InstanceRecord
	/** Gives the home back; harmless when repeated. */
	release(): Promise<void>
}

function connects(socket: string): Promise<boolean> {
	return new Promise(resolve => {
		const connection = connect(socket)
		const settle = (held: boolean) => {
			connection.destroy()
			resolve(held)
		}
		connection.setTimeout(connectWithinMs, () => settle(true))
		connection.once('connect', () => settle(true))
		// A full backlog (EAGAIN) or a forbidden socket is somebody's; only these two mean nobody listens.
		connection.once('error', (error: NodeJS.ErrnoException) =>
			settle(!['ENOENT', 'ECONNREFUSED'].includes(error.code ?? '')),
		)
	})
}

async function isHeld(record: InstanceRecord | null): Promise<boolean> {
	if (!record || record.released) return false
	return sameProcess(record) || (await connects(record.socket))
}

/** The daemon that holds a home now, or null. Changes nothing. */
export async function holderOf(dir: string): Promise<InstanceRecord | null> {
	let newest: number | undefined
	try {
		newest = recordNumbers(dir)[0]
	} catch {
		return null
	}
	const record = newest === undefined ? null : readInstanceRecord(dir, newest)
	return (await isHeld(record)) ? record : null
}

function refuse(holder: InstanceRecord): never {
	const {pid, started_at, home} = holder
	throw new OperatorError(`daemon pid ${pid} started at ${started_at} holds ${home}`, {
		exit_code: EXIT_CODES.refused,
		hint: 'use that one (qt status), stop it (qt down), or set another QT_HOME',
	})
}

function listen(socket: string): Promise<Server> {
	const server = createServer(connection => connection.on('error', () => {}).end())
	return new Promise((resolve, reject) => {
		server.once('error', reject)
		server.listen(socket, () => {
			chmodSync(socket, 0o600)
			resolve(server)
		})
	})
}

const close = (server: Server): Promise<void> => new Promise(resolve => server.close(() => resolve()))

/**
 * Takes a number above all dead ones. Two contenders cannot both get it, since
 * its record appears by link(2), whole and once; and a record counts only while
 * it is the highest, so that nothing ever has to be deleted to take over.
 */
async function claim(dir: string, record: InstanceRecord): Promise<number> {
	for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
		const newest = recordNumbers(dir)[0] ?? 0
		const holder = readInstanceRecord(dir, newest)
		if (holder && (await isHeld(holder))) refuse(holder)
		if (!claimNumber(dir, newest + 1, record)) continue
		if (recordNumbers(dir)[0] === newest + 1) return newest + 1
		rmSync(recordPath(dir, newest + 1), {force: true})
	}
	throw new OperatorError(`could not take ${record.home} in ${attemptsMax} attempts: others keep taking it`, {
		exit_code: EXIT_CODES.refused,
		hint: 'see which daemons start over and over on this QT_HOME',
	})
}

/** Removes the sockets of dead holders and all but the latest records. */
function forgetOld(dir: string, own: number): void {
	for (const number of recordNumbers(dir).filter(number => number < own)) {
		const record = readInstanceRecord(dir, number)
		if (record) rmSync(record.socket, {force: true})
		if (number <= own - recordsKept) rmSync(recordPath(dir, number), {force: true})
	}
}

/**
 * Makes this process the only daemon on a home. `dir` keeps the records, by
 * convention `<QT_HOME>/run`. A holder that was killed is taken over at once.
 * @throws OperatorError (refused) naming the holder: pid, since when, which home.
 */
export async function acquireInstance(options: {dir: string; home: string; started_at: string}): Promise<InstanceLock> {
	mkdirSync(options.dir, {recursive: true, mode: 0o700})
	const dir = realpathSync(options.dir)
	const identity = identify(process.pid)
	if (!identity) throw new Error(`process ${process.pid} cannot see itself`)
	const socket = socketPath(dir, `instance.${randomUUID().slice(0, 8)}.sock`)
	const server = await listen(socket)
	server.unref()
	const {home, started_at} = options
	const record: InstanceRecord = {...identity, started_at, home, socket, released: false}
	let number: number
	try {
		number = await claim(dir, record)
	} catch (error) {
		await close(server)
		throw error
	}
	forgetOld(dir, number)
	let released: Promise<void> | undefined
	const release = async () => {
		// The record stays: a number that is seen once is never free again.
		writeFileAtomically(recordPath(dir, number), `${JSON.stringify({...record, released: true})}\n`)
		await close(server)
	}
	return {
		record,
		release: () => {
			released ??= release()
			return released
		},
	}
}
