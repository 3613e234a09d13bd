import {closeSync, mkdirSync, openSync, readdirSync, renameSync, unlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {linesOf, repairTail, sizeOf} from './lines.js'

/** A line of the request log; `seq` counts without gaps. */
export type LogRecord = Readonly<{seq: number} & Record<string, unknown>>

export type RequestLogLimits = Readonly<{
	/** A file that has grown to this is closed and numbered. */
	segment_bytes: number
	/** Closed files that are kept; older ones are deleted. */
	segments_kept: number
}>

const currentName = 'requests.jsonl'
const segmentName = (number: number): string => `requests-${String(number).padStart(6, '0')}.jsonl`

/** Numbers of the closed files, ascending. */
const segmentsIn = (dir: string): number[] =>
	readdirSync(dir)
		.flatMap(name => /^requests-(\d+)\.jsonl$/.exec(name)?.[1] ?? [])
		.map(Number)
		.sort((one, other) => one - other)

/** The file that lines are appended to; it is renamed when it is full, and begun anew. */
export const currentLog = (dir: string): string => join(dir, currentName)

/** Everything that is kept of a directory's request log, oldest line first. */
export function* readRequestLog(dir: string): Generator<LogRecord> {
	for (const name of [...segmentsIn(dir).map(segmentName), currentName]) {
		for (const line of linesOf(join(dir, name))) yield JSON.parse(line) as LogRecord
	}
}

const CREATE_PATHS: readonly unknown[] = ['/fapi/v1/order', '/fapi/v1/algoOrder', '/fapi/v1/batchOrders']

/** Whether a line is a request that creates orders, whatever came of it. */
export const createsOrders = ({method, path}: Readonly<{method?: unknown; path?: unknown}>): boolean =>
	method === 'POST' && CREATE_PATHS.includes(path)

/** Every request and every event: what the tests judge by. Append-only, in numbered files. */
export class RequestLog {
	private file: number
	private bytes: number
	private readonly segments: number[]
	/** Number of the last line that was written. */
	last_seq: number

	constructor(
		private readonly dir: string,
		private readonly limits: RequestLogLimits,
	) {
		mkdirSync(dir, {recursive: true})
		this.segments = segmentsIn(dir)
		const path = join(dir, currentName)
		const newest = this.segments.at(-1)
		// A process that ended between closing one file and opening the next left only the closed one.
		const last = repairTail(path) ?? (newest === undefined ? undefined : repairTail(join(dir, segmentName(newest))))
		this.last_seq = last === undefined ? 0 : (JSON.parse(last) as LogRecord).seq
		this.bytes = sizeOf(path)
		this.file = openSync(path, 'a')
	}

	append(records: readonly LogRecord[]): void {
		const last = records.at(-1)
		if (last === undefined) return
		const text = records.map(record => `${JSON.stringify(record)}\n`).join('')
		if (this.bytes > 0 && this.bytes + text.length > this.limits.segment_bytes) this.rotate()
		writeFileSync(this.file, text)
		this.bytes += Buffer.byteLength(text)
		this.last_seq = last.seq
	}

	close(): void {
		closeSync(this.file)
	}

	private rotate(): void {
		closeSync(this.file)
		const next = (this.segments.at(-1) ?? 0) + 1
		renameSync(join(this.dir, currentName), join(this.dir, segmentName(next)))
		this.segments.push(next)
		this.file = openSync(join(this.dir, currentName), 'a')
		this.bytes = 0
		for (const old of this.segments.splice(0, this.segments.length - this.limits.segments_kept)) {
			unlinkSync(join(this.dir, segmentName(old)))
		}
	}
}
