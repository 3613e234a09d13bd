import {z} from 'zod'
import type {SymbolSpec} from '../market.js'
import {BTC_TIERS, brackets, LARGE_TIERS, SMALL_TIERS} from './brackets.js'

const decimal = z.string().regex(/^\d+(?:\.\d+)?$/, 'a positive decimal as text')

/** What may be said of a symbol instead of deriving it from the data. */
export const specOverride = z.strictObject({
	tick_size: decimal.optional(),
	step_size: decimal.optional(),
	min_quantity: decimal.optional(),
	max_quantity: decimal.optional(),
	max_market_quantity: decimal.optional(),
	min_notional: decimal.optional(),
	funding_interval_hours: z.int().min(1).max(24).optional(),
})

export type SpecOverride = z.output<typeof specOverride>

const MIN_NOTIONAL_USDT = 5
/** One step of quantity must not be worth more than this, else no order of a small account fits. */
const STEP_NOTIONAL_MAX_USDT = 100
const DECIMALS_MAX = 8
/** Of one order, in quote currency. */
const MARKET_NOTIONAL_MAX_USDT = 10_000_000
const FUNDING_INTERVAL_HOURS = 8
const LARGE = new Set(['ETHUSDT', 'SOLUSDT', 'BNBUSDT', 'XRPUSDT'])
const QUOTE_ASSETS = ['USDT', 'USDC', 'FDUSD', 'BUSD', 'USD']

/** The decimals and a price that a symbol's data shows. */
export type SeenGrid = Readonly<{
	price_decimals: number
	volume_decimals: number
	price: number
	funding_interval_hours?: number
}>

/**
 * The filters of a symbol as its data shows them: the tick is the smallest decimal step of prices, the step that of
 * volumes, made finer while one step is worth more than 100 USDT.
 */
export function deriveSpec(symbol: string, seen: SeenGrid, override: SpecOverride = {}): SymbolSpec {
	const tick = override.tick_size ?? stepText(Math.min(DECIMALS_MAX, seen.price_decimals))
	const step = override.step_size ?? stepText(stepDecimals(seen))
	const units = 10 ** Math.max(0, Math.floor(Math.log10(MARKET_NOTIONAL_MAX_USDT / seen.price)))
	return {
		symbol,
		base_asset: baseAsset(symbol),
		tick_size: tick,
		step_size: step,
		min_quantity: override.min_quantity ?? step,
		max_quantity: override.max_quantity ?? String(units * 10),
		max_market_quantity: override.max_market_quantity ?? String(units),
		min_notional: override.min_notional ?? String(MIN_NOTIONAL_USDT),
		price_precision: tick.split('.')[1]?.length ?? 0,
		quantity_precision: step.split('.')[1]?.length ?? 0,
		funding_interval_hours: override.funding_interval_hours ?? seen.funding_interval_hours ?? FUNDING_INTERVAL_HOURS,
		brackets: brackets(symbol === 'BTCUSDT' ? BTC_TIERS : LARGE.has(symbol) ? LARGE_TIERS : SMALL_TIERS),
	}
}

function stepDecimals(seen: SeenGrid): number {
	let decimals = Math.min(DECIMALS_MAX, seen.volume_decimals)
	while (decimals < DECIMALS_MAX && 10 ** -decimals * seen.price > STEP_NOTIONAL_MAX_USDT) decimals++
	return decimals
}

function stepText(decimals: number): string {
	return decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`
}

function baseAsset(symbol: string): string {
	const quote = QUOTE_ASSETS.find(asset => symbol.endsWith(asset) && symbol.length > asset.length)
	return quote === undefined ? symbol : symbol.slice(0, -quote.length)
}
