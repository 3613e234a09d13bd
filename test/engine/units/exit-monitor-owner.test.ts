import {describe, expect, test} from 'vitest'
import {flat, long, start, tickFor, told} from './watching.js'

describe('a position without a resting stop', () => {
	const bare = {...long, stop_resting: false}

	test.each([
		{speed: 1, patience_ms: 5_000},
		{speed: 60, patience_ms: 300_000},
		{speed: 0, patience_ms: 5_000},
	])('is closed after $patience_ms ms of venue time at speed $speed, with one alert', async ({speed, patience_ms}) => {
		const unit = await start(bare, speed)
		unit.clock.advance(patience_ms)
		expect(await unit.timer('protection')).toEqual([])
		expect(await unit.send('tick', tickFor(long, 100))).toEqual([])
		unit.clock.advance(1)
		const emitted = await unit.timer('protection')
		expect(told(emitted)).toEqual(['no_stop', 'POSITION_UNPROTECTED'])
		expect(emitted[0]?.payload).not.toHaveProperty('reference_price')
		expect(emitted[1]?.payload).toMatchObject({severity: 'critical', subject: 'BTCUSDT'})
		expect(await unit.timer('protection')).toEqual([])
		unit.clock.advance(patience_ms + 1)
		expect(told(await unit.timer('protection'))).toEqual(['no_stop'])
	})

	test('is closed at a tick too, which names its price', async () => {
		const unit = await start(bare)
		unit.clock.advance(5_001)
		const [plan, alert] = await unit.send('tick', tickFor(long, '100.10'))
		expect(plan?.payload).toMatchObject({reason: 'no_stop', reference_price: '100.10'})
		expect(alert?.payload).toMatchObject({code: 'POSITION_UNPROTECTED'})
	})

	test('is left when the stop comes to rest in time', async () => {
		const unit = await start(bare)
		unit.clock.advance(4_000)
		await unit.send('position', long)
		unit.clock.advance(60_000)
		expect(await unit.timer('protection')).toEqual([])
	})

	test('counts from when the stop was lost, not from the opening; a partial close changes nothing', async () => {
		const unit = await start()
		unit.clock.advance(60_000)
		await unit.send('position', bare)
		unit.clock.advance(4_000)
		await unit.send('position', {...bare, amount: '0.1'})
		expect(await unit.timer('protection')).toEqual([])
		unit.clock.advance(1_001)
		expect(told(await unit.timer('protection'))).toEqual(['no_stop', 'POSITION_UNPROTECTED'])
	})

	test('that crosses a level is closed for the level', async () => {
		const unit = await start(bare)
		unit.clock.advance(5_001)
		expect(told(await unit.send('tick', tickFor(long, 98)))).toEqual(['stop'])
	})
})

describe('while the exit owner speaks', () => {
	const young = {...long, opened_ms: 1_750_000_000_000}
	const word = (changes: Readonly<Record<string, unknown>> = {}) => ({
		symbol: 'BTCUSDT',
		opened_ms: young.opened_ms,
		gain: 0,
		kill_score: 0,
		stop_price: '99',
		targets_taken: 0,
		trailing: false,
		...changes,
	})
	const stop = async (unit: Awaited<ReturnType<typeof start>>) => told(await unit.send('tick', tickFor(long, 98)))

	test.each([
		{speed: 1, patience_ms: 30_000},
		{speed: 0, patience_ms: 30_000},
		{speed: 60, patience_ms: 120_000},
	])('levels are left to it, until it was silent for $patience_ms ms at speed $speed', async ({speed, patience_ms}) => {
		const unit = await start(young, speed)
		unit.clock.advance(20_000)
		await unit.send('owner', word())
		unit.clock.advance(patience_ms)
		expect(await stop(unit)).toEqual([])
		unit.clock.advance(1)
		expect(await stop(unit)).toEqual(['stop'])
	})

	test('an owner that never spoke has the same time from the opening', async () => {
		const unit = await start(young)
		unit.clock.advance(30_000)
		expect(await stop(unit)).toEqual([])
		unit.clock.advance(1)
		expect(await stop(unit)).toEqual(['stop'])
	})

	test.each([
		['of an earlier position', {opened_ms: young.opened_ms - 1}, 'live'],
		['that is only measured', {}, 'shadow'],
		['of another symbol', {symbol: 'ETHUSDT'}, 'live'],
	] as const)('a word %s counts for nothing', async (_, changes, authority) => {
		const unit = await start(young)
		unit.clock.advance(20_000)
		await unit.send('owner', word(changes), {authority})
		unit.clock.advance(10_001)
		expect(await stop(unit)).toEqual(['stop'])
	})

	test('the best price is followed all the same: what takes over trails from it', async () => {
		const unit = await start(young)
		await unit.send('owner', word())
		await unit.send('tick', tickFor(long, 102))
		unit.clock.advance(30_001)
		expect(told(await unit.send('tick', tickFor(long, 100.47)))).toEqual(['trailing'])
	})

	test('a position without a stop is closed at its levels, and for want of one', async () => {
		const unit = await start({...young, stop_resting: false})
		await unit.send('owner', word())
		expect(await stop(unit)).toEqual(['stop'])
		const other = await start({...young, stop_resting: false})
		other.clock.advance(5_001)
		await other.send('owner', word())
		expect(told(await other.timer('protection'))).toEqual(['no_stop', 'POSITION_UNPROTECTED'])
	})

	test('the next position has an owner of its own to wait for', async () => {
		const unit = await start(young)
		unit.clock.advance(10_000)
		await unit.send('owner', word())
		await unit.send('position', flat)
		await unit.send('position', {...young, opened_ms: young.opened_ms + 1_000})
		unit.clock.advance(21_001)
		expect(await stop(unit)).toEqual(['stop'])
	})
})
