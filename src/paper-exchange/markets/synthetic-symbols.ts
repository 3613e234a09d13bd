import type {SymbolSpec} from '../market.js'
import {BTC_TIERS, brackets, LARGE_TIERS, SMALL_TIERS, type Tier} from './brackets.js'

/** What a synthetic symbol is like. Sizes are from a recorded month (May 2025), 币安人生USDT apart, which is a guess. */
export type SyntheticSymbol = Readonly<{
	spec: SymbolSpec
	/** The price around which the warm-up begins. */
	price: number
	/** Long-run standard deviation of 1-minute returns. */
	return_sd_bps: number
	/** How the variance is shared: market, other coins together, own. Squares sum to 1. */
	market_weight: number
	sector_weight: number
	own_weight: number
	/** Traded in an average minute. */
	minute_notional_usdt: number
	/** Resting at the best price in calm, on average. */
	top_notional_usdt: number
	/** What further levels hold against the best one: fine ticks make thin levels. */
	behind_share: number
	/** By how much the spread widens, on average, when it does. */
	wide_spread_bps: number
	/** Average distance between neighbouring levels, in ticks. */
	level_gap_ticks: number
	trades_per_second: number
}>

export type Row = readonly [
	base: string,
	tick: string,
	step: string,
	min_notional: string,
	max_market_quantity: string,
	funding_hours: number,
	tiers: readonly Tier[],
]

function spec(row: Row): SymbolSpec {
	const [base, tick, step, minNotional, maxMarket, fundingHours, tiers] = row
	return {
		symbol: `${base}USDT`,
		base_asset: base,
		tick_size: tick,
		step_size: step,
		min_quantity: step,
		max_quantity: String(Number(maxMarket) * 10),
		max_market_quantity: maxMarket,
		min_notional: minNotional,
		price_precision: decimals(tick),
		quantity_precision: decimals(step),
		funding_interval_hours: fundingHours,
		brackets: brackets(tiers),
	}
}

function decimals(step: string): number {
	return step.split('.')[1]?.length ?? 0
}

export type Character = readonly [
	price: number,
	return_sd_bps: number,
	market_weight: number,
	sector_weight: number,
	minute_notional_usdt: number,
	top_notional_usdt: number,
	behind_share: number,
	wide_spread_bps: number,
	level_gap_ticks: number,
	trades_per_second: number,
]

/** A symbol of its rules and its character. */
export function symbol(row: Row, character: Character): SyntheticSymbol {
	const [price, sd, market, sector, minute, top, behind, wide, gap, trades] = character
	return {
		spec: spec(row),
		price,
		return_sd_bps: sd,
		market_weight: market,
		sector_weight: sector,
		own_weight: Math.sqrt(1 - market ** 2 - sector ** 2),
		minute_notional_usdt: minute,
		top_notional_usdt: top,
		behind_share: behind,
		wide_spread_bps: wide,
		level_gap_ticks: gap,
		trades_per_second: trades,
	}
}

/** The eight, in the order in which they speak within a tick. */
export const SYNTHETIC_SYMBOLS: readonly SyntheticSymbol[] = [
	symbol(
		['BTC', '0.1', '0.001', '50', '120', 8, BTC_TIERS],
		[104_000, 6.0, 0.93, 0, 13_400_000, 170_000, 0.1, 0.13, 6.5, 3],
	),
	symbol(
		['ETH', '0.01', '0.001', '20', '2000', 8, LARGE_TIERS],
		[2500, 9.6, 0.745, 0.44, 11_700_000, 150_000, 0.2, 0.4, 3, 3],
	),
	symbol(
		['SOL', '0.01', '0.01', '5', '8000', 8, LARGE_TIERS],
		[165, 9.6, 0.74, 0.33, 2_600_000, 60_000, 0.8, 1, 1, 1.5],
	),
	symbol(
		['BNB', '0.01', '0.01', '5', '2000', 8, LARGE_TIERS],
		[650, 6.4, 0.69, 0.25, 300_000, 25_000, 0.4, 0.6, 2, 0.8],
	),
	symbol(
		['XRP', '0.0001', '0.1', '5', '2000000', 8, LARGE_TIERS],
		[2.3, 9, 0.69, 0.35, 1_100_000, 50_000, 0.8, 1, 1, 1],
	),
	symbol(['AVAX', '0.001', '1', '5', '50000', 8, SMALL_TIERS], [22, 10.8, 0.75, 0.35, 200_000, 15_000, 0.8, 1, 1, 0.7]),
	symbol(
		['LINK', '0.001', '0.01', '5', '100000', 8, SMALL_TIERS],
		[15, 10.6, 0.74, 0.38, 220_000, 15_000, 0.8, 1, 1, 0.7],
	),
	symbol(
		['币安人生', '0.00001', '1', '5', '5000000', 4, SMALL_TIERS],
		[0.15, 11, 0.68, 0.3, 150_000, 6_000, 0.8, 3, 1.5, 0.7],
	),
]
