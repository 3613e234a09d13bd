import type {Policy} from '../contracts/policy.js'
import type {ESS_STATES} from '../contracts/streams/risk.js'
import {type EssWatch, rebased} from './ess-watch.js'
import {exact, textOf} from './exact.js'

export type EssLevel = (typeof ESS_STATES)[number]

/** Where a rule stands. `critical` is left out where the rule goes no further than WARNING. */
export type EssReading = Readonly<{rule: string; level: EssLevel; used: string; warning: string; critical?: string}>

/** The state with what decided it. `since_ms` is venue time. */
export type Ess = Readonly<{state: EssLevel; rule: string; used: string; limit: string; since_ms: number}>

export const calm: Ess = {state: 'NORMAL', rule: 'NONE', used: '0', limit: '0', since_ms: 0}

type Judging = Readonly<{ess: Policy['ess']; machine_ms: number; now_ms: number}>
type Rule = (watch: EssWatch, judging: Judging) => EssReading

const PLACES = 6
/** Failed comparisons with the venue in a row. */
export const RECONCILE_FAILURES_MAX = 3
/** How long the equity may be unknown, machine time. */
export const EQUITY_WITHIN_MS = 60_000

const read = (rule: string, used: string | number, warning: number, critical?: number): EssReading => {
	const value = exact(used)
	const level: EssLevel =
		critical !== undefined && value.gte(critical) ? 'CRITICAL' : value.gte(warning) ? 'WARNING' : 'NORMAL'
	return {
		rule,
		level,
		used: textOf(value.toDecimalPlaces(PLACES)),
		warning: String(warning),
		...(critical !== undefined && {critical: String(critical)}),
	}
}

/** How much of `base` is gone, 0 to 1 and more; a base of nothing has lost all as soon as it falls. */
const fall = (base: string | undefined, equity: string | undefined): string => {
	if (base === undefined || equity === undefined || exact(equity).gte(base)) return '0'
	return exact(base).isPositive() && !exact(base).isZero() ? exact(base).sub(equity).div(base).toString() : '1'
}

/**
 * What only more trading can mend stops entries for the hold after it last happened, and then lets trade again: else
 * the first row of losses would be the last one.
 */
const passing = (reading: EssReading, last_ms: number | undefined, {ess, now_ms}: Judging): EssReading => {
	const over = last_ms === undefined || Math.abs(now_ms - last_ms) >= ess.warning_hold_ms
	return reading.level === 'WARNING' && over ? {...reading, level: 'NORMAL'} : reading
}

const dailyLoss: Rule = ({day_equity, equity}, {ess}) =>
	read('DAILY_LOSS', fall(day_equity, equity), ess.daily_loss_warning, ess.daily_loss_critical)

const drawdown: Rule = ({peak_equity, equity}, {ess}) =>
	read('DRAWDOWN', fall(peak_equity, equity), ess.drawdown_warning, ess.drawdown_critical)

const lossStreak: Rule = ({streak, loss_ms}, judging) => {
	const {loss_streak_warning, loss_streak_critical} = judging.ess
	return passing(read('LOSS_STREAK', streak, loss_streak_warning, loss_streak_critical), loss_ms, judging)
}

const failedOrders: Rule = ({failed_ms}, {ess, machine_ms}) => {
	const recent = failed_ms.filter(then_ms => Math.abs(machine_ms - then_ms) < ess.failed_window_ms).length
	return read('FAILED_ORDERS', recent, ess.failed_orders_warning, ess.failed_orders_critical)
}

const rejectRate: Rule = ({results, failure_ms}, judging) => {
	const {ess} = judging
	const newest = results.slice(-ess.reject_sample)
	const rate = newest.length < ess.reject_sample ? 0 : newest.filter(Boolean).length / newest.length
	return passing(read('REJECT_RATE', rate, ess.reject_rate_warning, ess.reject_rate_critical), failure_ms, judging)
}

/** What others watch over and say is broken stops entries for as long as it is. */
const brokenLimit =
	(rule: string, scope: string): Rule =>
	({broken: {[scope]: found}}) =>
		found
			? {rule, level: 'WARNING', used: found.used, warning: found.limit}
			: {rule, level: 'NORMAL', used: '0', warning: 'broken'}

const reconcileFailed: Rule = ({reconcile_failures}) =>
	read('RECONCILE_FAILED', reconcile_failures, RECONCILE_FAILURES_MAX)

const equityUnknown: Rule = ({equity, began_ms}, {machine_ms}) =>
	read('EQUITY_UNKNOWN', equity === undefined && began_ms > 0 ? machine_ms - began_ms : 0, EQUITY_WITHIN_MS)

export const BROKEN = {budget: 'budget.day', exposure: 'exposure.gross'} as const

/** In the order of precedence: of two rules that stand equally high, the first is named. */
const rules: readonly Rule[] = [
	dailyLoss,
	drawdown,
	lossStreak,
	failedOrders,
	rejectRate,
	brokenLimit('BUDGET', BROKEN.budget),
	brokenLimit('EXPOSURE', BROKEN.exposure),
	reconcileFailed,
	equityUnknown,
]

export const readRules = (watch: EssWatch, judging: Judging): readonly EssReading[] =>
	rules.map(rule => rule(watch, judging))

const HEIGHT: Readonly<Record<EssLevel, number>> = {NORMAL: 0, WARNING: 1, CRITICAL: 2}
export const isHigher = (left: EssLevel, right: EssLevel): boolean => HEIGHT[left] > HEIGHT[right]

/** The highest reading, the first of equals; undefined while all is normal. */
const worstOf = (readings: readonly EssReading[]): EssReading | undefined =>
	readings
		.filter(({level}) => level !== 'NORMAL')
		.reduce<EssReading | undefined>(
			(worst, next) => (worst && !isHigher(next.level, worst.level) ? worst : next),
			undefined,
		)

const stateOf = ({rule, level, used, warning, critical}: EssReading, since_ms: number): Ess => ({
	state: level,
	rule,
	used,
	limit: level === 'CRITICAL' ? (critical ?? warning) : warning,
	since_ms,
})

/**
 * The state that follows. CRITICAL stays until an operator resets it; WARNING stays for `warning_hold_ms` of venue time
 * at least, and for as long as a rule says so.
 */
export const judged = (
	before: Ess,
	readings: readonly EssReading[],
	{ess, now_ms}: Pick<Judging, 'ess' | 'now_ms'>,
): Ess => {
	if (before.state === 'CRITICAL') return before
	const worst = worstOf(readings)
	if (worst && isHigher(worst.level, before.state)) return stateOf(worst, now_ms)
	if (before.state === 'NORMAL') return before
	if (worst) {
		const same = readings.find(({rule, level}) => rule === before.rule && level === 'WARNING') ?? worst
		return stateOf(same, before.since_ms)
	}
	return Math.abs(now_ms - before.since_ms) >= ess.warning_hold_ms ? {...calm, since_ms: now_ms} : before
}

export type Reset =
	| Readonly<{outcome: 'RESET'; ess: Ess; watch: EssWatch}>
	| Readonly<{outcome: 'REFUSED' | 'UNCHANGED'; detail: string}>

/** An operator's reset: refused while a rule is CRITICAL for another reason than the past day, peak, row or sample. */
export const reset = (before: Ess, watch: EssWatch, {ess, now_ms, machine_ms}: Judging): Reset => {
	if (before.state === 'NORMAL') return {outcome: 'UNCHANGED', detail: 'the ESS is NORMAL: there is nothing to reset'}
	const fresh = rebased(watch)
	const worst = worstOf(readRules(fresh, {ess, machine_ms, now_ms}))
	if (worst?.level === 'CRITICAL')
		return {
			outcome: 'REFUSED',
			detail: `${worst.rule} still stands at ${worst.used} of ${worst.critical ?? worst.warning}`,
		}
	return {outcome: 'RESET', watch: fresh, ess: worst ? stateOf(worst, now_ms) : {...calm, since_ms: now_ms}}
}
