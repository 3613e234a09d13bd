import {expect, test} from 'vitest'
import {type VenueLine, venueStory} from '../../src/bench/venue-story.js'

const at = (machine_ms: number, line: Partial<VenueLine>): VenueLine => ({
	kind: 'request',
	machine_ms,
	venue_ms: machine_ms,
	...line,
})
const order = (ms: number, side: 'BUY' | 'SELL', quantity: string, price = '100', symbol = 'BTCUSDT') =>
	at(ms, {method: 'POST', path: '/fapi/v1/order', http: 200, fills: [{symbol, side, price, quantity}]})
const stop = (ms: number, clientAlgoId: string, type = 'STOP_MARKET', http = 200) =>
	at(ms, {method: 'POST', path: '/fapi/v1/algoOrder', http, params: {symbol: 'BTCUSDT', type, clientAlgoId}})
const ended = (ms: number, client_algo_id: string, status: string) =>
	at(ms, {kind: 'event', event: 'algo', client_algo_id, status})

test('a position is bare from its fill until its stop rests', () => {
	const story = venueStory([
		order(1_000, 'BUY', '1'),
		stop(1_020, 't1', 'TAKE_PROFIT_MARKET'),
		stop(1_030, 's1', 'STOP_MARKET', 400),
		stop(1_050, 's2'),
		ended(1_060, 't1', 'CANCELED'),
	])
	expect(story).toMatchObject({fills: 1, positions_max: 1, notional_max_usdt: 100, open: 1, resting: 1})
	expect(story.bare).toEqual([{symbol: 'BTCUSDT', from_ms: 1_000, ms: 50}])
})

test('a replacement leaves no gap, a cancel before it does', () => {
	const held = [order(1_000, 'BUY', '1'), stop(1_000, 's1')]
	expect(venueStory([...held, stop(2_000, 's2'), ended(2_010, 's1', 'CANCELED')]).bare.map(({ms}) => ms)).toEqual([0])
	expect(venueStory([...held, ended(2_000, 's1', 'CANCELED'), stop(2_010, 's2')]).bare.map(({ms}) => ms)).toEqual([
		0, 10,
	])
})

test('a stop that triggers is closing; the position ends with its last fill', () => {
	const trade = {symbol: 'BTCUSDT', side: 'SELL' as const, price: '97', quantity: '1'}
	const story = venueStory([
		order(1_000, 'BUY', '1'),
		stop(1_010, 's1'),
		ended(5_000, 's1', 'TRIGGERED'),
		at(5_001, {kind: 'event', event: 'fill', trade}),
	])
	expect(story).toMatchObject({open: 0, fills: 2, resting: 0})
	expect(story.bare.map(({ms}) => ms)).toEqual([10])
})

test('the most that was open counts at the prices paid, parts closed leave their share', () => {
	const story = venueStory([
		order(1_000, 'BUY', '2', '100'),
		order(1_001, 'SELL', '1', '200'),
		order(1_002, 'SELL', '1', '50', 'ETHUSDT'),
		order(1_003, 'SELL', '1', '100'),
	])
	expect(story).toMatchObject({positions_max: 2, notional_max_usdt: 200, open: 1})
	expect(story.bare.map(({symbol, ms}) => [symbol, ms])).toEqual([['BTCUSDT', 3]])
})

test('stops that a request ended guard nothing any more', () => {
	const events = [{event: 'algo', client_algo_id: 's1', status: 'EXPIRED'}]
	const closed = {...order(2_000, 'SELL', '1'), events}
	const story = venueStory([
		order(1_000, 'BUY', '1'),
		stop(1_010, 's1'),
		closed,
		order(3_000, 'BUY', '1'),
		stop(3_040, 's2'),
	])
	expect(story.bare.map(({ms}) => ms)).toEqual([10, 40])
	expect(story).toMatchObject({open: 1, resting: 1})
})
