import {existsSync, readFileSync} from 'node:fs'
import {z} from 'zod'
import {MODES} from '../../engine/contracts/mode.js'
import {DEFAULT_PREFIX} from '../../engine/contracts/naming.js'
import {INTERVALS} from '../../engine/contracts/streams/market.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {writeFileAtomically} from '../supervision/atomic-file.js'
import type {Home} from './home.js'

export const SYMBOLS = [
	'BTCUSDT',
	'ETHUSDT',
	'SOLUSDT',
	'BNBUSDT',
	'XRPUSDT',
	'AVAXUSDT',
	'LINKUSDT',
	'币安人生USDT',
] as const

/** The market of PAPER. The venue checks what it is given in full; here only what the system itself decides. */
export const marketSchema = z.discriminatedUnion('kind', [
	z.looseObject({
		kind: z.literal('synthetic'),
		seed: z.int().nonnegative().default(1),
		tick_interval_ms: z.int().positive().optional(),
	}),
	z.looseObject({
		kind: z.literal('candles'),
		dir: z.string().min(1),
		ticks_per_candle: z.int().positive().optional(),
	}),
	z.looseObject({kind: z.literal('tape'), file: z.string().min(1)}),
	z.looseObject({kind: z.literal('live')}),
])

/** Another exchange whose public prices ours are compared with. */
export const referenceSchema = z.strictObject({
	name: z.string().regex(/^[a-z0-9-]{1,40}$/, 'expected lower-case letters, digits or -, such as binance'),
	/** The interface that it speaks. */
	kind: z.literal('binanceusdm'),
	rest_url: z.url(),
	ws_url: z.url(),
})

/** What a system is made of. Written by `qt up`, read by everything that belongs to the home. */
export const settingsSchema = z.strictObject({
	mode: z.enum(MODES).default('PAPER'),
	market: marketSchema.prefault({kind: 'synthetic'}),
	speed: z.union([z.number().positive().max(5_000), z.literal('lockstep')]).default(1),
	/** Venue seconds that lock-step plays before everything is handled; left out, 5, or one tick of a slower market. */
	lockstep_step_s: z.int().min(1).max(3_600).optional(),
	symbols: z
		.array(z.string().min(2))
		.min(1)
		.default([...SYMBOLS]),
	intervals: z.array(z.enum(INTERVALS)).min(1).default(['1m', '15m']),
	/** Candles per interval fetched before live ones, so that indicators are ready at once. */
	warmup_candles: z.int().min(0).max(1_500).default(300),
	prefix: z
		.string()
		.regex(/^[a-z0-9-]+:$/, `expected lower-case letters, digits or - and a colon, such as ${DEFAULT_PREFIX}`)
		.default(DEFAULT_PREFIX),
	/** An external Redis; left out, the daemon runs its own. */
	redis_url: z.string().optional(),
	/** Added to the catalogue's ports, or `ephemeral`. */
	ports: z.union([z.int().min(0).max(50_000), z.literal('ephemeral')]).default(0),
	/** Units that get a process of their own. */
	isolate: z.array(z.string()).default([]),
	/** Each host keeps its merged input for replay. */
	journal: z.boolean().default(false),
	/** Pinged every minute while all is well. */
	heartbeat_url: z.url().optional(),
	/** Other exchanges; without any nothing is compared. */
	references: z.array(referenceSchema).max(10).default([]),
	wallet_usdt: z.string().default('10000'),
	/** Port of this machine by which the hosts reach the venue of PAPER, where something stands before it. */
	venue_through: z.int().min(1).max(65_535).optional(),
})
export type Settings = z.output<typeof settingsSchema>
export type SettingsInput = z.input<typeof settingsSchema>

const refuse = (file: string, cause: unknown): never => {
	const detail =
		cause instanceof z.ZodError
			? cause.issues.map(issue => `${issue.path.join('.') || 'file'}: ${issue.message}`).join('; ')
			: String(cause)
	throw new OperatorError(`${file} does not hold the settings of a system: ${detail}`, {
		exit_code: EXIT_CODES.usage,
		hint: `correct it, or remove it: qt up writes it anew`,
	})
}

export const parseSettings = (input: unknown, origin: string): Settings => {
	const parsed = settingsSchema.safeParse(input)
	return parsed.success ? parsed.data : refuse(origin, parsed.error)
}

/** Undefined before the first `qt up`. */
export const readSettings = (home: Home): Settings | undefined => {
	if (!existsSync(home.settings)) return undefined
	let json: unknown
	try {
		json = JSON.parse(readFileSync(home.settings, 'utf8'))
	} catch (error) {
		return refuse(home.settings, error)
	}
	return parseSettings(json, home.settings)
}

export const writeSettings = (home: Home, settings: Settings): void => {
	writeFileAtomically(home.settings, `${JSON.stringify(settings, null, '\t')}\n`)
}
