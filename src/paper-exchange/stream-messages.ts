import {type BuiltCandle, intervals} from './candle.js'
import type {Core} from './core.js'
import {text} from './decimal.js'
import type {Interval} from './market.js'
import type {DayTicker} from './ticker.js'

export const klineMessage = (symbol: string, interval: Interval, candle: BuiltCandle, E: number, closed: boolean) => ({
	e: 'kline',
	E,
	s: symbol,
	k: {
		t: candle.open_ms,
		T: candle.open_ms + intervals[interval] - 1,
		s: symbol,
		i: interval,
		f: 0,
		L: 0,
		o: candle.open,
		c: candle.close,
		h: candle.high,
		l: candle.low,
		v: candle.volume,
		n: candle.trades,
		x: closed,
		q: candle.quote_volume,
		V: candle.taker_volume,
		Q: candle.taker_quote,
		B: '0',
	},
})

export const markMessage = (core: Core, symbol: string, E: number) => {
	const prices = core.pricesOf(symbol)
	return {
		e: 'markPriceUpdate',
		E,
		s: symbol,
		p: text(prices.mark),
		i: text(prices.index),
		P: text(prices.mark),
		r: prices.funding_rate,
		T: prices.next_funding_ms,
	}
}

export const miniTickerMessage = (day: DayTicker, E: number) => ({
	e: '24hrMiniTicker',
	E,
	s: day.symbol,
	c: day.lastPrice,
	o: day.openPrice,
	h: day.highPrice,
	l: day.lowPrice,
	v: day.volume,
	q: day.quoteVolume,
})

export const tickerMessage = (day: DayTicker, E: number) => ({
	...miniTickerMessage(day, E),
	e: '24hrTicker',
	p: day.priceChange,
	P: day.priceChangePercent,
	w: day.weightedAvgPrice,
	Q: day.lastQty,
	O: day.openTime,
	C: day.closeTime,
	F: day.firstId,
	L: day.lastId,
	n: day.count,
})
