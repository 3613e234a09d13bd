import {SMALL_TIERS} from './brackets.js'
import {Random} from './random.js'
import {type SyntheticSymbol, symbol} from './synthetic-symbols.js'

/** Names of symbols that are made up when they are asked for, so that a market may be of any width. */
export const GENERATED = /^SIM(?!000)\d{3}USDT$/

/** Decimals of a price below its first digit. */
const PRICE_DIGITS = 4
const PRICE_MIN = 0.05
const PRICE_MAX = 500
/** About the largest market order, USDT. */
const MARKET_ORDER_USDT = 1_000_000

const powerOfTen = (exponent: number): string => (10 ** exponent).toFixed(Math.max(0, -exponent))

/**
 * A small coin, by its name and the seed of the market: its sizes lie where those of the smaller recorded ones do.
 * Those above them in a market's list are not touched by it.
 * @throws Error when the name is not one of those that are made up.
 */
export function generatedSymbol(name: string, seed: number): SyntheticSymbol {
	if (!GENERATED.test(name)) throw new Error(`the synthetic market makes up SIM001USDT to SIM999USDT, not '${name}'`)
	const random = new Random(seed, `character/${name}`)
	const between = (low: number, high: number): number => low + (high - low) * random.uniform()
	const ratioBetween = (low: number, high: number): number => Math.exp(between(Math.log(low), Math.log(high)))
	const price = Number(ratioBetween(PRICE_MIN, PRICE_MAX).toPrecision(PRICE_DIGITS))
	const magnitude = Math.floor(Math.log10(price))
	const step = powerOfTen(Math.min(0, -magnitude))
	const largest = powerOfTen(Math.ceil(Math.log10(MARKET_ORDER_USDT / price)))
	const minute_usdt = ratioBetween(100_000, 600_000)
	return symbol(
		[name.replace(/USDT$/, ''), powerOfTen(magnitude - PRICE_DIGITS), step, '5', largest, 8, SMALL_TIERS],
		[
			price,
			between(9, 12),
			between(0.68, 0.76),
			between(0.25, 0.4),
			minute_usdt,
			minute_usdt / 15,
			between(0.6, 0.8),
			between(0.8, 1.5),
			between(1, 2),
			between(0.5, 1),
		],
	)
}
