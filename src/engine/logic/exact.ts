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

/** Decimals of a size: as many as an entry may hold. */
const SIZE_PLACES = 18
/** A size in base units, rounded down. The sender puts it on the venue's grid. */
export const sizeText = (size: Exact): string => textOf(size.toDecimalPlaces(SIZE_PLACES, Decimal.ROUND_DOWN))

/** As many digits as a venue quotes. */
const PRICE_DIGITS = 10
const PRICE_DECIMALS = 18
/** A price as it goes into plans. The sender puts it on the venue's grid. */
export const planPrice = (price: Exact): Exact =>
	price.toSignificantDigits(PRICE_DIGITS).toDecimalPlaces(PRICE_DECIMALS)
/** The same as text. */
export const priceText = (price: Decimal.Value): string => textOf(planPrice(exact(price)))

/** The asset a symbol settles in: the quote asset of a linear perpetual. */
export const settlementAsset = (symbol: string): string =>
	['USDC', 'BUSD', 'FDUSD'].find(asset => symbol.endsWith(asset)) ?? 'USDT'
