import {encodeEnvelope, HAND} from '../../contracts/envelope.js'
import {encodeFields} from '../../contracts/field.js'
import {keys} from '../../contracts/keys.js'
import {positionSnapshot} from '../../contracts/streams/account.js'
import {applyPlan, intentDeadLetter, portfolioGate, tradeIntent} from '../../contracts/streams/trade.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {managed} from '../../logic/foreign.js'
import {type BridgeState, intentToPlan} from '../../logic/intent-to-plan.js'
import {idOf} from '../../runtime/identity.js'

const REMEMBERED_MS = 900_000

/** Ids of the intents that were handled lately, without those that are old. */
const remember = (seen: BridgeState['seen'], id: string, now_ms: number): BridgeState['seen'] => ({
	...Object.fromEntries(Object.entries(seen).filter(([, time_ms]) => now_ms - time_ms < REMEMBERED_MS)),
	[id]: now_ms,
})

export const intentBridge = defineUnit({
	name: 'intent-bridge',
	target: 'exec',
	kind: 'stream',
	summary:
		'Intent to plan: authority, allowlist, flat-sell, idempotency, one shape; every intent ends in a plan or in a recorded reason.',
	reads: {gate: portfolioGate, position: positionSnapshot},
	writes: {plan: applyPlan, refused: intentDeadLetter},
	keys: {dedup: keys.dedupIntent},
	initial: (): BridgeState => ({amount: '0', seen: {}}),
	on: {
		position: (state, snapshot, {entry}) =>
			entry.authority === 'live' ? {state: {...state, amount: managed(snapshot).amount}} : stay,
		gate: (state, {decision, intent, intent_id, source, intent_ms}, {entry, now_ms, policy, emit, key}) => {
			// The refusal of the gate is its own record.
			if (decision !== 'PASS') return stay
			const {authority} = entry
			const repeated = state.seen[intent_id] !== undefined
			const answer = intentToPlan({intent, state, policy, authority, repeated})
			if ('reason' in answer) {
				const {reason, detail} = answer
				const envelope = {id: intent_id, cause: '', unit: source, ts: intent_ms, v: tradeIntent.version, authority}
				const payload = {
					stream: tradeIntent.name,
					entry_id: intent_id,
					reason,
					detail,
					deliveries: 1,
					fields: {...(source !== HAND && encodeEnvelope(envelope)), ...encodeFields(intent)},
				}
				return {wishes: [emit.refused(payload)]}
			}
			return {
				state: {...state, seen: remember(state.seen, intent_id, now_ms)},
				wishes: [
					emit.plan({...answer.plan, plan_id: idOf('plan', intent_id), intent_id, source}),
					key.dedup.put({id: intent_id}, idOf('plan', intent_id)),
				],
			}
		},
	},
})
