const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const
const UNKNOWN = '?'

/**
 * The newest values as one bar each, scaled to the highest of them; a value above nothing is never the lowest bar, and
 * an unknown one is a question mark.
 */
export const sparkline = (values: readonly (number | null)[], width: number): string => {
	const shown = values.slice(-width)
	const highest = Math.max(0, ...shown.map(value => value ?? 0))
	const bar = (value: number | null): string => {
		if (value === null) return UNKNOWN
		if (value <= 0) return BARS[0]
		return BARS[Math.max(1, Math.round((value / highest) * (BARS.length - 1)))] ?? BARS[0]
	}
	return shown.map(bar).join('')
}
