import type {SymbolSpec} from '../market.js'
import {decimalText} from './grid.js'

/** One maintenance tier: up to this notional (USDT), this leverage, this ratio in hundred-thousandths. */
export type Tier = readonly [notional_cap: number, initial_leverage: number, ratio_e5: number]

/** Binance's BTCUSDT: the first three tiers as measured, the others as published. */
export const BTC_TIERS: readonly Tier[] = [
	[50_000, 125, 400],
	[600_000, 100, 500],
	[3_000_000, 75, 650],
	[12_000_000, 50, 1000],
	[70_000_000, 25, 2000],
	[100_000_000, 20, 2500],
	[230_000_000, 10, 5000],
	[480_000_000, 5, 10_000],
	[800_000_000, 3, 15_000],
	[1_200_000_000, 2, 25_000],
	[1_800_000_000, 1, 50_000],
]

/** A large coin other than BTC. */
export const LARGE_TIERS: readonly Tier[] = [
	[10_000, 75, 500],
	[50_000, 50, 1000],
	[250_000, 25, 2000],
	[1_000_000, 20, 2500],
	[5_000_000, 10, 5000],
	[10_000_000, 5, 10_000],
	[30_000_000, 2, 25_000],
	[60_000_000, 1, 50_000],
]

/** A small coin, or one of which nothing is known. */
export const SMALL_TIERS: readonly Tier[] = [
	[5_000, 50, 1500],
	[25_000, 25, 2000],
	[100_000, 20, 2500],
	[250_000, 10, 5000],
	[1_000_000, 5, 10_000],
	[2_000_000, 2, 25_000],
	[4_000_000, 1, 50_000],
]

/** Writes tiers as leverageBracket has them; `cum` follows from continuity of the maintenance margin. */
export function brackets(tiers: readonly Tier[]): SymbolSpec['brackets'] {
	let floor = 0
	let ratioBefore = 0
	let cum_e5 = 0
	return tiers.map(([cap, leverage, ratio_e5]) => {
		cum_e5 += floor * (ratio_e5 - ratioBefore)
		const bracket = {
			notional_cap: String(cap),
			notional_floor: String(floor),
			initial_leverage: leverage,
			maintenance_ratio: shortest(decimalText(ratio_e5, 5)),
			cum: shortest(decimalText(cum_e5, 5)),
		}
		floor = cap
		ratioBefore = ratio_e5
		return bracket
	})
}

function shortest(text: string): string {
	return text.replace(/\.?0+$/, '')
}
