import type {Level} from '../market.js'
import type {Grid} from './grid.js'
import type {MinuteCandle, MinuteCandles} from './minute-candles.js'

/**
 * How a candle becomes a path: open, the nearer extreme, the farther extreme, close. A candle that closes at or above
 * its open goes open-low-high-close, another open-high-low-close; between these it walks straight. Nothing is left to
 * chance: the same candle is always the same path. The bias of any such rule is known: with 1-minute candles a stop and
 * a target inside one candle are met in this order, which no data can confirm.
 */

/** Spread in calm, and what the candle's range adds to it. */
const SPREAD_BPS = 0.6
const SPREAD_RANGE_SHARE = 0.02
const SPREAD_MAX_BPS = 50
/** The best level holds this share of a usual minute's volume, and each further one more. */
const TOP_VOLUME_SHARE = 0.02
const TOP_NOTIONAL_MIN_USDT = 2000
const LEVEL_GROWTH = 0.35
/** Over so many candles before, the usual volume is averaged. */
const USUAL_CANDLES = 60

/** Prices of a candle's path in ticks, one for each of its ticks; position 0 is the open, the last one the close. */
export function pricePath(candle: Readonly<MinuteCandle>, ticks: number): number[] {
	const rising = candle.close >= candle.open
	const corners = [candle.open, rising ? candle.low : candle.high, rising ? candle.high : candle.low, candle.close]
	const places = cornerPlaces(ticks)
	const path: number[] = []
	for (let leg = 0; leg < 3; leg++) {
		const [from, to] = [corners[leg] ?? 0, corners[leg + 1] ?? 0]
		const [start, end] = [places[leg] ?? 0, places[leg + 1] ?? 0]
		for (let at = start; at < end; at++) path.push(Math.round(from + ((to - from) * (at - start)) / (end - start)))
	}
	path.push(candle.close)
	return path
}

/** Volume of each tick in steps; sums to the candle's. When there is little, the four corners are served first. */
export function volumePath(candle: Readonly<MinuteCandle>, ticks: number): number[] {
	const each = Math.floor(candle.volume / ticks)
	const volumes = new Array<number>(ticks).fill(each)
	let rest = candle.volume - each * ticks
	const corners = cornerPlaces(ticks)
	const others = volumes.map((_, at) => at).filter(at => !corners.includes(at))
	for (const at of [...corners, ...others]) {
		if (rest === 0) break
		volumes[at] = each + 1
		rest--
	}
	return volumes
}

function cornerPlaces(ticks: number): number[] {
	const last = ticks - 1
	return [0, Math.round(last / 3), Math.round((2 * last) / 3), last]
}

/** What a book around a candle looks like: spread in ticks, steps at the best level. */
export type Surroundings = Readonly<{spread_ticks: number; top_steps: number}>

export function surroundings(
	candles: MinuteCandles,
	index: number,
	candle: Readonly<MinuteCandle>,
	grids: Readonly<{prices: Grid; quantities: Grid}>,
): Surroundings {
	const range_bps = ((candle.high - candle.low) / candle.open) * 1e4
	const bps = Math.min(SPREAD_MAX_BPS, SPREAD_BPS + SPREAD_RANGE_SHARE * range_bps)
	let quote = 0
	const from = Math.max(0, index - USUAL_CANDLES)
	for (let at = from; at < index; at++) quote += candles.quote(at)
	const usual = index === from ? candle.quote : quote / (index - from)
	const top = Math.max(TOP_NOTIONAL_MIN_USDT, usual * TOP_VOLUME_SHARE)
	return {
		spread_ticks: Math.max(1, Math.round(candle.open * bps * 1e-4)),
		top_steps: Math.max(1, Math.round(top / (candle.open * grids.prices.size) / grids.quantities.size)),
	}
}

/** One side of the book from its best price outwards, further levels a spread apart and deeper. */
export function sideOf(
	best: number,
	direction: 1 | -1,
	levels: number,
	around: Surroundings,
	grids: Readonly<{prices: Grid; quantities: Grid}>,
): Level[] {
	const side: Level[] = []
	for (let at = 0; at < levels; at++) {
		const price = best + direction * at * around.spread_ticks
		if (price < 1) break
		const steps = Math.round(around.top_steps * (1 + LEVEL_GROWTH * at))
		side.push([grids.prices.text(price), grids.quantities.text(steps)])
	}
	return side
}
