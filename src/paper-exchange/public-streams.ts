import {type ClosedCandle, intervals} from './candle.js'
import type {Core} from './core.js'
import {type Dec, text} from './decimal.js'
import {DepthChain} from './depth-stream.js'
import type {Klines} from './klines.js'
import type {Interval} from './market.js'
import type {StreamHub} from './stream-hub.js'
import {klineMessage, markMessage, miniTickerMessage, tickerMessage} from './stream-messages.js'
import {dayTicker} from './ticker.js'

const depthStream = /^(?<symbol>[^@]+)@depth(?<levels>5|10|20)?(@(?<speed>\d+)ms)?$/
const defaultDepth_ms = 250
const klineEvery_ms = 250

type Depth = Readonly<{stream: string; chain: DepthChain; symbol: string; levels: number}>

/** Symbols that changed since a stream last told of them. A period's changes are told at its end. */
class Since {
	private symbols = new Set<string>()
	private due_ms = Number.POSITIVE_INFINITY

	constructor(private readonly every_ms: number) {}

	mark(symbol: string, now_ms: number): void {
		if (this.symbols.size === 0) this.due_ms = now_ms - (now_ms % this.every_ms) + this.every_ms
		this.symbols.add(symbol)
	}

	/** What is to be told by now, and the venue time at which it was due. */
	take(now_ms: number): Readonly<{symbols: readonly string[]; at_ms: number}> {
		if (now_ms < this.due_ms) return {symbols: [], at_ms: now_ms}
		const told = {symbols: [...this.symbols], at_ms: this.due_ms}
		this.symbols = new Set()
		this.due_ms = Number.POSITIVE_INFINITY
		return told
	}
}

/** The public WebSocket streams. Periods (depth, marks, tickers, candles under way) are those of venue time. */
export class PublicStreams {
	private readonly depths = new Map<string, Depth>()
	private readonly bestShown = new Map<string, string>()
	private readonly klineChanges = new Since(klineEvery_ms)
	private readonly tickerChanges = new Since(1000)
	private readonly markChanges = new Since(1000)
	private readonly slowMarkChanges = new Since(3000)
	private readonly bySmallName: ReadonlyMap<string, string>
	private nextCheck_ms = 0

	constructor(
		private readonly core: Core,
		private readonly klines: Klines,
		private readonly hub: StreamHub,
	) {
		this.bySmallName = new Map([...core.rules.keys()].map(symbol => [symbol.toLowerCase(), symbol]))
		hub.onUse = (stream, used) => this.onUse(stream, used)
	}

	onBook(symbol: string): void {
		const small = symbol.toLowerCase()
		if (!this.hub.has(`${small}@bookTicker`) && !this.hub.has('!bookTicker')) return
		const book = this.core.bookOf(symbol)
		const [bid, bidQuantity] = book.bids[0] ?? ['0', '0']
		const [ask, askQuantity] = book.asks[0] ?? ['0', '0']
		const best = `${bid} ${bidQuantity} ${ask} ${askQuantity}`
		if (this.bestShown.get(symbol) === best) return
		this.bestShown.set(symbol, best)
		const build = () => ({
			e: 'bookTicker',
			u: book.update_id,
			s: symbol,
			b: bid,
			B: bidQuantity,
			a: ask,
			A: askQuantity,
			T: book.time_ms,
			E: this.core.now_ms,
		})
		this.hub.publish(`${small}@bookTicker`, build)
		this.hub.publish('!bookTicker', build)
	}

	onTrade(symbol: string, id: number, price: Dec, quantity: Dec, buyerIsMaker: boolean): void {
		const small = symbol.toLowerCase()
		const shared = {E: this.core.now_ms, s: symbol, p: text(price), q: text(quantity), m: buyerIsMaker}
		const T = this.core.now_ms
		this.hub.publish(`${small}@aggTrade`, () => ({e: 'aggTrade', ...shared, a: id, f: id, l: id, T}))
		this.hub.publish(`${small}@trade`, () => ({e: 'trade', ...shared, T, t: id, X: 'MARKET'}))
		this.klineChanges.mark(symbol, this.core.now_ms)
		this.tickerChanges.mark(symbol, this.core.now_ms)
	}

	onMark(symbol: string): void {
		this.markChanges.mark(symbol, this.core.now_ms)
		this.slowMarkChanges.mark(symbol, this.core.now_ms)
	}

	onCandle({symbol, interval, candle}: ClosedCandle): void {
		const E = candle.open_ms + intervals[interval]
		this.hub.publish(klineStream(symbol, interval), () => klineMessage(symbol, interval, candle, E, true))
	}

	/** Tells what has become due by this venue time. */
	advance(now_ms: number): void {
		if (now_ms < this.nextCheck_ms) return
		this.nextCheck_ms = now_ms - (now_ms % 50) + 50
		this.advanceDepth(now_ms)
		const candles = this.klineChanges.take(now_ms)
		for (const symbol of candles.symbols) this.tellKlines(symbol, candles.at_ms)
		const tickers = this.tickerChanges.take(now_ms)
		this.tellTickers(tickers.symbols, tickers.at_ms)
		const marks = this.markChanges.take(now_ms)
		this.tellMarks(marks.symbols, marks.at_ms, '@1s')
		const slowMarks = this.slowMarkChanges.take(now_ms)
		this.tellMarks(slowMarks.symbols, slowMarks.at_ms, '')
	}

	private advanceDepth(now_ms: number): void {
		for (const {stream, chain, symbol, levels} of this.depths.values()) {
			const message = chain.next(now_ms)
			if (message === undefined) continue
			const book = this.core.bookOf(symbol)
			const partial = () => ({...message, b: book.bids.slice(0, levels), a: book.asks.slice(0, levels)})
			this.hub.publish(stream, () => (levels === 0 ? message : partial()))
		}
	}

	private tellKlines(symbol: string, now_ms: number): void {
		for (const interval of Object.keys(intervals) as Interval[]) {
			const stream = klineStream(symbol, interval)
			if (!this.hub.has(stream)) continue
			const candle = this.klines.current(symbol, interval)
			if (candle === undefined || candle.trades === 0) continue
			this.hub.publish(stream, () => klineMessage(symbol, interval, candle, now_ms, false))
		}
	}

	private tellTickers(symbols: readonly string[], now_ms: number): void {
		const wanted = (symbol: string) =>
			['@miniTicker', '@ticker'].some(name => this.hub.has(symbol.toLowerCase() + name)) ||
			['!miniTicker@arr', '!ticker@arr'].some(name => this.hub.has(name))
		const days = symbols.filter(wanted).map(symbol => dayTicker(this.core, this.klines, symbol))
		if (days.length === 0) return
		for (const day of days) {
			const small = day.symbol.toLowerCase()
			this.hub.publish(`${small}@miniTicker`, () => miniTickerMessage(day, now_ms))
			this.hub.publish(`${small}@ticker`, () => tickerMessage(day, now_ms))
		}
		this.hub.publish('!miniTicker@arr', () => days.map(day => miniTickerMessage(day, now_ms)))
		this.hub.publish('!ticker@arr', () => days.map(day => tickerMessage(day, now_ms)))
	}

	private tellMarks(symbols: readonly string[], now_ms: number, suffix: '@1s' | ''): void {
		if (symbols.length === 0) return
		for (const symbol of symbols) {
			const stream = `${symbol.toLowerCase()}@markPrice${suffix}`
			this.hub.publish(stream, () => markMessage(this.core, symbol, now_ms))
		}
		this.hub.publish(`!markPrice@arr${suffix}`, () => symbols.map(symbol => markMessage(this.core, symbol, now_ms)))
	}

	private onUse(stream: string, used: boolean): void {
		const found = depthStream.exec(stream)?.groups
		if (found === undefined) return
		const symbol = this.bySmallName.get((found.symbol ?? '').toLowerCase())
		if (symbol === undefined) return
		if (!used) {
			this.depths.delete(stream)
			return
		}
		const every_ms = Math.max(100, Number(found.speed ?? defaultDepth_ms))
		const chain = new DepthChain(symbol, this.core.bookOf(symbol), every_ms)
		this.depths.set(stream, {stream, chain, symbol, levels: Number(found.levels ?? 0)})
	}
}

const klineStream = (symbol: string, interval: Interval): string => `${symbol.toLowerCase()}@kline_${interval}`
