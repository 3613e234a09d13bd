import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {ExitQuality} from '../../../src/engine/logic/excursion.js'
import {exitIntelligence} from '../../../src/engine/units/exec/exit-intelligence.js'
import {drive, HandClock} from '../../support/drive.js'

const OPENED = 1_750_000_000_000
const long = {
	symbol: 'BTCUSDT',
	amount: '2',
	entry_price: '100',
	opened_ms: OPENED,
	source: 'fill',
	stop_resting: true,
	initial_stop_price: '96',
}
const short = {...long, amount: '-2', initial_stop_price: '104'}
const flat = {...long, amount: '0', opened_ms: 0, entry_price: '0'}
const tickAt = (price: number, symbol = 'BTCUSDT') => ({
	symbol,
	bid: String(price),
	ask: String(price),
	bid_quantity: '1',
	ask_quantity: '1',
	received_ms: 1,
})
const closed = (exit_price: number, changes: Record<string, unknown> = {}) => ({
	trade_id: 'trade-1',
	symbol: 'BTCUSDT',
	side: 'LONG',
	quantity: '2',
	entry_price: '100',
	exit_price: String(exit_price),
	opened_ms: OPENED,
	closed_ms: OPENED + 60_000,
	realised_pnl: '0',
	fees: '0',
	net_pnl: '0',
	plan_id: 'plan-1',
	exit_plan_id: 'plan-2',
	exit_reason: 'stop',
	...changes,
})
const result = (average_price: string, changes: Record<string, unknown> = {}) => ({
	plan_id: 'plan-2',
	symbol: 'BTCUSDT',
	action: 'HARVEST_PARTIAL',
	decision: 'EXECUTED',
	executed: true,
	reduce_only: true,
	average_price,
	...changes,
})
type Unit = Awaited<ReturnType<typeof drive>>
const start = async (position: Record<string, unknown> = long): Promise<Unit> => {
	const unit = await drive(exitIntelligence, {clock: new HandClock(OPENED + 1)})
	await unit.send('position', position)
	return unit
}
const walk = async (unit: Unit, prices: readonly number[]) => {
	for (const price of prices) {
		unit.clock.advance(1_000)
		await unit.send('tick', tickAt(price))
	}
}
const qualityOf = async (unit: Unit, trade: Record<string, unknown>) => {
	const [event] = await unit.send('closed', trade)
	return event && (JSON.parse(String(event.payload.detail)) as ExitQuality)
}

describe('a trade', () => {
	test.each([
		{why: 'a long', position: long, side: 'LONG', prices: [98, 108, 104], exit: 105},
		{why: 'a short, in the mirror', position: short, side: 'SHORT', prices: [102, 92, 96], exit: 95},
	])('$why: excursions, give-back, R and time since the best price', async ({position, side, prices, exit}) => {
		const unit = await start(position)
		await walk(unit, prices)
		expect(await qualityOf(unit, closed(exit, {side}))).toEqual({
			trade_id: 'trade-1',
			symbol: 'BTCUSDT',
			side,
			opened_ms: OPENED,
			closed_ms: OPENED + 60_000,
			mae: 0.02,
			mfe: 0.08,
			realised: 0.05,
			give_back: 0.03,
			mae_r: 0.5,
			mfe_r: 2,
			realised_r: 1.25,
			since_best_ms: 57_999,
			// At 104 (1 R) all trailing stops up to 0.5 R behind the best price (2 R) would have closed.
			trailed: {'0.2': 1, '0.3': 1, '0.4': 1, '0.5': 1},
		})
	})

	test('the exit is part of the path: an exit beyond all ticks gives nothing back', async () => {
		const unit = await start()
		await walk(unit, [101])
		expect(await qualityOf(unit, closed(106))).toMatchObject({mfe: 0.06, give_back: 0, mae: 0})
		const lost = await start()
		expect(await qualityOf(lost, closed(95))).toMatchObject({mfe: 0, mae: 0.05, give_back: 0.05})
	})

	test('without an initial stop nothing is in R', async () => {
		const unit = await start({...long, initial_stop_price: undefined})
		await walk(unit, [110, 100])
		const quality = await qualityOf(unit, closed(100))
		expect(quality).toMatchObject({mfe: 0.1, trailed: {}})
		expect(quality).not.toHaveProperty('mfe_r')
	})

	test('that no trailing stop would have closed ends as it did; each has closed at the first price behind it', async () => {
		const unit = await start()
		await walk(unit, [106, 105.1, 104.3, 108])
		expect(await qualityOf(unit, closed(107))).toMatchObject({
			trailed: {'0.2': 1.275, '0.3': 1.075, '0.4': 1.075, '0.5': 1.75},
		})
	})

	test('whose path was not seen is not told', async () => {
		const unit = await drive(exitIntelligence)
		expect(await unit.send('closed', closed(100))).toEqual([])
		await unit.send('position', {...long, opened_ms: OPENED + 5})
		expect(await unit.send('closed', closed(100))).toEqual([])
	})
})

describe('the cost of waiting', () => {
	test.each([
		{why: 'lost after the first part was closed', results: [result('104'), result('103')], exit: 102, expected: 0.02},
		{why: 'waiting paid', results: [result('101')], exit: 102, expected: -0.01},
		{why: 'one exit closed it all', results: [result('102')], exit: 102, expected: 0},
		{why: 'no plan asked for it', results: [], exit: 102, expected: undefined},
		{
			why: 'a plan that was not carried out',
			results: [result('104', {executed: false})],
			exit: 102,
			expected: undefined,
		},
		{why: 'an entry is no exit', results: [result('104', {action: 'ADD'})], exit: 102, expected: undefined},
		{why: 'an answer without a price', results: [result('0')], exit: 102, expected: undefined},
	])('$why: $expected', async ({results, exit, expected}) => {
		const unit = await start()
		for (const one of results) await unit.send('result', one)
		expect((await qualityOf(unit, closed(exit)))?.cost_of_waiting).toBe(expected)
	})
})

test('order of arrival does not matter: flat before the trade, or the trade before the last snapshots', async () => {
	const first = await start()
	await walk(first, [104])
	await first.send('position', flat)
	await first.send('tick', tickAt(120))
	expect(await qualityOf(first, closed(101))).toMatchObject({mfe: 0.04})
	const second = await start()
	await walk(second, [104])
	expect(await qualityOf(second, closed(101))).toMatchObject({mfe: 0.04})
	await second.send('position', {...long, amount: '1'})
	await second.send('position', flat)
	await second.send('position', {...long, opened_ms: OPENED + 90_000, amount: '-1'})
	await second.send('tick', tickAt(90))
	const next = closed(91, {trade_id: 'trade-2', side: 'SHORT', opened_ms: OPENED + 90_000})
	expect(await qualityOf(second, next)).toMatchObject({side: 'SHORT', mfe: 0.09, realised: 0.09})
})

test('the key holds means and the newest trades', async () => {
	const unit = await start()
	await walk(unit, [110])
	await qualityOf(unit, closed(105))
	await unit.send('position', {...long, opened_ms: OPENED + 1_000})
	await qualityOf(unit, closed(97, {trade_id: 'trade-2', opened_ms: OPENED + 1_000}))
	const {newest, ...figures} = unit.bus.store.hashAll('test:exit:quality')
	expect(figures).toMatchObject({trades: '2', mfe_mean: '0.05', mae_mean: '0.015', give_back_mean: '0.04'})
	expect((JSON.parse(newest ?? '') as ExitQuality[]).map(({trade_id}) => trade_id)).toEqual(['trade-1', 'trade-2'])
})

test('small moves are not kept, and what is only measured counts nothing', async () => {
	const unit = await start()
	await walk(unit, [101, 101.04])
	await unit.send('tick', tickAt(150), {authority: 'shadow'})
	await unit.send('tick', tickAt(150, 'ETHUSDT'))
	expect(await unit.send('closed', closed(100), {authority: 'shadow'})).toEqual([])
	expect(await qualityOf(unit, closed(100))).toMatchObject({mfe: 0.01})
})

test('along any path: no figure below 0, extremes as of the whole path but for a step, trailing at most what was reached', async () => {
	const path = fc.array(fc.integer({min: 9_000, max: 12_000}), {minLength: 1, maxLength: 40})
	await fc.assert(
		fc.asyncProperty(path, fc.boolean(), async (cents, is_short) => {
			const unit = await start(is_short ? short : long)
			const prices = cents.map(cent => cent / 100)
			await walk(unit, prices)
			const exit = prices.at(-1) ?? 100
			const quality = await qualityOf(unit, closed(exit, {side: is_short ? 'SHORT' : 'LONG'}))
			const gains = prices.map(price => (is_short ? 100 - price : price - 100) / 100)
			const [best, worst] = [Math.max(0, ...gains), Math.max(0, ...gains.map(gain => -gain))]
			expect(Math.abs((quality?.mfe ?? -1) - best)).toBeLessThan(0.000_51)
			expect(Math.abs((quality?.mae ?? -1) - worst)).toBeLessThan(0.000_51)
			expect(quality?.give_back).toBeGreaterThanOrEqual(0)
			expect(Object.keys(quality?.trailed ?? {})).toEqual(['0.2', '0.3', '0.4', '0.5'])
			for (const [distance, r] of Object.entries(quality?.trailed ?? {}))
				if (r !== quality?.realised_r) expect(r).toBeLessThanOrEqual((quality?.mfe_r ?? -1) - Number(distance) + 0.02)
		}),
		{numRuns: 60},
	)
})
