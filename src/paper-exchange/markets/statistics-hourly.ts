import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {readLines} from './text-lines.js'

/** Windows in which hourly series are measured. */
const MONTH_HOURS = 720
/** Periods of the two averages of the trend follower that is used as a yardstick, in hours. */
const FAST_HOURS = 4
const SLOW_HOURS = 16

export type HourlyStatistics = Readonly<{
	variance_ratio_4h: number
	variance_ratio_24h: number
	trend_following_gross_pct: number
}>

/** Measures every whole month of 720 hours of a series of hourly closes. */
export function measureMonths(close: ArrayLike<number>): HourlyStatistics[] {
	const months: HourlyStatistics[] = []
	for (let from = 0; from + MONTH_HOURS <= close.length; from += MONTH_HOURS) {
		const month = Array.from({length: MONTH_HOURS}, (_, at) => Math.log(close[from + at] ?? 1))
		months.push({
			variance_ratio_4h: meanSquare(month, 4) / 4 / meanSquare(month, 1),
			variance_ratio_24h: meanSquare(month, 24) / 24 / meanSquare(month, 1),
			trend_following_gross_pct: followTrend(month) * 100,
		})
	}
	return months
}

/** Hourly closes by symbol from CSV files whose first line names a column `close`. */
export async function recordedHours(dir: string): Promise<Map<string, number[]>> {
	const found = new Map<string, number[]>()
	for (const name of (await readdir(dir)).filter(file => /\.csv(\.gz)?$/.test(file))) {
		const closes: number[] = []
		let column = -1
		for await (const batch of readLines(join(dir, name)))
			for (const {number, text} of batch) {
				const fields = text.split(',')
				if (number === 1) column = fields.indexOf('close')
				else if (text !== '') closes.push(Number(fields[column]))
			}
		if (column < 0) throw new Error(`${join(dir, name)}:1: no column 'close'`)
		found.set(name.replace(/\.csv(\.gz)?$/, ''), closes)
	}
	return found
}

function meanSquare(logs: readonly number[], span: number): number {
	let sum = 0
	for (let at = span; at < logs.length; at++) sum += ((logs[at] ?? 0) - (logs[at - span] ?? 0)) ** 2
	return sum / (logs.length - span)
}

/** Log return, before costs, of being long while a fast average of prices is above a slow one, else short. */
function followTrend(logs: readonly number[]): number {
	let fast = logs[0] ?? 0
	let slow = fast
	let profit = 0
	for (let at = 1; at < logs.length; at++) {
		const now = logs[at] ?? 0
		profit += Math.sign(fast - slow) * (now - (logs[at - 1] ?? 0))
		fast += (now - fast) / FAST_HOURS
		slow += (now - slow) / SLOW_HOURS
	}
	return profit
}
