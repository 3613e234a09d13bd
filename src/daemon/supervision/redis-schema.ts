import type {Redis} from 'ioredis'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'

/** SCAN calls of 1,000 keys each after which a large shared server is refused rather than searched on. */
const scansMax = 2_000
const keysShownMax = 3

export interface SchemaMarker {
	/** Name of the hash that holds `product` and `schema_version`. */
	marker_key: string
	product: string
	schema_version: string
}

function refuse(message: string): never {
	throw new OperatorError(message, {
		exit_code: EXIT_CODES.refused,
		hint: 'nothing was changed there; use another Redis, another prefix, or the version that wrote it',
	})
}

const escapeGlob = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&')

async function keysUnder(redis: Redis, prefix: string): Promise<string[]> {
	let cursor = '0'
	for (let scan = 0; scan < scansMax; scan += 1) {
		const [next, keys] = await redis.scan(cursor, 'MATCH', `${escapeGlob(prefix)}*`, 'COUNT', 1_000)
		if (keys.length > 0) return keys.slice(0, keysShownMax)
		if (next === '0') return []
		cursor = next
	}
	return refuse(
		`Redis holds more than ${scansMax * 1_000} keys without our marker: too many to prove that "${prefix}" is free`,
	)
}

/**
 * Whether the keys under a prefix are ours (the marker agrees) or there are
 * none yet. Only reads.
 * @throws OperatorError (refused) naming what was found, when another product, another schema version or
 * unmarked keys are there.
 */
export async function checkSchema(redis: Redis, prefix: string, marker: SchemaMarker): Promise<'ours' | 'empty'> {
	const {marker_key, product, schema_version} = marker
	const type = await redis.type(marker_key)
	if (type !== 'none' && type !== 'hash') refuse(`${marker_key} in Redis is a ${type}; expected the hash of ${product}`)
	if (type === 'hash') {
		const [found_product, found_version] = await redis.hmget(marker_key, 'product', 'schema_version')
		if (found_product === product && found_version === schema_version) return 'ours'
		refuse(
			`Redis holds ${found_product ?? 'an unnamed product'} with schema ${found_version ?? 'unknown'}; ` +
				`expected ${product} with schema ${schema_version}`,
		)
	}
	const keys = await keysUnder(redis, prefix)
	if (keys.length > 0)
		refuse(`Redis holds keys under "${prefix}" without our marker ${marker_key}: ${keys.join(', ')}, …`)
	return 'empty'
}

/** Marks a Redis that `checkSchema` found empty. False: somebody else has marked it meanwhile; check again. */
export async function markSchema(redis: Redis, {marker_key, product, schema_version}: SchemaMarker): Promise<boolean> {
	// Both fields in one step: a crash in between would leave a marker without a version, refused for ever.
	const replies = await redis
		.multi()
		.hsetnx(marker_key, 'product', product)
		.hsetnx(marker_key, 'schema_version', schema_version)
		.exec()
	return replies?.every(([, created]) => created === 1) ?? false
}
