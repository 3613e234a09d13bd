import {meanOf, type Window} from '../indicators/window.js'

/** Correlation of a pair by `A|B`, A before B. */
export type Correlations = Readonly<Record<string, number>>

export const pairName = (one: string, other: string): string => (one < other ? `${one}|${other}` : `${other}|${one}`)

const DECIMALS = 1e4

/**
 * Pearson's correlation of two rows of the same length, from -1 to 1, four decimals; 0 where one of them does not move:
 * what stands still moves with nobody.
 */
export const correlationOf = (one: Window, other: Window): number => {
	const [one_mean, other_mean] = [meanOf(one), meanOf(other)]
	let [both, ones, others] = [0, 0, 0]
	for (const [index, value] of one.entries()) {
		const [left, right] = [value - one_mean, (other[index] ?? 0) - other_mean]
		both += left * right
		ones += left * left
		others += right * right
	}
	const size = Math.sqrt(ones) * Math.sqrt(others)
	if (size === 0) return 0
	return Math.round(Math.min(1, Math.max(-1, both / size)) * DECIMALS) / DECIMALS
}

/** The correlation of every pair. All rows have the same length. */
export const correlationsOf = (rows: ReadonlyMap<string, Window>): Correlations => {
	const symbols = [...rows.keys()].sort()
	const found: Record<string, number> = {}
	for (const [index, one] of symbols.entries())
		for (const other of symbols.slice(index + 1))
			found[pairName(one, other)] = correlationOf(rows.get(one) ?? [], rows.get(other) ?? [])
	return found
}
