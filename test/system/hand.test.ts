import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {changePolicy} from '../../src/daemon/client/policy.js'
import {eventually} from '../support/eventually.js'
import {type RunningSystem, startSystem} from '../support/system.js'
import {allProblems, entriesOf} from '../support/system-audit.js'
import {clientIdOf, creations} from '../support/system-venue.js'

const LONG_MS = 180_000
const patient = {within_ms: 45_000, every_ms: 50}

let system: RunningSystem
beforeAll(async () => {
	// Nobody but the hand trades, and nothing closes by itself.
	const policy = {
		intent_source: 'autonomous-trader',
		exit_monitor: {target: 0.9, stop: 0.9, trailing: 0.9, trailing_from: 0.9},
		exit_brain: {symbols_share: 0},
		depth_multiple_min: 0,
	}
	system = await startSystem({settings: {speed: 20}, policy})
	await system.arm()
	// The first gate passes nothing before it knows what moves together.
	await find('portfolio.cluster_state', {})
}, LONG_MS)
afterAll(() => system?.stop(), LONG_MS)

type Entry = Readonly<Record<string, string | number>>
const write = async (stream: string, entry: Entry): Promise<string> =>
	(await system.redis.xadd(system.naming.stream(stream), '*', ...Object.entries(entry).flat())) ?? ''
const find = (stream: string, fields: Entry) =>
	eventually(
		async () =>
			(await entriesOf(system, stream)).find(entry =>
				Object.entries(fields).every(([name, value]) => entry[name] === String(value)),
			),
		{...patient, what: `${stream} has ${JSON.stringify(fields)}`},
	)
const price = async (symbol: string) => Number((await system.redis.hgetall(`quantum:market:quote:${symbol}`)).bid)
const amountAtVenue = async (symbol: string) =>
	Number((await system.venue.positions()).find(row => row.symbol === symbol)?.positionAmt ?? 0)

/** Stops as somebody writes them: a share of the price away, in full digits. */
const stopsAround = (entry_price: number, direction: 1 | -1) => ({
	entry_price,
	stop_loss: entry_price * (1 - 0.03 * direction),
	take_profit: entry_price * (1 + 0.04 * direction),
})

const resultOf = async (stream: 'trade.intent' | 'apply.plan', entry: Entry) => {
	const id = await write(stream, entry)
	const plan_id =
		stream === 'apply.plan'
			? String(entry.plan_id)
			: ((await find('apply.plan', {intent_id: entry.id ?? id})).plan_id ?? '')
	return find('apply.result', {plan_id})
}

describe.sequential('entries written by hand in the shapes of the reference', () => {
	it('an intent with action and quantity opens, clipped to the cap, and is protected', {timeout: LONG_MS}, async () => {
		const result = await resultOf('trade.intent', {
			symbol: 'BTCUSDT',
			side: 'BUY',
			action: 'OPEN',
			leverage: 10,
			qty: 0.05,
			confidence: 0.87,
			strategy: 'momentum_rl',
			regime: 'trending_up',
			timestamp: '2026-02-18T12:00:00Z',
		})
		expect(result).toMatchObject({decision: 'EXECUTED', symbol: 'BTCUSDT', side: 'BUY'})
		const amount = await amountAtVenue('BTCUSDT')
		expect(amount).toBeGreaterThan(0)
		expect(amount * (await price('BTCUSDT'))).toBeLessThan(202)
	})

	it('an intent with stops and margin opens a short, with the stop that was given', {timeout: LONG_MS}, async () => {
		const levels = stopsAround(await price('XRPUSDT'), -1)
		const result = await resultOf('trade.intent', {
			symbol: 'XRPUSDT',
			side: 'sell',
			action: 'OPEN',
			confidence: 0.56116,
			...levels,
			position_size_usd: '15.0',
			leverage: '10.0',
			timestamp: '2026-02-03T22:45:36.933921',
			model: 'fallback-trend-following',
		})
		expect(result).toMatchObject({decision: 'EXECUTED', side: 'SELL'})
		await eventually(
			async () => {
				const stop = (await system.venue.stops()).find(
					row => row.symbol === 'XRPUSDT' && row.orderType === 'STOP_MARKET',
				)
				expect(Number(stop?.triggerPrice)).toBeCloseTo(levels.stop_loss, 3)
				return true
			},
			{...patient, what: 'the stop rests where it was asked for'},
		)
	})

	it('a bare SELL on a flat symbol is skipped, whole, with the reason', {timeout: LONG_MS}, async () => {
		const entry = {
			symbol: 'LINKUSDT',
			side: 'SELL',
			confidence: 0.56116,
			entry_price: 0.12433,
			stop_loss: 0.1268166,
			take_profit: 0.11935679999999999,
			position_size_usd: '200.0',
			leverage: '10.0',
			timestamp: '2026-02-03T22:45:36.933921',
			model: 'fallback-trend-following',
		}
		const entry_id = await write('trade.intent', entry)
		const letter = await find('trade.intent.dlq', {entry_id})
		expect(letter.reason).toBe('SKIP_FLAT_SELL')
		const kept = JSON.parse(letter.fields ?? '') as Record<string, string>
		expect(Object.keys(kept).sort()).toEqual(Object.keys(entry).sort())
		expect(kept).toMatchObject({symbol: 'LINKUSDT', timestamp: entry.timestamp, model: entry.model})
	})

	it('a plan with LONG and qty opens', {timeout: LONG_MS}, async () => {
		const result = await resultOf('apply.plan', {
			plan_id: 'f1a8d7f4',
			symbol: 'SOLUSDT',
			action: 'OPEN',
			side: 'LONG',
			qty: 1,
			leverage: 3,
			confidence: 0.87,
			kill_score: 0.12,
			decision: 'EXECUTE',
			source: 'intent_bridge',
			timestamp: '2026-02-18T12:00:05Z',
		})
		expect(result).toMatchObject({decision: 'EXECUTED', symbol: 'SOLUSDT', side: 'BUY'})
		expect(await amountAtVenue('SOLUSDT')).toBeGreaterThan(0)
	})

	it('a plan with more leverage than its stop can bear is refused', {timeout: LONG_MS}, async () => {
		const plan = {plan_id: 'geared-1', symbol: 'ETHUSDT', action: 'OPEN', side: 'LONG', qty: 0.01, leverage: 10}
		await write('apply.plan', plan)
		const verdict = await find('governor.events', {plan_id: 'geared-1'})
		expect(verdict).toMatchObject({verdict: 'REFUSE', reason: 'STOP_BEYOND_LOSS_LIMIT', used: '3000', limit: '1000'})
	})

	it('a plan that says no more than what to close does so, long or short', {timeout: LONG_MS}, async () => {
		for (const [symbol, plan_id] of [
			['BTCUSDT', '83730b8c4352a34e'],
			['XRPUSDT', '83730b8c4352a34f'],
		] as const) {
			await find('position.snapshot', {symbol, stop_resting: 'true'})
			const result = await resultOf('apply.plan', {
				plan_id,
				symbol,
				action: 'FULL_CLOSE_PROPOSED',
				kill_score: 0.7119699587849092,
				decision: 'EXECUTE',
				steps: '[{"step": "CLOSE_FULL", "type": "market_reduce_only", "side": "close", "pct": 100.0}]',
				timestamp: 1770158765,
			})
			expect(result).toMatchObject({decision: 'EXECUTED', symbol})
			await eventually(async () => (await amountAtVenue(symbol)) === 0, {...patient, what: `${symbol} is flat`})
		}
	})

	it('the same id a second time changes nothing', {timeout: LONG_MS}, async () => {
		const plan = {plan_id: 'twice-1', symbol: 'BNBUSDT', action: 'OPEN', side: 'BUY', quantity: 0.2, leverage: 3}
		expect(await resultOf('apply.plan', plan)).toMatchObject({decision: 'EXECUTED'})
		await write('apply.plan', plan)
		await find('governor.events', {plan_id: 'twice-1', verdict: 'REPEAT'})
		const intent = {id: 'mine-1', symbol: 'AVAXUSDT', side: 'BUY', confidence: 0.9, qty: 5, leverage: 5}
		expect(await resultOf('trade.intent', intent)).toMatchObject({decision: 'EXECUTED'})
		await write('trade.intent', {...intent, action: 'ADD'})
		await find('trade.intent.dlq', {entry_id: 'mine-1', reason: 'DUPLICATE_INTENT'})
		const sent = creations(system.venue.log()).map(clientIdOf)
		expect(sent.filter(id => id === 'q-twice-1')).toHaveLength(1)
		expect(new Set(sent).size).toBe(sent.length)
	})
})

const intent = {symbol: 'ETHUSDT', side: 'BUY', confidence: 0.9, qty: 0.05, leverage: 5, note: 'kept'}
const plan = {plan_id: 'bad-plan-1', symbol: 'ETHUSDT', action: 'OPEN', side: 'BUY', quantity: 0.05, note: 'kept'}
const {symbol: _symbol, ...withoutSymbol} = intent
const {plan_id: _plan, ...withoutPlan} = plan

describe('bad entries written by hand', () => {
	const bad: readonly (readonly [string, 'trade.intent' | 'apply.plan', Entry, RegExp])[] = [
		['no symbol', 'trade.intent', withoutSymbol, /symbol/],
		['NaN', 'trade.intent', {...intent, confidence: 'NaN'}, /confidence/],
		['a confidence above 1', 'trade.intent', {...intent, confidence: 7}, /confidence/],
		['a negative quantity', 'trade.intent', {...intent, qty: -1}, /qty/],
		['no number', 'trade.intent', {...intent, qty: 'much'}, /qty/],
		['infinity', 'trade.intent', {...intent, entry_price: 'Infinity'}, /entry_price/],
		['an absurd leverage', 'trade.intent', {...intent, leverage: 1_000}, /leverage/],
		['an action that does not exist', 'trade.intent', {...intent, action: 'YOLO'}, /action/],
		['a side that does not exist', 'trade.intent', {...intent, side: 'UP'}, /side/],
		['nothing that it should have', 'trade.intent', {hello: 'world'}, /symbol/],
		['no plan id', 'apply.plan', withoutPlan, /plan_id/],
		['a plan id that is no name', 'apply.plan', {...plan, plan_id: 'a b c d'}, /plan_id/],
		['a negative plan', 'apply.plan', {...plan, quantity: -0.05}, /quantity/],
		['an unknown action', 'apply.plan', {...plan, action: 'BUY_ALL'}, /action/],
	]
	for (const [what, stream, entry, complaint] of bad)
		it(`${stream} with ${what} goes to the dead letters whole`, {timeout: LONG_MS}, async () => {
			const entry_id = await write(stream, entry)
			const letter = await find(stream === 'trade.intent' ? 'trade.intent.dlq' : 'dead.letter', {entry_id})
			expect(letter.detail).toMatch(complaint)
			expect(JSON.parse(letter.fields ?? '')).toEqual(
				Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, String(value)])),
			)
		})

	it('and the rest goes on as if they had never been', {timeout: LONG_MS}, async () => {
		expect(await amountAtVenue('ETHUSDT')).toBe(0)
		await eventually(
			async () => {
				const problems = await allProblems(system)
				expect(problems.filter(problem => !/^dead letter \S+ of apply\.plan/.test(problem))).toEqual([])
				return true
			},
			{...patient, what: 'everything else agrees'},
		)
	})
})

describe.sequential('what others open on the account', () => {
	const others = (symbol: string, side: 'BUY' | 'SELL', more: Readonly<Record<string, string>>) =>
		system.venue.signed('POST', '/fapi/v1/order', {symbol, side, newClientOrderId: `web_${side}`, ...more})
	const stopsOf = async (symbol: string) => (await system.venue.stops()).filter(row => row.symbol === symbol)

	it('is protected as our own where the policy adopts it', {timeout: LONG_MS}, async () => {
		await others('LINKUSDT', 'BUY', {type: 'MARKET', quantity: '5'})
		await find('position.snapshot', {symbol: 'LINKUSDT', foreign: 'adopted', stop_resting: 'true'})
		expect((await stopsOf('LINKUSDT')).map(({orderType}) => orderType)).toContain('STOP_MARKET')
	})

	it('is counted and left where the policy ignores it, and its orders stop nobody', {timeout: LONG_MS}, async () => {
		const change = {home: system.home, author: 'test', reason: 'leave it', now_ms: Date.now}
		await changePolicy(change, policy => ({policy: {...policy, foreign: 'ignore'}, origin: 'file', source: 'test'}))
		await find('position.snapshot', {symbol: 'LINKUSDT', foreign: 'ignored', source: 'policy'})
		await others('ETHUSDT', 'BUY', {type: 'MARKET', quantity: '0.05'})
		await find('position.snapshot', {symbol: 'ETHUSDT', foreign: 'ignored'})
		const far = ((await price('XRPUSDT')) * 0.9).toFixed(3)
		await others('XRPUSDT', 'BUY', {type: 'LIMIT', timeInForce: 'GTC', quantity: '20', price: far})
		const seen = (await entriesOf(system, 'reconcile.events')).length
		// After a reconnect everything is compared at once.
		await system.venue.control('POST', 'user-stream', {action: 'drop_sockets', times: 1})
		await eventually(
			async () => (await entriesOf(system, 'reconcile.events')).slice(seen).some(({outcome}) => outcome === 'CLEAN'),
			{within_ms: 120_000, every_ms: 500, what: 'a comparison with the venue is clean'},
		)
		const more = {plan_id: 'theirs-1', symbol: 'ETHUSDT', action: 'ADD', side: 'BUY', quantity: 0.05, leverage: 2}
		await write('apply.plan', more)
		expect(await find('governor.events', {plan_id: 'theirs-1'})).toMatchObject({reason: 'FOREIGN_IGNORED'})
		expect(await stopsOf('ETHUSDT')).toEqual([])
		expect(await amountAtVenue('ETHUSDT')).toBe(0.05)
		expect(await system.redis.hget('quantum:governor:reservations', 'ETHUSDT')).not.toBeNull()
		expect(await system.venue.signed('GET', '/fapi/v1/openOrders', {symbol: 'XRPUSDT'})).toHaveLength(1)
	})
})
