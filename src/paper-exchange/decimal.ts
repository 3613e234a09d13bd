import {Decimal} from 'decimal.js'

/** 60 significant digits: no product or sum of venue amounts is ever rounded by accident. */
const Exact = Decimal.clone({precision: 60, rounding: Decimal.ROUND_HALF_EVEN, toExpNeg: -60, toExpPos: 60})

export type Dec = Decimal

export const dec = (value: Decimal.Value): Dec => new Exact(value)

export const zero = dec(0)

/** Decimals of every amount of money the venue books: fee, realised PnL, funding, transfer. */
const moneyPlaces = 8

/** Decimals of an average entry price. The rounded price is the one that is kept, shown and booked against. */
const entryPlaces = 16

/** Rounds half-even to the 8 decimals in which the wallet is kept. */
export const money = (value: Dec): Dec => value.toDecimalPlaces(moneyPlaces)

export const entryPrice = (value: Dec): Dec => value.toDecimalPlaces(entryPlaces)

export const text = (value: Dec): string => value.toFixed()

/** Amounts of money as Binance prints them: always 8 decimals. */
export const moneyText = (value: Dec): string => value.toFixed(moneyPlaces)

export const minimum = (first: Dec, second: Dec): Dec => (first.lt(second) ? first : second)

export const maximum = (first: Dec, second: Dec): Dec => (first.gt(second) ? first : second)

/** How many decimals a grid step such as `0.010` really has. */
export const decimalsOf = (step: string): number => dec(step).decimalPlaces()

/** True when `value` lies on the grid of `step`. */
export const onGrid = (value: Dec, step: Dec): boolean => value.mod(step).isZero()
