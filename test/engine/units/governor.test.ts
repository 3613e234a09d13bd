import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import type {Policy} from '../../../src/engine/contracts/policy.js'
import {type Emitted, HandClock} from '../../support/drive.js'
import {executed, fieldsOf, filled, OTHER, open, put, reserved, SYMBOL, startGovernor} from './governed.js'

type Unit = Awaited<ReturnType<typeof startGovernor>>
const verdictOf = ([first]: readonly Emitted[]) => first?.payload
const verdicts = (emitted: readonly Emitted[]) => emitted.map(({payload: {verdict, reason}}) => [verdict, reason])
const quote = (unit: Unit, changes: Readonly<Record<string, string>>) =>
	put(unit, keys.marketQuote, {symbol: SYMBOL}, changes)
const ago = (ms: number) => (unit: Unit) => String(unit.clock.venue() - ms)

type Row = readonly [
	reason: string,
	plan: Readonly<Record<string, unknown>>,
	world: (unit: Unit) => Promise<unknown>,
	policy?: Partial<Policy>,
	ts_ms?: number,
]
const nothing = async () => undefined

/** In order of precedence: each row breaks its own gate and every one below it. */
const entryRefusals: readonly Row[] = [
	['KILLED', {}, unit => put(unit, keys.kill, {}, '1')],
	['SYMBOL_BLOCKED', {}, unit => put(unit, keys.blockedSymbols, {}, {[SYMBOL]: '{}'})],
	['MODE_MISMATCH', {}, unit => put(unit, keys.mode, {}, 'LIVE')],
	['EXECUTION_DISABLED', {}, unit => put(unit, keys.execution, {}, 'DISABLED')],
	['PAUSED', {}, unit => put(unit, keys.execution, {}, 'REDUCE_ONLY')],
	['SIDE_MISSING', {side: undefined}, nothing],
	['ESS_STALE', {}, unit => put(unit, keys.essState, {}, {machine_ms: ago(15_001)(unit)})],
	['ESS_STOPPED', {}, unit => put(unit, keys.essState, {}, {state: 'WARNING'})],
	['ESS_UNWATCHED', {}, unit => put(unit, keys.essWatch, {}, {machine_ms: ago(15_001)(unit)})],
	['BSC_STALE', {}, unit => put(unit, keys.bscState, {}, {machine_ms: ago(15_001)(unit)})],
	['BSC_TRIPPED', {}, unit => put(unit, keys.bscState, {}, {state: 'TRIPPED'})],
	['POLICY_CHANGING', {}, unit => put(unit, keys.policyActive, {}, {version: '2'})],
	['NOT_RECONCILED', {}, unit => put(unit, keys.reconcileLast, {}, {outcome: 'DRIFT'})],
	['RECONCILE_STALE', {}, unit => put(unit, keys.reconcileLast, {}, {machine_ms: ago(180_001)(unit)})],
	['DATA_STALE', {}, unit => put(unit, keys.marketStale, {symbol: SYMBOL}, {since_ms: '1'})],
	['DIVERGENCE_STALE', {}, unit => put(unit, keys.divergence, {}, {[SYMBOL]: `1|${ago(60_001)(unit)}`})],
	['DIVERGED', {}, unit => put(unit, keys.divergence, {}, {[SYMBOL]: `-100.5|${ago(60_000)(unit)}`})],
	['KILL_SCORE', {kill_score: 0.8}, nothing],
	['PLAN_STALE', {}, nothing, {}, -30_001],
	['PRICE_DRIFT', {reference_price: '98.9'}, nothing],
	['SPREAD_WIDE', {reference_price: undefined}, unit => quote(unit, {bid: '99.7'})],
	['NOT_TRADABLE', {}, unit => put(unit, keys.marketFilters, {symbol: SYMBOL}, {tradable: 'false'})],
	['UNIVERSE_STALE', {}, unit => put(unit, keys.universe, {}, {machine_ms: ago(180_001)(unit)})],
	['NOT_IN_UNIVERSE', {}, unit => put(unit, keys.allowlist, {}, undefined)],
	['STOP_BEYOND_LOSS_LIMIT', {leverage: 10, stop_price: '98.999'}, nothing],
	[
		'FOREIGN_IGNORED',
		{action: 'ADD'},
		unit => put(unit, keys.positionSnapshot, {symbol: SYMBOL}, {amount: '1', foreign: 'ignored'}),
	],
	['ENTRY_IN_PROGRESS', {}, unit => unit.send('plan', open('before'))],
	['POSITION_EXISTS', {}, unit => unit.send('fill', filled('foreign', 'BUY', '1'))],
	['NO_POSITION', {action: 'ADD'}, nothing],
	[
		'ADD_REDUCES',
		{action: 'ADD', side: 'SELL'},
		async unit => {
			await unit.send('fill', filled('foreign', 'BUY', '1'))
			await put(unit, keys.positionSnapshot, {symbol: SYMBOL}, {amount: '1'})
		},
	],
	['SLOTS_FULL', {}, unit => unit.send('plan', open('elsewhere', {symbol: OTHER})), {positions_max: 1}],
	['RATE_HOUR', {}, unit => history(unit, 3, 3_599_999), {cooldown_ms: 0}],
	['RATE_5M', {}, unit => history(unit, 2, 299_999), {cooldown_ms: 0}],
	['COOLDOWN', {}, unit => put(unit, keys.cooldown, {symbol: SYMBOL}, ago(59_999)(unit))],
	['HEAT_STALE', {}, unit => put(unit, keys.heatPortfolio, {}, {machine_ms: ago(15_001)(unit)})],
	['HEAT_PORTFOLIO', {}, unit => put(unit, keys.heatPortfolio, {}, {heat_share: '0.06'})],
	['NOTIONAL_MISSING', {notional_usdt: undefined}, nothing],
	['BELOW_MIN_NOTIONAL', {notional_usdt: '4.999999'}, nothing],
	[
		'TOTAL_NOTIONAL',
		{},
		unit => unit.send('plan', open('elsewhere', {symbol: OTHER, notional_usdt: '150'})),
		{notional_total_usdt: 249, notional_per_trade_usdt: 200},
	],
	['DEPTH_THIN', {}, unit => quote(unit, {ask_quantity: '0.99'})],
]

/** Entries that were admitted and went through, so long ago that the next one may ask. */
const history = async (unit: Unit, entries: number, last_ms: number): Promise<void> => {
	const now = unit.clock.venue_ms
	for (let index = 0; index < entries; index += 1) {
		unit.clock.venue_ms = now - last_ms + index
		await quote(unit, {venue_ms: String(unit.clock.venue_ms)})
		const plan_id = `before-${index}`
		await unit.send('plan', open(plan_id))
		await unit.send('result', executed(plan_id, '1'))
		await unit.send('fill', filled(plan_id, 'BUY', '1'))
		await unit.send('fill', filled('foreign', 'SELL', '1'))
	}
	unit.clock.venue_ms = now
	await quote(unit, {venue_ms: String(now)})
}

describe('an entry', () => {
	test.each(entryRefusals.map(row => [row[0], row] as const))('is refused: %s', async (_, row) => {
		const [reason, changes, world, policy = {}, later_ms = 0] = row
		const entries_per_5m_max = reason === 'RATE_5M' ? 2 : 3
		const unit = await startGovernor({entries_per_5m_max, ...policy})
		await world(unit)
		const before = await reserved(unit)
		const plan = {...open('plan'), ...changes}
		const answer = await unit.send('plan', plan, {ts: unit.clock.venue() + later_ms})
		expect(verdicts(answer)).toEqual([['REFUSE', reason]])
		expect(await reserved(unit)).toEqual(before)
		expect(await fieldsOf(unit, keys.permit, {plan_id: 'plan'})).toMatchObject({
			verdict: 'REFUSE',
			reason,
			state: 'NONE',
		})
	})

	test('the first reason in that order wins', async () => {
		const alone = entryRefusals.filter(
			([reason]) => !/POSITION|PROGRESS|ADD|SLOTS|RATE|COOLDOWN|TOTAL|DISABLED/.test(reason),
		)
		for (let from = 0; from < alone.length; from += 1) {
			const unit = await startGovernor()
			const rest = alone.slice(from).toReversed()
			let plan = open('plan')
			let ts = unit.clock.venue()
			for (const [, changes, world, , later_ms = 0] of rest) {
				await world(unit)
				plan = {...plan, ...changes}
				ts += later_ms
			}
			expect(verdictOf(await unit.send('plan', plan, {ts}))?.reason).toBe(alone[from]?.[0])
		}
	})

	test.each([
		['quote_age', 10_000, (unit: Unit, ms: number) => quote(unit, {venue_ms: String(unit.clock.venue() - ms)})],
		['quote_silence', 5_000, (unit: Unit, ms: number) => quote(unit, {machine_ms: String(unit.clock.machine() - ms)})],
	] as const)('stale data by %s refuses from beyond %d ms', async (_, limit_ms, set) => {
		const unit = await startGovernor()
		await set(unit, limit_ms + 1)
		expect(verdictOf(await unit.send('plan', open('late')))?.reason).toBe('DATA_STALE')
		await set(unit, limit_ms)
		expect(verdictOf(await unit.send('plan', open('just')))?.reason).toBe('ALLOW')
	})

	test('adding is refused while more positions were inherited than may be open', async () => {
		const inherit = async (positions_max: number) => {
			const unit = await startGovernor({positions_max})
			for (const symbol of [SYMBOL, OTHER]) await unit.send('fill', filled('foreign', 'BUY', '1', '100', symbol))
			await put(unit, keys.positionSnapshot, {symbol: SYMBOL}, {amount: '1'})
			return verdictOf(await unit.send('plan', open('plan', {action: 'ADD'})))?.reason
		}
		expect([await inherit(1), await inherit(2)]).toEqual(['SLOTS_FULL', 'ALLOW'])
	})

	test('of the future is as wrong as one of the past', async () => {
		const unit = await startGovernor()
		expect(verdictOf(await unit.send('plan', open('ahead'), {ts: unit.clock.venue() + 30_001}))?.reason).toBe(
			'PLAN_STALE',
		)
	})

	test('allowed: slot, notional, rate, cooldown and permit are set aside in the same step', async () => {
		const unit = await startGovernor()
		const plan = open('plan', {notional_usdt: '150.25', stop_price: '97'})
		const answer = await unit.send('plan', plan)
		expect(verdictOf(answer)).toMatchObject({
			verdict: 'ALLOW',
			notional_usdt: '150.250000',
			quote_price: '100.1',
			epoch: 7,
			deadline_ms: unit.clock.venue() + 30_000,
			plan,
		})
		const {bySymbol, total, slots} = await reserved(unit)
		expect(bySymbol[SYMBOL]).toMatchObject({plan_id: 'plan', state: 'RESERVED', open: 0, reserved: 150_250_000})
		expect([total, slots]).toEqual([150_250_000, 9])
		expect(await fieldsOf(unit, keys.permit, {plan_id: 'plan'})).toMatchObject({
			state: 'ISSUED',
			class: 'ENTRY',
			epoch: '7',
			notional_micro: '150250000',
		})
		expect(await unit.bus.get(unit.naming.key(keys.cooldown, {symbol: SYMBOL}))).toBe(String(unit.clock.venue()))
	})

	test.each([
		['more than the cap is clipped to it', {notional_usdt: '5000'}, '200.000000'],
		['and so is more than anything can count', {notional_usdt: '99999999999999999999'}, '200.000000'],
		['a size is priced at the ask with room for slippage', {quantity: '1'}, '100.600501'],
		['a size decides where both are given', {quantity: '1', notional_usdt: '7'}, '100.600501'],
		[
			'a size without a price is clipped as well',
			{quantity: '50', reference_price: undefined, notional_usdt: undefined},
			'200.000000',
		],
		['a size too small to count is refused', {quantity: '0.0000001'}, undefined],
	])('%s', async (_, changes, notional_usdt) => {
		const unit = await startGovernor()
		expect(verdictOf(await unit.send('plan', open('plan', changes)))?.notional_usdt).toBe(notional_usdt)
	})

	test('policy amounts that print with an exponent are read all the same', async () => {
		const unit = await startGovernor({notional_per_trade_usdt: 1e-7, notional_total_usdt: 2_000})
		expect(verdictOf(await unit.send('plan', open('plan')))?.reason).toBe('BELOW_MIN_NOTIONAL')
	})

	test('asked again gets the stored verdict, and reserves nothing twice', async () => {
		const unit = await startGovernor()
		await unit.send('plan', open('plan'))
		const before = await reserved(unit)
		expect(verdicts(await unit.send('plan', open('plan')))).toEqual([['REPEAT', 'ALLOW']])
		expect(await reserved(unit)).toEqual(before)
		await unit.send('plan', open('other'))
		expect(verdicts(await unit.send('plan', open('other')))).toEqual([['REPEAT', 'ENTRY_IN_PROGRESS']])
	})

	test('in shadow is not judged', async () => {
		const unit = await startGovernor()
		expect(await unit.send('plan', open('plan'), {authority: 'shadow'})).toEqual([])
	})
})

test('a plan that breaks its contract goes to the dead letters whole', async () => {
	const unit = await startGovernor({}, new HandClock())
	const fields = {plan_id: 'plan', symbol: SYMBOL, action: 'OPEN', quantity: '-1'}
	expect(await unit.sendFields('plan', fields)).toEqual([])
	const [letter] = await unit.bus.range(unit.naming.stream('dead.letter'), {count: 10})
	expect(letter?.fields).toMatchObject({reason: 'CONTRACT_BROKEN'})
	expect(JSON.parse(letter?.fields.fields ?? '')).toEqual(fields)
})
