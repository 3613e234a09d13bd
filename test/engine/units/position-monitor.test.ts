import {describe, expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {type MonitorState, positionMonitor} from '../../../src/engine/units/state/position-monitor.js'
import {drive, HandClock} from '../../support/drive.js'

const SYMBOL = '币安人生USDT'
const position = {
	symbol: SYMBOL,
	amount: '10',
	entry_price: '100',
	opened_ms: 1_000,
	source: 'fill',
	stop_resting: true,
	stop_price: '97',
}
const reading = {symbol: SYMBOL, amount: '10', liquidation_price: '91', maintenance_margin: '4', margin_ratio: 0.2}
const tick = (price: string) => ({
	symbol: SYMBOL,
	bid: '1',
	ask: '1000',
	bid_quantity: '1',
	ask_quantity: '1',
	mark_price: price,
	received_ms: 1,
})

const start = async () => {
	const clock = new HandClock()
	const unit = await drive(positionMonitor, {clock})
	const codes = (emitted: Awaited<ReturnType<typeof unit.send>>) => emitted.map(({payload}) => payload.code)
	return {
		unit,
		clock,
		at: async (price: string, envelope = {}) => {
			clock.advance(1_000)
			return codes(await unit.send('tick', tick(price), envelope))
		},
		hold: async (changes = {}, envelope = {}) =>
			codes(await unit.send('position', {...position, ...changes}, envelope)),
		read: async (changes = {}) => codes(await unit.feed('margins', {...reading, ...changes})),
		state: async () =>
			JSON.parse(
				(await unit.bus.hashGet(unit.naming.key(keys.unitState, {unit: 'position-monitor'}), SYMBOL)) ?? '{}',
			) as MonitorState,
	}
}

describe('position-monitor', () => {
	test('an alarm when liquidation comes near, once, and a word when it is over', async () => {
		const {hold, read, at} = await start()
		await hold({stop_price: undefined})
		expect(await read()).toEqual([])
		expect(await at('93')).toEqual([])
		expect(await at('92')).toEqual(['NEAR_LIQUIDATION'])
		expect(await at('92.5')).toEqual([])
		expect(await at('95')).toEqual(['LIQUIDATION_FAR'])
		expect(await at('92')).toEqual(['NEAR_LIQUIDATION'])
	})

	test('an alarm when liquidation comes before the stop, until the stop has moved', async () => {
		const {hold, read} = await start()
		await hold({stop_price: '99'})
		expect(await read({liquidation_price: '97.5'})).toEqual([])
		expect(await hold({stop_price: '95'})).toEqual(['NEAR_LIQUIDATION'])
		expect(await hold({stop_price: '98'})).toEqual([])
		expect(await read({liquidation_price: '80'})).toEqual(['LIQUIDATION_FAR'])
	})

	test('what the venue said of another size says nothing', async () => {
		const {hold, read, at} = await start()
		await hold()
		await read()
		await hold({amount: '20'})
		expect(await at('91.5')).toEqual([])
		expect(await read({amount: '20'})).toEqual(['NEAR_LIQUIDATION'])
	})

	test('a closed position is forgotten; a new one begins anew', async () => {
		const {hold, read, at, state} = await start()
		await hold()
		await read()
		await at('91.5')
		expect(await hold({amount: '0'})).toEqual([])
		expect(await state()).toEqual({})
		expect(await read()).toEqual([])
		await hold({opened_ms: 9_000})
		expect((await state()).watched).toMatchObject({price: '100', position: {opened_ms: 9_000}})
		expect((await state()).watched).not.toHaveProperty('margin')
	})

	test('the price is kept once per machine second, danger at once', async () => {
		const {unit, hold, read, at, state} = await start()
		await hold()
		await read()
		await at('99')
		expect((await state()).watched?.price).toBe('99')
		await unit.send('tick', tick('98'))
		expect((await state()).watched?.price).toBe('99')
		expect((await unit.send('tick', tick('91.2'))).map(({payload}) => payload.severity)).toEqual(['critical'])
	})

	test.each<{why: string; run: (unit: Awaited<ReturnType<typeof start>>) => Promise<unknown>}>([
		{why: 'shadow positions', run: unit => unit.hold({}, {authority: 'shadow'})},
		{why: 'ticks of what is not held', run: unit => unit.at('5')},
		{why: 'margins of what is not held', run: unit => unit.read()},
	])('$why count nothing', async ({run}) => {
		const unit = await start()
		expect(await run(unit)).toEqual([])
		expect(await unit.state()).toEqual({})
	})

	test('older and shadow ticks do not count', async () => {
		const {clock, hold, at, state} = await start()
		await hold()
		await at('99')
		await at('98', {ts: clock.venue_ms - 5_000})
		await at('97', {authority: 'shadow'})
		expect((await state()).watched?.price).toBe('99')
	})
})
