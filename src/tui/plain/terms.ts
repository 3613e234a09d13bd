import {stripVTControlCharacters} from 'node:util'

/** How times and amounts read. All functions are pure: the present is an argument. */

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** `840 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export const duration = (ms: number): string => {
	if (!Number.isFinite(ms)) return 'unknown'
	const value = Math.max(0, ms)
	if (value < SECOND_MS) return `${Math.floor(value)} ms`
	if (value < MINUTE_MS) return `${(Math.floor(value / 100) / 10).toFixed(1)} s`
	const two = (unit: number, name: string, part: number, partName: string) => {
		const rest = Math.floor((value % unit) / part)
		return `${Math.floor(value / unit)} ${name}${rest > 0 ? ` ${rest} ${partName}` : ''}`
	}
	if (value < HOUR_MS) return two(MINUTE_MS, 'min', SECOND_MS, 's')
	if (value < DAY_MS) return two(HOUR_MS, 'h', MINUTE_MS, 'min')
	return two(DAY_MS, 'd', HOUR_MS, 'h')
}

/** The last moment that a date can be made of. */
const DATE_MAX_MS = 8.64e15

/** UTC to the second: `2025-06-15 14:03:22`; `-` for none. */
export const instant = (ms: number): string =>
	ms > 0 && ms <= DATE_MAX_MS ? new Date(ms).toISOString().slice(0, 19).replace('T', ' ') : '-'

/** Digits that a small amount keeps: a price of 0.00001234 is not to read as one of 0.00001. */
const DIGITS_LEAST = 4
const PLACES_MAX = 100

/**
 * A decimal text with at most so many places (more where it is small), without trailing zeros; the exact one is in
 * `--json`. What is no decimal stays as it is, and an empty one is `-`.
 */
export const amount = (text: string, places = 4): string => {
	if (text === '') return '-'
	const match = /^-?(\d+)(?:\.(\d+))?$/.exec(text)
	if (!match) return text
	const [, whole = '', fraction = ''] = match
	if (!/[1-9]/.test(whole + fraction)) return '0'
	const zeros = /[1-9]/.test(whole) ? 0 : fraction.search(/[1-9]/)
	const wanted = Math.min(PLACES_MAX, /[1-9]/.test(whole) ? places : Math.max(places, zeros + DIGITS_LEAST))
	const short = fraction.length <= wanted ? text : Number(text).toFixed(wanted)
	return short.includes('.') ? short.replace(/\.?0+$/, '') : short
}

/** With a sign, for gains and losses. */
export const signed = (text: string, places = 4): string => {
	const shown = amount(text, places)
	return shown.startsWith('-') || Number(text) === 0 ? shown : `+${shown}`
}

/** Control characters, marks that turn the direction of writing (UAX #9), and the line ends of Unicode. */
const UNSEEN = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]+/gu

/** What another program said, in one line, without its colours, and in the order in which it stands there. */
export const oneLine = (text: string): string => stripVTControlCharacters(text).replaceAll(UNSEEN, ' ').trim()

/** Something that may not be known, which is not nothing. */
export const known = (value: string | number | null | undefined): string =>
	value === null || value === undefined || value === '' ? 'unknown' : String(value)

/** Who said it and when: what is read at once may still be looked at later. */
export const asOf = (source: string, now_ms: number): string => `${source} at ${instant(now_ms)} UTC`

export const speedText = (speed: number | 'lockstep' | null): string =>
	speed === null ? '-' : speed === 'lockstep' ? 'lock-step' : `${speed}x`
