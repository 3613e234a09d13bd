import {cut, padded, widthOf} from './width.js'

/** A column is data: its heading, what it shows of a row, and on which side it lines up. */
export type Column<Row> = Readonly<{
	heading: string
	value: (row: Row) => string
	align?: 'left' | 'right'
	/** On a narrow terminal the column with the highest number goes first; one without stays. */
	drop?: number
	/** Prose: takes the room that the others leave, and is cut before any of them goes. */
	prose?: boolean
}>

type Options = Readonly<{none?: string; width?: number}>
type Drawn<Row> = Readonly<{column: Column<Row>; cells: readonly string[]; wide: number; empty: boolean}>

const GAP = '  '
const PROSE_LEAST = 20
const CELL_LEAST = 3

const LINE_BREAKS = /[\t\r\n]+/g

const drawn = <Row>(column: Column<Row>, rows: readonly Row[]): Drawn<Row> => {
	const values = rows.map(row => column.value(row).replaceAll(LINE_BREAKS, ' '))
	const cells = [column.heading, ...values]
	return {column, cells, wide: Math.max(...cells.map(widthOf)), empty: values.every(value => value === '')}
}

const total = (wides: readonly number[]): number =>
	wides.reduce((sum, wide) => sum + wide, 0) + GAP.length * Math.max(0, wides.length - 1)

const least = <Row>({column, wide}: Drawn<Row>): number => (column.prose ? Math.min(wide, PROSE_LEAST) : wide)

/** Leaves out what matters least until the rest has room. */
const kept = <Row>(all: readonly Drawn<Row>[], width: number): readonly Drawn<Row>[] => {
	let shown = all
	while (total(shown.map(least)) > width) {
		const rank = ({column, empty}: Drawn<Row>) => (empty ? Number.MAX_VALUE : (column.drop ?? 0))
		const [next] = [...shown].sort((left, right) => rank(right) - rank(left))
		if (!next || rank(next) === 0) break
		shown = shown.filter(of => of !== next)
	}
	return shown
}

/** Widths that fit: prose gives way first, then the widest, until nothing can. */
const widths = <Row>(shown: readonly Drawn<Row>[], width: number): readonly number[] => {
	const wides = shown.map(({wide}) => wide)
	for (let over = total(wides) - width; over > 0; over -= 1) {
		const narrowable = shown
			.map(({column}, index) => ({index, wide: wides[index] ?? 0, prose: column.prose === true}))
			.filter(({wide}) => wide > CELL_LEAST)
		const prose = narrowable.filter(of => of.prose && of.wide > PROSE_LEAST)
		const [widest] = (prose.length > 0 ? prose : narrowable).sort((left, right) => right.wide - left.wide)
		if (!widest) break
		wides[widest.index] = widest.wide - 1
	}
	return wides
}

/** Rows as aligned text, without trailing blanks; a line that says so when there are none. */
export const table = <Row>(
	columns: readonly Column<Row>[],
	rows: readonly Row[],
	{none = 'none', width = Number.POSITIVE_INFINITY}: Options = {},
): string => {
	if (rows.length === 0) return none
	const shown = kept(
		columns.map(column => drawn(column, rows)),
		width,
	)
	const wides = widths(shown, width)
	return Array.from({length: rows.length + 1}, (_, line) =>
		shown
			.map(({column, cells}, index) => {
				const wide = wides[index] ?? 0
				return padded(cut(cells[line] ?? '', wide, '…'), wide, column.align)
			})
			.join(GAP)
			.trimEnd(),
	).join('\n')
}
