import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {type Asked, manualOrder} from '../../../src/daemon/client/manual-order.js'
import {ensureVersion} from '../../../src/daemon/system/policy-file.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {manualOrderView} from '../../../src/tui/plain/manual-order-view.js'
import {startSystem, type TestSystem} from './system-fixture.js'

const NOW_MS = 1_750_000_000_000
const symbol = 'BTCUSDT'
const buy = (quantity: string): Asked => ({what: 'place', symbol, side: 'BUY', quantity, add: false})

describe('a preview of an order', () => {
	let system: TestSystem
	beforeAll(async () => {
		system = await startSystem()
		await ensureVersion(system.home, {author: 'ada', time_ms: NOW_MS})
	})
	afterAll(() => system.stop())
	beforeEach(async () => {
		await system.reset()
		const {bus, naming} = system.state
		const rules = {tick_size: '0.1', step_size: '0.001', min_quantity: '0.002', max_market_quantity: '100'}
		const market = {...rules, min_notional_usdt: '5', tradable: 'true'}
		await bus.redis.hset(naming.key(keys.marketFilters, {symbol}), market)
		await bus.redis.hset(naming.key(keys.marketQuote, {symbol}), {bid: '9999', ask: '10000'})
	})
	const preview = (asked: Asked) => manualOrder(system.home, system.state, {asked, dry_run: true, now_ms: () => NOW_MS})
	const hold = (amount: string) =>
		system.state.bus.redis.hset(system.state.naming.key(keys.positionSnapshot, {symbol}), {amount})

	it.each<[string, Asked, string, object]>([
		['what is rounded down to the lot', buy('0.0059'), '0', {quantity: '0.005'}],
		[
			'a notional, with room for slippage',
			{what: 'place', symbol, side: 'BUY', notional_usdt: '60', add: false},
			'0',
			{quantity: '0.005'},
		],
		['less than the least', buy('0.0019'), '0', {refused: {code: 'BELOW_MIN_QUANTITY'}}],
		['a part of a position', {what: 'close', symbol, quantity: '0.0035'}, '0.01', {quantity: '0.003'}],
		[
			'a part that is too small',
			{what: 'close', symbol, quantity: '0.001'},
			'0.01',
			{refused: {code: 'BELOW_MIN_QUANTITY'}},
		],
		['the whole of a position', {what: 'close', symbol}, '-0.01', {quantity: '0.01'}],
	])('says what the exchange would get: %s', async (_, asked, amount, order) => {
		await hold(amount)
		expect((await preview(asked)).order).toMatchObject(order)
	})

	it('says nothing of it where the rules of the symbol are not known, or no order is sent', async () => {
		expect((await preview({what: 'cancel', symbol, client_ids: ['q-1']})).order).toBeNull()
		await system.state.bus.redis.del(system.state.naming.key(keys.marketFilters, {symbol}))
		expect((await preview(buy('1'))).order).toBeNull()
	})

	it('shows it below the gates', async () => {
		const view = async (quantity: string) => manualOrderView(await preview(buy(quantity)), plainPaint)
		expect(await view('0.0059')).toContain('would be sent as 0.005 after rounding to the lot')
		expect(await view('0.0019')).toContain(
			'would not be sent: BELOW_MIN_QUANTITY, BTCUSDT: 0.0019 is 0.001 after rounding',
		)
	})
})
