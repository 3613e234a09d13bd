import {type CandleRows, readCandleFiles} from './candle-file.js'
import {orderRows} from './candle-order.js'
import {Problems} from './candle-problems.js'
import {findCandleFiles} from './candle-source.js'
import {readFunding} from './funding-file.js'
import {MINUTE_MS} from './minute-candles.js'
import type {MinuteBars} from './statistics.js'
import {SyntheticMarket, syntheticConfig} from './synthetic-market.js'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Any instant will do; the market does not know the calendar. */
const SYNTHETIC_START_MS = Date.UTC(2026, 0, 1)
const FUNDING_TICK_MS = 60_000

/** Bars by symbol, all of the same minutes. */
export type AlignedBars = ReadonlyMap<string, MinuteBars>

/** Recorded one-minute candles of a folder, cut to the minutes that all symbols have. */
export async function recordedBars(dir: string): Promise<{bars: AlignedBars; from_ms: number; to_ms: number}> {
	const problems = new Problems('refuse')
	const read = new Map<string, CandleRows>()
	for (const [symbol, files] of await findCandleFiles(dir, undefined)) {
		const rows = await readCandleFiles(files, problems)
		orderRows(rows, problems)
		read.set(symbol, rows)
	}
	problems.check()
	const all = [...read.values()]
	const from_ms = Math.max(...all.map(rows => rows.time_ms[0] ?? 0))
	const to_ms = Math.min(...all.map(rows => (rows.time_ms[rows.length - 1] ?? 0) + MINUTE_MS))
	const bars = new Map([...read].map(([symbol, rows]) => [symbol, cut(rows, from_ms, to_ms)]))
	return {bars, from_ms, to_ms}
}

function cut(rows: CandleRows, from_ms: number, to_ms: number): MinuteBars {
	const from = (from_ms - (rows.time_ms[0] ?? 0)) / MINUTE_MS
	const to = from + (to_ms - from_ms) / MINUTE_MS
	const part = (column: Float64Array): Float64Array => column.slice(from, to)
	const {open, high, low, close, volume} = rows
	return {open: part(open), high: part(high), low: part(low), close: part(close), volume: part(volume)}
}

/** One-minute candles of a seeded synthetic run, as its warm-up history gives them. */
export function syntheticBars(seed: number, days: number): AlignedBars {
	const config = {kind: 'synthetic', seed, start_ms: SYNTHETIC_START_MS, warmup_ms: days * DAY_MS}
	const market = new SyntheticMarket(syntheticConfig.parse(config))
	return new Map(
		market.symbols.map(({symbol}) => {
			const candles = market.history(symbol, '1m', 0, SYNTHETIC_START_MS)
			const column = (name: 'open' | 'high' | 'low' | 'close' | 'volume'): Float64Array =>
				Float64Array.from(candles, candle => Number(candle[name]))
			const [open, high, low] = [column('open'), column('high'), column('low')]
			return [symbol, {open, high, low, close: column('close'), volume: column('volume')}]
		}),
	)
}

/** Funding rates by symbol of a folder, in basis points of one 8-hour interval's notional as settled. */
export async function recordedFunding(dir: string, symbols: readonly string[]): Promise<Map<string, number[]>> {
	const found = new Map<string, number[]>()
	for (const symbol of symbols)
		found.set(
			symbol,
			(await readFunding(dir, symbol)).map(row => Number(row.rate) * 1e4),
		)
	return found
}

/** Funding rates that a synthetic run settles, in basis points. */
export function syntheticFunding(seed: number, days: number): Map<string, number[]> {
	const config = {kind: 'synthetic', seed, start_ms: SYNTHETIC_START_MS, warmup_ms: 0, depth_levels: 1}
	const market = new SyntheticMarket(syntheticConfig.parse({...config, tick_interval_ms: FUNDING_TICK_MS}))
	const found = new Map<string, number[]>()
	const until = SYNTHETIC_START_MS + days * DAY_MS
	for (let event = market.next(until); event !== undefined; event = market.next(until))
		if (event.kind === 'funding')
			found.set(event.symbol, [...(found.get(event.symbol) ?? []), Number(event.rate) * 1e4])
	return found
}

/** A live synthetic run without history. */
export function syntheticLive(seed: number, symbols: readonly string[]): SyntheticMarket {
	const config = {kind: 'synthetic', seed, symbols, start_ms: SYNTHETIC_START_MS, warmup_ms: 0}
	return new SyntheticMarket(syntheticConfig.parse(config))
}

/** One-minute candles of one symbol as the prints of a live synthetic run make them. */
export function liveBars(seed: number, symbol: string, days: number, tick_interval_ms: number): MinuteBars {
	const config = {kind: 'synthetic', seed, symbols: [symbol], start_ms: SYNTHETIC_START_MS, warmup_ms: 0}
	const market = new SyntheticMarket(syntheticConfig.parse({...config, depth_levels: 1, tick_interval_ms}))
	const minutes = (days * DAY_MS) / MINUTE_MS
	const column = (): Float64Array => new Float64Array(minutes)
	const bars = {open: column(), high: column(), low: column(), close: column(), volume: column()}
	const until = SYNTHETIC_START_MS + days * DAY_MS - 1
	let last = -1
	for (let event = market.next(until); event !== undefined; event = market.next(until)) {
		if (event.kind !== 'trade') continue
		const minute = Math.floor((event.time_ms - SYNTHETIC_START_MS) / MINUTE_MS)
		const price = Number(event.price)
		for (; last < minute; last++) {
			// A minute without prints is flat at the close before.
			const flat = last + 1 < minute ? (bars.close[last] ?? price) : price
			for (const name of ['open', 'high', 'low', 'close'] as const) bars[name][last + 1] = flat
		}
		bars.high[minute] = Math.max(bars.high[minute] ?? price, price)
		bars.low[minute] = Math.min(bars.low[minute] ?? price, price)
		bars.close[minute] = price
		bars.volume[minute] = (bars.volume[minute] ?? 0) + Number(event.quantity)
	}
	return bars
}

/** Closes of each full hour of one-minute bars. */
export function hourlyCloses(bars: MinuteBars): Float64Array {
	const perHour = HOUR_MS / MINUTE_MS
	return bars.close.filter((_, at) => at % perHour === perHour - 1)
}
