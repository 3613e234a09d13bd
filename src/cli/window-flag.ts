import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {WINDOW_LEAST} from '../engine/logic/stream-health.js'

const UNIT_MS = {s: 1_000, m: 60_000, h: 3_600_000} as const
const WINDOW_MAX_MS = UNIT_MS.h

/** A window of looks, such as `10s` or `5m`, in ms. @throws OperatorError (usage) */
export const windowMs = (text: string): number => {
	const [, count, unit] = /^(\d{1,4}(?:\.\d{1,3})?)([smh])$/.exec(text) ?? []
	const window_ms = unit === 's' || unit === 'm' || unit === 'h' ? Number(count) * UNIT_MS[unit] : 0
	if (window_ms >= WINDOW_LEAST.span_ms && window_ms <= WINDOW_MAX_MS) return window_ms
	throw new OperatorError(`--window ${text}: expected a time from ${WINDOW_LEAST.span_ms / 1_000}s to 1h`, {
		exit_code: EXIT_CODES.usage,
		hint: 'write it such as 10s, 5m or 1h; what moves cannot be seen in less',
	})
}
