/** How long the volatility of a symbol with an open position has been high. */
export type Spell = Readonly<{
	/** Candles above `RATIO_HIGH` without a break. */
	candles: number
	/** Something was proposed for this spell; it ends below `RATIO_LOW`. */
	proposed?: true
	/** The newest candle. */
	open_ms: number
}>

/** Volatility over its own slow average: 1 is usual. */
export const RATIO_HIGH = 2
/** A spell is over only well below the level that began it, or one that hovers there would be proposed for again and again. */
export const RATIO_LOW = 1.5
export const CANDLES_MIN = 5
/** One trade may hold this part of what it did, and never less than the floor. */
const NOTIONAL_PART = 0.75
const NOTIONAL_FLOOR_USDT = 50
const CENTS = 100

/** The spell after a candle; the same one for a candle that was seen. */
export const withCandle = (before: Spell, open_ms: number, ratio: number): Spell => {
	if (open_ms <= before.open_ms) return before
	const {proposed} = before
	const candles = ratio > RATIO_HIGH ? Math.min(before.candles + 1, CANDLES_MIN) : 0
	return {candles, open_ms, ...(proposed && ratio >= RATIO_LOW && {proposed})}
}

export const isDue = ({candles, proposed}: Spell): boolean => candles >= CANDLES_MIN && proposed === undefined

/** The smaller notional of one trade, USDT; undefined when it is at the floor already. */
export const smallerNotional = (notional_usdt: number): number | undefined => {
	const smaller = Math.max(NOTIONAL_FLOOR_USDT, Math.floor(notional_usdt * NOTIONAL_PART * CENTS) / CENTS)
	return smaller < notional_usdt ? smaller : undefined
}
