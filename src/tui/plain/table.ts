import {stripVTControlCharacters} from 'node:util'

/** A column is data: its heading, what it shows of a row, and on which side it lines up. */
export type Column<Row> = Readonly<{heading: string; value: (row: Row) => string; align?: 'left' | 'right'}>

const segmenter = new Intl.Segmenter()
const WIDE =
	/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u

/** Cells that a text takes on a terminal: symbols of other scripts take two. */
export const widthOf = (text: string): number => {
	let width = 0
	for (const {segment} of segmenter.segment(stripVTControlCharacters(text))) width += WIDE.test(segment) ? 2 : 1
	return width
}

export const padded = (text: string, width: number, align: 'left' | 'right' = 'left'): string => {
	const blank = ' '.repeat(Math.max(0, width - widthOf(text)))
	return align === 'right' ? blank + text : text + blank
}

/** Rows as aligned text, without trailing blanks; a line that says so when there are none. */
export const table = <Row>(columns: readonly Column<Row>[], rows: readonly Row[], none = 'none'): string => {
	if (rows.length === 0) return none
	const lines = [columns.map(({heading}) => heading), ...rows.map(row => columns.map(({value}) => value(row)))]
	const widths = columns.map((_, index) => Math.max(...lines.map(cells => widthOf(cells[index] ?? ''))))
	return lines
		.map(cells =>
			cells
				.map((cell, index) => padded(cell, widths[index] ?? 0, columns[index]?.align))
				.join('  ')
				.trimEnd(),
		)
		.join('\n')
}
