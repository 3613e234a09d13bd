import type {CandleRows} from './candle-file.js'
import type {Problems} from './candle-problems.js'
import type {Grid} from './grid.js'
import {MINUTE_MS, MinuteCandles} from './minute-candles.js'

/** A longer gap is no accident of recording; filling it would invent a market. */
const GAP_FILL_MAX_MINUTES = 7 * 1440

/**
 * Finds disorder, duplicates and gaps, and gives the order in which the rows form one unbroken line:
 * positions into `rows`, sorted by time, the first of each minute kept.
 */
export function orderRows(rows: CandleRows, problems: Problems): Uint32Array {
	const order = sorted(rows, problems)
	const kept = new Uint32Array(order.length)
	let length = 0
	for (const at of order) {
		const before = kept[length - 1]
		const time = rows.time_ms[at] ?? 0
		if (length > 0 && before !== undefined) {
			const minutes = (time - (rows.time_ms[before] ?? 0)) / MINUTE_MS
			if (minutes === 0) {
				const what = `open_time ${time} was already in line ${rows.place(before).line} of ${rows.place(before).file}`
				problems.mendable({...rows.place(at), what}, `duplicate dropped: ${what}`)
				continue
			}
			if (minutes > 1) tellGap(rows, before, at, minutes - 1, problems)
		}
		kept[length++] = at
		if (problems.full) break
	}
	return kept.subarray(0, length)
}

/** The grids to lay candles on, and how many prints a candle will be told as. */
export type CandleGrids = Readonly<{prices: Grid; quantities: Grid; prints: number}>

/** The rows as one unbroken line of candles on their grids; gaps are flat at the close before, without volume. */
export function gridRows(rows: CandleRows, order: Uint32Array, grids: CandleGrids): MinuteCandles {
	const {prices, quantities, prints} = grids
	const first_ms = rows.time_ms[order[0] ?? 0] ?? 0
	const last_ms = rows.time_ms[order[order.length - 1] ?? 0] ?? 0
	const candles = new MinuteCandles(first_ms, (last_ms - first_ms) / MINUTE_MS + 1, prices, quantities)
	let close = 0
	for (const at of order) {
		while (candles.end_ms < (rows.time_ms[at] ?? 0))
			candles.push({open: close, high: close, low: close, close, volume: 0, quote: 0, trades: 0})
		close = prices.count(rows.close[at] ?? 0)
		const [open, high, low] = [rows.open[at] ?? 0, rows.high[at] ?? 0, rows.low[at] ?? 0]
		const volume = quantities.count(rows.volume[at] ?? 0)
		candles.push({
			open: prices.count(open),
			high: prices.count(high),
			low: prices.count(low),
			close,
			volume,
			// The file says no quote volume: the typical price stands for all prints of the minute.
			quote: volume * quantities.size * ((high + low + (rows.close[at] ?? 0)) / 3),
			trades: Math.min(volume, prints),
		})
	}
	return candles
}

function sorted(rows: CandleRows, problems: Problems): Uint32Array {
	const order = Uint32Array.from({length: rows.length}, (_, at) => at)
	let ordered = true
	for (let at = 1; at < rows.length; at++) {
		const [before, time] = [rows.time_ms[at - 1] ?? 0, rows.time_ms[at] ?? 0]
		if (time >= before) continue
		ordered = false
		const what = `open_time ${time} is earlier than the row before it (${before})`
		problems.mendable({...rows.place(at), what}, `row sorted into its place: ${what}`)
		if (problems.full) break
	}
	if (ordered) return order
	return order.sort((one, other) => (rows.time_ms[one] ?? 0) - (rows.time_ms[other] ?? 0) || one - other)
}

function tellGap(rows: CandleRows, before: number, at: number, minutes: number, problems: Problems): void {
	const from = (rows.time_ms[before] ?? 0) + MINUTE_MS
	const what = `gap of ${minutes} minutes from ${from} (${new Date(from).toISOString()}) before this row`
	const problem = {...rows.place(at), what}
	if (minutes > GAP_FILL_MAX_MINUTES)
		problems.fatal({...problem, what: `${what}, more than the ${GAP_FILL_MAX_MINUTES} that may be filled`})
	else problems.mendable(problem, `${minutes} flat candles without volume filled in: ${what}`)
}
