import {encodeEnvelope, HAND} from '../../contracts/envelope.js'
import {encodeFields} from '../../contracts/field.js'
import {keys} from '../../contracts/keys.js'
import {positionSnapshot} from '../../contracts/streams/account.js'
import {applyPlan, intentDeadLetter, tradeIntent} from '../../contracts/streams/trade.js'
import {defineUnit, stay} from '../../contracts/unit.js'
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
	// Until portfolio-gate exists the bridge reads the intents themselves.
	reads: {intent: tradeIntent, position: positionSnapshot},
	writes: {plan: applyPlan, refused: intentDeadLetter},
	keys: {dedup: keys.dedupIntent},
	initial: (): BridgeState => ({amount: '0', seen: {}}),
	on: {
		position: (state, {amount}, {entry}) => (entry.authority === 'live' ? {state: {...state, amount}} : stay),
		intent: (state, intent, {entry, now_ms, policy, emit, key}) => {
			const plan_id = idOf('plan', entry.id)
			const answer = intentToPlan({
				intent,
				state,
				policy,
				authority: entry.authority,
				repeated: state.seen[entry.id] !== undefined,
			})
			if ('reason' in answer) {
				const {reason, detail} = answer
				const payload = {
					stream: tradeIntent.name,
					entry_id: entry.id,
					reason,
					detail,
					deliveries: 1,
					fields: {...(entry.unit !== HAND && encodeEnvelope(entry)), ...encodeFields(intent)},
				}
				return {wishes: [emit.refused(payload)]}
			}
			return {
				state: {...state, seen: remember(state.seen, entry.id, now_ms)},
				wishes: [
					emit.plan({...answer.plan, plan_id, intent_id: entry.id, source: entry.unit}),
					key.dedup.put({id: entry.id}, plan_id),
				],
			}
		},
	},
})
