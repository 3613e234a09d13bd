import {z} from 'zod'
import {specOverride} from './candle-spec.js'
import {INTERVAL_MS, MINUTE_MS} from './minute-candles.js'

export const liveConfig = z.strictObject({
	kind: z.literal('live'),
	symbols: z
		.array(z.string().min(1))
		.min(1)
		.max(50)
		.default(['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'BNBUSDT', 'XRPUSDT', 'AVAXUSDT', 'LINKUSDT']),
	/** A Binance-compatible public feed; `/public/stream` and `/market/stream` are appended. */
	ws_url: z.url({protocol: /^wss?$/}).default('wss://fstream.binance.com'),
	rest_url: z.url({protocol: /^https?$/}).default('https://fapi.binance.com'),
	warmup_ms: z
		.int()
		.min(0)
		.max(30 * INTERVAL_MS['1d'])
		.multipleOf(MINUTE_MS)
		.default(2 * INTERVAL_MS['1d']),
	/** A connection that says nothing for so long is dropped and made anew. */
	stale_after_ms: z.int().min(50).default(10_000),
	/** How long opening may take until every symbol has a book. */
	open_within_ms: z.int().min(100).default(30_000),
	/** Pause before the first attempt to connect again; doubles up to `retry_max_ms`. */
	retry_min_ms: z.int().min(1).default(250),
	retry_max_ms: z.int().min(1).default(30_000),
	specs: z.record(z.string(), specOverride).default({}),
})

export type LiveConfig = z.output<typeof liveConfig>

/** What a live market needs of its surroundings. */
export type Surroundings = Readonly<{now: () => number; report: (line: string) => void}>
