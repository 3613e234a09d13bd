import {closeSync, openSync, readFileSync, renameSync, writeFileSync, writeSync} from 'node:fs'
import {isMissing} from '../../errors.js'

/** Which orders have left, whatever Redis remembers of it. */
export type SentOrders = Readonly<{
	/** Machine time, ms, at which an order of this client id left or was about to; undefined when none did. */
	leftAt(client_order_id: string): number | undefined
	/** Survives the death of every process before it returns. @throws the system's error: then it is not recorded */
	record(client_order_id: string, machine_ms: number): void
	close(): void
}>

/** Longer than any permit holds: what is older can not be sent again anyway. */
const KEPT_MS = 86_400_000
const KEPT_MAX = 50_000

/** A line that was cut while it was written says nothing: its order had not left yet. */
const readLines = (text: string, since_ms: number): ReadonlyArray<readonly [string, number]> =>
	text
		.split('\n')
		.slice(0, -1)
		.map(line => line.split(' '))
		.flatMap(([time = '', id = '']) => (id !== '' && Number(time) >= since_ms ? [[id, Number(time)] as const] : []))
		.slice(-KEPT_MAX)

const textOf = (path: string): string => {
	try {
		return readFileSync(path, 'utf8')
	} catch (error) {
		if (isMissing(error)) return ''
		throw error
	}
}

const lineOf = (id: string, machine_ms: number): string => `${machine_ms} ${id}\n`

/**
 * The gateway's own record of what has left, a line per order on its own disk. A Redis that dies under a busy disk may
 * come back without its newest second or two: permit and plan look untouched then, and the venue takes the client id of
 * an order that was filled a second time. The record is what says that it is to be asked for and not sent.
 * @throws the system's error when the file cannot be read or written
 */
export const sentOrders = (path: string, now_ms: number): SentOrders => {
	const known = new Map(readLines(textOf(path), now_ms - KEPT_MS))
	const fresh = `${path}.${process.pid}.tmp`
	writeFileSync(fresh, [...known].map(([id, time]) => lineOf(id, time)).join(''), {mode: 0o600})
	renameSync(fresh, path)
	const descriptor = openSync(path, 'a', 0o600)
	return {
		leftAt: id => known.get(id),
		record: (id, machine_ms) => {
			writeSync(descriptor, lineOf(id, machine_ms))
			known.set(id, machine_ms)
		},
		close: () => closeSync(descriptor),
	}
}

/** For a sender whose every order has an id of its own that nobody comes back with. */
export const sentOnce: SentOrders = {leftAt: () => undefined, record: () => undefined, close: () => undefined}
