import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {MINUTE_MS} from './minute-candles.js'
import {readLines} from './text-lines.js'

const HEADER = 'timestamp,symbol,funding_rate'
const RATE = /^-?\d+(?:\.\d+)?$/
const HOUR_MS = 3_600_000
const FAULTS_MAX = 20

/** When funding settled and at which rate, ascending. */
export type FundingRow = Readonly<{time_ms: number; rate: string}>

/**
 * A symbol's funding rates from `<dir>/<SYMBOL>.csv` or `.csv.gz` (`timestamp,symbol,funding_rate`, milliseconds);
 * times are rounded to the minute, as venues settle some milliseconds late.
 * @throws Error that names file and lines that are wrong.
 */
export async function readFunding(dir: string, symbol: string): Promise<FundingRow[]> {
	const found = ['.csv', '.csv.gz'].map(ending => join(dir, symbol + ending)).find(path => existsSync(path))
	if (found === undefined)
		throw new Error(`no funding file ${symbol}.csv or ${symbol}.csv.gz in ${dir}: add it, or leave funding_dir out`)
	const rows: FundingRow[] = []
	const faults: string[] = []
	for await (const batch of readLines(found))
		for (const {number, text} of batch) {
			if (text === '' || faults.length >= FAULTS_MAX) continue
			const fault = number === 1 ? headerFault(text) : addRow(rows, text, symbol)
			if (fault !== undefined) faults.push(`${found}:${number}: ${fault}`)
		}
	if (faults.length > 0) throw new Error(`${faults.length} problems in a funding file:\n  ${faults.join('\n  ')}`)
	return rows
}

/** Hours between fundings: the median of what the rows show; undefined with fewer than two. */
export function fundingHours(rows: readonly FundingRow[]): number | undefined {
	const gaps = rows.slice(1).map((row, at) => row.time_ms - (rows[at]?.time_ms ?? 0))
	const middle = gaps.sort((one, other) => one - other)[Math.floor(gaps.length / 2)]
	return middle === undefined ? undefined : Math.max(1, Math.round(middle / HOUR_MS))
}

function headerFault(text: string): string | undefined {
	return text.trim() === HEADER ? undefined : `the header is '${text.slice(0, 60)}', expected '${HEADER}'`
}

function addRow(rows: FundingRow[], text: string, symbol: string): string | undefined {
	const [time = '', name, rate = '', ...more] = text.split(',')
	if (more.length > 0 || !/^\d+$/.test(time) || !RATE.test(rate)) return `'${text.slice(0, 60)}' is not '${HEADER}'`
	if (name !== symbol) return `the symbol is '${name}', expected '${symbol}'`
	const time_ms = Math.round(Number(time) / MINUTE_MS) * MINUTE_MS
	if (time_ms <= (rows.at(-1)?.time_ms ?? 0)) return `timestamp ${time} is not later than the row before it`
	rows.push({time_ms, rate})
	return undefined
}
