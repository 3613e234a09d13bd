import {z} from 'zod'
import {keys} from '../../engine/contracts/keys.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {EXITS_ONLY, type Standing} from '../../engine/logic/universe.js'
import {WATCH_SILENCE_MS} from '../../engine/logic/watch-silence.js'
import type {State} from './state.js'

export type UniverseRow = Standing & Readonly<{symbol: string}>

export type UniverseView = Readonly<{
	/** Symbols that may open, of those that the allowlist names. */
	open: number
	symbols: readonly UniverseRow[]
	/** Version of the policy that it was made by. */
	version: number
	/** Machine time since the venue was last read. */
	age_ms: number
	stale: boolean
}>

const standing = z.object({
	open: z.boolean(),
	reason: z.enum(EXITS_ONLY).optional(),
	quote_volume_usdt: z.number(),
	spread_bps: z.number().optional(),
	sector: z.string().optional(),
})
const head = z.object({version: z.coerce.number(), machine_ms: z.coerce.number()})

/** @throws ZodError when the record is not one that the service writes */
export const universeViewOf = (fields: Readonly<Record<string, string>>, machine_ms: number): UniverseView => {
	const {version, machine_ms: read_ms} = head.parse(fields)
	const {version: _, machine_ms: __, ...lines} = fields
	const symbols = Object.entries(lines)
		.map(([symbol, line]) => {
			const {reason, spread_bps, sector, ...row} = standing.parse(JSON.parse(line))
			return {
				symbol,
				...row,
				...(reason !== undefined && {reason}),
				...(spread_bps !== undefined && {spread_bps}),
				...(sector !== undefined && {sector}),
			}
		})
		.sort(({symbol: one}, {symbol: other}) => (one < other ? -1 : 1))
	const age_ms = Math.max(0, machine_ms - read_ms)
	return {
		open: symbols.filter(({open}) => open).length,
		symbols,
		version,
		age_ms,
		stale: age_ms > WATCH_SILENCE_MS.universe,
	}
}

/** @throws OperatorError (unreachable) when the universe has never been written */
export const readUniverse = async ({bus, naming}: State, now_ms: () => number): Promise<UniverseView> => {
	const fields = await bus.hashAll(naming.key(keys.universe, {}))
	if (Object.keys(fields).length === 0)
		throw new OperatorError('the universe is not known yet: the venue has not been read', {
			exit_code: EXIT_CODES.unreachable,
			hint: `see qt status: ${keys.universe.owner} writes it once the venue has answered`,
		})
	return universeViewOf(fields, now_ms())
}
