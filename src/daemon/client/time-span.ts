import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {quoted} from '../../engine/untrusted-text.js'

const UNIT_MS = {m: 60_000, h: 3_600_000, d: 86_400_000} as const

/** What was typed, unless a terminal would obey it. */
const shown = (text: string): string => (/^[\x20-\x7e]{0,40}$/.test(text) ? text : quoted(text))

/** `90m`, `24h` or `7d` in ms; undefined for anything else. */
export const spanMs = (text: string): number | undefined => {
	const [, count = '', unit = ''] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? []
	return unit === 'm' || unit === 'h' || unit === 'd' ? Number(count) * UNIT_MS[unit] : undefined
}

const DATED = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)?Z?$/

/** An instant as people give it: so long ago, or a date in UTC. @throws OperatorError (usage) that names the flag */
export const instantMs = (flag: string, text: string, now_ms: number): number => {
	const span = spanMs(text.replace(/ ago$/, ''))
	if (span !== undefined) return now_ms - span
	const dated = DATED.exec(text)
	const at_ms = dated ? Date.parse(`${text.replace(' ', 'T').replace(/Z$/, '')}${dated[1] ? 'Z' : ''}`) : Number.NaN
	if (!Number.isNaN(at_ms)) return at_ms
	throw new OperatorError(`${flag} ${shown(text)}: expected how long ago, or when in UTC`, {
		exit_code: EXIT_CODES.usage,
		hint: 'write it such as 90m, 24h, 7d, 2026-01-31 or 2026-01-31T14:00',
	})
}

/** A beginning as people give it. @throws OperatorError (usage) */
export const sinceMs = (text: string, now_ms: number): number => instantMs('--since', text, now_ms)
