import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {amount, duration, instant, known, oneLine, signed, speedText} from '../../../src/tui/plain/terms.js'

describe('amounts', () => {
	it.each([
		['0.00001234', 6, '0.00001234'],
		['0.000012345678', 6, '0.00001235'],
		['103830.20000', 6, '103830.2'],
		['-0.44397264', 4, '-0.444'],
		['1000', 4, '1000'],
		['0.00000000', 8, '0'],
		['-0.000', 4, '0'],
		['', 4, '-'],
		['unknown', 4, 'unknown'],
	])('%s to %i places reads %s', (text, places, shown) => {
		expect(amount(text, places)).toBe(shown)
	})

	it('never read 0 when they are not', () => {
		const decimals = fc.tuple(fc.boolean(), fc.nat(), fc.stringMatching(/^\d{1,18}$/))
		fc.assert(
			fc.property(decimals, ([minus, whole, fraction]) => {
				const text = `${minus ? '-' : ''}${whole}.${fraction}`
				expect(Math.sign(Number(amount(text)))).toBe(Math.sign(Number(text)) || 0)
			}),
		)
	})

	it('carry their sign where they are gains', () => {
		expect([signed('1.5'), signed('-1.5'), signed('0.00')]).toEqual(['+1.5', '-1.5', '0'])
	})
})

describe('times', () => {
	it.each([
		[0, '0 ms'],
		[999.9, '999 ms'],
		[59_999, '59.9 s'],
		[200_000, '3 min 20 s'],
		[7_500_000, '2 h 5 min'],
		[273_600_000, '3 d 4 h'],
		[Number.NaN, 'unknown'],
	])('%d ms last %s', (ms, shown) => {
		expect(duration(ms)).toBe(shown)
	})

	it('are UTC, and none is none', () => {
		expect(instant(Date.UTC(2025, 5, 15, 14, 3, 22))).toBe('2025-06-15 14:03:22')
		expect([0, Number.NaN, Number.POSITIVE_INFINITY, 1e17].map(instant)).toEqual(['-', '-', '-', '-'])
	})
})

describe('what is foreign or not known', () => {
	it('is unknown, never 0', () => {
		expect([null, undefined, '', 0, '0'].map(known)).toEqual(['unknown', 'unknown', 'unknown', '0', '0'])
		expect([speedText(null), speedText('lockstep'), speedText(300)]).toEqual(['-', 'lock-step', '300x'])
	})

	it('is one line without colours of its own', () => {
		expect(oneLine('\u001b[31mno such\n\tfile\u001b[0m\u0007')).toBe('no such file')
	})

	it('stands in the order in which it was written', () => {
		expect(oneLine('REFUSE\u202eDETUCEXE\u2069 at\u2028once')).toBe('REFUSE DETUCEXE  at once')
	})
})
