import {
	appendFileSync,
	closeSync,
	existsSync,
	openSync,
	readSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs'
import {join} from 'node:path'
import type {HistoryRow} from './delta.js'
import {type Block, blockLine, emptyBlock, factsOf, type HistoryKind, note, parseBlock} from './history-block.js'
import {linesOf, repairTail, sizeOf} from './lines.js'

/** A block is closed when it has grown to this; reading one takes a few milliseconds. */
const defaultBlockBytes = 262_144

type RawRow = Readonly<Record<string, unknown>>

/**
 * Finished orders, trades and income on disk, append-only. In memory are only the blocks it is made of (some 0.7 kB for
 * every 256 kB) and the rows of the block that was read last. The index file repeats the closed blocks, so that opening
 * does not read the whole history; it is rebuilt from the history wherever it falls short.
 */
export class HistoryFile {
	readonly blocks: Block[] = []
	private readonly path: string
	private readonly index: string
	private readonly file: number
	private cached: {block: Block; end: number; lines: readonly string[]} | undefined

	/** Opens the first `bytes` of the history in a directory; what lies behind them was never completed. */
	constructor(
		dir: string,
		bytes: number,
		private readonly blockBytes = defaultBlockBytes,
	) {
		this.path = join(dir, 'history.jsonl')
		this.index = join(dir, 'history-index.jsonl')
		if (sizeOf(this.path) > bytes) truncateSync(this.path, bytes)
		this.file = openSync(this.path, 'a+')
		this.readIndex(bytes)
		const closed: Block[] = []
		for (const line of linesOf(this.path, bytes, this.bytes)) {
			const full = this.note(JSON.parse(line) as HistoryRow, Buffer.byteLength(line) + 1)
			if (full !== undefined) closed.push(full)
		}
		appendFileSync(this.index, closed.map(blockLine).join(''))
	}

	get bytes(): number {
		return this.blocks.at(-1)?.end ?? 0
	}

	/** Appends rows; returns how long the file is then. */
	append(rows: readonly HistoryRow[]): number {
		let text = ''
		const closed: Block[] = []
		for (const row of rows) {
			const line = `${JSON.stringify(row)}\n`
			text += line
			const full = this.note(row, Buffer.byteLength(line))
			if (full !== undefined) closed.push(full)
		}
		if (text !== '') writeFileSync(this.file, text)
		if (closed.length > 0) appendFileSync(this.index, closed.map(blockLine).join(''))
		return this.bytes
	}

	/** The rows of one kind in a block, in the order in which they ended. */
	read(block: Block, kind: HistoryKind): RawRow[] {
		const start = `{"${kind}":`
		return this.linesIn(block)
			.filter(line => line.startsWith(start))
			.map(line => (JSON.parse(line) as Record<HistoryKind, RawRow>)[kind])
	}

	close(): void {
		closeSync(this.file)
	}

	/** @returns the block that this row filled */
	private note(row: HistoryRow, bytes: number): Block | undefined {
		const last = this.blocks.at(-1)
		const open = last !== undefined && last.end - last.start < this.blockBytes ? last : emptyBlock(this.bytes)
		if (open !== last) this.blocks.push(open)
		note(open, factsOf(row), bytes)
		return open.end - open.start < this.blockBytes ? undefined : open
	}

	private linesIn(block: Block): readonly string[] {
		if (this.cached?.block === block && this.cached.end === block.end) return this.cached.lines
		const bytes = Buffer.alloc(block.end - block.start)
		let read = 0
		while (read < bytes.length) {
			const got = readSync(this.file, bytes, read, bytes.length - read, block.start + read)
			if (got === 0) throw new Error(`${this.path} ends before byte ${block.end}: restore it, or start a new data_dir.`)
			read += got
		}
		const lines = bytes.toString('utf8').split('\n')
		this.cached = {block, end: block.end, lines}
		return lines
	}

	/** Takes the blocks that lie within the history; an index that reaches farther or is broken is cut there. */
	private readIndex(bytes: number): void {
		if (!existsSync(this.index)) return
		repairTail(this.index)
		let lines = 0
		for (const line of linesOf(this.index)) {
			lines += 1
			const block = parseBlock(line)
			if (block.start !== this.bytes || block.end > bytes) break
			this.blocks.push(block)
		}
		if (lines === this.blocks.length) return
		const fresh = openSync(this.index, 'w')
		writeSync(fresh, this.blocks.map(blockLine).join(''))
		closeSync(fresh)
	}
}
