import {plainText} from '../../engine/logic/markdown.js'
import type {Section, Table, TruthDocument} from '../../truth/document.js'
import type {Paint} from './colour.js'
import {table} from './table.js'
import {fitText, padded, widthOf} from './width.js'

/** Wider than this nobody reads along a line, even where nothing limits it. */
const READABLE = 160
const INDENT = '  '

/** One block per row: for rows that no line can hold. What is empty is left out. */
const records = ({columns, rows}: Table, paint: Paint, width: number): string => {
	const wide = Math.max(...columns.map(widthOf))
	return rows
		.map(([first = '', ...rest]) => {
			const lines = rest.flatMap((value, index) =>
				value === '' || value === '-'
					? []
					: [fitText(`${INDENT}${padded(columns[index + 1] ?? '', wide)}${INDENT}${value}`, width)],
			)
			return [paint('strong', fitText(first, width)), ...lines].join('\n')
		})
		.join('\n')
}

const drawn = (of: Table, paint: Paint, width: number): string => {
	const rows = of.rows.map(row => row.map(plainText))
	const asTable = table(
		of.columns.map((heading, index) => ({heading, value: (row: readonly string[]) => row[index] ?? ''})),
		rows,
	)
	const fits = asTable.split('\n').every(line => widthOf(line) <= Math.min(width, READABLE))
	return fits ? asTable : records({...of, rows}, paint, width)
}

const block = (
	{heading, level, text, observed = [], table: rows, diagram}: Section,
	paint: Paint,
	width: number,
): string =>
	[
		paint('strong', level === 2 ? heading.toUpperCase() : heading),
		...(text === undefined ? [] : [fitText(plainText(text), width)]),
		...observed.map(fact => paint(fact.startsWith('Not') ? 'busy' : 'faint', fitText(plainText(fact), width))),
		...(rows ? [drawn(rows, paint, width)] : []),
		...(diagram ? [diagram.text] : []),
	].join('\n')

/** A document for a terminal: tables where a line holds a row, else a block per row. Nothing is cut. */
export const truthView = ({title, sections}: TruthDocument, paint: Paint, width = Number.POSITIVE_INFINITY): string =>
	[paint('strong', title), ...sections.map(section => block(section, paint, width))].join('\n\n')
