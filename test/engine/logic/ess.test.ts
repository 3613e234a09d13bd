import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy, type Policy} from '../../../src/engine/contracts/policy.js'
import {
	BROKEN,
	calm,
	EQUITY_WITHIN_MS,
	type Ess,
	type EssLevel,
	isHigher,
	judged,
	RECONCILE_FAILURES_MAX,
	readRules,
	reset,
} from '../../../src/engine/logic/ess.js'
import {
	atTime,
	dayOf,
	type EssWatch,
	EXEMPT_CODES,
	nothingSeen,
	withBroken,
	withEquity,
	withPrices,
	withReconcile,
	withResult,
	withTrade,
} from '../../../src/engine/logic/ess-watch.js'

const {ess} = defaultPolicy
const NOW = Date.UTC(2026, 10, 21, 12)
const MACHINE = 1_000_000
const DAY_MS = 86_400_000
const at = {ess, machine_ms: MACHINE, now_ms: NOW}
const rich = withEquity(nothingSeen, '1000', NOW)
const worth = (equity: string) => withEquity(rich, equity, NOW)
/** The peak lies in an earlier day, so that only the drawdown moves. */
const fallen = (equity: string) => atTime(withEquity(worth(equity), equity, NOW), NOW + DAY_MS)
const lost = (times: number) =>
	Array.from({length: times}).reduce<EssWatch>(watch => withTrade(watch, {net_pnl: '-1'}, NOW), rich)
const order = (watch: EssWatch, failed: boolean, machine_ms = MACHINE, limits = ess) =>
	withResult(watch, failed ? {decision: 'FAILED', error: '-2019'} : {decision: 'EXECUTED'}, {
		ess: limits,
		machine_ms,
		now_ms: NOW,
	})
const failures = (times: number) => Array.from({length: times}).reduce<EssWatch>(watch => order(watch, true), rich)
/** Old failures, so that only the rate counts them. */
const rate = (failed: number) =>
	Array.from({length: 10}).reduce<EssWatch>((watch, _, index) => order(watch, index < failed, 0), rich)
const uncompared = (times: number) =>
	Array.from({length: times}).reduce<EssWatch>(watch => withReconcile(watch, 'FAILED'), rich)
const blind = (ms: number): EssWatch => ({...nothingSeen, began_ms: MACHINE - ms})
const broken = (scope: string) => withBroken(rich, scope, {broken: true, used: '120', limit: '100'})

describe('each rule, in the order of precedence, just below, at and above its limits', () => {
	test.each<[string, EssLevel, string, string, EssWatch]>([
		['DAILY_LOSS', 'NORMAL', '0.01999', '0.02', worth('980.01')],
		['DAILY_LOSS', 'WARNING', '0.02', '0.02', worth('980')],
		['DAILY_LOSS', 'WARNING', '0.02999', '0.02', worth('970.01')],
		['DAILY_LOSS', 'CRITICAL', '0.03', '0.03', worth('970')],
		['DAILY_LOSS', 'CRITICAL', '0.03001', '0.03', worth('969.99')],
		['DRAWDOWN', 'NORMAL', '0.04999', '0.05', fallen('950.01')],
		['DRAWDOWN', 'WARNING', '0.05', '0.05', fallen('950')],
		['DRAWDOWN', 'WARNING', '0.07999', '0.05', fallen('920.01')],
		['DRAWDOWN', 'CRITICAL', '0.08', '0.08', fallen('920')],
		['DRAWDOWN', 'CRITICAL', '0.08001', '0.08', fallen('919.99')],
		['LOSS_STREAK', 'NORMAL', '4', '5', lost(4)],
		['LOSS_STREAK', 'WARNING', '5', '5', lost(5)],
		['LOSS_STREAK', 'WARNING', '9', '5', lost(9)],
		['LOSS_STREAK', 'CRITICAL', '10', '10', lost(10)],
		['LOSS_STREAK', 'CRITICAL', '11', '10', lost(11)],
		['FAILED_ORDERS', 'NORMAL', '2', '3', failures(2)],
		['FAILED_ORDERS', 'WARNING', '3', '3', failures(3)],
		['FAILED_ORDERS', 'WARNING', '5', '3', failures(5)],
		['FAILED_ORDERS', 'CRITICAL', '6', '6', failures(6)],
		['REJECT_RATE', 'NORMAL', '0.1', '0.2', rate(1)],
		['REJECT_RATE', 'WARNING', '0.2', '0.2', rate(2)],
		['REJECT_RATE', 'WARNING', '0.4', '0.2', rate(4)],
		['REJECT_RATE', 'CRITICAL', '0.5', '0.5', rate(5)],
		['REJECT_RATE', 'CRITICAL', '0.6', '0.5', rate(6)],
		['BUDGET', 'WARNING', '120', '100', broken(BROKEN.budget)],
		['EXPOSURE', 'WARNING', '120', '100', broken(BROKEN.exposure)],
		['RECONCILE_FAILED', 'NORMAL', '2', '3', uncompared(RECONCILE_FAILURES_MAX - 1)],
		['RECONCILE_FAILED', 'WARNING', '3', '3', uncompared(RECONCILE_FAILURES_MAX)],
		['EQUITY_UNKNOWN', 'NORMAL', '59999', '60000', blind(EQUITY_WITHIN_MS - 1)],
		['EQUITY_UNKNOWN', 'WARNING', '60000', '60000', blind(EQUITY_WITHIN_MS)],
	])('%s is %s at %s of %s', (rule, level, used, limit, watch) => {
		const readings = readRules(watch, at)
		expect(readings.find(reading => reading.rule === rule)).toMatchObject({level, used})
		const {state, ...why} = judged(calm, readings, at)
		expect(state).toBe(level)
		if (level !== 'NORMAL') expect(why).toEqual({rule, used, limit, since_ms: NOW})
	})

	test.each([
		['a row of losses', lost(7)],
		['rejections', rate(3)],
	])('%s stop entries for the hold after the last, so that what only trading can mend is not for ever', (_, watch) => {
		const then = (ms: number) => ({...at, now_ms: NOW + ms})
		const state = (ms: number) => judged(calm, readRules(watch, then(ms)), then(ms)).state
		expect([state(ess.warning_hold_ms - 1), state(ess.warning_hold_ms)]).toEqual(['WARNING', 'NORMAL'])
	})

	test('a CRITICAL row does not pass', () => {
		const later = {...at, now_ms: NOW + DAY_MS}
		expect(judged(calm, readRules(lost(10), later), later).state).toBe('CRITICAL')
	})

	test('of two that stand equally high the first is named, and CRITICAL goes before WARNING', () => {
		const both = Array.from({length: 5}).reduce<EssWatch>(watch => withTrade(watch, {net_pnl: '-1'}, NOW), worth('980'))
		expect(judged(calm, readRules(both, at), at).rule).toBe('DAILY_LOSS')
		const higher = Array.from({length: 10}).reduce<EssWatch>(
			watch => withTrade(watch, {net_pnl: '-1'}, NOW),
			worth('980'),
		)
		expect(judged(calm, readRules(higher, at), at).rule).toBe('LOSS_STREAK')
	})
})

describe('what is counted', () => {
	test('the day begins at midnight of venue time with the newest equity of the day before', () => {
		const evening = withEquity(withEquity(nothingSeen, '1000', NOW), '900', NOW + 3_600_000)
		const morning = withEquity(evening, '890', dayOf(NOW) + DAY_MS + 1)
		expect(morning).toMatchObject({day_equity: '900', peak_equity: '1000', equity: '890'})
	})

	test('a trade that does not lose ends the row', () => {
		expect(withTrade(lost(4), {net_pnl: '0'}, NOW).streak).toBe(0)
		expect(withTrade(lost(4), {net_pnl: '0.01'}, NOW).streak).toBe(0)
		expect(withTrade(lost(4), {net_pnl: '-0.01'}, NOW).streak).toBe(5)
	})

	test('fees in BNB count by its newest price, and not where none is known', () => {
		const won = {net_pnl: '1', other_fees: {BNB: '0.002'}}
		const streak = (prices?: Readonly<Record<string, string>>) => withTrade(withPrices(rich, prices), won, NOW).streak
		expect([streak({BNB: '600'}), streak({BNB: '400'}), streak({LTC: '600'}), streak()]).toEqual([1, 0, 0, 0])
	})

	test.each([...EXEMPT_CODES])('an order refused with %s is a race, no failure', error => {
		expect(withResult(rich, {decision: 'FAILED', error}, at)).toBe(rich)
	})

	test.each(['-2019', 'NEVER_PLACED', 'NOT_TRADABLE'])('one that ended with %s is a failure', error => {
		expect(withResult(rich, {decision: 'FAILED', error}, at).failed_ms).toEqual([MACHINE])
	})

	test.each(['SKIP', 'UNKNOWN'])('%s says nothing', decision => {
		expect(withResult(rich, {decision, error: '-2019'}, at)).toBe(rich)
	})

	test('failures leave the window by machine time, and the sample by newer orders', () => {
		const later = {...at, machine_ms: MACHINE + ess.failed_window_ms}
		expect(readRules(failures(6), later).find(({rule}) => rule === 'FAILED_ORDERS')?.used).toBe('0')
		const healed = Array.from({length: 10}).reduce<EssWatch>(watch => order(watch, false), rate(6))
		expect(healed.results).toHaveLength(10)
		expect(readRules(healed, later).find(({rule}) => rule === 'REJECT_RATE')?.used).toBe('0')
	})

	test('drift is not what stops the system; a comparison that works again is', () => {
		expect(withReconcile(uncompared(2), 'DRIFT').reconcile_failures).toBe(0)
		expect(withReconcile(uncompared(2), 'CORRECTION').reconcile_failures).toBe(2)
		expect(withReconcile(uncompared(2), 'FAILED').reconcile_failures).toBe(3)
	})
})

describe('how it goes on', () => {
	const warned: Ess = {state: 'WARNING', rule: 'LOSS_STREAK', used: '5', limit: '5', since_ms: NOW}

	test.each([
		['before the hold is over', 899_999, 'WARNING'],
		['after it', 900_000, 'NORMAL'],
	])('WARNING whose cause is gone is over only %s', (_, later_ms, state) => {
		expect(judged(warned, readRules(rich, at), {ess, now_ms: NOW + later_ms}).state).toBe(state)
	})

	test('WARNING stays for as long as its cause stands, since when it began', () => {
		const now_ms = NOW + 10 * ess.warning_hold_ms
		const stays = judged(warned, readRules(lost(6), at), {ess, now_ms})
		expect(stays).toEqual({...warned, used: '6'})
	})

	test.each<[string, EssWatch, string, EssLevel | undefined]>([
		['a lost day', worth('900'), 'RESET', 'NORMAL'],
		['a row of losses', lost(12), 'RESET', 'NORMAL'],
		['a sample of failures', rate(9), 'RESET', 'NORMAL'],
		['failures of this minute', failures(6), 'REFUSED', undefined],
		[
			'a broken budget beside it',
			withBroken(worth('900'), BROKEN.budget, {broken: true, used: '9', limit: '8'}),
			'RESET',
			'WARNING',
		],
	])('a reset after %s', (_, watch, outcome, state) => {
		const before = judged(calm, readRules(watch, at), at)
		expect(before.state).toBe('CRITICAL')
		const answer = reset(before, watch, at)
		expect(answer.outcome).toBe(outcome)
		if (answer.outcome !== 'RESET') return
		expect(answer.ess.state).toBe(state)
		expect(answer.watch).toMatchObject({day_equity: watch.equity, peak_equity: watch.equity, streak: 0, results: []})
	})

	test('there is nothing to reset in NORMAL', () => {
		expect(reset(calm, rich, at).outcome).toBe('UNCHANGED')
	})
})

type Move = (watch: EssWatch, limits: Policy['ess']) => EssWatch
const aMove: fc.Arbitrary<Move> = fc.oneof(
	fc.integer({min: 1, max: 3_000}).map(
		(equity): Move =>
			watch =>
				withEquity(watch, String(equity), NOW),
	),
	fc.constantFrom('-1', '0', '1').map(
		(pnl): Move =>
			watch =>
				withTrade(watch, {net_pnl: pnl}, NOW),
	),
	fc.boolean().map(
		(failed): Move =>
			(watch, limits) =>
				order(watch, failed, MACHINE, limits),
	),
	fc.constantFrom('FAILED', 'CLEAN', 'DRIFT').map(
		(outcome): Move =>
			watch =>
				withReconcile(watch, outcome),
	),
	fc.boolean().map(
		(is): Move =>
			watch =>
				withBroken(watch, BROKEN.budget, {broken: is, used: '2', limit: '1'}),
	),
)
const moves = fc.array(aMove, {maxLength: 40})

test('nothing but a reset leads out of CRITICAL', () => {
	fc.assert(
		fc.property(moves, moves, fc.nat(10 * DAY_MS), (first, then, later_ms) => {
			let watch = nothingSeen
			let state: Ess = calm
			let tripped: Ess | undefined
			for (const [index, move] of [...first, ...then].entries()) {
				watch = move(watch, ess)
				const now_ms = NOW + (index < first.length ? 0 : later_ms)
				state = judged(state, readRules(watch, at), {ess, now_ms})
				if (tripped) expect(state).toEqual(tripped)
				if (state.state === 'CRITICAL') tripped = state
			}
		}),
	)
})

const thresholds = ['daily_loss', 'drawdown', 'loss_streak', 'failed_orders', 'reject_rate'] as const
/** Factors from 0 to 1 by which the thresholds come down; a shorter sample is another sample, no tighter one. */
const tightened = (share: number): Policy['ess'] => {
	const down = (value: number): number => (value >= 1 ? Math.max(1, Math.floor(value * share)) : value * share)
	const lower = Object.fromEntries(
		thresholds.flatMap(name => [
			[`${name}_warning`, down(ess[`${name}_warning`])],
			[`${name}_critical`, down(ess[`${name}_critical`])],
		]),
	)
	return {...ess, ...lower, failed_window_ms: Math.round(ess.failed_window_ms / share)}
}

test('tightening never lowers the state', () => {
	fc.assert(
		fc.property(moves, fc.double({min: 0.05, max: 1, noNaN: true}), (all, share) => {
			const watch = all.reduce((before, move) => move(before, ess), nothingSeen)
			const loose = judged(calm, readRules(watch, at), at)
			const limits = tightened(share)
			const tight = judged(calm, readRules(watch, {...at, ess: limits}), {ess: limits, now_ms: NOW})
			expect(isHigher(loose.state, tight.state)).toBe(false)
		}),
	)
})
