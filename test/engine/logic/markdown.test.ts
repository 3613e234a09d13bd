import fc from 'fast-check'
import {expect, it} from 'vitest'
import {code, literal, markdownTable, plainText} from '../../../src/engine/logic/markdown.js'

/** Texts of the signs that mean something to Markdown. */
const text = fc.string({unit: fc.constantFrom(...'ab `*_[]()|\\<>&;lt!#人'), minLength: 1}).map(of => `x${of}x`)

it('what is made literal or code reads as it was', () => {
	fc.assert(
		fc.property(text, of => {
			expect(plainText(literal(of))).toBe(of)
			expect(plainText(code(of))).toBe(of)
			expect(plainText(`${literal(of)} is ${code(of)}`)).toBe(`${of} is ${of}`)
		}),
	)
	expect(code('`a`')).toBe('`` `a` ``')
	expect(plainText(code('`a`'))).toBe('`a`')
})

it('a cell never ends early, and a row never breaks', () => {
	fc.assert(
		fc.property(fc.array(text, {minLength: 1, maxLength: 4}), cells => {
			const row = cells.map((of, index) => (index % 2 === 0 ? literal(`${of}\n${of}`) : code(of)))
			const lines = markdownTable(row, [row]).split('\n')
			expect(lines).toHaveLength(3)
			for (const line of [lines[0], lines[2]]) expect(line?.match(/(?<!\\)\|/g)).toHaveLength(cells.length + 1)
		}),
	)
})

it('links are their text', () => {
	expect(plainText('see [gates](../gates.md), `x`')).toBe('see gates, x')
})
