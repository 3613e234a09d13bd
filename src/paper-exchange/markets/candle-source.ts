import {readdir} from 'node:fs/promises'
import {join} from 'node:path'

const FILE_NAME = /^([^-.]+)(-[^.]*)?\.csv(\.gz)?$/

/** Which files hold which symbol, each list in the order of its names. */
export type CandleSources = ReadonlyMap<string, readonly string[]>

/**
 * Finds candle files: `<SYMBOL>.csv`, `<SYMBOL>.csv.gz`, or several of one symbol as `<SYMBOL>-1m-2025-05.csv.gz`.
 * @throws Error when the folder is unreadable or a wanted symbol has no file there.
 */
export async function findCandleFiles(dir: string, symbols: readonly string[] | undefined): Promise<CandleSources> {
	const names = await readdir(dir).catch(error => {
		throw new Error(`the candle folder ${dir} cannot be read (${error.message}): give the folder of the CSV files`)
	})
	const found = new Map<string, string[]>()
	for (const name of names.sort()) {
		const symbol = FILE_NAME.exec(name)?.[1]
		if (symbol === undefined) continue
		found.set(symbol, [...(found.get(symbol) ?? []), join(dir, name)])
	}
	if (found.size === 0) throw new Error(`no candle files in ${dir}: expected names like BTCUSDT.csv.gz`)
	if (symbols === undefined) return found
	const missing = symbols.filter(symbol => !found.has(symbol))
	if (missing.length > 0)
		throw new Error(`no candle file of ${missing.join(', ')} in ${dir}: it has ${[...found.keys()].join(', ')}`)
	return new Map(symbols.map(symbol => [symbol, found.get(symbol) ?? []]))
}
