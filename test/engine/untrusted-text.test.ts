import * as fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {escaped, hasUnseen, quoted} from '../../src/engine/untrusted-text.js'

/** Halves of pairs as well. */
const anyText = fc.array(fc.integer({min: 0, max: 0x10ffff})).map(points => String.fromCodePoint(...points))

describe('text that anybody may have written', () => {
	it.each([
		['\u001b[2J', '\\u{1b}[2J'],
		['a\u009b\u202eb', 'a\\u{9b}\\u{202e}b'],
		['one\u2028two\ud83d', 'one\\u{2028}two\\u{d83d}'],
		['BTCUSDT é 😀', 'BTCUSDT é 😀'],
	])('%j is shown as %s', (text, visible) => {
		expect(escaped(text)).toBe(visible)
		expect(hasUnseen(text)).toBe(visible !== text)
	})

	it('leaves nothing that cannot be seen', () => {
		fc.assert(fc.property(anyText, text => !hasUnseen(escaped(text)) && !hasUnseen(quoted(text))))
	})

	it('quotes what was typed, and cuts it', () => {
		expect(quoted('say "no" \\')).toBe('"say \\"no\\" \\\\"')
		expect(quoted('x'.repeat(1_000))).toBe(`"${'x'.repeat(60)}…"`)
	})
})
