import {isZero} from './exact.js'

export type Held = Readonly<{symbol: string; amount: string}>

/**
 * What a listing of positions proves. UNKNOWN: it failed, or says nothing about what was asked for; such a reading is
 * never taken for flat.
 */
export type Flatness =
	| Readonly<{state: 'FLAT'}>
	| Readonly<{state: 'NOT FLAT'; open: readonly Held[]}>
	| Readonly<{state: 'UNKNOWN'; why: string}>

/**
 * Judges a listing with a row for every symbol of the venue, flat ones too.
 * @param rows undefined where it could not be read
 * @param symbol left out, all of them count
 */
export const flatnessOf = (rows: readonly Held[] | undefined, symbol?: string): Flatness => {
	if (rows === undefined) return {state: 'UNKNOWN', why: 'the positions could not be read'}
	const asked = symbol === undefined ? rows : rows.filter(row => row.symbol === symbol)
	if (asked.length === 0) return {state: 'UNKNOWN', why: `the venue listed no row for ${symbol ?? 'any symbol'}`}
	const open = asked.filter(({amount}) => !isZero(amount))
	return open.length === 0 ? {state: 'FLAT'} : {state: 'NOT FLAT', open}
}
