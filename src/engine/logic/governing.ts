import type {Envelope} from '../contracts/envelope.js'
import {expanded} from '../contracts/field.js'
import type {Policy} from '../contracts/policy.js'
import type {PayloadOf} from '../contracts/stream.js'
import {type applyResult, classOf, type Plan} from '../contracts/streams/trade.js'
import {OUTCOME_KNOWN_MS} from '../exchange/exchange-limits.js'
import {allowanceMs} from './allowance.js'
import {exact, textOf} from './exact.js'
import {exitRank} from './exit-rank.js'
import {toMicro} from './micro.js'
import {OPERATOR} from './plan-author.js'
import {runLimits} from './reconcile-run.js'
import {WATCH_SILENCE_MS} from './watch-silence.js'

type Now = Readonly<{now_ms: number; machine_ms: number; speed: number; policy: Policy; entry: Envelope; mode: string}>

const MACHINE_SILENCE_MS = 5_000
/** How long a permit is kept after it was written, for people and for repeats: longer than any deadline. */
const PERMIT_KEPT_MS = 2 * 3_600_000
/** By then a request that its permit let go is known at the venue or never will be, and a comparison has asked, machine time. */
const SETTLED_WITHIN_MS = OUTCOME_KNOWN_MS + runLimits.answer_within_ms
/** The life of a permit in machine time. */
const allowedMachineMs = (policy: Policy, speed: number): number =>
	allowanceMs(policy.permit_ttl_ms, policy, speed) / Math.max(speed, 1)

/** More than any cap: what is larger is clipped just the same, and scripts can count it. */
const COUNTED_MAX_USDT = '1000000000'

const counted = (usdt: string): string => toMicro(exact(usdt).gt(COUNTED_MAX_USDT) ? COUNTED_MAX_USDT : usdt)

/** What admission.lua needs to know of a plan, in the order of its contract. A size, where given, decides. */
export const admissionArguments = (plan: Plan, {now_ms, machine_ms, speed, policy, entry, mode}: Now) => ({
	plan_id: plan.plan_id,
	symbol: plan.symbol,
	class: classOf(plan.action),
	action: plan.action,
	side: plan.side ?? '',
	source: plan.source,
	operator: plan.source === OPERATOR ? '1' : '0',
	mode,
	now_ms: String(now_ms),
	machine_ms: String(machine_ms),
	plan_ms: String(entry.ts),
	plan_age_max_ms: String(allowanceMs(policy.plan_age_max_ms, policy, speed)),
	quote_age_max_ms: String(allowanceMs(policy.data_stale_ms, policy, speed)),
	quote_silence_max_ms: String(Math.max(MACHINE_SILENCE_MS, policy.machine_grace_ms)),
	reconcile_age_max_ms: String(policy.reconcile_stale_machine_ms),
	reference_price: plan.reference_price ?? '',
	drift_bps_max: String(policy.price_drift_bps_max),
	spread_bps_max: String(policy.spread_bps_max),
	slippage_bps: String(policy.slippage_bps),
	kill_score: plan.kill_score === undefined ? '' : String(plan.kill_score),
	kill_score_max: String(policy.kill_score_open_max),
	quantity: plan.quantity ?? '0',
	notional_micro: plan.quantity !== undefined || plan.notional_usdt === undefined ? '' : counted(plan.notional_usdt),
	notional_cap_micro: counted(expanded(String(policy.notional_per_trade_usdt))),
	total_cap_micro: counted(expanded(String(policy.notional_total_usdt))),
	slots_max: String(policy.positions_max),
	hour_max: String(policy.entries_per_hour_max),
	five_minutes_max: String(policy.entries_per_5m_max),
	cooldown_ms: String(policy.cooldown_ms),
	deadline_ms: String(Math.round(now_ms + allowanceMs(policy.permit_ttl_ms, policy, speed))),
	settled_machine_ms: String(Math.round(machine_ms + allowedMachineMs(policy, speed) + SETTLED_WITHIN_MS)),
	permit_ttl_ms: String(PERMIT_KEPT_MS),
	rank: String(exitRank(plan.source)),
	policy_version: String(policy.version),
	ess_silence_max_ms: String(WATCH_SILENCE_MS.ess),
	guard_silence_max_ms: String(WATCH_SILENCE_MS.guard),
	divergence_bps_max: String(policy.universe.divergence_bps_max),
	divergence_silence_max_ms: String(WATCH_SILENCE_MS.divergence),
	universe_silence_max_ms: String(WATCH_SILENCE_MS.universe),
	heat_share_max: expanded(String(policy.portfolio.heat_share_max)),
	heat_silence_max_ms: String(WATCH_SILENCE_MS.heat),
	leverage: String(Math.min(plan.leverage ?? policy.leverage_max, policy.leverage_max)),
	stop_price: plan.stop_price ?? '',
	stop_distance: expanded(String(policy.stop.distance_min)),
	loss_bps_max: String(Math.round(policy.stop.loss_share_max * 10_000)),
	depth_multiple_min: expanded(String(policy.depth_multiple_min)),
})

/** Below this a position is dust and holds no slot, micro-USDT. */
export const dustMicro = ({dust_usdt}: Pick<Policy, 'dust_usdt'>): string => counted(expanded(String(dust_usdt)))

/** |amount| x price in micro-USDT, at most what scripts can count. */
export const notionalOf = (amount: string, price: string): string => counted(textOf(exact(amount).abs().times(price)))

/** What a result means: the lock of an exit is free and so much of its order is filled, an entry failed, or it filled so much. */
export type Outcome =
	| Readonly<{what: 'failed'}>
	| Readonly<{what: 'exit-done'; order: string; filled: string}>
	| Readonly<{what: 'executed'; quantity: string; price: string}>

/** Undefined while the outcome is not known, and for what says nothing about the plan that holds the permit. */
export const outcomeOf = (result: PayloadOf<typeof applyResult>): Outcome | undefined => {
	const kind = classOf(result.action)
	if (kind === 'PROTECT' || result.decision === 'UNKNOWN') return undefined
	// A second verdict for a plan whose order may be on its way: the first one's result is what counts.
	if (result.error === 'PERMIT_SERVED') return undefined
	const quantity = result.filled_quantity ?? '0'
	if (kind === 'EXIT') return {what: 'exit-done', order: result.client_order_id ?? '', filled: quantity}
	if (result.decision !== 'EXECUTED' || exact(quantity).isZero()) return {what: 'failed'}
	return {what: 'executed', quantity, price: result.average_price ?? '0'}
}
