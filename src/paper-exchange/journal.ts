import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	statSync,
	truncateSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {linesOf, repairTail} from './lines.js'

/**
 * Files of the venue in its data directory.
 *
 * - `requests.jsonl`: every request and every event, for ever: what the tests judge by.
 * - `state-<n>.jsonl`: what each commit changed since snapshot n; written before anybody is told.
 * - `snapshot.json`: the live state, replaced whole by renaming.
 * - `history.jsonl`: finished orders, trades and income, appended at each snapshot.
 * - `candles-<n>.jsonl`: closed candles, appended at each snapshot, written anew when the file grows too large.
 *
 * A write is handed to the operating system before it counts, so it survives the death of the process at any instant;
 * it is not forced to the disk, so a power failure may lose the last moments.
 */

/** One commit, as it is written: `v` venue time, `m` market events so far, `d` what changed, `l` log records. */
export type StateLine = Readonly<{
	v: number
	m: number
	/** The venue clock will not pass this before the next line says so. */
	lease?: number
	d?: unknown
	l?: readonly LogRecord[]
}>

/** A line of `requests.jsonl`; `seq` counts without gaps. */
export type LogRecord = Readonly<{seq: number} & Record<string, unknown>>

export type SnapshotFile = Readonly<{
	version: 1
	number: number
	history_bytes: number
	candle_file: string
	candle_bytes: number
	log_seq: number
	body: unknown
}>

/** Rows of candles: those since the last snapshot, and all that are kept in case the file is written anew. */
export type CandleRows = Readonly<{fresh: readonly unknown[]; kept: () => readonly unknown[]}>

/** Beyond this the candle file is written anew with what is still kept. */
const candleFileMaxBytes = 100_000_000

const snapshotName = 'snapshot.json'
const candleName = (number: number): string => `candles-${number}.jsonl`
const stateName = (number: number): string => `state-${number}.jsonl`

const rowsOf = <T>(path: string): T[] => Array.from(linesOf(path), line => JSON.parse(line) as T)

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0)

/** What the files held when they were opened. */
export type Recovered = Readonly<{
	snapshot: SnapshotFile | undefined
	history: ReadonlyArray<Record<string, unknown>>
	candles: readonly unknown[]
	lines: readonly StateLine[]
}>

export class Journal {
	private number: number
	private log: number
	private state: number
	private logSeq: number
	/** Bytes written to the state log since the last snapshot. */
	stateBytes = 0
	private readonly dir: string

	private constructor(
		dir: string,
		number: number,
		private candleFile: string,
	) {
		this.dir = dir
		this.number = number
		const last = repairTail(join(dir, 'requests.jsonl'))
		this.logSeq = last === undefined ? 0 : (JSON.parse(last) as LogRecord).seq
		this.log = openSync(join(dir, 'requests.jsonl'), 'a')
		this.state = openSync(join(dir, stateName(number)), 'a')
	}

	/** Opens a data directory, creating it when needed, and reads what is in it. */
	static open(dir: string): {journal: Journal; recovered: Recovered} {
		mkdirSync(dir, {recursive: true})
		const path = (name: string): string => join(dir, name)
		const snapshot = existsSync(path(snapshotName))
			? (JSON.parse(readFileSync(path(snapshotName), 'utf8')) as SnapshotFile)
			: undefined
		const number = snapshot?.number ?? 0
		const candleFile = snapshot?.candle_file ?? candleName(0)
		for (const name of readdirSync(dir)) {
			const stale = /^(state|candles)-\d+\.jsonl$/.test(name) && name !== stateName(number) && name !== candleFile
			if (stale) unlinkSync(path(name))
		}
		for (const [name, bytes] of [
			['history.jsonl', snapshot?.history_bytes ?? 0],
			[candleFile, snapshot?.candle_bytes ?? 0],
		] as const) {
			if (sizeOf(path(name)) > bytes) truncateSync(path(name), bytes)
		}
		repairTail(path(stateName(number)))
		const recovered = {
			snapshot,
			history: rowsOf<Record<string, unknown>>(path('history.jsonl')),
			candles: rowsOf<unknown>(path(candleFile)),
			lines: rowsOf<StateLine>(path(stateName(number))),
		}
		const journal = new Journal(dir, number, candleFile)
		journal.repairLog(recovered.lines)
		return {journal, recovered}
	}

	nextSeq(): number {
		this.logSeq += 1
		return this.logSeq
	}

	/** Writes a commit: first what changed, then the log. */
	write(line: StateLine | undefined, records: readonly LogRecord[]): void {
		if (line !== undefined) {
			const text = `${JSON.stringify(records.length > 0 ? {...line, l: records} : line)}\n`
			this.stateBytes += text.length
			writeFileSync(this.state, text)
		}
		if (records.length > 0) writeFileSync(this.log, records.map(record => `${JSON.stringify(record)}\n`).join(''))
	}

	/** Replaces snapshot and state log. Whatever instant it is interrupted at, the old or the new one is whole. */
	snapshot(body: unknown, history: readonly unknown[], candles: CandleRows): void {
		const next = this.number + 1
		const append = (name: string, rows: readonly unknown[]): number => {
			const path = join(this.dir, name)
			if (rows.length > 0) {
				const file = openSync(path, 'a')
				writeFileSync(file, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
				closeSync(file)
			}
			return sizeOf(path)
		}
		const before = this.candleFile
		const anew = sizeOf(join(this.dir, before)) > candleFileMaxBytes
		if (anew) this.candleFile = candleName(next)
		const file: SnapshotFile = {
			version: 1,
			number: next,
			history_bytes: append('history.jsonl', history),
			candle_file: this.candleFile,
			candle_bytes: append(this.candleFile, anew ? candles.kept() : candles.fresh),
			log_seq: this.logSeq,
			body,
		}
		const fresh = join(this.dir, 'snapshot.json.new')
		writeFileSync(fresh, JSON.stringify(file))
		const state = openSync(join(this.dir, stateName(next)), 'a')
		renameSync(fresh, join(this.dir, snapshotName))
		closeSync(this.state)
		unlinkSync(join(this.dir, stateName(this.number)))
		if (anew) unlinkSync(join(this.dir, before))
		this.state = state
		this.number = next
		this.stateBytes = 0
	}

	close(): void {
		closeSync(this.state)
		closeSync(this.log)
	}

	/** A crash between the two writes of a commit leaves the log behind the state: the state line repeats its records. */
	private repairLog(lines: readonly StateLine[]): void {
		const missing = lines.flatMap(line => line.l ?? []).filter(record => record.seq > this.logSeq)
		if (missing.length === 0) return
		writeFileSync(this.log, missing.map(record => `${JSON.stringify(record)}\n`).join(''))
		this.logSeq = missing.at(-1)?.seq ?? this.logSeq
	}
}
