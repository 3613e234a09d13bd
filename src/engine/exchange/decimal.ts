import {Decimal} from 'decimal.js'

/** Wide enough that no product or quotient of prices and quantities is rounded before we say so. */
const Exact = Decimal.clone({precision: 80, toExpNeg: -100, toExpPos: 100, rounding: Decimal.ROUND_DOWN})
export type Exact = InstanceType<typeof Exact>

export const exact = (value: string | number): Exact => new Exact(value)
/** Plain notation, without an exponent and without trailing zeros. */
export const text = (value: Exact): string => value.toFixed()

const onGrid = (value: Exact, step: string, rounding: Decimal.Rounding): Exact => {
	const grid = exact(step)
	return grid.lte(0) ? value : value.div(grid).toDecimalPlaces(0, rounding).mul(grid)
}
export const downTo = (value: Exact, step: string): Exact => onGrid(value, step, Decimal.ROUND_FLOOR)
export const upTo = (value: Exact, step: string): Exact => onGrid(value, step, Decimal.ROUND_CEIL)
