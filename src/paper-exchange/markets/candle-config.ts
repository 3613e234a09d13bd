import {z} from 'zod'
import {type CandleSources, findCandleFiles} from './candle-source.js'
import {specOverride} from './candle-spec.js'
import {INTERVAL_MS, MINUTE_MS} from './minute-candles.js'

const path = z.string().min(1)

export const candlesConfig = z
	.strictObject({
		kind: z.literal('candles'),
		/** A folder of `<SYMBOL>.csv(.gz)`; or `files`. */
		dir: path.optional(),
		files: z.record(z.string().min(1), z.union([path, z.array(path).min(1)])).optional(),
		symbols: z.array(z.string().min(1)).min(1).optional(),
		/** Where live trading starts; by default as soon as the warm-up is complete. */
		from_ms: z.int().min(0).multipleOf(MINUTE_MS).optional(),
		/** Where the market ends; by default with the symbol that ends first. */
		to_ms: z.int().min(0).multipleOf(MINUTE_MS).optional(),
		warmup_ms: z.int().min(0).multipleOf(MINUTE_MS).default(INTERVAL_MS['1d']),
		ticks_per_candle: z.int().min(4).max(60).default(12),
		on_bad: z.enum(['refuse', 'repair']).default('refuse'),
		/** Constant rate of every funding, unless `funding_dir` says more. */
		funding_rate: z
			.string()
			.regex(/^-?0\.\d{1,8}$/)
			.default('0.0001'),
		funding_dir: path.optional(),
		specs: z.record(z.string(), specOverride).default({}),
		depth_levels: z.int().min(1).max(50).default(20),
	})
	.refine(config => (config.dir === undefined) !== (config.files === undefined), "give either 'dir' or 'files'")

export type CandlesConfig = z.output<typeof candlesConfig>

/**
 * The files that the settings mean.
 * @throws Error when a wanted symbol has none.
 */
export async function candleSources(config: CandlesConfig): Promise<CandleSources> {
	if (config.dir !== undefined) return findCandleFiles(config.dir, config.symbols)
	const files = new Map(Object.entries(config.files ?? {}).map(([symbol, paths]) => [symbol, [paths].flat()]))
	const missing = config.symbols?.filter(symbol => !files.has(symbol)) ?? []
	if (missing.length > 0) throw new Error(`'files' has nothing for ${missing.join(', ')}: add it, or change 'symbols'`)
	return new Map([...files].filter(([symbol]) => config.symbols?.includes(symbol) ?? true))
}
