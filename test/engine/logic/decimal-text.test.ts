import fc from 'fast-check'
import {expect, test} from 'vitest'
import {field} from '../../../src/engine/contracts/field.js'
import {decimalText, rounded} from '../../../src/engine/logic/decimal-text.js'

test.each([
	[0, '0'],
	[-0, '0'],
	[1, '1'],
	[100, '100'],
	[0.1 + 0.2, '0.3'],
	[-1.5, '-1.5'],
	[65_432.123_456_78, '65432.123'],
	[0.000_012_345_678_9, '0.000012345679'],
	[1e-7, '0.0000001'],
	[-2.5e-9, '-0.0000000025'],
	[1e-19, '0'],
	[-1e-19, '0'],
	[12_345_678.9, '12345679'],
	[9_999_999.96, '10000000'],
	[1_234_567_890.5, '1234567891'],
])('%d is written as %s', (value, text) => {
	expect(decimalText(value)).toBe(text)
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e20, -1e300])(
	'%d is no decimal that an entry may hold',
	value => {
		expect(() => decimalText(value)).toThrow(RangeError)
	},
)

test('whatever is written keeps the contract of a decimal and lies within eight digits of the number', () => {
	fc.assert(
		fc.property(fc.double({min: -1e19, max: 1e19, noNaN: true}), value => {
			const text = decimalText(value)
			expect(field.decimal().parse(text)).toBe(text)
			expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(Math.abs(value) * 5.1e-8 + 1e-18)
			expect(rounded(rounded(value))).toBe(rounded(value))
		}),
	)
})
