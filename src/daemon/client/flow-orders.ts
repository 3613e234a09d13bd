import {exchangeNormalized} from '../../engine/contracts/streams/account.js'
import {applyPlan, applyResult, governorEvents} from '../../engine/contracts/streams/trade.js'
import {readClientId} from '../../engine/logic/client-id.js'
import {entriesOf, type FlowEntry, type FlowStreams, timeOf} from './flow-chain.js'
import type {Finding} from './flow-findings.js'

/** An order or a fill at the venue that bears an id of ours, as the account stream first told of it. */
type Seen = Readonly<{client_id: string; plan_id: string; kind: 'market' | 'stop' | 'target'; at_ms: number}>

const clientIdOf = ({fields}: FlowEntry): string => fields.client_order_id ?? fields.client_algo_id ?? ''

/** Newest status of each order by client id. */
export const orderStatuses = (streams: FlowStreams): ReadonlyMap<string, string> =>
	new Map(
		entriesOf(streams, exchangeNormalized)
			.filter(({fields}) => fields.kind === 'order')
			.map(entry => [clientIdOf(entry), entry.fields.status ?? '']),
	)

/** Orders of ours as the account stream first told of them, and how many of others there are. */
export const ordersSeen = (streams: FlowStreams): Readonly<{ours: readonly Seen[]; others: number}> => {
	const ours = new Map<string, Seen>()
	const others = new Set<string>()
	for (const entry of entriesOf(streams, exchangeNormalized)) {
		const client_id = clientIdOf(entry)
		if (client_id === '' || ours.has(client_id)) continue
		const {kind, plan_id} = readClientId(client_id)
		if (kind === 'market' || kind === 'stop' || kind === 'target')
			ours.set(client_id, {client_id, plan_id, kind, at_ms: timeOf(entry)})
		else if (entry.fields.kind !== 'fill' || kind !== 'foreign') others.add(client_id)
	}
	return {ours: [...ours.values()], others: others.size}
}

const plansIn = (entries: readonly FlowEntry[], of: (entry: FlowEntry) => boolean): ReadonlySet<string> =>
	new Set(entries.filter(of).flatMap(({fields}) => fields.plan_id ?? []))

/**
 * Orders that nobody decided. `from_ms` is the machine time from which plans are on record: what the venue told of
 * before it may belong to a plan that is no longer there.
 */
export const orderFindings = (streams: FlowStreams, from_ms: number): readonly Finding[] => {
	const plans = entriesOf(streams, applyPlan)
	const verdicts = entriesOf(streams, governorEvents)
	const results = entriesOf(streams, applyResult)
	const known = plansIn([...plans, ...verdicts, ...results], () => true)
	const recorded = plansIn(plans, entry => timeOf(entry) >= from_ms)
	const allowed = plansIn(verdicts, ({fields}) => fields.verdict === 'ALLOW')
	const sent = plansIn(results, ({fields}) => fields.decision === 'EXECUTED')
	const denied = plansIn(results, ({fields}) => fields.decision === 'FAILED' || fields.decision === 'SKIP')
	return ordersSeen(streams).ours.flatMap(({client_id, plan_id, kind, at_ms}): Finding[] => {
		const found = (code: Finding['code'], detail: string): Finding[] => [{code, id: client_id, at_ms, detail}]
		if (!known.has(plan_id))
			return at_ms < from_ms ? [] : found('ORDER_WITHOUT_PLAN', `the venue has it, and no stream knows plan ${plan_id}`)
		if (recorded.has(plan_id) && !allowed.has(plan_id))
			return found('ORDER_WITHOUT_PERMIT', `the venue has it, and the governor never allowed plan ${plan_id}`)
		if (kind === 'market' && denied.has(plan_id) && !sent.has(plan_id))
			return found('SENT_AFTER_ALL', `the venue has it, and the result of plan ${plan_id} says that it was not placed`)
		return []
	})
}
