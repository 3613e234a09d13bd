import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	truncateSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import type {HistoryRow} from './delta.js'
import {HistoryFile} from './history-file.js'
import {linesOf, repairTail, sizeOf} from './lines.js'
import {type LogRecord, RequestLog, type RequestLogLimits} from './request-log.js'

/**
 * Files of the venue in its data directory.
 *
 * - `requests-<n>.jsonl`, `requests.jsonl`: every request and every event (`request-log.ts`).
 * - `state-<n>.jsonl`: what each commit changed since snapshot n; written before anybody is told.
 * - `snapshot.json`: the live state, replaced whole by renaming.
 * - `history.jsonl`, `history-index.jsonl`: finished orders, trades and income, appended at each snapshot
 *   (`history-file.ts`).
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
export type CandleRows = Readonly<{fresh: readonly unknown[]; kept: () => Iterable<unknown>}>

/** Beyond this the candle file is written anew with what is still kept. */
const candleFileMaxBytes = 100_000_000

/** Characters handed to the operating system at a time. */
const chunkCharacters = 1_000_000

const snapshotName = 'snapshot.json'
const candleName = (number: number): string => `candles-${number}.jsonl`
const stateName = (number: number): string => `state-${number}.jsonl`

function* rowsOf<T>(path: string): Generator<T> {
	for (const line of linesOf(path)) yield JSON.parse(line) as T
}

/** Appends rows as lines, a piece at a time; returns how long the file is then. */
const appendRows = (path: string, rows: Iterable<unknown>): number => {
	const file = openSync(path, 'a')
	let text = ''
	for (const row of rows) {
		text += `${JSON.stringify(row)}\n`
		if (text.length < chunkCharacters) continue
		writeFileSync(file, text)
		text = ''
	}
	writeFileSync(file, text)
	closeSync(file)
	return sizeOf(path)
}

/** What the files held when they were opened; candles are read once, as they are asked for. */
export type Recovered = Readonly<{
	snapshot: SnapshotFile | undefined
	candles: Iterable<unknown>
	lines: readonly StateLine[]
}>

export class Journal {
	private number: number
	private readonly log: RequestLog
	private state: number
	private logSeq: number
	/** Bytes written to the state log since the last snapshot. */
	stateBytes = 0
	private readonly dir: string

	private constructor(
		dir: string,
		number: number,
		private candleFile: string,
		readonly history: HistoryFile,
		limits: RequestLogLimits,
	) {
		this.dir = dir
		this.number = number
		this.log = new RequestLog(dir, limits)
		this.logSeq = this.log.last_seq
		this.state = openSync(join(dir, stateName(number)), 'a')
	}

	/** Opens a data directory, creating it when needed, and reads what is in it. */
	static open(dir: string, limits: RequestLogLimits): {journal: Journal; recovered: Recovered} {
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
		const candleBytes = snapshot?.candle_bytes ?? 0
		if (sizeOf(path(candleFile)) > candleBytes) truncateSync(path(candleFile), candleBytes)
		repairTail(path(stateName(number)))
		const recovered = {
			snapshot,
			candles: rowsOf<unknown>(path(candleFile)),
			lines: [...rowsOf<StateLine>(path(stateName(number)))],
		}
		const history = new HistoryFile(dir, snapshot?.history_bytes ?? 0)
		const journal = new Journal(dir, number, candleFile, history, limits)
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
		this.log.append(records)
	}

	/** Replaces snapshot and state log. Whatever instant it is interrupted at, the old or the new one is whole. */
	snapshot(body: unknown, history: readonly HistoryRow[], candles: CandleRows): void {
		const next = this.number + 1
		const before = this.candleFile
		const anew = sizeOf(join(this.dir, before)) > candleFileMaxBytes
		if (anew) this.candleFile = candleName(next)
		const file: SnapshotFile = {
			version: 1,
			number: next,
			history_bytes: this.history.append(history),
			candle_file: this.candleFile,
			candle_bytes: appendRows(join(this.dir, this.candleFile), anew ? candles.kept() : candles.fresh),
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
		this.log.close()
		this.history.close()
	}

	/** A crash between the two writes of a commit leaves the log behind the state: the state line repeats its records. */
	private repairLog(lines: readonly StateLine[]): void {
		const missing = lines.flatMap(line => line.l ?? []).filter(record => record.seq > this.logSeq)
		if (missing.length === 0) return
		this.log.append(missing)
		this.logSeq = missing.at(-1)?.seq ?? this.logSeq
	}
}
