import {
	type Building,
	type BuiltCandle,
	type ClosedCandle,
	flat,
	intervals,
	merge,
	revive,
	shown,
	startOf,
} from './candle.js'
import {type Dec, dec, text, zero} from './decimal.js'
import {KeptCandles} from './kept-candles.js'
import type {Interval, Market} from './market.js'

const names = Object.keys(intervals) as Interval[]
const minute = intervals['1m']

type SymbolCandles = {
	close: Dec
	minute: Building
	/** Closed minutes of the interval under way, merged. */
	partial: Map<Interval, Building>
	kept: ReadonlyMap<Interval, KeptCandles>
}

export type KlineSnapshot = Record<string, {close: string; minute: BuiltCandle; partial: Record<string, BuiltCandle>}>

/**
 * Candles of every interval from the outside world's prints. Minutes are built; longer candles are merged minutes.
 * A candle without prints repeats the last close with volume 0, so that there are no gaps.
 */
export class Klines {
	private readonly symbols = new Map<string, SymbolCandles>()
	private nextClose_ms: number

	constructor(private readonly market: Market) {
		const start = market.start_ms
		this.nextClose_ms = startOf(start, '1m') + minute
		for (const {symbol} of market.symbols) this.symbols.set(symbol, this.begin(symbol, start))
	}

	hasPrice(symbol: string): boolean {
		return !this.of(symbol).close.isZero()
	}

	/** Middle of the book stands in for the first price of a symbol that has neither history nor prints. */
	onMid(symbol: string, mid: Dec): void {
		const candles = this.of(symbol)
		candles.close = mid
		candles.minute = flat(candles.minute.open_ms, mid)
	}

	onTrade(symbol: string, price: Dec, quantity: Dec, buyerIsMaker: boolean): void {
		const candles = this.of(symbol)
		const quote = price.mul(quantity)
		const trade: Building = {
			...flat(candles.minute.open_ms, price),
			volume: quantity,
			quote,
			trades: 1,
			taker_volume: buyerIsMaker ? zero : quantity,
			taker_quote: buyerIsMaker ? zero : quote,
		}
		candles.minute = merge(candles.minute, trade)
		candles.close = price
	}

	/** True when `advance` has candles to close. */
	due(time_ms: number): boolean {
		return time_ms >= this.nextClose_ms
	}

	/** Closes every candle that ends by `time_ms`, in order of time; nothing when none does. */
	*advance(time_ms: number): Generator<ClosedCandle> {
		while (time_ms >= this.nextClose_ms) {
			const boundary = this.nextClose_ms
			this.nextClose_ms += minute
			for (const [symbol, candles] of this.symbols) yield* this.closeMinute(symbol, candles, boundary)
		}
	}

	/** The candle under way, or undefined while the symbol has no price at all. */
	current(symbol: string, interval: Interval): BuiltCandle | undefined {
		const candles = this.of(symbol)
		if (candles.close.isZero()) return undefined
		return shown(this.merged(candles, interval))
	}

	/** Candles opening within [from, to], ascending, the one under way included: the first or last `limit` of them. */
	list(symbol: string, interval: Interval, range: {from?: number; to?: number; limit: number}): BuiltCandle[] {
		const {limit} = range
		const current = this.current(symbol, interval)
		const kept = this.of(symbol).kept.get(interval)
		const firstBuilt = kept?.first_ms ?? current?.open_ms ?? startOf(this.market.start_ms, interval)
		const width = intervals[interval]
		const to = range.to ?? Number.MAX_SAFE_INTEGER
		const first = range.from ?? 0
		const running = current !== undefined && current.open_ms >= first && current.open_ms <= to ? [current] : []
		const built = [...(kept?.list(first, to, range.from === undefined ? -limit : limit) ?? []), ...running]
		const from = range.from ?? Math.min(to + 1, firstBuilt) - Math.max(0, limit - built.length) * width
		const past = this.history(symbol, interval, from, Math.min(to + 1, firstBuilt))
		// Once candles of the market's own time are forgotten, those before it do not lead up to the ones that are kept.
		const leadsUp = built.length === 0 || past.length === 0 || (past.at(-1)?.open_ms ?? 0) + width === firstBuilt
		const all = leadsUp ? [...past, ...built] : built
		return range.from === undefined ? all.slice(-limit) : all.slice(0, limit)
	}

	snapshot(): KlineSnapshot {
		const out: KlineSnapshot = {}
		for (const [symbol, candles] of this.symbols) {
			out[symbol] = {
				close: text(candles.close),
				minute: shown(candles.minute),
				partial: Object.fromEntries([...candles.partial].map(([name, part]) => [name, shown(part)])),
			}
		}
		return out
	}

	restore(snapshot: KlineSnapshot): void {
		for (const [symbol, saved] of Object.entries(snapshot)) {
			const candles = this.symbols.get(symbol)
			if (candles === undefined) continue
			candles.close = dec(saved.close)
			candles.minute = revive(saved.minute)
			candles.partial = new Map(Object.entries(saved.partial).map(([name, part]) => [name as Interval, revive(part)]))
			this.nextClose_ms = candles.minute.open_ms + minute
		}
	}

	/** Puts a closed candle back; a candle that is already there is replaced. */
	keep({symbol, interval, candle}: ClosedCandle): void {
		this.symbols.get(symbol)?.kept.get(interval)?.keep(candle)
	}

	/** Every candle in memory, each symbol and interval in order. */
	*allKept(): Generator<ClosedCandle> {
		for (const [symbol, {kept}] of this.symbols) {
			for (const [interval, candles] of kept) {
				const all = candles.list(0, Number.MAX_SAFE_INTEGER, candles.size)
				for (const candle of all) yield {symbol, interval, candle}
			}
		}
	}

	private *closeMinute(symbol: string, candles: SymbolCandles, boundary: number): Generator<ClosedCandle> {
		if (!candles.close.isZero()) {
			for (const interval of names) {
				const merged = this.merged(candles, interval)
				if (boundary % intervals[interval] !== 0) {
					candles.partial.set(interval, merged)
					continue
				}
				candles.partial.delete(interval)
				const closed = {symbol, interval, candle: shown(merged)}
				this.keep(closed)
				yield closed
			}
		}
		candles.minute = flat(boundary, candles.close)
	}

	private merged(candles: SymbolCandles, interval: Interval): Building {
		const part = candles.partial.get(interval)
		if (part !== undefined) return merge(part, candles.minute)
		return {...candles.minute, open_ms: startOf(candles.minute.open_ms, interval)}
	}

	private of(symbol: string): SymbolCandles {
		const candles = this.symbols.get(symbol)
		if (candles === undefined) throw new Error(`The market sent an event of ${symbol}, which it does not list.`)
		return candles
	}

	private history(symbol: string, interval: Interval, from: number, to: number): BuiltCandle[] {
		if (to <= from) return []
		return this.market
			.history(symbol, interval, from, to)
			.filter(candle => candle.open_ms >= from && candle.open_ms < to)
			.map(candle => ({taker_volume: '0', taker_quote: '0', ...candle}))
	}

	/** Candles under way at the start already contain the minutes that are history. */
	private begin(symbol: string, start: number): SymbolCandles {
		const dayStart = startOf(start, '1d')
		const minuteStart = startOf(start, '1m')
		const minutes = this.history(symbol, '1m', Math.min(dayStart, minuteStart - minute), minuteStart)
		const close = dec(minutes.at(-1)?.close ?? 0)
		const partial = new Map<Interval, Building>()
		for (const interval of names) {
			const from = startOf(start, interval)
			const inside = minutes.filter(candle => candle.open_ms >= from).map(revive)
			const [first, ...rest] = inside
			if (first !== undefined) partial.set(interval, rest.reduce(merge, {...first, open_ms: from}))
		}
		return {
			close,
			minute: flat(minuteStart, close),
			partial,
			kept: new Map(names.map(name => [name, new KeptCandles()])),
		}
	}
}
