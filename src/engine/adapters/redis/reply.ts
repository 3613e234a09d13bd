import {objectOf} from '../../bus/name-values.js'

/** A flat RESP2 list or a RESP3 map as an object. */
export const record = (reply: unknown): Record<string, unknown> => {
	if (reply instanceof Map) return Object.fromEntries(reply)
	return Array.isArray(reply) ? objectOf<unknown>(reply) : (reply as Record<string, unknown>)
}
