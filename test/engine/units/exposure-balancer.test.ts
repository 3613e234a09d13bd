import {describe, expect, test} from 'vitest'
import {exposureBalancer} from '../../../src/engine/units/exec/exposure-balancer.js'
import {drive, type Emitted, HandClock} from '../../support/drive.js'

const figures = (equity_usdt: string) => ({
	equity_usdt,
	wallet_usdt: equity_usdt,
	unrealised_pnl: '0',
	gross_usdt: '900',
	net_usdt: '-300',
	open_positions: 0,
	price_ms: 5,
})
/** Each position at a price of 10. */
const snapshot = (notionals: Readonly<Record<string, number>>, equity = '1000') => ({
	snapshot: {
		...figures(equity),
		positions: Object.entries(notionals).map(([symbol, notional]) => ({
			symbol,
			amount: String(notional / 10),
			entry_price: '10',
			price: '10',
			notional_usdt: String(notional),
			unrealised_pnl: '0',
			price_ms: 5,
		})),
	},
})
const clusters = {bars: 100, open_ms: 1, clusters: {majors: ['AUSDT', 'BUSDT']}, correlations: {'AUSDT|BUSDT': 0.9}}
const start = async (speed = 1) =>
	drive(exposureBalancer, {clock: new HandClock(1_750_000_000_000, 1_700_000_000_000, speed)})
const told = (emitted: readonly Emitted[], stream: string) =>
	emitted.filter(one => one.stream === stream).map(({payload}) => payload)
const commands = (emitted: readonly Emitted[]) =>
	told(emitted, 'executor.commands').map(({symbol, quantity}) => [symbol, quantity])

test('exposure is told over equity, at most once per machine second', async () => {
	const unit = await start()
	await unit.send('clusters', clusters)
	const first = await unit.send('snapshot', snapshot({AUSDT: 200, BUSDT: 100, CUSDT: -400}))
	expect(told(first, 'portfolio.exposure_updated')).toEqual([
		{gross_share: 0.7, net_share: -0.1, clusters: {majors: 0.3}, price_ms: 5},
	])
	unit.clock.advance(999)
	expect(await unit.send('snapshot', snapshot({AUSDT: 100}))).toEqual([])
	unit.clock.advance(1)
	expect(await unit.send('snapshot', snapshot({AUSDT: 100}))).toHaveLength(1)
})

describe('a cap that is passed', () => {
	test('is alerted once, commanded once, and told when it holds again', async () => {
		const unit = await start()
		const passed = await unit.send('snapshot', snapshot({AUSDT: 600, BUSDT: -500}))
		expect(told(passed, 'exposure.alerts')).toEqual([{scope: 'gross', broken: true, used_share: 1.1, limit_share: 1}])
		expect(told(passed, 'executor.commands')).toEqual([
			{
				command_id: expect.stringMatching(/^[0-9a-f]{16}$/),
				symbol: 'AUSDT',
				quantity: '20',
				reason: 'gross 1.1 of 1 times equity',
			},
		])
		const again = await unit.send('snapshot', snapshot({AUSDT: 600, BUSDT: -500}))
		expect(again).toEqual([])
		const held = await unit.send('snapshot', snapshot({AUSDT: 400, BUSDT: -500}))
		expect(told(held, 'exposure.alerts')).toEqual([{scope: 'gross', broken: false, used_share: 0.9, limit_share: 1}])
		expect(commands(held)).toEqual([])
	})

	test('by a cluster, which holds again when it is no more', async () => {
		const unit = await start()
		await unit.send('clusters', clusters)
		const passed = await unit.send('snapshot', snapshot({AUSDT: 400, BUSDT: 250}))
		expect(told(passed, 'exposure.alerts')).toMatchObject([{scope: 'cluster.majors', broken: true, used_share: 0.65}])
		expect(commands(passed)).toEqual([['AUSDT', '11']])
		await unit.send('clusters', {...clusters, clusters: {}})
		const gone = await unit.send('snapshot', snapshot({AUSDT: 400, BUSDT: 250}))
		expect(told(gone, 'exposure.alerts')).toMatchObject([{scope: 'cluster.majors', broken: false}])
	})

	test.each([
		{speed: 1, repeat_ms: 10_000},
		{speed: 60, repeat_ms: 120_000},
	])('is commanded again after $repeat_ms ms without effect at speed $speed', async ({speed, repeat_ms}) => {
		const unit = await start(speed)
		expect(commands(await unit.send('snapshot', snapshot({AUSDT: 850})))).toEqual([['AUSDT', '13']])
		unit.clock.advance(repeat_ms)
		expect(commands(await unit.send('snapshot', snapshot({AUSDT: 850})))).toEqual([])
		unit.clock.advance(1)
		expect(commands(await unit.send('snapshot', snapshot({AUSDT: 850})))).toEqual([['AUSDT', '13']])
	})

	test.each([
		{why: 'the rest of a command that is half filled is not asked for twice', next: 800, expected: []},
		{why: 'a position that grew is planned anew', next: 900, expected: [['AUSDT', '18']]},
		{why: 'one that turned too', next: -900, expected: [['AUSDT', '18']]},
		{why: 'one that is gone needs nothing', next: 0, expected: []},
	])('$why', async ({next, expected}) => {
		const unit = await start()
		await unit.send('snapshot', snapshot({AUSDT: 850}))
		expect(commands(await unit.send('snapshot', snapshot({AUSDT: next})))).toEqual(expected)
	})

	test('while one symbol is on its way, another is commanded only for what that leaves', async () => {
		const unit = await start()
		expect(commands(await unit.send('snapshot', snapshot({AUSDT: 850})))).toEqual([['AUSDT', '13']])
		expect(commands(await unit.send('snapshot', snapshot({AUSDT: 850, BUSDT: 70})))).toEqual([])
		expect(commands(await unit.send('snapshot', snapshot({AUSDT: 850, BUSDT: 730})))).toEqual([['BUSDT', '73']])
	})
})

test('nothing follows without equity, or from what is only measured', async () => {
	const unit = await start()
	expect(await unit.send('snapshot', snapshot({AUSDT: 5_000}, '0'))).toEqual([])
	expect(await unit.send('snapshot', snapshot({AUSDT: 5_000}), {authority: 'shadow'})).toEqual([])
	await unit.send('clusters', clusters, {authority: 'shadow'})
	const [exposure] = await unit.send('snapshot', snapshot({AUSDT: 700}))
	expect(exposure?.payload.clusters).toEqual({})
})

test('margin in use is in the key, with exposure over equity', async () => {
	const unit = await start()
	const position = {symbol: 'AUSDT', amount: '-20', entry_price: '10', opened_ms: 1, source: 'fill', stop_resting: true}
	await unit.send('position', {...position, leverage: 10})
	await unit.send('position', {...position, symbol: 'BUSDT'})
	await unit.send('position', {...position, symbol: 'CUSDT'})
	await unit.send('position', {...position, symbol: 'CUSDT', amount: '0'})
	await unit.send('portfolio', figures('1000'))
	expect(unit.bus.store.hashAll('test:margin:total')).toEqual({
		margin_usdt: '220',
		margin_share: '0.22',
		gross_share: '0.9',
		net_share: '-0.3',
		equity_usdt: '1000',
		machine_ms: String(unit.clock.machine()),
	})
})

test('a reduction that rounds to nothing is left, and said to be once', async () => {
	const unit = await start()
	const lot = (step_size: string, min_quantity: string) =>
		unit.feed('filters', {symbol: 'AUSDT', tick_size: '0.1', step_size, min_quantity, tradable: true})
	await lot('40', '40')
	const codes = (emitted: readonly Emitted[]) => told(emitted, 'alerts').map(({code, subject}) => [code, subject])
	const first = await unit.send('snapshot', snapshot({AUSDT: 600, BUSDT: -500}))
	expect([commands(first), codes(first)]).toEqual([[], [['REDUCTION_TOO_SMALL', 'AUSDT']]])
	unit.clock.advance(60_000)
	const again = await unit.send('snapshot', snapshot({AUSDT: 610, BUSDT: -500}))
	expect([commands(again), codes(again)]).toEqual([[], []])
	await lot('3', '3')
	const traded = await unit.send('snapshot', snapshot({AUSDT: 600, BUSDT: -500}))
	expect([commands(traded), codes(traded)]).toEqual([[['AUSDT', '18']], []])
})
