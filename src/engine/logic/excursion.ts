import type {PayloadOf} from '../contracts/stream.js'
import type {tradeClosed} from '../contracts/streams/trade.js'
import {meanOf as mean} from '../indicators/window.js'
import {rounded} from './decimal-text.js'
import {directionOf} from './exit-watch.js'

/** The price path of an open position as far as it is kept: prices at which closing would have filled. */
export type Excursion = Readonly<{
	opened_ms: number
	/** 1 for long, -1 for short. */
	direction: number
	entry: number
	/** Initial risk as a distance of price, where the first stop is known. */
	risk?: number
	best: number
	best_ms: number
	worst: number
	/** Price of the first part that was closed on somebody's plan. */
	first_exit?: number
	/** Distances in R of stops that are trailed on paper, and where those that were hit would have closed it, in R of gain. */
	trails: readonly number[]
	trailed: Readonly<Record<string, number>>
}>

/** How well a trade was left. Shares are of the entry price: 0.01 = 1 %. */
export type ExitQuality = Readonly<{
	trade_id: string
	symbol: string
	side: 'LONG' | 'SHORT'
	opened_ms: number
	closed_ms: number
	/** Largest loss and largest gain on the way (MAE and MFE, after Sweeney), not below 0. */
	mae: number
	mfe: number
	/** Gain at the average exit price, costs aside; and what of the largest gain was given back. */
	realised: number
	give_back: number
	/** The same in R; left out while the initial risk is not known. */
	mae_r?: number
	mfe_r?: number
	realised_r?: number
	/** What the first exit that was asked for would have got more for all of it, a share; below 0 when waiting paid. */
	cost_of_waiting?: number
	/** Venue time from the best price to the end. */
	since_best_ms: number
	/** Gain in R with stops that trail at these distances in R; that of the trade where they were not hit. Empty without R. */
	trailed: Readonly<Record<string, number>>
}>

/** The event that tells the quality of an exit, as JSON. */
export const EXIT_QUALITY = 'EXIT_QUALITY'
/** An extreme is kept when it moved by this share of the entry price: not every tick is worth a record. */
export const EXTREME_STEP = 0.000_5
type Trail = Readonly<{break_even_r: number; trail_r: number}>
/** Distances that are tried, as parts of the one in force: tighter ones would have closed while we still looked. */
const TRAIL_PARTS = [0.4, 0.6, 0.8, 1]
export const trailDistances = ({trail_r}: Trail): readonly number[] =>
	TRAIL_PARTS.map(part => Number((trail_r * part).toPrecision(4)))

type Opened = Readonly<{
	amount: string
	entry_price: string
	opened_ms: number
	initial_stop_price?: string | undefined
}>

/** The excursion of a position: of the one before when it is the same one, whose entry price may have moved. */
export const excursionOf = (position: Opened, before: Excursion | undefined, trail: Trail): Excursion | undefined => {
	const {entry_price, opened_ms, initial_stop_price} = position
	const entry = Number(entry_price)
	const direction = directionOf(position)
	if (!(entry > 0) || direction === 0) return undefined
	const risk = initial_stop_price === undefined ? 0 : direction * (entry - Number(initial_stop_price))
	const known = risk > 0 ? {risk} : {}
	if (before?.opened_ms === opened_ms && before.direction === direction) return {...before, entry, ...known}
	const path = {best: entry, best_ms: opened_ms, worst: entry}
	return {opened_ms, direction, entry, ...path, trails: trailDistances(trail), trailed: {}, ...known}
}

const gainOf = ({direction, entry}: Excursion, price: number): number => direction * (price - entry)

/** Which trailing stops a price would have set off: from `break_even_r` on, at their distance from the best price. */
const trailedAt = (excursion: Excursion, price: number, break_even_r: number): Excursion['trailed'] => {
	const {risk, trails, trailed} = excursion
	if (risk === undefined) return trailed
	const best_r = gainOf(excursion, excursion.best) / risk
	const r = gainOf(excursion, price) / risk
	if (best_r < break_even_r) return trailed
	const hit = trails.filter(distance => !(String(distance) in trailed) && r <= Math.max(0, best_r - distance))
	return hit.length === 0 ? trailed : {...trailed, ...Object.fromEntries(hit.map(distance => [distance, rounded(r)]))}
}

/** The excursion after a price; the same one while nothing moved that is worth keeping. */
export const withPrice = (excursion: Excursion, price: number, ts_ms: number, {break_even_r}: Trail): Excursion => {
	const step = excursion.entry * EXTREME_STEP
	const gain = gainOf(excursion, price)
	const better = gain - gainOf(excursion, excursion.best) >= step
	const worse = gainOf(excursion, excursion.worst) - gain >= step
	const moved = {...excursion, ...(better && {best: price, best_ms: ts_ms}), ...(worse && {worst: price})}
	const trailed = trailedAt(moved, price, break_even_r)
	return better || worse || trailed !== excursion.trailed ? {...moved, trailed} : excursion
}

/** The quality of an exit. The exit price is part of the path, so nothing is ever given back that was not there. */
export const qualityOf = (excursion: Excursion, trade: PayloadOf<typeof tradeClosed>): ExitQuality => {
	const {direction, best, worst, best_ms, first_exit, risk, trails, trailed} = excursion
	const {trade_id, symbol, side, closed_ms} = trade
	const entry = Number(trade.entry_price)
	const shareOf = (price: number): number => rounded((direction * (price - entry)) / entry)
	const realised = shareOf(Number(trade.exit_price))
	const mfe = Math.max(0, shareOf(best), realised)
	const mae = Math.max(0, -shareOf(worst), -realised)
	const inR = (share: number): number => (risk === undefined ? 0 : rounded((share * entry) / risk))
	return {
		trade_id,
		symbol,
		side,
		opened_ms: trade.opened_ms,
		closed_ms,
		mae,
		mfe,
		realised,
		give_back: rounded(mfe - realised),
		...(risk !== undefined && {mae_r: inR(mae), mfe_r: inR(mfe), realised_r: inR(realised)}),
		...(first_exit !== undefined && {cost_of_waiting: rounded(shareOf(first_exit) - realised)}),
		since_best_ms: Math.max(0, closed_ms - best_ms),
		trailed:
			risk === undefined
				? {}
				: Object.fromEntries(trails.map(distance => [distance, trailed[String(distance)] ?? inR(realised)])),
	}
}

const meanOf = (values: readonly number[]): number | undefined =>
	values.length === 0 ? undefined : rounded(mean(values))
const known = (values: ReadonlyArray<number | undefined>): readonly number[] =>
	values.filter(value => value !== undefined)

/** Means over the newest closed trades; what none of them knows is left out. */
export const rollingOf = (trades: readonly ExitQuality[]) => ({
	trades: trades.length,
	mae_mean: meanOf(trades.map(({mae}) => mae)),
	mfe_mean: meanOf(trades.map(({mfe}) => mfe)),
	realised_mean: meanOf(trades.map(({realised}) => realised)),
	give_back_mean: meanOf(trades.map(({give_back}) => give_back)),
	realised_r_mean: meanOf(known(trades.map(({realised_r}) => realised_r))),
	mfe_r_mean: meanOf(known(trades.map(({mfe_r}) => mfe_r))),
	cost_of_waiting_mean: meanOf(known(trades.map(({cost_of_waiting}) => cost_of_waiting))),
	since_best_ms_mean: meanOf(trades.map(({since_best_ms}) => since_best_ms)),
})
