import {positionSnapshot} from '../../contracts/streams/account.js'
import {harvestProposal as proposals} from '../../contracts/streams/exits.js'
import {marketTick} from '../../contracts/streams/market.js'
import {tradeIntent} from '../../contracts/streams/trade.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {isStale} from '../../logic/allowance.js'
import {exact} from '../../logic/exact.js'
import {closingPrice, closingSide, directionOf, sizeOf} from '../../logic/exit-watch.js'
import {managed} from '../../logic/foreign.js'
import {dueHarvest, type Held, type Taken} from '../../logic/harvest-proposing.js'
import {idOf} from '../../runtime/identity.js'

/** Of one symbol; empty while flat. Times are venue time. */
type State = Readonly<{
	position?: Held & Readonly<{opened_ms: number}>
	taken?: Taken
	/** The newest proposal. */
	proposed_ms?: number
	/** The newest intent against the position. */
	against_ms?: number
}>

const NAME = 'harvest-proposal'
const initial: State = {}
/** How long an intent against the position strengthens what is proposed for it. */
const AGAINST_MS = 900_000
/** What it then closes, in its usual parts. */
const AGAINST_FACTOR = 1.5

const larger = (first: string, second: string): string => (exact(first).gt(second) ? first : second)

/** Says what is due, and leaves it to others what becomes of it: each level is proposed once per position. */
export const harvestProposal = defineUnit({
	name: NAME,
	target: 'exec',
	process: 'exits',
	kind: 'stream',
	summary: 'When to take partial profit and move the stop, in units of the initial risk, as a proposal.',
	reads: {position: positionSnapshot, tick: marketTick, intent: tradeIntent},
	conflates: ['tick'],
	watches: ['intent'],
	writes: {proposal: proposals},
	keys: {},
	initial: () => initial,
	on: {
		position: (state, seen, {entry}) => {
			if (entry.authority !== 'live') return stay
			const snapshot = managed(seen)
			if (directionOf(snapshot) === 0) return state.position ? {state: initial} : stay
			const {amount, entry_price, opened_ms, leverage, stop_price, initial_stop_price} = snapshot
			const before = state.position
			const same = before?.opened_ms === opened_ms && directionOf(before) === directionOf(snapshot)
			const size = sizeOf(snapshot)
			const position = {
				amount,
				entry_price,
				opened_ms,
				largest: same ? larger(before.largest, size) : size,
				...(leverage !== undefined && {leverage}),
				...(stop_price !== undefined && {stop_price}),
				...(initial_stop_price !== undefined && {initial_stop_price}),
			}
			return {state: same ? {...state, position} : {position}}
		},
		intent: (state, {side}, {entry, now_ms}) =>
			state.position && entry.authority === 'live' && side === closingSide(state.position)
				? {state: {...state, against_ms: now_ms}}
				: stay,
		tick: (state, tick, context) => {
			const {position, taken: before = {}} = state
			const {entry, policy, emit, now_ms, partition: symbol} = context
			if (!position || entry.authority !== 'live' || isStale(entry.ts, policy.data_stale_ms, context)) return stay
			const {due, taken} = dueHarvest(position, before, closingPrice(position, tick), policy.harvest)
			const soon = state.proposed_ms !== undefined && !isStale(state.proposed_ms, policy.harvest.every_ms, context)
			if (!due || soon) return taken === before ? stay : {state: {...state, taken}}
			const {level, close_share, taken: proposed, ...what} = due
			const against = state.against_ms !== undefined && !isStale(state.against_ms, AGAINST_MS, context)
			const share = close_share === undefined ? undefined : Math.min(1, close_share * (against ? AGAINST_FACTOR : 1))
			const proposal = emit.proposal({
				proposal_id: idOf(NAME, symbol, position.opened_ms, level, level === 'trail' ? (what.stop_price ?? '') : ''),
				symbol,
				opened_ms: position.opened_ms,
				...what,
				...(share !== undefined && {close_share: share}),
				reason: against ? `${level}, intent against it` : level,
			})
			return {state: {...state, taken: proposed, proposed_ms: now_ms}, wishes: [proposal]}
		},
	},
})
