import type {SymbolSpec} from '../market.js'
import {type CandleRows, readCandleFiles} from './candle-file.js'
import {gridRows, orderRows} from './candle-order.js'
import {Problems} from './candle-problems.js'
import type {CandleSources} from './candle-source.js'
import {deriveSpec, type SpecOverride} from './candle-spec.js'
import {type FundingRow, fundingHours, readFunding} from './funding-file.js'
import {Grid} from './grid.js'
import type {MinuteCandles} from './minute-candles.js'

/** One symbol as loaded: its filters, grids, candles and fundings. */
export type LoadedSymbol = Readonly<{
	spec: SymbolSpec
	prices: Grid
	quantities: Grid
	candles: MinuteCandles
	funding: readonly FundingRow[]
}>

export type LoadOptions = Readonly<{
	on_bad: 'refuse' | 'repair'
	specs: Readonly<Record<string, SpecOverride>>
	funding_dir?: string | undefined
	ticks_per_candle: number
}>

/**
 * Loads all symbols. One symbol's rows are in memory as text at no time, and its raw columns only until they lie on
 * their grids.
 * @throws Error that names every problem of all files, up to a limit.
 */
export async function loadCandles(
	sources: CandleSources,
	options: LoadOptions,
): Promise<{symbols: LoadedSymbol[]; repairs: readonly string[]}> {
	const problems = new Problems(options.on_bad)
	const symbols: LoadedSymbol[] = []
	for (const [symbol, files] of sources) {
		const rows = await readCandleFiles(files, problems)
		const order = orderRows(rows, problems)
		if (problems.full) break
		if (order.length > 0) symbols.push(await gridSymbol(symbol, rows, order, options))
		else problems.fatal({file: files[0] ?? symbol, line: 1, what: 'no usable candle is left'})
	}
	problems.check()
	return {symbols, repairs: problems.repairs}
}

async function gridSymbol(
	symbol: string,
	rows: CandleRows,
	order: Uint32Array,
	options: LoadOptions,
): Promise<LoadedSymbol> {
	const funding = options.funding_dir === undefined ? [] : await readFunding(options.funding_dir, symbol)
	const hours = fundingHours(funding)
	const {price_decimals, volume_decimals} = rows
	const price = rows.close[order[order.length - 1] ?? 0] ?? 0
	const seen = {price_decimals, volume_decimals, price, ...(hours === undefined ? {} : {funding_interval_hours: hours})}
	const spec = deriveSpec(symbol, seen, options.specs[symbol])
	const prices = new Grid(spec.tick_size)
	const quantities = new Grid(spec.step_size)
	const candles = gridRows(rows, order, {prices, quantities, prints: options.ticks_per_candle})
	return {spec, prices, quantities, candles, funding}
}
