import {z} from 'zod'
import {keys} from '../../engine/contracts/keys.js'
import type {Policy} from '../../engine/contracts/policy.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {allowanceMs} from '../../engine/logic/allowance.js'
import {isZero} from '../../engine/logic/exact.js'
import {closestName} from './closest.js'
import type {Home} from './home.js'
import type {State} from './state.js'
import {readClock} from './watch-state.js'

export type ExitTarget = Readonly<{price: string; state: 'taken' | 'next' | 'later'}>
/** What the exit owner said last of a position. Shares are of the entry price unless they say otherwise. */
export type OwnedExit = Readonly<{
	price: string
	gain: number
	margin_gain: number | null
	distance: number
	internal_stop_price: string
	targets: readonly ExitTarget[]
	/** Targets whose part rounded to nothing. */
	skipped: number
	/** Null before target 1. */
	trail_price: string | null
	best_price: string | null
	loss_max_price: string | null
	emergency_price: string | null
	kill_score: number
	/** Each part of the kill score, from 0 to 1. */
	parts: Readonly<Record<string, number>>
	/** Why it is closing; null while it is not. */
	closing: string | null
	/** Machine time since it said so. */
	age_ms: number
}>
export type OpenExit = Readonly<{
	symbol: string
	open: true
	side: 'LONG' | 'SHORT'
	amount: string
	entry_price: string
	opened_by: string | null
	leverage: number | null
	/** Venue time since it was opened; null while the venue's time is not known. */
	held_ms: number | null
	initial_stop_price: string | null
	/** What rests at the venue; null while nothing does, or only what was not placed by us. */
	resting_stop_price: string | null
	stop_resting: boolean
	/** Who closes it now. */
	owner: 'exitbrain' | 'exit-monitor'
	/** The owner has spoken of it, and then fell silent. */
	stale: boolean
	exit: OwnedExit | null
	kill_score_close: number
}>
export type ExitsView = OpenExit | Readonly<{symbol: string; open: false}>

const optional = z
	.string()
	.optional()
	.transform(value => value ?? null)
const number = z.coerce.number()
const json = <Schema extends z.ZodType>(schema: Schema) =>
	z
		.string()
		.transform((text): unknown => JSON.parse(text))
		.pipe(schema)

const snapshotRecord = z.object({
	amount: z.string(),
	entry_price: z.string(),
	opened_ms: number,
	opened_by: optional,
	leverage: number.optional().transform(value => value ?? null),
	stop_resting: z.string().transform(value => value === 'true'),
	stop_price: optional,
	initial_stop_price: optional,
})
const ownerRecord = z.object({
	opened_ms: number,
	price: z.string(),
	gain: number,
	margin_gain: number.optional().transform(value => value ?? null),
	distance: number,
	internal_stop_price: z.string(),
	targets: json(z.array(z.string())),
	targets_taken: number,
	skipped: number,
	trail_price: optional,
	best_price: optional,
	loss_max_price: optional,
	emergency_price: optional,
	kill_score: number,
	parts: json(z.record(z.string(), z.number())),
	closing: optional,
	venue_ms: number,
	machine_ms: number,
})

type Fields = Readonly<Record<string, string>>
type Now = Readonly<{machine_ms: number; venue_ms: number | null; speed: number}>
type Rules = Pick<Policy, 'exit_monitor' | 'exit_brain' | 'machine_grace_ms'>

const exitOf = ({targets, targets_taken, machine_ms, ...said}: z.output<typeof ownerRecord>, now: Now): OwnedExit => {
	const {opened_ms: _, venue_ms: __, ...rest} = said
	return {
		...rest,
		targets: targets.map((price, index) => ({
			price,
			state: index < targets_taken ? 'taken' : index === targets_taken ? 'next' : 'later',
		})),
		age_ms: Math.max(0, now.machine_ms - machine_ms),
	}
}

/**
 * The exit of a position from the records of its keeper and of its owner.
 * @throws ZodError when they are not what those write
 */
export const exitsOf = (symbol: string, snapshot: Fields, said: Fields, policy: Rules, now: Now): ExitsView => {
	if (snapshot.amount === undefined || isZero(snapshot.amount)) return {symbol, open: false}
	const {opened_ms, stop_price: resting_stop_price, ...position} = snapshotRecord.parse(snapshot)
	const word = said.opened_ms === undefined ? undefined : ownerRecord.parse(said)
	const owned = word?.opened_ms === opened_ms ? word : undefined
	const {venue_ms, speed} = now
	const limit_ms = allowanceMs(policy.exit_monitor.owner_stale_ms, policy, speed)
	const stale = owned !== undefined && venue_ms !== null && Math.abs(venue_ms - owned.venue_ms) > limit_ms
	return {
		symbol,
		open: true,
		side: position.amount.startsWith('-') ? 'SHORT' : 'LONG',
		...position,
		resting_stop_price,
		held_ms: venue_ms === null ? null : Math.max(0, venue_ms - opened_ms),
		owner: owned && !stale ? 'exitbrain' : 'exit-monitor',
		stale,
		exit: owned ? exitOf(owned, now) : null,
		kill_score_close: policy.exit_brain.kill_score_close,
	}
}

/** @throws OperatorError (usage) for a symbol that neither the venue nor the policy knows */
export const readExits = async (home: Home, state: State, symbol: string, now_ms: () => number): Promise<ExitsView> => {
	const {bus, naming} = state
	const [snapshot, said, filters, clock, {readPolicy}] = await Promise.all([
		bus.hashAll(naming.key(keys.positionSnapshot, {symbol})),
		bus.hashAll(naming.key(keys.exitState, {symbol})),
		bus.hashAll(naming.key(keys.marketFilters, {symbol})),
		readClock(state, now_ms()),
		import('../system/policy-file.js'),
	])
	const policy = readPolicy(home)
	const known = [snapshot, filters].some(fields => Object.keys(fields).length > 0) || policy.allowlist.includes(symbol)
	if (!known) {
		const closest = closestName(symbol.toUpperCase(), policy.allowlist)
		throw new OperatorError(`unknown symbol: ${symbol}`, {
			exit_code: EXIT_CODES.usage,
			hint: closest === undefined ? 'qt positions shows what is open' : `did you mean ${closest}?`,
		})
	}
	return exitsOf(symbol, snapshot, said, policy, {
		machine_ms: now_ms(),
		venue_ms: clock?.venue_ms ?? null,
		speed: clock?.speed ?? 1,
	})
}
