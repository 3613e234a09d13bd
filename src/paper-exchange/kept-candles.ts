import type {BuiltCandle} from './candle.js'

/** Candles kept of each symbol and interval: as many as one request may ask for. */
export const keptMax = 1500

/** So many more are gathered before the oldest are dropped, since dropping moves all others. */
const slack = 150

type Packed = readonly [string, string, string, string, string, string, number, string, string]

const pack = (candle: BuiltCandle): string => {
	const {open, high, low, close, volume, quote_volume, trades, taker_volume, taker_quote} = candle
	return JSON.stringify([open, high, low, close, volume, quote_volume, trades, taker_volume, taker_quote])
}

const unpack = (open_ms: number, text: string): BuiltCandle => {
	const [open, high, low, close, volume, quote_volume, trades, taker_volume, taker_quote] = JSON.parse(text) as Packed
	return {open_ms, open, high, low, close, volume, quote_volume, trades, taker_volume, taker_quote}
}

/** The last candles of one symbol and interval, each as one text: a third of what they take as objects. */
export class KeptCandles {
	private readonly opens: number[] = []
	private readonly texts: string[] = []

	get size(): number {
		return this.opens.length
	}

	get first_ms(): number | undefined {
		return this.opens[0]
	}

	/** Adds a candle at the end, or replaces the one that opens then; an older one that is not there is left out. */
	keep(candle: BuiltCandle): void {
		const at = this.from(candle.open_ms)
		if (at < this.opens.length && this.opens[at] !== candle.open_ms) return
		this.opens[at] = candle.open_ms
		this.texts[at] = pack(candle)
		if (this.opens.length < keptMax + slack) return
		this.opens.splice(0, this.opens.length - keptMax)
		this.texts.splice(0, this.texts.length - keptMax)
	}

	/** Candles opening within [from_ms, to_ms]: the first `limit` of them, or with a negative one the last. */
	list(from_ms: number, to_ms: number, limit: number): BuiltCandle[] {
		const [first, end] = [this.from(from_ms), this.from(to_ms + 1)]
		const [low, high] = limit < 0 ? [Math.max(first, end + limit), end] : [first, Math.min(end, first + limit)]
		return this.opens.slice(low, high).map((open_ms, index) => unpack(open_ms, this.texts[low + index] ?? '[]'))
	}

	/** Position of the first candle that opens at or after an instant. */
	private from(open_ms: number): number {
		let [low, high] = [0, this.opens.length]
		while (low < high) {
			const middle = (low + high) >> 1
			if ((this.opens[middle] ?? 0) < open_ms) low = middle + 1
			else high = middle
		}
		return low
	}
}
