import type {PayloadOf} from '../contracts/stream.js'
import type {reconcileEvents} from '../contracts/streams/account.js'
import {equal, isDecimal} from './exact.js'
import {holdingOf} from './position.js'
import {type PositionState, shownOf} from './position-state.js'

type Correction = PayloadOf<typeof reconcileEvents>

/**
 * A correction states the amount that it corrects (`expected`). If a fill has moved the position since, the venue's
 * number is older than ours: it is left, and the next comparison decides.
 */
export const appliesTo = (state: PositionState, {amount, expected}: Correction): boolean =>
	amount === undefined ||
	expected === undefined ||
	!isDecimal(expected) ||
	equal(expected, holdingOf(state.track).amount)

/** Whether a stop rests, by the venue's own list. */
export const withStopSeen = (state: PositionState, stop_resting: boolean | undefined): PositionState => {
	if (stop_resting === undefined) return state
	if (!stop_resting) return {...state, stops: {}, unseen_stop: false}
	return shownOf(state).stop_resting ? state : {...state, unseen_stop: true}
}
