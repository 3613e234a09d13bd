import {describe, expect, test} from 'vitest'
import type {Policy} from '../../../src/engine/contracts/policy.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {portfolioGates} from '../../../src/engine/logic/portfolio-gate.js'
import {portfolioGate} from '../../../src/engine/units/exec/portfolio-gate.js'
import {drive, type Emitted, HandClock} from '../../support/drive.js'

const intent = {symbol: 'ETHUSDT', side: 'BUY', confidence: 0.7, action: 'OPEN', position_size_usd: '20'}
const figures = {
	equity_usdt: '1000',
	wallet_usdt: '1000',
	unrealised_pnl: '0',
	gross_usdt: '100',
	net_usdt: '100',
	open_positions: 1,
	price_ms: 1,
}
const answerOf = (emitted: readonly Emitted[]) => {
	expect(emitted).toHaveLength(1)
	const {decision, reason, used, limit} = emitted[0]?.payload ?? {}
	return {decision, reason, used, limit}
}
const PASS = {decision: 'PASS', reason: 'PASS'}

const start = (policy: Partial<Policy> = {}, before: Parameters<typeof drive>[1] = {}) =>
	drive(portfolioGate, {...before, policy})
type Unit = Awaited<ReturnType<typeof start>>
const hold = (unit: Unit, symbol: string, amount: string) =>
	unit.send('position', {symbol, amount, entry_price: '1', opened_ms: 1, source: 'fill', stop_resting: true})
const cluster = (unit: Unit, clusters: Readonly<Record<string, string[]>>, correlations = {}) =>
	unit.send('clusters', {bars: 96, open_ms: 1, clusters, correlations})
const expose = (unit: Unit, exposure_ratio: string) => unit.send('state', {...figures, exposure_ratio})
const breakBudget = (unit: Unit, scope: string, symbols: readonly string[] = [], broken = true) =>
	unit.send('budget', {
		scope,
		budget: 'LOSS',
		broken,
		used_usdt: '301',
		limit_usdt: '300',
		day: new Date(unit.clock.venue()).toISOString().slice(0, 10),
		symbols,
	})

const ready = async (policy: Partial<Policy> = {}, clock = new HandClock()): Promise<Unit> => {
	const unit = await start(policy, {clock})
	await cluster(unit, {})
	await expose(unit, '0.1')
	return unit
}
const portfolio = (changes: Partial<Policy['portfolio']>) => ({portfolio: {...defaultPolicy.portfolio, ...changes}})

type Row = readonly [reason: string, world: (unit: Unit) => Promise<unknown>, policy?: Partial<Policy>, value?: object]
/** In order of precedence: each row breaks its own gate and those below it that can be broken with it. */
const rows: readonly Row[] = [
	[
		'GATE_SECTOR',
		async unit => {
			await hold(unit, 'SOLUSDT', '-1')
			await hold(unit, 'AVAXUSDT', '1')
			await expose(unit, '0.9')
		},
		portfolio({sector_positions_max: 2}),
		{used: '2', limit: '2'},
	],
	[
		'GATE_CLUSTER',
		async unit => {
			await cluster(unit, {majors: ['BTCUSDT', 'ETHUSDT']}, {'BTCUSDT|ETHUSDT': 0.99})
			await hold(unit, 'BTCUSDT', '1')
			await expose(unit, '0.9')
		},
		portfolio({cluster_positions_max: 1}),
		{used: '1', limit: '1'},
	],
	[
		'GATE_CORRELATION',
		async unit => {
			await cluster(unit, {}, {'BTCUSDT|ETHUSDT': 0.951})
			await hold(unit, 'BTCUSDT', '1')
			await expose(unit, '0.9')
		},
		{},
		{used: '0.951', limit: '0.95'},
	],
	[
		'GATE_EXPOSURE',
		async unit => {
			await expose(unit, '0.8')
			await breakBudget(unit, 'day')
		},
		{},
		{used: '0.8', limit: '0.8'},
	],
	['GATE_BUDGET', unit => breakBudget(unit, 'day'), {}, {used: 'day/LOSS 301', limit: '300'}],
]

describe('an entry', () => {
	test.each(rows.map(row => [row[0], row] as const))('is refused: %s', async (reason, row) => {
		const [, world, policy = {}, value = {}] = row
		const unit = await ready(policy)
		await world(unit)
		expect(answerOf(await unit.send('intent', intent))).toMatchObject({decision: 'REFUSE', reason, ...value})
	})

	test('every gate has a row', () => {
		const codes = portfolioGates.map(({code}) => code)
		expect(['GATE_NOT_READY', ...rows.map(([reason]) => reason)]).toEqual(codes)
	})

	test('waits for the clusters, and not for an exposure where nothing is open', async () => {
		const unit = await start()
		expect(answerOf(await unit.send('intent', intent))).toMatchObject({reason: 'GATE_NOT_READY'})
		await cluster(unit, {})
		expect(answerOf(await unit.send('intent', intent))).toMatchObject(PASS)
		await hold(unit, 'BTCUSDT', '1')
		expect(answerOf(await unit.send('intent', intent))).toMatchObject({
			reason: 'GATE_NOT_READY',
			used: 'no exposure yet',
		})
		await expose(unit, '0.1')
		expect(answerOf(await unit.send('intent', intent))).toMatchObject(PASS)
		unit.clock.advance(60_001)
		expect(answerOf(await unit.send('intent', intent))).toMatchObject({reason: 'GATE_NOT_READY'})
	})

	test('clusters older than two hours of venue time are not known', async () => {
		const unit = await ready()
		unit.clock.advance(7_200_001)
		expect(answerOf(await unit.send('intent', intent))).toMatchObject({reason: 'GATE_NOT_READY'})
	})

	test.each([
		['the other side of a cluster is another matter', 'SELL', PASS],
		['the same side is not', 'BUY', {reason: 'GATE_CLUSTER'}],
	])('%s', async (_, side, answer) => {
		const unit = await ready(portfolio({cluster_positions_max: 1}))
		await cluster(unit, {majors: ['BTCUSDT', 'ETHUSDT']})
		await hold(unit, 'BTCUSDT', '1')
		await expose(unit, '0.1')
		expect(answerOf(await unit.send('intent', {...intent, side}))).toMatchObject(answer)
	})

	test('adding to a position fills no place of another', async () => {
		const unit = await ready(portfolio({sector_positions_max: 1}))
		await hold(unit, 'ETHUSDT', '1')
		await expose(unit, '0.1')
		expect(answerOf(await unit.send('intent', {...intent, action: 'ADD'}))).toMatchObject(PASS)
	})

	test('what passed counts until it came to nothing, or must have become a position', async () => {
		const unit = await ready(portfolio({sector_positions_max: 1}))
		await unit.send('intent', {...intent, symbol: 'SOLUSDT'})
		expect(answerOf(await unit.send('intent', intent))).toMatchObject({reason: 'GATE_SECTOR'})
		await unit.send('verdict', {plan_id: 'plan', symbol: 'SOLUSDT', verdict: 'REFUSE', reason: 'COOLDOWN'})
		expect(answerOf(await unit.send('intent', intent))).toMatchObject(PASS)
		expect(answerOf(await unit.send('intent', {...intent, symbol: 'SOLUSDT'}))).toMatchObject({reason: 'GATE_SECTOR'})
		unit.clock.advance(60_001)
		await cluster(unit, {})
		expect(answerOf(await unit.send('intent', {...intent, symbol: 'SOLUSDT'}))).toMatchObject(PASS)
	})

	test.each([
		['strategy.trading-bot', [], {reason: 'GATE_BUDGET'}],
		['strategy.other', [], PASS],
		['cluster.majors', ['ETHUSDT'], {reason: 'GATE_BUDGET'}],
		['cluster.majors', ['SOLUSDT'], PASS],
	])('a broken budget of %s over %j blocks what broke it', async (scope, symbols, answer) => {
		const unit = await ready()
		await breakBudget(unit, scope, symbols)
		expect(answerOf(await unit.send('intent', intent, {unit: 'trading-bot'}))).toMatchObject(answer)
	})

	test('a budget holds again when it is said, and on the next day', async () => {
		const unit = await ready()
		await breakBudget(unit, 'day')
		await breakBudget(unit, 'day', [], false)
		expect(answerOf(await unit.send('intent', intent))).toMatchObject(PASS)
		await breakBudget(unit, 'day')
		unit.clock.advance(86_400_000)
		await cluster(unit, {})
		expect(answerOf(await unit.send('intent', intent))).toMatchObject(PASS)
	})
})

test.each([
	['a close', {action: 'CLOSE'}],
	['a bare sell against a long', {action: undefined, side: 'SELL'}],
	['what the bridge skips', {symbol: 'SOLUSDT', action: undefined, side: 'SELL'}],
])('%s passes whatever stands', async (_, changes) => {
	const unit = await start()
	await hold(unit, 'ETHUSDT', '1')
	await breakBudget(unit, 'day')
	expect(answerOf(await unit.send('intent', {...intent, ...changes}))).toMatchObject(PASS)
})

test('a shadow intent is refused as one, and stays shadow', async () => {
	const unit = await ready()
	const [answer] = await unit.send('intent', intent, {authority: 'shadow', id: 'i-1', unit: 'ai-engine'})
	expect(answer?.payload).toMatchObject({reason: 'GATE_SHADOW', intent_id: 'i-1', source: 'ai-engine', intent})
	expect(answer?.envelope.authority).toBe('shadow')
})
