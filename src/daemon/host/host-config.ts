import {readFileSync} from 'node:fs'
import {z} from 'zod'
import {MODES} from '../../engine/contracts/mode.js'
import {policySchema} from '../../engine/contracts/policy.js'
import {INTERVALS} from '../../engine/contracts/streams/market.js'
import {referenceSchema} from '../system/settings.js'

/** What the daemon tells a host process, in a file of its own that nobody else can read. */
export const hostConfigSchema = z.strictObject({
	name: z.string(),
	units: z.array(z.string()).min(1),
	home: z.string(),
	prefix: z.string(),
	redis_url: z.string(),
	/** As whom it speaks to the managed Redis; the address of an external one says that itself. */
	redis_user: z.literal('host').optional(),
	mode: z.enum(MODES),
	policy: policySchema,
	symbols: z.array(z.string()),
	intervals: z.array(z.enum(INTERVALS)),
	warmup_candles: z.int(),
	references: z.array(referenceSchema),
	/** Where the host answers /health, /metrics and its units' own routes. */
	socket: z.string(),
	/** HTTP port per unit that has one. */
	ports: z.record(z.string(), z.int()),
	control_socket: z.string(),
	venue: z.strictObject({
		rest_url: z.string().optional(),
		ws_url: z.string().optional(),
		/** The file that holds the paper venue's keys; other modes read the environment. */
		secrets: z.string(),
	}),
	journal_file: z.string().optional(),
	arm_file: z.string(),
	/** What the gateway has sent. */
	sent_file: z.string(),
	/** Up to when the account was proven. */
	proven_file: z.string(),
	trade_journal: z.string(),
})
export type HostConfig = z.output<typeof hostConfigSchema>

export const readHostConfig = (path: string): HostConfig =>
	hostConfigSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
