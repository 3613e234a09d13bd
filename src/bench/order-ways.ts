import {applyPlan, applyResult, governorEvents, portfolioGate} from '../engine/contracts/streams/trade.js'
import {clientIds} from '../engine/logic/client-id.js'
import type {OwnSystem, StoredEntry} from './own-system.js'

/** Of one order, from its intent on, ms. */
export type Way = Readonly<{
	to_gate: number
	to_plan: number
	to_verdict: number
	to_accepted: number
	to_known: number
}>

/** The ways of the orders that the venue accepted, from their intents on, ms: by its own log, and by our result. */
export const waysOf = async (system: OwnSystem, intents: ReadonlyMap<string, number>): Promise<Way[]> => {
	const [gate, plans, verdicts, results] = await Promise.all(
		[portfolioGate, applyPlan, governorEvents, applyResult].map(({name}) => system.entries(name)),
	)
	const byPlan = (entries: readonly StoredEntry[] = [], fits: (entry: StoredEntry) => boolean) =>
		new Map(entries.filter(fits).map(entry => [entry.fields.plan_id, entry.stored_ms]))
	const taken = await system.ordersTaken()
	const passed = new Map((gate ?? []).map(({fields, stored_ms}) => [fields.intent_id, stored_ms]))
	const allowed = byPlan(verdicts, ({fields}) => fields.verdict === 'ALLOW')
	const known = byPlan(results, ({fields}) => fields.decision === 'EXECUTED')
	return (plans ?? []).flatMap(({stored_ms, fields: {intent_id = '', plan_id = ''}}) => {
		const [begun, pass] = [intents.get(intent_id), passed.get(intent_id)]
		const [verdict, order, result] = [allowed.get(plan_id), taken.get(clientIds.market(plan_id)), known.get(plan_id)]
		if (begun === undefined || pass === undefined) return []
		if (verdict === undefined || order === undefined || result === undefined) return []
		return [
			{
				to_gate: pass - begun,
				to_plan: stored_ms - begun,
				to_verdict: verdict - begun,
				to_accepted: order - begun,
				to_known: result - begun,
			},
		]
	})
}
