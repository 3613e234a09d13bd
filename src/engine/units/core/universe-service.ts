import {keys} from '../../contracts/keys.js'
import {events} from '../../contracts/streams/ops.js'
import {policyUpdated} from '../../contracts/streams/risk.js'
import {type Context, defineFeed, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {type Listings, standingText, type Universe, universeOf} from '../../logic/universe.js'

/** What the venue lists, all of it, in one reading. */
export type ListingsEvent = Readonly<{listings: Listings}>

/** Of all symbols together: a rank concerns them all. */
type State = Readonly<{
	listings?: Listings
	/** Machine time at which they were read. */
	read_ms: number
	/** Left out before the first reading. */
	universe?: Universe
	/** Version of the policy that the universe was made by. */
	version: number
}>

const initial: State = {read_ms: 0, version: 0}
const writes = {event: events}
const ports = {allowlist: keys.allowlist, universe: keys.universe}
type Ctx = Context<typeof writes, typeof ports, Record<never, never>>
const WHOLE = ''

const openIn = (universe: Universe): string[] => Object.keys(universe).filter(symbol => universe[symbol]?.open)

/** The set as it is to be; before the first reading nobody knows what is in it. */
const membersOf = (before: Universe | undefined, after: Universe, {key}: Ctx) => {
	const open = openIn(after)
	const known = before && openIn(before)
	const added = open.filter(symbol => !known?.includes(symbol))
	const dropped = known?.filter(symbol => !open.includes(symbol)) ?? []
	return [
		...(known ? [] : [key.allowlist.remove({})]),
		...(added.length > 0 ? [key.allowlist.add({}, added)] : []),
		...(dropped.length > 0 ? [key.allowlist.drop({}, dropped)] : []),
	]
}

/** One event per symbol that stands otherwise than before; at first of those that may not open. */
const changesOf = (before: Universe | undefined, after: Universe, {emit}: Ctx) => {
	const symbols = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])].sort()
	const changes = symbols.flatMap(symbol => {
		const [then, now] = [before && standingText(before[symbol]), standingText(after[symbol])]
		if (then === now || (then === undefined && now === 'OPEN')) return []
		const detail = now === 'OPEN' ? `${symbol} may open` : `${symbol} is exits only: ${now}`
		const values = {...(then !== undefined && {before: then}), after: now}
		return [emit.event({event: 'UNIVERSE_CHANGED', subject: symbol, detail, ...values})]
	})
	const empty = openIn(after).length === 0 && (before === undefined || openIn(before).length > 0)
	const detail = 'No symbol may open: all entries are blocked, exits go on. See qt universe'
	return empty ? [...changes, emit.event({event: 'UNIVERSE_EMPTY', subject: 'universe', detail})] : changes
}

/** The universe made anew, of the newest reading and the policy in force. */
const made = (state: State & Readonly<{listings: Listings}>, context: Ctx): Step<State> => {
	const {key, policy} = context
	const universe = universeOf(policy, state.listings)
	const lines = Object.fromEntries(Object.entries(universe).map(([symbol, of]) => [symbol, JSON.stringify(of)]))
	return {
		state: {...state, universe, version: policy.version},
		wishes: [
			...membersOf(state.universe, universe, context),
			key.universe.put({}, {...lines, version: policy.version, machine_ms: state.read_ms}, {replace: true}),
			...changesOf(state.universe, universe, context),
		],
	}
}

const again = (state: State, context: Ctx): Step<State> => {
	const {listings} = state
	return listings === undefined ? stay : made({...state, listings}, context)
}

/**
 * The machine time in the record is that of the newest reading of the venue, each minute: a venue that does not answer
 * and a unit that is gone look the same to who reads it, and block the same.
 */
export const universeService = defineUnit({
	name: 'universe-service',
	target: 'core',
	kind: 'stream',
	aliases: ['universe', 'universe-os'],
	summary: 'The tradable universe: what of the allowlist may open at the venue now, and why the rest is exits only.',
	reads: {policy: policyUpdated},
	writes,
	keys: ports,
	feeds: {listings: defineFeed<ListingsEvent>('All that the venue lists, with volume and spread', {conflate: true})},
	timers: {policy: {every_ms: 1_000, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {policy: (state, _, context) => again(state, context)},
	onFeed: {
		listings: (state, {listings}, context) => made({...state, listings, read_ms: context.machine_ms}, context),
	},
	onTimer: {
		/** A version may be announced before it is in force here. */
		policy: (state, context) => (state.version === context.policy.version ? stay : again(state, context)),
	},
})
