import {createReadStream} from 'node:fs'
import {type FileHandle, open, rename, rm, stat} from 'node:fs/promises'
import {createInterface} from 'node:readline'
import type {JournalLine} from '../../runtime/journal.js'

export type JournalFileOptions = Readonly<{
	path: string
	/** Told each time writing begins to fail, and when lines are dropped: a full disk is not passed over. */
	onError: (error: Error) => void
	/** A file that would grow beyond this is put aside. Default 64 MiB. */
	bytes_max?: number
	/** Files put aside that are kept, as `<path>.1` (newest) to `<path>.<n>`. Default 8. */
	files_max?: number
	/** What may wait to be written. Beyond it lines are dropped, counted and reported. Default 8 MiB. */
	buffer_bytes_max?: number
}>

/** The longest that one line holds up the loop that writes it. */
export const APPEND_WAIT_MAX_MS = 50
/** Pause after a failed write before the next. */
const RETRY_MS = 500
const MIB = 1_024 * 1_024
const LINE_FEED = 10

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0

/** The replay journal of one host: one JSON line each, put aside by size. */
export class JournalFile {
	readonly #options: Required<JournalFileOptions>
	#file: FileHandle | undefined
	#bytes = 0
	#waiting: string[] = []
	#waiting_bytes = 0
	#writing: Promise<void> | undefined
	#retry: NodeJS.Timeout | undefined
	#failing = false
	#closed = false
	/** Lines that found no room since the last one that did. */
	#dropped = 0

	constructor(options: JournalFileOptions) {
		this.#options = {bytes_max: 64 * MIB, files_max: 8, buffer_bytes_max: 8 * MIB, ...options}
	}

	/** Resolves when the line would outlive this process, at the latest after `APPEND_WAIT_MAX_MS`. Never rejects. */
	append(line: JournalLine): Promise<void> {
		const text = `${JSON.stringify(line)}\n`
		if (this.#closed || this.#waiting_bytes + text.length > this.#options.buffer_bytes_max) return this.#drop()
		if (this.#dropped > 0) this.#push(this.#gap())
		this.#push(text)
		// While writing fails the loop goes on at once: waiting would not make the line any safer.
		if (this.#failing) return Promise.resolve()
		return within(this.#flush(), APPEND_WAIT_MAX_MS)
	}

	/** Writes what waits, once more, and closes the file; what cannot be written is reported. */
	async close(): Promise<void> {
		this.#closed = true
		clearTimeout(this.#retry)
		if (this.#dropped > 0) this.#push(this.#gap())
		this.#failing = false
		await this.#flush()
		clearTimeout(this.#retry)
		if (this.#waiting.length > 0)
			this.#options.onError(new Error(`${this.#waiting.length} lines of ${this.#options.path} were never written`))
		await this.#file?.close().catch(() => undefined)
		this.#file = undefined
	}

	#push(text: string): void {
		this.#waiting.push(text)
		this.#waiting_bytes += text.length
	}

	async #drop(): Promise<void> {
		this.#dropped += 1
		const {path, onError, buffer_bytes_max} = this.#options
		const why = this.#closed ? 'it is closed' : `more than ${buffer_bytes_max} bytes wait to be written`
		if (this.#dropped === 1)
			onError(new Error(`Lines of ${path} are dropped: ${why}; the journal cannot be replayed over them`))
	}

	#gap(): string {
		const lines = this.#dropped
		this.#dropped = 0
		return `${JSON.stringify({kind: 'gap', lines, reason: 'no room to wait for the disk'} satisfies JournalLine)}\n`
	}

	#flush(): Promise<void> {
		this.#writing ??= this.#write().finally(() => {
			this.#writing = undefined
		})
		return this.#writing
	}

	async #write(): Promise<void> {
		while (this.#waiting.length > 0) {
			const lines = this.#waiting.splice(0)
			const text = lines.join('')
			try {
				await this.#put(text)
				this.#failing = false
				this.#waiting_bytes -= text.length
			} catch (error) {
				this.#waiting.unshift(...lines)
				return this.#failed(asError(error))
			}
		}
	}

	#failed(error: Error): void {
		const {path, onError} = this.#options
		if (!this.#failing) onError(new Error(`Cannot write ${path}: ${error.message}`, {cause: error}))
		this.#failing = true
		if (this.#closed) return
		this.#retry = setTimeout(() => void this.#flush(), RETRY_MS)
		this.#retry.unref()
	}

	/** Appends the text whole, or leaves the file as it was. */
	async #put(text: string): Promise<void> {
		const bytes = Buffer.from(text)
		if (this.#bytes > 0 && this.#bytes + bytes.length > this.#options.bytes_max) await this.#putAside()
		const file = this.#file ?? (await this.#open())
		try {
			await file.appendFile(bytes)
			this.#bytes += bytes.length
		} catch (error) {
			// What was half written would make the next line unreadable.
			await file.truncate(this.#bytes).catch(() => undefined)
			throw error
		}
	}

	async #open(): Promise<FileHandle> {
		const {path} = this.#options
		const file = await open(path, 'a+', 0o600)
		this.#file = file
		this.#bytes = await sizeOf(path)
		if (this.#bytes === 0) return file
		// A process that died while it wrote may have left half a line: it must not swallow the next one.
		const {buffer} = await file.read(Buffer.alloc(1), 0, 1, this.#bytes - 1)
		if (buffer[0] !== LINE_FEED) {
			await file.appendFile('\n')
			this.#bytes += 1
		}
		return file
	}

	async #putAside(): Promise<void> {
		const {path, files_max} = this.#options
		await this.#file?.close()
		this.#file = undefined
		await rm(`${path}.${files_max}`, {force: true})
		for (let n = files_max - 1; n >= 0; n -= 1) {
			const from = n === 0 ? path : `${path}.${n}`
			if ((await sizeOf(from)) > 0) await rename(from, `${path}.${n + 1}`)
		}
	}
}

const within = async (task: Promise<void>, ms: number): Promise<void> => {
	let timer: NodeJS.Timeout | undefined
	const timeUp = new Promise<void>(resolve => {
		timer = setTimeout(resolve, ms)
	})
	await Promise.race([task, timeUp])
	clearTimeout(timer)
}

/** Reads a journal and the files put aside from it, oldest line first. A line that is no JSON counts as a gap. */
export async function* readJournal(path: string): AsyncGenerator<JournalLine> {
	let aside = 0
	while ((await sizeOf(`${path}.${aside + 1}`)) > 0) aside += 1
	for (let n = aside; n >= 0; n -= 1) {
		const name = n === 0 ? path : `${path}.${n}`
		if ((await sizeOf(name)) === 0) continue
		for await (const text of createInterface({input: createReadStream(name), crlfDelay: Number.POSITIVE_INFINITY})) {
			if (text === '') continue
			try {
				yield JSON.parse(text) as JournalLine
			} catch {
				yield {kind: 'gap', lines: 1, reason: `unreadable line in ${name}`}
			}
		}
	}
}
