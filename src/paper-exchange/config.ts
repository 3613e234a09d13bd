import {readFileSync} from 'node:fs'
import {z} from 'zod'

const decimalText = z.string().regex(/^\d+(\.\d+)?$/, 'a decimal number as a string, for example "10000"')

const limitsSchema = z.strictObject({
	/** Request weight per minute of machine time. */
	weight_per_minute: z.number().int().positive().default(2400),
	orders_per_10s: z.number().int().positive().default(300),
	orders_per_minute: z.number().int().positive().default(1200),
	/** So many 429 answers within a minute, ignored by the client, turn into a ban with 418. */
	violations_until_ban: z.number().int().positive().default(20),
	ban_ms: z.number().int().positive().default(120_000),
})

const feesSchema = z.strictObject({
	maker: decimalText.default('0.0002'),
	taker: decimalText.default('0.0005'),
	/** Share of a liquidated notional that the insurance fund takes. */
	liquidation: decimalText.default('0.0125'),
})

const requestLogSchema = z.strictObject({
	/** Bytes after which `requests.jsonl` is closed, numbered and begun anew. */
	segment_bytes: z.number().int().positive().default(64_000_000),
	/** Closed files that are kept; with the default, 8 GB or some tens of millions of requests. */
	segments_kept: z.number().int().positive().default(128),
})

/** The file that `main.js` is given; every field with its unit. */
export const configSchema = z.strictObject({
	port: z.number().int().min(0).max(65_535),
	host: z.string().min(1).default('127.0.0.1'),
	data_dir: z.string().min(1),
	api_key: z.string().min(1),
	api_secret: z.string().min(1),
	wallet_usdt: decimalText.default('10000'),
	market: z.looseObject({kind: z.enum(['synthetic', 'candles', 'tape', 'live'])}),
	/** Venue milliseconds per machine millisecond, or `lockstep`: time moves by `POST /paper/advance` alone. */
	speed: z.union([z.number().positive(), z.literal('lockstep')]).default(1),
	recv_window_max_ms: z.number().int().positive().default(60_000),
	default_leverage: z.number().int().min(1).max(125).default(20),
	fees: feesSchema.prefault({}),
	/** Price of BNB for fees paid in it, where the market has no BNBUSDT; without either they are paid in USDT. */
	bnb_usdt: decimalText.refine(text => Number(text) > 0, 'a price above 0').optional(),
	limits: limitsSchema.prefault({}),
	/** Listen keys die after this much machine time without a renewal. */
	listen_key_ms: z.number().int().positive().default(3_600_000),
	/** A snapshot replaces the state log after this many milliseconds of machine time with changes. */
	snapshot_every_ms: z.number().int().positive().default(30_000),
	request_log: requestLogSchema.prefault({}),
	/** Bytes waiting in one socket before it is closed as too slow. */
	socket_backlog_max_bytes: z.number().int().positive().default(64_000_000),
})

export type VenueConfig = z.output<typeof configSchema>
export type VenueConfigInput = z.input<typeof configSchema>

/** Parses a configuration; the error names each field, what was found and what is expected. */
export const parseConfig = (value: unknown, origin: string): VenueConfig => {
	const parsed = configSchema.safeParse(value)
	if (parsed.success) return parsed.data
	const problems = parsed.error.issues.map(issue => `${issue.path.join('.') || '(whole file)'}: ${issue.message}`)
	throw new Error(`${origin} is not a valid venue configuration: ${problems.join('; ')}. See docs/venue.md.`)
}

export const readConfig = (path: string): VenueConfig => {
	let value: unknown
	try {
		value = JSON.parse(readFileSync(path, 'utf8'))
	} catch (error) {
		throw new Error(`Cannot read the venue configuration ${path}: ${String(error)}. Give the path of a JSON file.`)
	}
	return parseConfig(value, path)
}
