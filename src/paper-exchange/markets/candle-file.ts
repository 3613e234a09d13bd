import type {Problems} from './candle-problems.js'
import {MINUTE_MS} from './minute-candles.js'
import {readLines} from './text-lines.js'

const HEADER = 'open_time,open,high,low,close,volume'
const NUMBER = /^\d+(?:\.\d+)?$/
/** Milliseconds since 1970 are above this from 1973 on; smaller ones are seconds by mistake. */
const MILLISECONDS_MIN = 1e11
const GROWTH = 2
const FIRST_CAPACITY = 65_536

/** Rows as they were read, in the order of the files: numbers by column, with file and line for what is said of them. */
export class CandleRows {
	length = 0
	time_ms = new Float64Array(FIRST_CAPACITY)
	open = new Float64Array(FIRST_CAPACITY)
	high = new Float64Array(FIRST_CAPACITY)
	low = new Float64Array(FIRST_CAPACITY)
	close = new Float64Array(FIRST_CAPACITY)
	volume = new Float64Array(FIRST_CAPACITY)
	line = new Int32Array(FIRST_CAPACITY)
	file = new Uint16Array(FIRST_CAPACITY)
	readonly files: string[] = []
	/** Most decimals seen, trailing zeros apart. */
	price_decimals = 0
	volume_decimals = 0

	push(fields: readonly string[], line: number): void {
		if (this.length === this.line.length) this.#grow()
		const at = this.length++
		this.time_ms[at] = Number(fields[0])
		this.open[at] = Number(fields[1])
		this.high[at] = Number(fields[2])
		this.low[at] = Number(fields[3])
		this.close[at] = Number(fields[4])
		this.volume[at] = Number(fields[5])
		this.line[at] = line
		this.file[at] = this.files.length - 1
		for (let column = 1; column <= 4; column++)
			this.price_decimals = Math.max(this.price_decimals, decimals(fields[column] ?? ''))
		this.volume_decimals = Math.max(this.volume_decimals, decimals(fields[5] ?? ''))
	}

	place(at: number): {file: string; line: number} {
		return {file: this.files[this.file[at] ?? 0] ?? '', line: this.line[at] ?? 0}
	}

	#grow(): void {
		const longer = (column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
			const copy = new Float64Array(column.length * GROWTH)
			copy.set(column)
			return copy
		}
		this.time_ms = longer(this.time_ms)
		this.open = longer(this.open)
		this.high = longer(this.high)
		this.low = longer(this.low)
		this.close = longer(this.close)
		this.volume = longer(this.volume)
		const line = new Int32Array(this.line.length * GROWTH)
		line.set(this.line)
		this.line = line
		const file = new Uint16Array(this.file.length * GROWTH)
		file.set(this.file)
		this.file = file
	}
}

/** Reads one symbol's files one after the other; bad rows are told to `problems` and left out. */
export async function readCandleFiles(files: readonly string[], problems: Problems): Promise<CandleRows> {
	const rows = new CandleRows()
	for (const file of files) {
		rows.files.push(file)
		await readCandleFile(file, rows, problems)
		if (problems.full) break
	}
	return rows
}

async function readCandleFile(file: string, rows: CandleRows, problems: Problems): Promise<void> {
	let lines = 0
	for await (const batch of readLines(file)) {
		for (const {number, text} of batch) {
			lines++
			if (number === 1) {
				if (text.trim() === HEADER) continue
				problems.fatal({file, line: 1, what: `the header is '${shown(text)}', expected '${HEADER}'`})
				return
			}
			if (text === '') continue
			const fields = text.split(',')
			const fault = faultOf(fields)
			if (fault === undefined) rows.push(fields, number)
			else problems.mendable({file, line: number, what: fault}, `row dropped: ${fault}`)
		}
		if (problems.full) return
	}
	if (lines < 2) problems.fatal({file, line: 1, what: 'the file has no candles'})
}

/** What is wrong with a row by itself, or undefined. */
function faultOf(fields: readonly string[]): string | undefined {
	if (fields.length !== 6) return `${fields.length} fields, expected 6 (${HEADER})`
	const bad = fields.findIndex(field => !NUMBER.test(field))
	if (bad >= 0) {
		const name = HEADER.split(',')[bad]
		const negative = /^-\d+(?:\.\d+)?$/.test(fields[bad] ?? '')
		return `${name} is '${shown(fields[bad] ?? '')}', expected ${negative ? 'no negative number' : 'a decimal number'}`
	}
	const [time, open, high, low, close] = fields.map(Number) as [number, number, number, number, number]
	if (time < MILLISECONDS_MIN) return `open_time ${time} is too early for milliseconds: are these seconds?`
	if (time % MINUTE_MS !== 0) return `open_time ${time} is not the start of a minute`
	if (low <= 0) return `low is ${low}, expected a positive price`
	if (high < low) return `high ${high} is below low ${low}`
	if (Math.max(open, close) > high) return `open ${open} or close ${close} is above high ${high}`
	if (Math.min(open, close) < low) return `open ${open} or close ${close} is below low ${low}`
	return undefined
}

function decimals(text: string): number {
	const point = text.indexOf('.')
	if (point < 0) return 0
	let end = text.length
	while (end > point + 1 && text[end - 1] === '0') end--
	return end - point - 1
}

function shown(text: string): string {
	return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
