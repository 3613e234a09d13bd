import type {PayloadOf} from '../contracts/stream.js'
import type {marketState} from '../contracts/streams/market.js'
import type {Direction} from './exit-ladder.js'

/** What the market does now; left out while it is not known. */
export type MarketNow = Pick<PayloadOf<typeof marketState>, 'volatility_ewma' | 'volatility_ratio' | 'trend_strength'>

/** Each part from 0 (no reason to be out) to 1. */
export type UrgencyParts = Readonly<{volatility: number; trend: number; age: number; excursion: number}>

/** What each part counts in the kill score; together 1, and none of them closes by itself. */
export const URGENCY_WEIGHTS: UrgencyParts = {volatility: 0.3, trend: 0.3, age: 0.15, excursion: 0.25}
/** Volatility over its usual at which its part begins, and at which it is full. */
const SPIKE = {from: 1, full: 3} as const

const unit = (value: number): number => Math.min(Math.max(value, 0), 1)

/**
 * volatility: `(volatility_ratio - 1) / 2`; trend: strength of a trend against the position; age: over `age_max_ms`;
 * excursion: loss in distances of the internal stop. Each is held inside 0 and 1. What is not known counts 0: missing
 * data closes nothing.
 */
export const urgencyOf = ({
	direction,
	market,
	age_ms,
	age_max_ms,
	gain,
	distance,
}: Readonly<{
	direction: Direction
	market: MarketNow | undefined
	age_ms: number
	age_max_ms: number
	/** Share of the entry price. */
	gain: number
	distance: number
}>): UrgencyParts => ({
	volatility: market ? unit((market.volatility_ratio - SPIKE.from) / (SPIKE.full - SPIKE.from)) : 0,
	trend: market ? unit(-direction * market.trend_strength) : 0,
	age: unit(age_ms / age_max_ms),
	excursion: unit(-gain / distance),
})

const DIGITS = 1e6
/** The urgency to be out, from 0 to 1: the weighted sum of its parts, to 6 decimals. */
export const killScoreOf = (parts: UrgencyParts): number => {
	const {volatility, trend, age, excursion} = URGENCY_WEIGHTS
	const sum = volatility * parts.volatility + trend * parts.trend + age * parts.age + excursion * parts.excursion
	return Math.round(sum * DIGITS) / DIGITS
}
