import type {Policy} from '../contracts/policy.js'
import type {PayloadOf} from '../contracts/stream.js'
import type {alerts} from '../contracts/streams/ops.js'
import type {Plan} from '../contracts/streams/trade.js'
import {idOf} from '../runtime/identity.js'
import type {Leftover} from './protection-state.js'
import {isFlat, type TradeState} from './trade-life.js'

type Alert = Omit<PayloadOf<typeof alerts>, 'subject'>

/**
 * Of the event that leads to a plan. The plan's id derives from it and from the machine's time, which moves on even
 * where the venue's stands still: an id that was used before would be taken for a repeat, and nothing would be done.
 */
export type Asking = Readonly<{
	partition: string
	machine_ms: number
	policy: Policy
	entry: Readonly<{id: string}>
}>
/** What follows from an event. */
export type Protecting = Readonly<{state: TradeState; plan?: Plan; alert?: Alert}>

/** For the venue to remove the stops of a closed position by itself, machine time. */
const PATIENCE_MS = 5_000
/** Cancelling is asked for this often; then it is left to reconciliation, which shows orphans. */
const TRIES_MAX = 5
/** Cancels in one plan. */
const CANCELLED_MAX = 8

export const withoutLeftover = (leftovers: readonly Leftover[], id: string): readonly Leftover[] =>
	leftovers.filter(({client_id}) => client_id !== id)

/** Whether the position is one that others opened and the policy leaves to them: no stop of ours protects it. */
export const isLeft = ({foreign}: TradeState, policy: Pick<Policy, 'foreign'>): boolean =>
	foreign === true && policy.foreign === 'ignore'

/** The plan that cancels what is left over for too long; undefined when there is none. */
export const cancelLeftovers = (
	state: TradeState,
	{partition: symbol, machine_ms, entry, policy}: Asking,
): Protecting | undefined => {
	// While no stop rests for an open position, one that is left over is better than none.
	const bare = !isFlat(state) && !isLeft(state, policy) && state.protection.status !== 'RESTING'
	if (bare) return undefined
	const isDue = ({since_ms}: Leftover): boolean => machine_ms - since_ms >= PATIENCE_MS
	const due = state.leftovers.filter(isDue).slice(0, CANCELLED_MAX)
	if (due.length === 0) return undefined
	const plan_id = idOf('orphans', symbol, entry.id, machine_ms)
	const again = due
		.filter(({tries}) => tries + 1 < TRIES_MAX)
		.map(({client_id, tries}) => ({client_id, since_ms: machine_ms, tries: tries + 1, plan_id}))
	const leftovers = [...state.leftovers.filter(leftover => !due.includes(leftover)), ...again]
	const cancel_ids = due.map(({client_id}) => client_id)
	const plan: Plan = {plan_id, symbol, action: 'CANCEL_STOP', cancel_ids, source: 'execution', reason: 'orphan stops'}
	return {state: {...state, leftovers}, plan}
}
