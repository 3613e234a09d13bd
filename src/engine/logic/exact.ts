import {Decimal} from 'decimal.js'

/** 60 significant digits: no sum or product of venue amounts is rounded by accident. */
const Exact = Decimal.clone({precision: 60, rounding: Decimal.ROUND_HALF_EVEN, toExpNeg: -60, toExpPos: 60})

export type Exact = Decimal

export const exact = (value: Decimal.Value): Exact => new Exact(value)
export const zero = exact(0)

/** Plain notation, never `-0`, no trailing zeros: one text for one amount. */
export const textOf = (value: Exact): string => (value.isZero() ? '0' : value.toFixed())

export const add = (...amounts: readonly string[]): string =>
	textOf(amounts.reduce((sum, amount) => sum.add(amount), zero))

export const negate = (amount: string): string => textOf(exact(amount).neg())
export const equal = (first: string, second: string): boolean => exact(first).eq(second)
export const isZero = (amount: string): boolean => exact(amount).isZero()

/** Whether a text is a plain decimal number, such as the `expected` of a correction. */
export const isDecimal = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text)

/** Decimals of an average price. It is rounded once per increase, and the rounded price is the one that is kept. */
const PRICE_PLACES = 16
export const averagePrice = (value: Exact): Exact => value.toDecimalPlaces(PRICE_PLACES)

/** The asset a symbol settles in: the quote asset of a linear perpetual. */
export const settlementAsset = (symbol: string): string =>
	['USDC', 'BUSD', 'FDUSD'].find(asset => symbol.endsWith(asset)) ?? 'USDT'
