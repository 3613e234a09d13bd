import {z} from 'zod'
import type {Candle, Interval, Market, MarketEvent, SymbolSpec} from '../market.js'
import {type CandlesConfig, candleSources} from './candle-config.js'
import {CandleFunding} from './candle-funding.js'
import {type LoadedSymbol, loadCandles} from './candle-load.js'
import {pricePath, type Surroundings, sideOf, surroundings, volumePath} from './candle-path.js'
import {MINUTE_MS, type MinuteCandle} from './minute-candles.js'

/**
 * Opens recorded candles.
 * @param report is told every repair of the files, one line each.
 * @throws Error that names what is wrong with settings or files.
 */
export async function openCandles(config: CandlesConfig, report: (line: string) => void): Promise<CandleMarket> {
	const loaded = await loadCandles(await candleSources(config), config)
	for (const repair of loaded.repairs) report(repair)
	const market = new CandleMarket(config, loaded.symbols, loaded.repairs)
	for (const {spec, candles} of loaded.symbols) {
		const [early_ms, late_ms] = [market.start_ms - config.warmup_ms - candles.first_ms, candles.end_ms - market.end_ms]
		if (early_ms <= 0 && late_ms <= 0) continue
		const from = new Date(candles.first_ms).toISOString()
		report(
			`${spec.symbol}: candles from ${from} to ${new Date(candles.end_ms).toISOString()}; ${Math.max(0, early_ms) / MINUTE_MS} minutes at their start and ${Math.max(0, late_ms) / MINUTE_MS} at their end are not told, since all symbols do not have them or the settings leave them out`,
		)
	}
	return market
}

/** Recorded candles told as books, prints and marks along a fixed path (see `candle-path.ts`). Cheap to replay. */
export class CandleMarket implements Market {
	readonly symbols: readonly SymbolSpec[]
	readonly start_ms: number
	readonly end_ms: number
	/** What was repaired in the files, one line each with file and line number. */
	readonly repairs: readonly string[]
	readonly #config: CandlesConfig
	readonly #loaded: readonly LoadedSymbol[]
	readonly #funding: readonly CandleFunding[]
	readonly #history_from_ms: number
	/** Counts what was told: symbols within ticks within minutes. */
	#step = 0
	#pending: MarketEvent[] = []
	#read = 0
	#paths: {candle: MinuteCandle; prices: number[]; volumes: number[]; around: Surroundings}[] = []
	#paths_minute = -1

	constructor(config: CandlesConfig, loaded: readonly LoadedSymbol[], repairs: readonly string[] = []) {
		this.#config = config
		this.#loaded = loaded
		this.repairs = repairs
		this.symbols = loaded.map(symbol => symbol.spec)
		const range = liveRange(config, loaded)
		this.start_ms = range.start_ms
		this.end_ms = range.end_ms
		this.#history_from_ms = Math.max(0, range.start_ms - config.warmup_ms)
		this.#funding = loaded.map(symbol => new CandleFunding(symbol, config.funding_rate, range))
	}

	next(until_ms: number): MarketEvent | undefined {
		while (this.#read >= this.#pending.length) {
			const time_ms = this.#place(this.#step).time_ms
			if (time_ms > until_ms || time_ms >= this.end_ms) return undefined
			this.#speak()
		}
		const event = this.#pending[this.#read]
		if (event === undefined || event.time_ms > until_ms) return undefined
		this.#read++
		return event
	}

	history(symbol: string, interval: Interval, from_ms: number, to_ms: number): readonly Candle[] {
		const found = this.#loaded.find(candidate => candidate.spec.symbol === symbol)
		const from = Math.max(from_ms, this.#history_from_ms)
		return found?.candles.candles(interval, from, Math.min(to_ms, this.start_ms)) ?? []
	}

	/** The recorded past does not react. */
	taken(): void {}

	snapshot(): CandleSnapshot {
		return {start_ms: this.start_ms, step: this.#step, unread: this.#pending.length - this.#read}
	}

	/** @throws Error when the snapshot is not of this market. */
	restore(snapshot: unknown): void {
		const parsed = candleSnapshot.safeParse(snapshot)
		if (!parsed.success || parsed.data.start_ms !== this.start_ms)
			throw new Error(
				`the snapshot ${JSON.stringify(snapshot)} is not of a candle market that starts at ${this.start_ms}: start with the settings of the snapshot, or without it`,
			)
		this.#pending = []
		this.#read = 0
		this.#step = parsed.data.step
		if (parsed.data.unread === 0) return
		// The last step is told again and read up to where the snapshot was taken.
		this.#step--
		this.#speak()
		this.#read = this.#pending.length - parsed.data.unread
	}

	async close(): Promise<void> {}

	#place(step: number): {minute: number; tick: number; turn: number; time_ms: number} {
		const ticks = this.#config.ticks_per_candle
		const turn = step % this.#loaded.length
		const ticked = (step - turn) / this.#loaded.length
		const tick = ticked % ticks
		const minute = (ticked - tick) / ticks
		return {minute, tick, turn, time_ms: this.start_ms + minute * MINUTE_MS + Math.floor((tick * MINUTE_MS) / ticks)}
	}

	#speak(): void {
		const {minute, tick, turn, time_ms} = this.#place(this.#step)
		if (minute !== this.#paths_minute) this.#openMinute(minute)
		this.#pending = []
		this.#read = 0
		if (tick === 0 && turn === 0) this.#settle(time_ms)
		const loaded = this.#loaded[turn]
		if (loaded !== undefined) this.#speakSymbol(loaded, tick, turn, time_ms)
		this.#step++
	}

	#settle(time_ms: number): void {
		for (const [at, clock] of this.#funding.entries()) {
			const rate = clock.settles(time_ms)
			const symbol = this.#loaded[at]?.spec.symbol
			if (rate !== undefined && symbol !== undefined) this.#pending.push({kind: 'funding', time_ms, symbol, rate})
		}
	}

	#speakSymbol(loaded: LoadedSymbol, tick: number, turn: number, time_ms: number): void {
		const told = this.#paths[turn]
		const clock = this.#funding[turn]
		if (told === undefined || clock === undefined) return
		const {symbol} = loaded.spec
		const {around} = told
		const price = told.prices[tick] ?? told.candle.close
		const buys = price >= (told.prices[tick - 1] ?? price)
		// The print lies on the side that was hit, so that it is consistent with the book told with it.
		const bid = Math.max(1, buys ? price - around.spread_ticks : price)
		const ask = buys ? price : price + around.spread_ticks
		const levels = this.#config.depth_levels
		const bids = sideOf(bid, -1, levels, around, loaded)
		const asks = sideOf(ask, 1, levels, around, loaded)
		this.#pending.push({kind: 'book', time_ms, symbol, bids, asks})
		const steps = told.volumes[tick] ?? 0
		const text = loaded.prices.text(price)
		const quantity = loaded.quantities.text(steps)
		if (steps > 0) this.#pending.push({kind: 'trade', time_ms, symbol, price: text, quantity, buyer_is_maker: !buys})
		this.#pending.push({kind: 'mark', time_ms, symbol, mark: text, index: text, ...clock.upcoming(time_ms)})
	}

	#openMinute(minute: number): void {
		const time_ms = this.start_ms + minute * MINUTE_MS
		const ticks = this.#config.ticks_per_candle
		this.#paths_minute = minute
		this.#paths = this.#loaded.flatMap(loaded => {
			const index = (time_ms - loaded.candles.first_ms) / MINUTE_MS
			const candle = loaded.candles.at(index)
			if (candle === undefined) return []
			const around = surroundings(loaded.candles, index, candle, loaded)
			return [{candle, prices: pricePath(candle, ticks), volumes: volumePath(candle, ticks), around}]
		})
	}
}

const candleSnapshot = z.strictObject({
	start_ms: z.int(),
	step: z.int().min(0),
	unread: z.int().min(0),
})

type CandleSnapshot = z.output<typeof candleSnapshot>

/** What all symbols have in common, cut to the settings. */
function liveRange(config: CandlesConfig, loaded: readonly LoadedSymbol[]): {start_ms: number; end_ms: number} {
	const first_ms = Math.max(...loaded.map(symbol => symbol.candles.first_ms))
	const last_ms = Math.min(...loaded.map(symbol => symbol.candles.end_ms))
	const start_ms = config.from_ms ?? first_ms + config.warmup_ms
	const end_ms = config.to_ms ?? last_ms
	const text = (time_ms: number): string => `${time_ms} (${new Date(time_ms).toISOString()})`
	if (start_ms < first_ms || end_ms > last_ms || start_ms >= end_ms)
		throw new Error(
			`candles that all of ${loaded.map(symbol => symbol.spec.symbol).join(', ')} have reach from ${text(first_ms)} to ${text(last_ms)}, but trading from ${text(start_ms)} to ${text(end_ms)} is asked for (warmup_ms ${config.warmup_ms}): set from_ms, to_ms and warmup_ms inside, or choose other symbols`,
		)
	return {start_ms, end_ms}
}
