/** How times and amounts read. All functions are pure: the present is an argument. */

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** `840 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export const duration = (ms: number): string => {
	if (!Number.isFinite(ms)) return 'unknown'
	const value = Math.max(0, ms)
	if (value < SECOND_MS) return `${Math.round(value)} ms`
	if (value < MINUTE_MS) return `${(value / SECOND_MS).toFixed(1)} s`
	const two = (unit: number, name: string, part: number, partName: string) => {
		const rest = Math.floor((value % unit) / part)
		return `${Math.floor(value / unit)} ${name}${rest > 0 ? ` ${rest} ${partName}` : ''}`
	}
	if (value < HOUR_MS) return two(MINUTE_MS, 'min', SECOND_MS, 's')
	if (value < DAY_MS) return two(HOUR_MS, 'h', MINUTE_MS, 'min')
	return two(DAY_MS, 'd', HOUR_MS, 'h')
}

/** UTC to the second: `2025-06-15 14:03:22`. */
export const instant = (ms: number): string =>
	Number.isFinite(ms) && ms > 0 ? new Date(ms).toISOString().slice(0, 19).replace('T', ' ') : '-'

/** A decimal text with at most so many places, without trailing zeros; the exact one is in `--json`. */
export const amount = (text: string, places = 4): string => {
	const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
	if (!match) return text
	const value = Number(text)
	const short = value.toFixed(places)
	return (match[3]?.length ?? 0) <= places
		? text
		: short.replace(/\.?0+$/, '') === '-0'
			? '0'
			: short.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
}

/** With a sign, for gains and losses. */
export const signed = (text: string, places = 4): string => {
	const shown = amount(text, places)
	return shown.startsWith('-') || Number(text) === 0 ? shown : `+${shown}`
}

export const speedText = (speed: number | 'lockstep' | null): string =>
	speed === null ? '-' : speed === 'lockstep' ? 'lock-step' : `${speed}x`
