import type {Core} from './core.js'
import {dec, text, zero} from './decimal.js'
import type {Klines} from './klines.js'

/** Quarter hours in a day: the window of the 24-hour figures moves by a quarter of an hour. */
const quartersPerDay = 96

export type DayTicker = ReturnType<typeof dayTicker>

/** The figures of the last 24 hours, from 15-minute candles. */
export const dayTicker = (core: Core, klines: Klines, symbol: string) => {
	const candles = klines.list(symbol, '15m', {limit: quartersPerDay})
	const last = core.last(symbol)
	const open = dec(candles[0]?.open ?? last)
	let [high, low, volume, quote, count] = [last, last, zero, zero, 0]
	for (const candle of candles) {
		const [candleHigh, candleLow] = [dec(candle.high), dec(candle.low)]
		if (candleHigh.gt(high)) high = candleHigh
		if (candleLow.lt(low)) low = candleLow
		volume = volume.add(candle.volume)
		quote = quote.add(candle.quote_volume)
		count += candle.trades
	}
	const change = last.sub(open)
	return {
		symbol,
		priceChange: text(change),
		priceChangePercent: open.isZero() ? '0.000' : change.div(open).mul(100).toFixed(3),
		weightedAvgPrice: volume.isZero() ? text(last) : text(quote.div(volume).toDecimalPlaces(8)),
		lastPrice: text(last),
		lastQty: '0',
		openPrice: text(open),
		highPrice: text(high),
		lowPrice: text(low),
		volume: text(volume),
		quoteVolume: text(quote),
		openTime: candles[0]?.open_ms ?? core.now_ms,
		closeTime: core.now_ms,
		firstId: 0,
		lastId: 0,
		count,
	}
}
