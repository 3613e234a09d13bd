import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {exact, negate} from '../../../src/engine/logic/exact.js'
import {portfolioRisk, type Risked} from '../../../src/engine/logic/portfolio-heat.js'
import {portfolioHeatGate} from '../../../src/engine/units/exec/portfolio-heat-gate.js'
import {drive} from '../../support/drive.js'

const long: Risked = {amount: '2', entry_price: '100', leverage: 10, stop_price: '97'}
const short: Risked = {...long, amount: '-2', stop_price: '103'}
const bare: Risked = {amount: '2', entry_price: '100', leverage: 10}

describe('loss at the stops', () => {
	test.each<{why: string; positions: readonly Risked[]; loss: string; unprotected?: number}>([
		{why: 'none without positions', positions: [], loss: '0'},
		{why: 'a long to its stop', positions: [long], loss: '6'},
		{why: 'a short to its stop', positions: [short], loss: '6'},
		{why: 'a stop at break-even risks nothing', positions: [{...long, stop_price: '100'}], loss: '0'},
		{why: 'a stop in profit lends nothing to others', positions: [{...long, stop_price: '110'}, short], loss: '6'},
		{why: 'a short with a stop in profit', positions: [{...short, stop_price: '95'}], loss: '0'},
		{why: 'a missing stop risks the margin', positions: [bare], loss: '20', unprotected: 1},
		{why: 'all of it without leverage', positions: [{...bare, leverage: 1}], loss: '200', unprotected: 1},
		{
			why: 'never less than twice the least distance',
			positions: [{...bare, leverage: 100}],
			loss: '12',
			unprotected: 1,
		},
		{
			why: 'an unknown leverage is the highest of ours',
			positions: [{amount: '-2', entry_price: '100'}],
			loss: '20',
			unprotected: 1,
		},
		{why: 'flat ones count nothing', positions: [{...bare, amount: '0'}, long], loss: '6'},
	])('$why: $loss', ({positions, loss, unprotected = 0}) => {
		const risk = portfolioRisk(positions, '1000', defaultPolicy)
		expect(risk).toMatchObject({loss_at_stops_usdt: loss, unprotected, heat_share: Number(loss) / 1_000})
	})

	test.each([
		{why: 'no equity is known', positions: [long], equity: undefined},
		{why: 'there is none', positions: [long], equity: '0'},
		{why: 'it is below 0', positions: [long], equity: '-5'},
		{why: 'an entry price is not known', positions: [long, {...bare, entry_price: '0'}], equity: '1000'},
	])('cannot be told when $why', ({positions, equity}) => {
		expect(portfolioRisk(positions, equity, defaultPolicy)).toBeUndefined()
	})

	test('is never below 0, mirrored for shorts, and only grows with positions', () => {
		const price = fc.integer({min: 1, max: 1_000}).map(String)
		const position = fc.record({
			amount: fc.integer({min: 1, max: 100}).map(String),
			entry_price: fc.constant('1000'),
			leverage: fc.integer({min: 1, max: 20}),
			stop_price: fc.option(price, {nil: undefined}),
		})
		const risked = ({stop_price, ...rest}: {stop_price: string | undefined} & Omit<Risked, 'stop_price'>): Risked =>
			stop_price === undefined ? rest : {...rest, stop_price}
		fc.assert(
			fc.property(fc.array(position, {maxLength: 6}), position, (others, one) => {
				const before = portfolioRisk(others.map(risked), '10000', defaultPolicy)
				const after = portfolioRisk([...others, one].map(risked), '10000', defaultPolicy)
				const mirrored = [...others, one].map(({stop_price, amount, ...rest}) =>
					risked({
						...rest,
						amount: negate(amount),
						stop_price: stop_price === undefined ? undefined : exact('2000').sub(stop_price).toFixed(),
					}),
				)
				expect(portfolioRisk(mirrored, '10000', defaultPolicy)).toEqual(after)
				expect(before?.heat_share).toBeGreaterThanOrEqual(0)
				expect(after?.heat_share).toBeGreaterThanOrEqual(before?.heat_share ?? Number.NaN)
			}),
		)
	})
})

const snapshot = (position: Risked, symbol = 'BTCUSDT') => ({
	symbol,
	opened_ms: 1,
	source: 'fill',
	stop_resting: position.stop_price !== undefined,
	...position,
})
const portfolio = (equity_usdt: string) => ({
	equity_usdt,
	wallet_usdt: equity_usdt,
	unrealised_pnl: '0',
	gross_usdt: '0',
	net_usdt: '0',
	open_positions: 0,
	price_ms: 0,
})
const keyOf = (unit: Awaited<ReturnType<typeof drive>>) => unit.bus.store.hashAll('test:heat:portfolio')

describe('the key', () => {
	test('is not there before equity is known, and then is of all positions', async () => {
		const unit = await drive(portfolioHeatGate)
		await unit.send('position', snapshot(long))
		await unit.timer('confirm')
		expect(keyOf(unit)).toEqual({})
		await unit.send('portfolio', portfolio('1000'))
		await unit.send('position', snapshot(bare, 'ETHUSDT'))
		expect(keyOf(unit)).toEqual({
			heat_share: '0.026',
			loss_at_stops_usdt: '26',
			equity_usdt: '1000',
			open_positions: '2',
			unprotected: '1',
			plans_per_hour: '0',
			machine_ms: String(unit.clock.machine()),
		})
	})

	test('is confirmed while nothing moves, and no longer when equity is gone', async () => {
		const unit = await drive(portfolioHeatGate)
		await unit.send('portfolio', portfolio('1000'))
		unit.clock.advance(1_000)
		const confirmed_ms = unit.clock.machine()
		await unit.timer('confirm')
		expect(keyOf(unit).machine_ms).toBe(String(confirmed_ms))
		await unit.send('portfolio', portfolio('0'))
		unit.clock.advance(1_000)
		await unit.timer('confirm')
		expect(keyOf(unit).machine_ms).toBe(String(confirmed_ms))
	})

	test('counts entry plans of all symbols', async () => {
		const unit = await drive(portfolioHeatGate)
		await unit.send('portfolio', portfolio('1000'))
		const observed = {symbol: 'BTCUSDT', plans_per_hour: 3, limit_per_hour: 30, heat: 0.1}
		await unit.send('observed', observed)
		await unit.send('observed', {...observed, symbol: 'ETHUSDT', plans_per_hour: 4})
		await unit.send('observed', {...observed, plans_per_hour: 0})
		await unit.timer('confirm')
		expect(keyOf(unit).plans_per_hour).toBe('4')
	})

	test('ignores what is only measured', async () => {
		const unit = await drive(portfolioHeatGate)
		await unit.send('portfolio', portfolio('1000'))
		await unit.send('position', snapshot(bare), {authority: 'shadow'})
		await unit.send('portfolio', portfolio('5'), {authority: 'shadow'})
		await unit.timer('confirm')
		expect(keyOf(unit)).toMatchObject({open_positions: '0', equity_usdt: '1000'})
	})
})

test('heat is told when it moved by a step or reached an end', async () => {
	const unit = await drive(portfolioHeatGate)
	const told: unknown[] = []
	const say = async (port: string, payload: Record<string, unknown>) => {
		for (const emitted of await unit.send(port, payload)) told.push(emitted.payload)
	}
	await say('portfolio', portfolio('1000'))
	await say('position', snapshot({...long, stop_price: '85'}))
	await say('position', snapshot({...long, stop_price: '85.5'}))
	await say('position', snapshot({...long, stop_price: '50'}))
	await say('position', snapshot({...long, amount: '0'}))
	expect(told).toEqual([
		{scope: 'portfolio', heat: 0.5, factor: 1.5},
		{scope: 'portfolio', heat: 1, factor: 2},
		{scope: 'portfolio', heat: 0, factor: 1},
	])
})
