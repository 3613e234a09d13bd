import {reconcileClose} from '../../contracts/streams/account.js'
import {executorCommands} from '../../contracts/streams/portfolio.js'
import {applyPlan, applyPlanManual} from '../../contracts/streams/trade.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {OPERATOR} from '../../logic/plan-author.js'
import {idOf} from '../../runtime/identity.js'

/** Side and size that a command leaves out are completed by the governor, which knows the position. */
export const intentExecutor = defineUnit({
	name: 'intent-executor',
	target: 'exec',
	kind: 'stream',
	aliases: ['trade-intent-consumer'],
	summary: 'The command lane: what operators, the balancer and reconciliation ask for, as plans with their source.',
	reads: {manual: applyPlanManual, command: executorCommands, close: reconcileClose},
	writes: {plan: applyPlan},
	keys: {},
	initial: () => ({}),
	on: {
		manual: (_, plan, {entry, emit}) =>
			entry.authority === 'live' ? {wishes: [emit.plan({...plan, source: OPERATOR})]} : stay,
		command: (_, {command_id, symbol, quantity, reason}, {entry, emit}) =>
			entry.authority === 'live'
				? {
						wishes: [
							emit.plan({
								plan_id: idOf('command', command_id),
								symbol,
								// The size is given: the action only says that it is a part.
								action: 'PARTIAL_CLOSE_25',
								quantity,
								source: entry.unit,
								reason,
							}),
						],
					}
				: stay,
		close: (_, {symbol, reason}, {entry, emit}) =>
			entry.authority === 'live'
				? {
						wishes: [
							emit.plan({
								plan_id: idOf('reconcile', symbol, entry.id),
								symbol,
								action: 'FULL_CLOSE_PROPOSED',
								source: entry.unit,
								reason,
							}),
						],
					}
				: stay,
	},
})
