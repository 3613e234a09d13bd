import type {Policy} from '../contracts/policy.js'
import type {PayloadOf} from '../contracts/stream.js'
import type {Side} from '../contracts/streams/account.js'
import type {features, marketTick} from '../contracts/streams/market.js'
import type {tradeIntent} from '../contracts/streams/trade.js'
import {decimalText} from './decimal-text.js'
import {leverageWithin} from './loss-at-stop.js'

type Features = PayloadOf<typeof features>
type Tick = PayloadOf<typeof marketTick>
type Intent = PayloadOf<typeof tradeIntent>

/** What the trend is read from. */
export type TrendFeatures = Pick<
	Features,
	| 'rsi_14'
	| 'macd_histogram'
	| 'bollinger_upper'
	| 'bollinger_middle'
	| 'bollinger_lower'
	| 'atr_14'
	| 'ema_fast'
	| 'ema_slow'
>
/** `strength` from 0 to 1. */
export type Trend = Readonly<{side: Side; strength: number}>

/** Beyond these a move is exhausted more often than it goes on. */
const RSI_HIGH = 80
const RSI_LOW = 20
/** Evidence counts whole from here: distance of the averages and histogram in ATRs, distance from the middle in bands. */
const AVERAGES_FULL_ATR = 2
const HISTOGRAM_FULL_ATR = 0.3
const BAND_FULL = 1
/** Shares such as 0.1 / 0.05 come out a hair below the whole number. */
const ROUNDING = 1e-9

const share = (value: number, full: number): number => Math.min(Math.abs(value) / full, 1)

/**
 * A trend, when three witnesses agree: the fast average beyond the slow one, momentum (MACD histogram) on the same
 * side, and the price beyond the middle of its bands; none while the RSI is extreme.
 * @param price in the units of the features
 */
export const trendOf = (of: TrendFeatures, price: number): Trend | undefined => {
	const {atr_14, bollinger_middle, macd_histogram, rsi_14} = of
	const averages = of.ema_fast - of.ema_slow
	const beyond = price - bollinger_middle
	const direction = Math.sign(averages)
	if (atr_14 <= 0 || direction === 0) return undefined
	if (Math.sign(macd_histogram) !== direction || Math.sign(beyond) !== direction) return undefined
	if (direction > 0 ? rsi_14 >= RSI_HIGH : rsi_14 <= RSI_LOW) return undefined
	const band = (of.bollinger_upper - of.bollinger_lower) / 2
	const evidence = [
		share(averages / atr_14, AVERAGES_FULL_ATR),
		share(macd_histogram / atr_14, HISTOGRAM_FULL_ATR),
		band > 0 ? share(beyond / band, BAND_FULL) : 0,
	]
	return {
		side: direction > 0 ? 'BUY' : 'SELL',
		strength: evidence.reduce((sum, value) => sum + value, 0) / evidence.length,
	}
}

/**
 * Leverage: just enough that margin x leverage reaches the largest notional that one trade may have, but never so much
 * that the stop costs more of the margin than policy allows, nor more than the highest leverage. A whole number from 1.
 */
export const leverageFor = (margin_usdt: number, stop_share: number, policy: Policy): number => {
	const wanted = Math.ceil(policy.notional_per_trade_usdt / margin_usdt - ROUNDING)
	return Math.max(1, Math.min(wanted, leverageWithin(stop_share, policy)))
}

/**
 * The intent that follows a trend at the tick's price: entry at the side that would be paid, stop by ATR or the least
 * distance, target a multiple of it, margin as a share of the balance. Confidence 0.5 (a coin) to 1 (all evidence whole).
 * Undefined where that gives no sound order: no balance, or a stop or target that is no price.
 */
export const intentOf = (
	trend: Trend,
	input: Readonly<{tick: Tick; tick_ms: number; atr_14: number; balance_usdt: string; policy: Policy}>,
): Intent | undefined => {
	const {tick, tick_ms, atr_14, balance_usdt, policy} = input
	const {symbol} = tick
	const direction = trend.side === 'BUY' ? 1 : -1
	const entry_price = trend.side === 'BUY' ? tick.ask : tick.bid
	const entry = Number(entry_price)
	const distance = Math.max(policy.stop.atr_multiple * atr_14, policy.stop.distance_min * entry)
	const stop = entry - direction * distance
	const target = entry + direction * distance * policy.stop.target_multiple
	const margin_usdt = Number(balance_usdt) * policy.margin_share
	if (!(margin_usdt > 0) || stop <= 0 || target <= 0) return undefined
	return {
		symbol,
		side: trend.side,
		action: 'OPEN',
		confidence: Number((0.5 + trend.strength / 2).toFixed(4)),
		entry_price,
		stop_loss: decimalText(stop),
		take_profit: decimalText(target),
		position_size_usd: decimalText(margin_usdt),
		leverage: leverageFor(margin_usdt, distance / entry, policy),
		model: 'trend-following',
		data_ms: tick_ms,
	}
}
