import {keys} from '../../contracts/keys.js'
import type {Policy} from '../../contracts/policy.js'
import {reconcileEvents} from '../../contracts/streams/account.js'
import {alerts} from '../../contracts/streams/ops.js'
import {applyPlan, applyResult, classOf, executionResult, governorEvents} from '../../contracts/streams/trade.js'
import {type Decision, defineUnit, fromReply, type Step, stay} from '../../contracts/unit.js'
import {completed} from '../../logic/closing.js'
import {admissionArguments, dustMicro, outcomeOf} from '../../logic/governing.js'
import {
	type GovernorState,
	type Settling,
	settledByCorrection,
	settledByFill,
	settledByResult,
	settledByTime,
	ungoverned,
} from '../../logic/governor-state.js'
import {authored} from '../../logic/plan-author.js'
import {admission, admissionKeys} from '../../scripts/admission.js'
import {latch} from '../../scripts/latch.js'
import {settle} from '../../scripts/settle.js'

type Deciding = Readonly<{decide: Decision<GovernorState>}>

/** Moves the reservations. The state follows in every branch; an entry whose outcome is unknown stays `kept`. */
const settling = (
	{next, order = '', filled = '0', ...args}: Settling,
	symbol: string,
	{policy, now_ms}: Readonly<{policy: Policy; now_ms: number}>,
	branches: Readonly<{
		released?: Step<GovernorState>
		settled?: Step<GovernorState>
		nothing?: Step<GovernorState>
	}> = {},
): Deciding => {
	const {plan_id} = args
	const moved = {state: next}
	return {
		decide: {
			script: settle,
			keys: {permit: {plan_id}, reservations: {}, total: {}, slots: {}, history: {symbol}, lock: {symbol}},
			args: {...args, order, filled, symbol, now_ms, slots_max: policy.positions_max, dust_micro: dustMicro(policy)},
			branches: {
				released: {...moved, ...branches.released},
				settled: {...moved, ...branches.settled},
				nothing: branches.nothing ?? moved,
			},
		},
	}
}

export const governor = defineUnit({
	name: 'governor',
	target: 'exec',
	kind: 'stream',
	port: 8044,
	summary:
		'The one atomic decision on each plan; entries reserve slot and notional, exits take the exit lock; reservations settle from what really happened.',
	reads: {plan: applyPlan, result: applyResult, fill: executionResult, correction: reconcileEvents},
	writes: {verdict: governorEvents, alert: alerts},
	keys: {
		permit: keys.permit,
		reservations: keys.reservations,
		total: keys.totalNotional,
		slots: keys.availableSlots,
		history: keys.execHistory,
		cooldown: keys.cooldown,
		lock: keys.exitLock,
		mode: keys.mode,
		execution: keys.execution,
		execution_change: keys.executionChange,
	},
	scripts: [admission, settle, latch],
	timers: {sweep: {every_ms: 1_000, clock: 'machine'}, latch: {every_ms: 1_000, clock: 'machine'}},
	initial: (): GovernorState => ungoverned,
	on: {
		plan: (state, asked, context) => {
			const {emit, entry} = context
			if (entry.authority !== 'live') return stay
			const plan = completed(authored(asked, entry.unit), state.amount, context.policy)
			const {symbol, plan_id, action} = plan
			const args = admissionArguments(plan, context)
			const common = {plan_id, symbol}
			const allowed = {
				...common,
				verdict: 'ALLOW' as const,
				reason: 'ALLOW',
				notional_usdt: fromReply('notional_usdt'),
				quote_price: fromReply('price'),
				epoch: fromReply('epoch'),
				deadline_ms: args.deadline_ms,
				plan,
			}
			const issued = {plan_id, deadline_ms: Number(args.deadline_ms), seen: '0'}
			return {
				decide: {
					script: admission,
					keys: admissionKeys(plan),
					args,
					branches: {
						allow: {
							...(classOf(action) === 'ENTRY' && {state: {...state, issued}}),
							wishes: [emit.verdict(allowed as unknown as Parameters<typeof emit.verdict>[0])],
						},
						refuse: {
							wishes: [
								emit.verdict({
									...common,
									verdict: 'REFUSE',
									reason: fromReply('reason'),
									used: fromReply('used'),
									limit: fromReply('limit'),
								}),
							],
						},
						repeat: {wishes: [emit.verdict({...common, verdict: 'REPEAT', reason: fromReply('reason')})]},
					},
				},
			}
		},
		result: (state, result, context) => {
			const {plan_id, symbol} = result
			const outcome = outcomeOf(result)
			if (!outcome) return stay
			const reason = result.error ?? result.decision
			const told = (verdict: 'RELEASED' | 'SETTLED') => ({
				wishes: [context.emit.verdict({plan_id, symbol, verdict, reason, used: fromReply('notional_micro')})],
			})
			const settlement = settledByResult(state, plan_id, outcome, context.machine_ms)
			return settling(settlement, symbol, context, {released: told('RELEASED'), settled: told('SETTLED')})
		},
		fill: (state, fill, context) => settling(settledByFill(state, fill), fill.symbol, context),
		correction: (state, {outcome, symbol, amount, expected, entry_price}, context) =>
			outcome !== 'CORRECTION' || symbol === undefined || amount === undefined
				? stay
				: settling(settledByCorrection(state, {amount, expected, entry_price}), symbol, context),
	},
	onTimer: {
		sweep: (state, context) => {
			const {partition: symbol, emit} = context
			const due = settledByTime(state, context)
			if (!due) return stay
			const {plan_id} = due
			const used = fromReply('notional_micro')
			const expired = emit.verdict({plan_id, symbol, verdict: 'EXPIRED', reason: 'PERMIT_EXPIRED', used})
			// A permit that was taken waits for its outcome, however long.
			return settling(due, symbol, context, {released: {wishes: [expired]}, nothing: {}})
		},
		/** Brings kill key and latch together after one of them was written by hand: always to the safe side. */
		latch: (_, {emit, machine_ms, mode}) => {
			const message = fromReply('reason')
			const alert = emit.alert({severity: 'critical', code: 'LATCH_BY_HAND', subject: keys.kill.pattern, message})
			return {
				decide: {
					script: latch,
					keys: {kill: {}, arm: {}},
					args: {what: 'guard', by: '', reason: '', time_ms: machine_ms, mode, expected_epoch: ''},
					branches: {killed: {wishes: [alert]}, armed: {}, unchanged: {}, refused: {}},
				},
			}
		},
	},
})
