import {closeSync, existsSync, fstatSync, openSync, readSync, statSync, truncateSync} from 'node:fs'

const chunkBytes = 1 << 20
const newline = 10

export const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0)

/** The complete lines of a file between two bytes, read in pieces; a last line without its end does not count. */
export function* linesOf(path: string, bytes = Number.POSITIVE_INFINITY, from = 0): Generator<string> {
	if (!existsSync(path)) return
	const file = openSync(path, 'r')
	try {
		const size = Math.min(fstatSync(file).size, bytes)
		let rest = Buffer.alloc(0)
		for (let position = from; position < size; ) {
			const chunk = Buffer.alloc(Math.min(chunkBytes, size - position))
			position += readSync(file, chunk, 0, chunk.length, position)
			let text = Buffer.concat([rest, chunk])
			for (let end = text.indexOf(newline); end >= 0; end = text.indexOf(newline)) {
				yield text.toString('utf8', 0, end)
				text = text.subarray(end + 1)
			}
			rest = text
		}
	} finally {
		closeSync(file)
	}
}

/** Where the last complete line starts and ends, found from the end of the file. */
const lastLine = (file: number): {start: number; end: number} => {
	const {size} = fstatSync(file)
	let end = -1
	for (let upper = size; upper > 0; ) {
		const lower = Math.max(0, upper - chunkBytes)
		const chunk = Buffer.alloc(upper - lower)
		readSync(file, chunk, 0, chunk.length, lower)
		for (let index = chunk.length - 1; index >= 0; index -= 1) {
			if (chunk[index] !== newline) continue
			if (end >= 0) return {start: lower + index + 1, end}
			end = lower + index
		}
		upper = lower
	}
	return {start: 0, end}
}

/** Cuts off a half-written last line and returns the last complete one. */
export const repairTail = (path: string): string | undefined => {
	if (!existsSync(path)) return undefined
	const file = openSync(path, 'r')
	try {
		const {start, end} = lastLine(file)
		if (fstatSync(file).size > end + 1) truncateSync(path, end + 1)
		if (end < 0) return undefined
		const line = Buffer.alloc(end - start)
		readSync(file, line, 0, line.length, start)
		return line.toString('utf8')
	} finally {
		closeSync(file)
	}
}
