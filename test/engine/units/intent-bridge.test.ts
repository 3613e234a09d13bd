import * as fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import type {Policy} from '../../../src/engine/contracts/policy.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {planPayload, tradeIntent} from '../../../src/engine/contracts/streams/trade.js'
import {intentToPlan} from '../../../src/engine/logic/intent-to-plan.js'
import type {Emitted} from '../../support/drive.js'
import {startBridge as start} from './bridged.js'

/** The newest entry of the reference's stream, and one of its other shape, as `redis-cli XADD` writes them. */
const withStops = {
	symbol: 'BTCUSDT',
	side: 'SELL',
	confidence: '0.56116',
	entry_price: '0.12433',
	stop_loss: '0.1268166',
	take_profit: '0.11935679999999999',
	position_size_usd: '200.0',
	leverage: '10.0',
	timestamp: '2026-02-03T22:45:36.933921',
	model: 'fallback-trend-following',
}
const withQuantity = {
	symbol: '币安人生USDT',
	side: 'BUY',
	action: 'OPEN',
	qty: '12.5',
	leverage: '3',
	confidence: '0.7',
	strategy: 'momentum',
	regime: 'TREND',
}
const intent = {
	symbol: 'BTCUSDT',
	side: 'BUY',
	confidence: 0.7,
	entry_price: '100',
	position_size_usd: '20',
	leverage: 5,
	model: 'trend',
}

type Unit = Awaited<ReturnType<typeof start>>
const hold = (unit: Unit, amount: string, symbol = 'BTCUSDT') =>
	unit.send('position', {symbol, amount, entry_price: '100', opened_ms: 1, source: 'fill', stop_resting: true})
const reasons = (emitted: readonly Emitted[]) => emitted.map(({stream, payload}) => [stream, payload.reason])
const planOf = (emitted: readonly Emitted[]) => {
	expect(emitted.map(({stream}) => stream)).toEqual(['apply.plan'])
	return emitted[0]?.payload
}

describe('entries written by hand, in the shapes of the reference', () => {
	test('with stops and margin', async () => {
		const unit = await start()
		// Without an action a SELL of a flat symbol is skipped, so that the reference's own entry needs one.
		expect(planOf(await unit.sendFields('intent', {...withStops, action: 'OPEN'}))).toMatchObject({
			symbol: 'BTCUSDT',
			action: 'OPEN',
			side: 'SELL',
			// The stop is 2 % away: at 10 it would cost a fifth of the margin.
			leverage: 5,
			notional_usdt: '1000',
			reference_price: '0.12433',
			stop_price: '0.1268166',
			target_price: '0.1193568',
			source: 'hand',
			reason: 'fallback-trend-following confidence 0.56116',
		})
		expect(
			planOf(await unit.sendFields('intent', {...withStops, side: 'buy', stop_loss: '0.12', take_profit: '0.13'})),
		).toMatchObject({
			action: 'OPEN',
			side: 'BUY',
		})
	})

	test('with a quantity, stops left to the fill', async () => {
		const unit = await start()
		const plan = planOf(await unit.sendFields('intent', withQuantity))
		expect(plan).toMatchObject({symbol: '币安人生USDT', action: 'OPEN', side: 'BUY', quantity: '12.5', leverage: 3})
		expect(plan).not.toHaveProperty('stop_price')
		expect(plan).not.toHaveProperty('notional_usdt')
	})

	test('each entry is an intent of its own, by its stream id', async () => {
		const unit = await start()
		const [first] = await unit.sendFields('intent', withQuantity)
		const [second] = await unit.sendFields('intent', withQuantity)
		expect(second?.stream).toBe('apply.plan')
		expect(second?.payload.plan_id).not.toBe(first?.payload.plan_id)
	})
})

describe('a plan', () => {
	test('derives its stops from the entry price, and names the intent that it comes from', async () => {
		const unit = await start()
		const [plan] = await unit.send('intent', intent, {id: 'intent-1', unit: 'trading-bot'})
		expect(plan?.payload).toMatchObject({
			notional_usdt: '60',
			stop_price: '97',
			target_price: '103.99',
			source: 'trading-bot',
			intent_id: 'intent-1',
		})
		expect(await unit.bus.get(unit.naming.key(keys.dedupIntent, {id: 'intent-1'}))).toBe(plan?.payload.plan_id)
	})

	test.each([
		['BUY', {stop_loss: '95'}, '95', '103.99'],
		['SELL', {}, '103', '96.01'],
		['SELL', {take_profit: '90'}, '103', '90'],
		['BUY', {entry_price: undefined, stop_loss: '95', take_profit: '110'}, '95', '110'],
		['BUY', {entry_price: undefined, stop_loss: '95'}, '95', undefined],
		['BUY', {entry_price: '0.0000000012345'}, '0.000000001197465', '0.00000000128375655'],
	])('%s %j keeps the stops it was given', async (side, changes, stop_price, target_price) => {
		const unit = await start()
		const plan = planOf(await unit.send('intent', {...intent, action: 'OPEN', side, ...changes}))
		expect([plan?.stop_price, plan?.target_price]).toEqual([stop_price, target_price])
	})

	test.each([
		['0', 'BUY', undefined, 'OPEN', undefined],
		['0', 'SELL', 'OPEN', 'OPEN', undefined],
		['1', 'BUY', undefined, 'OPEN', undefined],
		['1', 'BUY', 'ADD', 'ADD', undefined],
		['-1', 'SELL', 'ADD', 'ADD', undefined],
		['1', 'SELL', undefined, 'CLOSE', {side: 'SELL', quantity: '1'}],
		['-1', 'BUY', undefined, 'CLOSE', {side: 'BUY', quantity: '1'}],
		['-2', 'SELL', 'PARTIAL_CLOSE_25', 'PARTIAL_CLOSE_25', {side: 'BUY', quantity: '0.5'}],
		['3', 'BUY', 'HARVEST_PARTIAL', 'HARVEST_PARTIAL', {side: 'SELL', quantity: '0.75'}],
	])('at %s, %s %s becomes %s', async (amount, side, action, planned, rest) => {
		const unit = await start()
		await hold(unit, amount)
		expect(planOf(await unit.send('intent', {...intent, side, action}))).toMatchObject({action: planned, ...rest})
	})
})

describe('is refused, whole and with the reason', () => {
	/** In order of precedence: each row breaks its own rule and those below it. */
	const rows: ReadonlyArray<
		readonly [reason: string, changes: Readonly<Record<string, unknown>>, amount?: string, policy?: Partial<Policy>]
	> = [
		['DUPLICATE_INTENT', {}],
		['SKIP_FLAT_SELL', {side: 'SELL', symbol: 'FHEUSDT'}],
		['ACTION_NOT_HERE', {action: 'PROTECT', symbol: 'FHEUSDT'}],
		['NOTHING_TO_CLOSE', {action: 'CLOSE', symbol: 'FHEUSDT'}],
		['PART_TOO_SMALL', {action: 'PARTIAL_CLOSE_25'}, '0.000000000000000001'],
		['NOTHING_TO_ADD_TO', {action: 'ADD', symbol: 'FHEUSDT'}],
		['ADD_REDUCES', {action: 'ADD', side: 'SELL'}, '1', {allowlist: []}],
		['SYMBOL_NOT_ALLOWED', {side: 'SELL', action: 'OPEN'}, '0', {allowlist: [], short_allowed: false}],
		['SHORT_NOT_ALLOWED', {side: 'SELL', action: 'OPEN', leverage: 20}, '0', {short_allowed: false}],
		['LEVERAGE_TOO_HIGH', {leverage: 11, position_size_usd: undefined}],
		['SIZE_MISSING', {position_size_usd: undefined, stop_loss: '200'}],
		['PRICE_ABSURD', {position_size_usd: '99999999999999999999', stop_loss: '99999999995000000000'}],
		['STOP_WRONG_SIDE', {stop_loss: '100', take_profit: '1'}],
		['STOP_WRONG_SIDE', {entry_price: undefined, stop_loss: '100', take_profit: '100'}],
		['TARGET_WRONG_SIDE', {take_profit: '100', stop_loss: '50'}],
		['STOP_BEYOND_LOSS_LIMIT', {stop_loss: '89.99', position_size_usd: '99999999999999999999'}],
		['SIZE_ABSURD', {position_size_usd: '99999999999999999999'}],
	]
	test.each(rows.map(row => [row[0], row] as const))('%s', async (reason, [, changes, amount = '0', policy = {}]) => {
		const unit = await start(policy)
		if (amount !== '0') await hold(unit, amount)
		if (reason === 'DUPLICATE_INTENT') await unit.send('intent', intent, {id: 'intent-1'})
		const answer = await unit.send('intent', {...intent, ...changes}, {id: 'intent-1', unit: 'trading-bot'})
		expect(reasons(answer)).toEqual([['trade.intent.dlq', reason]])
		const {fields, entry_id} = (answer[0]?.payload ?? {}) as {fields?: Record<string, string>; entry_id?: string}
		expect(entry_id).toBe('intent-1')
		expect(fields).toMatchObject({
			id: 'intent-1',
			unit: 'trading-bot',
			authority: 'live',
			symbol: changes.symbol ?? 'BTCUSDT',
		})
		expect(tradeIntent.payload.safeParse(fields).success).toBe(true)
		expect(unit.runner.dead_lettered).toBe(0)
	})

	test('a shadow intent is no plan and is not remembered', async () => {
		const unit = await start()
		expect(await unit.send('intent', intent, {id: 'intent-1', authority: 'shadow'})).toEqual([])
		expect(planOf(await unit.send('intent', intent, {id: 'intent-1'}))).toBeDefined()
	})

	test('a duplicate is known for 900 s, over a restart', async () => {
		const unit = await start()
		await unit.send('intent', intent, {id: 'intent-1'})
		unit.clock.advance(899_999)
		const again = await start({}, {bus: unit.bus, clock: unit.clock})
		await again.send('position', {
			symbol: 'BTCUSDT',
			amount: '0',
			entry_price: '0',
			opened_ms: 0,
			source: 'fill',
			stop_resting: false,
		})
		const answer = await again.send('intent', intent, {id: 'intent-1'})
		expect(reasons(answer).at(-1)).toEqual(['trade.intent.dlq', 'DUPLICATE_INTENT'])
	})

	test('a position of a shadow unit is none', async () => {
		const unit = await start()
		const snapshot = {
			symbol: 'BTCUSDT',
			amount: '1',
			entry_price: '1',
			opened_ms: 1,
			source: 'fill',
			stop_resting: true,
		}
		await unit.send('position', snapshot, {authority: 'shadow'})
		expect(reasons(await unit.send('intent', {...intent, side: 'SELL'}))).toEqual([
			['trade.intent.dlq', 'SKIP_FLAT_SELL'],
		])
	})
})

describe('what breaks the contract goes to the dead letters whole', () => {
	const {symbol: _, ...withoutSymbol} = withStops
	const {side: __, ...withoutSide} = withStops
	const {confidence: ___, ...withoutConfidence} = withStops
	test.each<readonly [field: string, fields: Record<string, string>]>([
		['symbol', withoutSymbol],
		['side', withoutSide],
		['confidence', withoutConfidence],
		['symbol', {...withStops, symbol: 'BTC USDT; DROP'}],
		['side', {...withStops, side: 'HOLD'}],
		['action', {...withStops, action: 'DOUBLE'}],
		['confidence', {...withStops, confidence: 'NaN'}],
		['confidence', {...withStops, confidence: '1.01'}],
		['confidence', {...withStops, confidence: '-0.1'}],
		['entry_price', {...withStops, entry_price: '0'}],
		['entry_price', {...withStops, entry_price: 'Infinity'}],
		['stop_loss', {...withStops, stop_loss: '-1'}],
		['stop_loss', {...withStops, stop_loss: 'None'}],
		['take_profit', {...withStops, take_profit: '1e400'}],
		['position_size_usd', {...withStops, position_size_usd: '-200'}],
		['position_size_usd', {...withStops, position_size_usd: '1e30'}],
		['qty', {...withQuantity, qty: '-12.5'}],
		['qty', {...withQuantity, qty: 'nan'}],
		['leverage', {...withStops, leverage: '126'}],
		['leverage', {...withStops, leverage: '0'}],
		['leverage', {...withStops, leverage: 'inf'}],
		['kill_score', {...withStops, kill_score: 'high'}],
	])('%s of %j', async (field, fields) => {
		const unit = await start()
		const answer = await unit.sendFields('intent', fields)
		expect(reasons(answer)).toEqual([['trade.intent.dlq', 'CONTRACT_BROKEN']])
		expect(answer[0]?.payload).toMatchObject({stream: 'trade.intent', fields})
		expect(answer[0]?.payload.detail).toContain(`${field}: `)
	})
})

test('whatever an intent asks, its plan keeps the contract: plain decimals, stops on their sides', () => {
	const decimal = fc
		.tuple(fc.bigInt({min: 1n, max: 10n ** 20n - 1n}), fc.integer({min: 0, max: 18}))
		.map(([digits, places]) => {
			const text = String(digits).padStart(places + 1, '0')
			return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`
		})
	const maybe = fc.option(decimal, {nil: undefined})
	const asked = fc.record({
		side: fc.constantFrom('BUY' as const, 'SELL' as const),
		action: fc.constantFrom(undefined, 'OPEN' as const, 'ADD' as const, 'CLOSE' as const, 'PARTIAL_CLOSE_50' as const),
		entry_price: maybe,
		stop_loss: maybe,
		take_profit: maybe,
		position_size_usd: maybe,
		qty: maybe,
		leverage: fc.double({min: 1, max: 10, noNaN: true}),
		amount: fc.constantFrom('0', '1', '-0.5'),
	})
	fc.assert(
		fc.property(asked, ({amount, ...fields}) => {
			const state = {amount, seen: {}}
			const full = {symbol: 'BTCUSDT', confidence: 0.5, ...fields}
			const answer = intentToPlan({intent: full, state, policy: defaultPolicy, authority: 'live', repeated: false})
			if ('reason' in answer) return
			const {plan} = answer
			expect(planPayload.safeParse({...plan, plan_id: 'plan', source: 'test'})).toMatchObject({success: true})
			const [stop, target, price] = [plan.stop_price, plan.target_price, plan.reference_price].map(Number)
			if (plan.action === 'CLOSE' || plan.action === 'PARTIAL_CLOSE_50' || !stop || !target || !price) return
			const direction = plan.side === 'BUY' ? 1 : -1
			expect(Math.sign(target - stop)).toBe(direction)
		}),
		{numRuns: 500},
	)
})
