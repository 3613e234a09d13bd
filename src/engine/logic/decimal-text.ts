import {expanded} from '../contracts/field.js'

const DIGITS = 8
/** From here all digits belong to the integer part. */
const WHOLE_FROM = 10 ** (DIGITS - 1)
const FRACTION_MAX = 18
const INTEGER_MAX = 1e20
/** Smaller is nothing with 18 decimals. */
const SMALLEST = 1e-18

/**
 * A computed number as decimal text: at most 8 significant digits (the integer part is always whole), no exponent,
 * no trailing zeros, at most 18 decimals. For levels and indicators; money that was read stays as it was read.
 * Throws a RangeError for what no entry may hold: NaN, infinities, 20 or more integer digits.
 */
export const decimalText = (value: number): string => {
	assertWritable(value)
	const size = Math.abs(value)
	if (size < SMALLEST) return '0'
	const text = size >= WHOLE_FROM ? value.toFixed(0) : expanded(value.toPrecision(DIGITS))
	const [whole = '0', fraction = ''] = text.split('.')
	const kept = fraction.slice(0, FRACTION_MAX).replace(/0+$/, '')
	return kept === '' ? whole : `${whole}.${kept}`
}

/** A computed number with as many digits, for fields that are numbers: entries stay readable. Throws as above. */
export const rounded = (value: number): number => {
	assertWritable(value)
	const size = Math.abs(value)
	if (size < SMALLEST) return 0
	return size >= WHOLE_FROM ? Math.round(value) : Number(value.toPrecision(DIGITS))
}

const assertWritable = (value: number): void => {
	if (!Number.isFinite(value) || Math.abs(value) >= INTEGER_MAX)
		throw new RangeError(`Cannot write ${value} as a decimal: expected a finite number below 1e20`)
}
