import * as fc from 'fast-check'
import {expect, test} from 'vitest'
import {encodeFields} from '../../../src/engine/contracts/field.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {exchangeNormalized} from '../../../src/engine/contracts/streams/account.js'
import type {SendRequest} from '../../../src/engine/exchange/order-request.js'
import {exact, isZero} from '../../../src/engine/logic/exact.js'
import {applyLayer} from '../../../src/engine/units/exec/apply-layer.js'
import {execution} from '../../../src/engine/units/exec/execution.js'
import {executionResultBridge} from '../../../src/engine/units/exec/execution-result-bridge.js'
import {governor} from '../../../src/engine/units/exec/governor.js'
import {intentBridge} from '../../../src/engine/units/exec/intent-bridge.js'
import {portfolioGate} from '../../../src/engine/units/exec/portfolio-gate.js'
import {positionStateBrain} from '../../../src/engine/units/state/position-state-brain.js'
import {drive} from '../../support/drive.js'
import {exposure} from './bridged.js'
import {fieldsOf, permissive, reserved, SYMBOL} from './governed.js'
import {SmallVenue} from './small-venue.js'

/** The whole path of orders on one bus, each unit behind the others by as much as chance wants. */

const PRICE = '100.1'
const units = {governor, portfolioGate, intentBridge, applyLayer, execution, executionResultBridge, positionStateBrain}
type Name = keyof typeof units
const ports: ReadonlyArray<readonly [Name, string]> = [
	['governor', 'plan'],
	['governor', 'result'],
	['governor', 'fill'],
	['applyLayer', 'verdict'],
	['execution', 'verdict'],
	['execution', 'result'],
	['execution', 'account'],
	['executionResultBridge', 'fill'],
	['positionStateBrain', 'account'],
	['positionStateBrain', 'result'],
	['intentBridge', 'position'],
	['intentBridge', 'gate'],
	['portfolioGate', 'position'],
	['portfolioGate', 'verdict'],
]
const policy = {
	cooldown_ms: 0,
	entries_per_hour_max: 1_000,
	entries_per_5m_max: 1_000,
	notional_per_trade_usdt: 200,
	notional_total_usdt: 500,
	dust_usdt: 0,
}

const step = fc.oneof(
	{weight: 12, arbitrary: fc.record({do: fc.constant('handle' as const), port: fc.nat({max: ports.length - 1})})},
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('intent' as const),
			side: fc.constantFrom('BUY', 'SELL'),
			action: fc.constantFrom(undefined, 'OPEN', 'ADD', 'CLOSE', 'PARTIAL_CLOSE_50'),
			position_size_usd: fc.constantFrom('1', '10', '15', '500'),
		}),
	},
	{weight: 3, arbitrary: fc.record({do: fc.constant('carry-out' as const), parts: fc.integer({min: 1, max: 3})})},
	{weight: 3, arbitrary: fc.record({do: fc.constant('answer' as const)})},
	{weight: 4, arbitrary: fc.record({do: fc.constant('flow' as const)})},
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant('trigger' as const),
			kind: fc.constantFrom('stop' as const, 'target' as const),
			parts: fc.integer({min: 1, max: 3}),
		}),
	},
	{weight: 1, arbitrary: fc.record({do: fc.constant('lose' as const)})},
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant('restart' as const),
			unit: fc.constantFrom(...(Object.keys(units) as Name[])),
		}),
	},
	{weight: 2, arbitrary: fc.record({do: fc.constant('pass' as const), ms: fc.constantFrom(1, 1_000, 2_000)})},
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const start = async () => {
	const first = await drive(governor, {policy})
	const {bus, clock, naming} = first
	await permissive(first, [SYMBOL])
	const running = {governor: first} as Record<Name, typeof first>
	for (const name of Object.keys(units) as Name[]) running[name] ??= await drive(units[name], {policy, bus, clock})
	await running.portfolioGate.send('clusters', {bars: 96, open_ms: 1, clusters: {}, correlations: {}})
	await running.portfolioGate.send('state', exposure)
	const venue = new SmallVenue(PRICE)
	/** Carried out at the venue, and not yet known to the sender. */
	const unanswered: Array<Parameters<typeof first.result>[1]> = []
	let intents = 0

	const tell = async () => {
		for (const event of venue.events())
			await bus.append(naming.stream(exchangeNormalized.name), {
				id: `event-${String(event.trade_id ?? `${event.algo_id}-${event.status}`)}`,
				...encodeFields(event),
			})
	}
	const carryOut = async (parts: number) => {
		const record = running.applyLayer.effects[unanswered.length]
		if (!record) return
		const outcomes = venue.carryOut(record.request as SendRequest, parts)
		unanswered.push({ok: true, result: {outcomes, latency_ms: 1}})
		await tell()
	}
	const answer = async () => {
		const outcome = unanswered.shift()
		if (outcome) await running.applyLayer.result('send', outcome)
	}
	const restart = async (name: Name) => {
		const {effects} = running[name]
		running[name] = await drive(units[name], {policy, bus, clock})
		// The sender finds out what became of what it had sent; the order stays as it was.
		running[name].effects.push(...effects)
	}
	const pass = async (ms: number) => {
		clock.advance(ms)
		await permissive(first, [SYMBOL])
		await running.portfolioGate.send('state', exposure)
		for (const name of ['governor', 'execution'] as const) await running[name].timer('sweep')
	}
	/** Everybody handles what lies before them, and one order goes through. */
	const flow = async () => {
		for (const [name, port] of ports) await running[name].handle(port)
		await carryOut(1)
		await answer()
	}
	const take = async (what: Step) => {
		switch (what.do) {
			case 'handle': {
				const [name, port] = ports[what.port] ?? ['governor', 'plan']
				return running[name].handle(port)
			}
			case 'intent': {
				intents += 1
				const {side, action, position_size_usd} = what
				const intent = {
					symbol: SYMBOL,
					side,
					action,
					position_size_usd,
					confidence: 0.7,
					entry_price: PRICE,
					leverage: 3,
				}
				return running.portfolioGate.send('intent', intent, {id: `intent-${intents}`, unit: 'trading-bot'})
			}
			case 'carry-out':
				return carryOut(what.parts)
			case 'answer':
				return answer()
			case 'flow':
				return flow()
			case 'trigger':
				venue.trigger(what.kind, what.parts)
				return tell()
			case 'lose':
				venue.lose()
				return tell()
			case 'restart':
				return restart(what.unit)
			case 'pass':
				return pass(what.ms)
		}
	}
	/** Lets everything come to its end. */
	const settle = async () => {
		for (let round = 0; round < 30; round += 1) {
			await flow()
			await pass(1_000)
		}
	}
	return {running, venue, take, settle, first, intents: () => intents}
}

test('every order of arrival ends with what the venue has: position, reservations, locks, stops; and one outcome for each', async () => {
	const met = new Set<string>()
	await fc.assert(
		fc.asyncProperty(fc.array(step, {minLength: 20, maxLength: 80, size: 'max'}), async story => {
			const {running, venue, take, settle, first, intents} = await start()
			for (const what of story) {
				await take(what)
				const {total, bySymbol, slots} = await reserved(first)
				const sum = Object.values(bySymbol).reduce((all, line) => all + (line ? line.open + line.reserved : 0), 0)
				expect(total).toBe(sum)
				if (slots !== undefined) expect(slots).toBe(10 - Object.keys(bySymbol).length)
				// However late the news of it: what is open at the venue was set aside before, and within the cap.
				expect(total).toBeGreaterThanOrEqual(exact(venue.position).abs().mul(PRICE).mul(1_000_000).toNumber())
				expect(total).toBeLessThanOrEqual(policy.notional_total_usdt * 1_000_000)
			}
			await settle()

			const amount = (await fieldsOf(first, keys.positionSnapshot, {symbol: SYMBOL})).amount ?? '0'
			expect(exact(amount).eq(venue.position)).toBe(true)
			const {bySymbol, total, slots = 10} = await reserved(first)
			const open = exact(venue.position).abs().mul(PRICE).mul(1_000_000).toNumber()
			expect([total, slots]).toEqual([open, isZero(venue.position) ? 10 : 9])
			expect(bySymbol[SYMBOL]?.plan_id ?? '').toBe('')
			const lock = await fieldsOf(first, keys.exitLock, {symbol: SYMBOL})
			expect(lock.plan_id ?? '').toBe('')

			const closing = exact(venue.position).isPositive() ? 'SELL' : 'BUY'
			const guarding = venue.stops.filter(({kind, side}) => kind === 'stop' && side === closing)
			expect(guarding).toHaveLength(isZero(venue.position) ? 0 : 1)
			for (const notional of venue.entered.values()) expect(Number(notional)).toBeLessThanOrEqual(200)

			const read = async (name: string) =>
				(await first.bus.range(first.naming.stream(name), {count: 10_000})).map(({fields}) => fields)
			const plans = await read('apply.plan')
			const refused = await read('trade.intent.dlq')
			expect(plans.filter(({intent_id}) => intent_id !== undefined).length + refused.length).toBe(intents())
			const events = await read('governor.events')
			const results = await read('apply.result')
			const first_word = events.filter(({verdict}) => verdict === 'ALLOW' || verdict === 'REFUSE')
			expect(first_word.map(({plan_id}) => plan_id).sort()).toEqual(plans.map(({plan_id}) => plan_id).sort())
			const allowed = events.filter(({verdict}) => verdict === 'ALLOW').map(({plan_id}) => plan_id)
			expect(results.map(({plan_id}) => plan_id).sort()).toEqual(allowed.sort())
			expect(await read('dead.letter')).toEqual([])
			for (const {verdict, reason} of events) met.add(`${verdict} ${reason}`)
			for (const {decision, error} of results) met.add(`${decision} ${error ?? ''}`.trim())
			for (const {exit_reason} of await read('trade.closed')) met.add(`closed by ${exit_reason}`)
			expect(running.applyLayer.effects).toEqual([])
		}),
		{numRuns: 80},
	)
	for (const word of [
		'REFUSE ENTRY_IN_PROGRESS',
		'REFUSE POSITION_EXISTS',
		'SETTLED EXECUTED',
		'closed by intent confidence 0.7',
	])
		expect([...met]).toContain(word)
})
