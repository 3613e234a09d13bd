import {statSync} from 'node:fs'
import {linesOf} from './lines.js'
import {currentLog, type LogRecord, readRequestLog} from './request-log.js'

/** The request log of a venue that writes on: asked again and again, it parses only what is new. */
export class GrowingLog {
	#records: LogRecord[] = []
	/** The current file when it was last looked at, and up to which byte it was read on. */
	#read: {ino: number | undefined; bytes: number} = {ino: undefined, bytes: 0}

	constructor(private readonly dir: string) {}

	/** All that is kept, oldest first; a last line in the middle of being written is left out. */
	records(): readonly LogRecord[] {
		const path = currentLog(this.dir)
		const ino = statSync(path, {throwIfNoEntry: false})?.ino
		if (ino !== undefined && ino === this.#read.ino) this.#readOn(path)
		else this.#readAll(ino)
		return this.#records.slice()
	}

	/** At the first look, and when a full file was closed and the next begun. */
	#readAll(ino: number | undefined): void {
		this.#records = [...readRequestLog(this.dir)]
		this.#read = {ino, bytes: 0}
	}

	#readOn(path: string): void {
		const seen = this.#records.at(-1)?.seq ?? 0
		for (const line of linesOf(path, Number.POSITIVE_INFINITY, this.#read.bytes)) {
			this.#read.bytes += Buffer.byteLength(line) + 1
			const record = JSON.parse(line) as LogRecord
			if (record.seq > seen) this.#records.push(record)
		}
	}
}
