import type {EarlyNews} from './protection-state.js'
import {isFlat, type TradeState} from './trade-life.js'

/** Changes of one stop and one target. */
const EVENTS_MAX = 16

/** The state with what was told of an entry before its first fill; undefined when that is not awaited. */
export const keptEarly = (state: TradeState, plan_id: string, news: Partial<EarlyNews>): TradeState | undefined => {
	const known = isFlat(state) ? state.plans.find(plan => plan.plan_id === plan_id)?.early : undefined
	if (!known) return undefined
	const events = [...known.events, ...(news.events ?? [])].slice(-EVENTS_MAX)
	const early = {...known, ...news, events}
	return {...state, plans: state.plans.map(plan => (plan.plan_id === plan_id ? {...plan, early} : plan))}
}
