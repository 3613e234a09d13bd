import {stripVTControlCharacters} from 'node:util'

/** How much room text takes on a terminal, and how it is made to fit. Colours take none. */

const segmenter = new Intl.Segmenter()
const WIDE =
	/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}|[\u{1f1e6}-\u{1f1ff}\u{20000}-\u{3fffd}]/u
const ESCAPE = String.fromCharCode(27)
const COLOUR = new RegExp(`(${ESCAPE}\\[[0-9;]*m)`)
const COLOURS_END = `${ESCAPE}[0m`
const HANGING = '  '

type Cell = Readonly<{text: string; width: number}>

const segmentWidth = (segment: string): number => (WIDE.test(segment) ? 2 : 1)

/** Cells that a text takes on a terminal: symbols of other scripts take two. */
export const widthOf = (text: string): number => {
	let width = 0
	for (const {segment} of segmenter.segment(stripVTControlCharacters(text))) width += segmentWidth(segment)
	return width
}

export const padded = (text: string, width: number, align: 'left' | 'right' = 'left'): string => {
	const blank = ' '.repeat(Math.max(0, width - widthOf(text)))
	return align === 'right' ? blank + text : text + blank
}

const cellsOf = (text: string): readonly Cell[] =>
	text
		.split(COLOUR)
		.flatMap((part, index) =>
			index % 2 === 1
				? [{text: part, width: 0}]
				: Array.from(segmenter.segment(part), ({segment}) => ({text: segment, width: segmentWidth(segment)})),
		)

/** The text cut to a width, with `mark` in place of what is missing; colours end with it. */
export const cut = (text: string, width: number, mark = ''): string => {
	if (widthOf(text) <= width) return text
	let room = width - widthOf(mark)
	let kept = ''
	for (const cell of cellsOf(text)) {
		if (cell.width > room) break
		room -= cell.width
		kept += cell.text
	}
	return `${kept}${mark}${text.includes(ESCAPE) ? COLOURS_END : ''}`
}

const wrapped = (line: string, width: number): readonly string[] => {
	if (widthOf(line) <= width) return [line]
	const lines: string[] = []
	let cells = cellsOf(line)
	for (let room = width; cells.length > 0; room = width - HANGING.length) {
		let used = 0
		let end = 0
		let blank = -1
		for (; end < cells.length; end += 1) {
			const cell = cells[end]
			if (!cell || (used > 0 && used + cell.width > room)) break
			used += cell.width
			if (cell.text === ' ' && used > 1) blank = end
		}
		const whole = end === cells.length || cells[end]?.text === ' ' || blank < 1
		const stop = whole ? end : blank
		const part = cells.slice(0, stop).map(({text}) => text)
		lines.push(`${lines.length > 0 ? HANGING : ''}${part.join('').trimEnd()}`)
		cells = cells.slice(stop)
		while (cells[0]?.text === ' ') cells = cells.slice(1)
	}
	return lines
}

/** Lines that are too long go on in further ones, indented, broken between words where there are any. */
export const fitText = (text: string, width: number): string =>
	Number.isFinite(width)
		? text
				.split('\n')
				.flatMap(line => wrapped(line, Math.max(width, HANGING.length + 2)))
				.join('\n')
		: text

/** The lines of a screen so high, `last` at its foot; where that is too low, how many are missing stands above it. */
export const lowered = (text: string, last: string, height: number): readonly string[] => {
	const lines = text.split('\n')
	if (lines.length + 2 <= height) return [...lines, '', last]
	const kept = Math.max(0, height - 2)
	return [...lines.slice(0, kept), `… ${lines.length - kept} lines more in a higher window`, last]
}
