import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {paintFor, plainPaint, widthFor} from '../../../src/tui/plain/colour.js'
import {type Column, table} from '../../../src/tui/plain/table.js'
import {cut, fitText, lowered, padded, widthOf} from '../../../src/tui/plain/width.js'

const ESCAPE = '\u001b'
const terminal = {isTTY: true, columns: 80}
const painted = paintFor(terminal, {})

describe('the width of text', () => {
	it.each([
		['BTCUSDT', 7],
		['币安人生USDT', 12],
		['● RUNNING', 9],
		[painted('bad', '币安'), 4],
		['한글', 4],
		['e\u0301', 1],
		['', 0],
	])('%s takes %i cells', (text, width) => {
		expect(widthOf(text)).toBe(width)
		expect(widthOf(padded(text, 20, 'right'))).toBe(20)
	})

	it('is kept by a cut, which never splits a symbol and closes colours', () => {
		expect(cut('币安人生USDT', 5)).toBe('币安')
		expect(cut('币安人生USDT', 5, '…')).toBe('币安…')
		expect(cut(painted('bad', 'NOT RESTING'), 3)).toBe(`${ESCAPE}[31mNOT${ESCAPE}[0m`)
		fc.assert(
			fc.property(fc.string({unit: 'grapheme'}), fc.nat(30), (text, width) => {
				expect(widthOf(cut(text, width))).toBeLessThanOrEqual(width)
				if (widthOf(text) <= width) expect(cut(text, width)).toBe(text)
			}),
		)
	})

	it('is kept by lines that go on, and no word is lost', () => {
		expect(fitText('KILLED: the venue could not be read', 20)).toBe('KILLED: the venue\n  could not be read')
		const words = fc.array(fc.constantFrom('BTCUSDT', '币安人生USDT', 'is', painted('bad', 'FAILED')), {minLength: 1})
		fc.assert(
			fc.property(words, fc.integer({min: 4, max: 120}), (said, width) => {
				const text = said.join(' ')
				const fitted = fitText(text, width)
				for (const line of fitted.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width)
				expect(fitted.replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
			}),
		)
	})
})

describe('colours', () => {
	it.each([
		['a pipe', {}, {}],
		['NO_COLOR', terminal, {NO_COLOR: '1'}],
		['a terminal that has none', terminal, {TERM: 'dumb'}],
	])('are left out for %s', (_, stream, env) => {
		expect(paintFor(stream, env)('bad', 'KILLED')).toBe('KILLED')
	})

	it('are there on a terminal, also with an empty NO_COLOR', () => {
		expect(paintFor(terminal, {NO_COLOR: ''})('bad', 'KILLED')).toContain(ESCAPE)
	})

	it('come with a width on a terminal only', () => {
		expect(widthFor(terminal)).toBe(80)
		expect(widthFor({})).toBe(Number.POSITIVE_INFINITY)
	})
})

type Row = Readonly<{symbol: string; size: string; why: string}>
const columns: readonly Column<Row>[] = [
	{heading: 'SYMBOL', value: ({symbol}) => symbol},
	{heading: 'SIZE', align: 'right', drop: 1, value: ({size}) => size},
	{heading: 'WHY', prose: true, value: ({why}) => why},
]
const rows: readonly Row[] = [
	{symbol: 'BTCUSDT', size: '0.001', why: 'the first of them'},
	{symbol: '币安人生USDT', size: '1188', why: 'a long story that nobody has the room for'},
]

describe('a table', () => {
	it('lines up symbols of any script', () => {
		const lines = table(columns, rows).split('\n')
		const starts = [lines[0]?.indexOf('WHY'), lines[1]?.indexOf('the first'), lines[2]?.indexOf('a long')]
		const cells = lines.map((line, index) => widthOf(line.slice(0, starts[index])))
		expect(cells).toEqual([21, 21, 21])
	})

	it('cuts prose before it leaves out a column, and keeps what has no rank', () => {
		const wide = table(columns, rows, {width: 45}).split('\n')
		expect(wide[2]).toMatch(/^币安人生USDT {3}1188 {2}a long story .*…$/)
		const narrow = table(columns, rows, {width: 36}).split('\n')
		expect(narrow[0]).toBe('SYMBOL        WHY')
		expect(narrow.join('')).toContain('币安人生USDT')
	})

	it('never exceeds its width', () => {
		const text = fc.string({unit: 'grapheme', maxLength: 60})
		const any = fc.array(fc.record({symbol: text, size: text, why: text}), {minLength: 1, maxLength: 5})
		fc.assert(
			fc.property(any, fc.integer({min: 20, max: 120}), (some, width) => {
				const lines = table(columns, some, {width}).split('\n')
				expect(lines).toHaveLength(some.length + 1)
				for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width)
			}),
		)
	})

	it('says that it is empty', () => {
		expect(table(columns, [], {none: 'no open positions'})).toBe('no open positions')
		expect(plainPaint('bad', 'x')).toBe('x')
	})
})

describe('a low window', () => {
	it('keeps its last line and says how much is missing', () => {
		expect(lowered('a\nb\nc', 'exit', 5)).toEqual(['a', 'b', 'c', '', 'exit'])
		expect(lowered('a\nb\nc', 'exit', 4)).toEqual(['a', 'b', '… 1 lines more in a higher window', 'exit'])
	})
})
