import {z} from 'zod'

/**
 * Field types of stream entries. On the wire every field is text that `redis-cli XRANGE` shows readably;
 * here each type says how that text becomes a value. The same schema accepts entries written by hand.
 */

const DECIMAL = /^-?\d{1,20}(\.\d{1,18})?$/
const finite = (value: unknown): unknown =>
	typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value
const parsed = (value: unknown): unknown => {
	if (typeof value !== 'string') return value
	try {
		return JSON.parse(value)
	} catch {
		return value
	}
}
const plain = (value: unknown): unknown => {
	if (typeof value === 'number' && Number.isFinite(value)) return expanded(String(value))
	return typeof value === 'string' && /e/i.test(value) && Number.isFinite(Number(value)) ? expanded(value) : value
}

/** `1e-7` as `0.0000001`: what other programs print for small floats is accepted, and kept exact. */
export const expanded = (text: string): string => {
	const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]?\d+)$/i.exec(text)
	if (!match) return text
	const [, sign = '', whole = '', part = '', power = '0'] = match
	const digits = whole + part
	const point = whole.length + Number(power)
	if (Math.abs(point) > 40) return text
	if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
	if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length)
	return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** `constructor`, `__proto__` and the like: state is kept in JSON objects, in which these are never absent. */
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype))
const isOwnName = (text: string): boolean => !INHERITED.has(text)
const OWN_NAME = 'expected another name than one that every object has, such as constructor'
const TEXT_CHARS_MAX = 512
/** ECMA-262, 21.4.1.1: 100,000,000 days to either side of 1970. */
const CALENDAR_MS_MAX = 8.64e15

/** A text that can be the name of something: what identifies an entry, its writer, a symbol, an asset. */
export const isName = (text: string): boolean => text !== '' && text.length <= TEXT_CHARS_MAX && isOwnName(text)

export const field = {
	text: () => z.string().min(1).max(TEXT_CHARS_MAX).refine(isOwnName, OWN_NAME),
	/** Free text: messages and reasons. */
	prose: () => z.string().max(4_000),
	symbol: () =>
		z
			.string()
			.regex(/^[\p{L}\p{N}_]{2,40}$/u, 'expected an exchange symbol of letters and digits, such as BTCUSDT')
			.refine(isOwnName, OWN_NAME),
	/** An exact decimal, kept as text. */
	decimal: () => z.preprocess(plain, z.string().regex(DECIMAL, 'expected a decimal number such as 0.015')),
	positive: () =>
		z.preprocess(
			plain,
			z
				.string()
				.regex(DECIMAL, 'expected a decimal number above 0, such as 0.015')
				.refine(text => Number(text) > 0, 'expected a number above 0'),
		),
	/** Counts and times, ms: no further than the calendar reaches, so that each time can be shown. */
	integer: () => z.preprocess(finite, z.int().min(-CALENDAR_MS_MAX).max(CALENDAR_MS_MAX)),
	real: () => z.preprocess(finite, z.number()),
	flag: () =>
		z.preprocess(
			value =>
				value === 'true' || value === '1' || value === 'True'
					? true
					: value === 'false' || value === '0' || value === 'False'
						? false
						: value,
			z.boolean(),
		),
	/** Values by name, as JSON. */
	dictionary: <Schema extends z.ZodType>(value: Schema) =>
		z.preprocess(parsed, z.record(z.string().refine(isOwnName, OWN_NAME), value)),
	json: <Schema extends z.ZodType>(schema: Schema) => z.preprocess(parsed, schema),
} as const

/** Entry fields as they travel. */
export type Fields = Readonly<Record<string, string>>

/** A payload as wire text: undefined and null are left out, nested values become JSON. */
export const encodeFields = (payload: Readonly<Record<string, unknown>>): Record<string, string> => {
	const fields: Record<string, string> = {}
	for (const name in payload) {
		const value = payload[name]
		if (value === undefined || value === null) continue
		fields[name] = typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value)
	}
	return fields
}
