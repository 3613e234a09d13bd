import {percentile} from './statistics.js'

/** One figure of both worlds: values by symbol (or by month, window), compared as ranges. */
export type ComparedRow = Readonly<{
	name: string
	recorded: readonly number[]
	synthetic: readonly number[]
	/** The share of recorded values left out at each end of their range; 0 for few values. */
	trimmed?: number
}>

export type Verdict = Readonly<{low: number; high: number; inside: boolean}>

/** The recorded range, and whether every synthetic value lies in it. */
export function judge(row: ComparedRow): Verdict {
	const sorted = Float64Array.from(row.recorded).sort()
	const low = percentile(sorted, row.trimmed ?? 0)
	const high = percentile(sorted, 1 - (row.trimmed ?? 0))
	return {low, high, inside: row.synthetic.every(value => value >= low && value <= high)}
}

export function renderTable(rows: readonly ComparedRow[]): string {
	const lines = ['| Figure | Recorded range | Synthetic range | Inside |', '| --- | --- | --- | --- |']
	for (const row of rows) {
		const {low, high, inside} = judge(row)
		const [least, most] = [Math.min(...row.synthetic), Math.max(...row.synthetic)]
		lines.push(
			`| ${row.name} | ${shown(low)} … ${shown(high)} | ${shown(least)} … ${shown(most)} | ${inside ? 'yes' : 'no'} |`,
		)
	}
	return lines.join('\n')
}

function shown(value: number): string {
	if (value === 0) return '0'
	return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
