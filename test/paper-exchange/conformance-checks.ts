import {expect} from 'vitest'
import {dec} from '../../src/paper-exchange/decimal.js'
import {eventually} from '../support/eventually.js'
import type {Client} from './clients/client.js'
import type {TestVenue} from './venue-fixture.js'

export type Bench = Readonly<{client: Client; venue: TestVenue; clock: {at: number}}>
export type Check = Readonly<{name: string; run: (bench: Bench) => Promise<void>}>

const S = 'BTCUSDT'
const same = (a: string, b: string): void => expect(dec(a).toFixed()).toBe(dec(b).toFixed())

/** Lets venue time pass. */
const pass = async ({venue, clock}: Bench, ms: number): Promise<void> => {
	clock.at += ms
	await venue.advance(clock.at)
}

/** A fresh book around 60,000, three levels of 1 BTC on each side. */
const freshBook = async (bench: Bench): Promise<void> => {
	const levels = (first: number, step: number) =>
		[0, 1, 2].map(index => [(first + index * step).toFixed(1), '1'] as const)
	bench.venue.script.book(bench.clock.at + 1, S, levels(60_000, -10), levels(60_010, 10))
	await pass(bench, 1)
}

const refused = async ({client}: Bench, request: Promise<unknown>, code: number): Promise<void> => {
	const answer = await request.then(
		() => 'accepted',
		error => client.codeOf(error) ?? error,
	)
	expect(answer).toBe(code)
}

const flat = async ({client}: Bench): Promise<void> => expect(await client.position(S)).toBeUndefined()

/** Each check leaves the account flat and without orders. */
export const checks: readonly Check[] = [
	{
		name: 'lists every symbol, in any script',
		run: async ({client}) => expect(await client.symbols()).toEqual(['BTCUSDT', 'ETHUSDT', '币安人生USDT']),
	},
	{
		name: 'tells the machine time',
		run: async ({client}) => expect(Math.abs((await client.serverTime()) - Date.now())).toBeLessThan(1000),
	},
	{
		name: 'sets leverage and margin type, and refuses to set what is set',
		run: async bench => {
			expect(await bench.client.setLeverage(S, 25)).toBe(25)
			await bench.client.setMarginType('ETHUSDT', 'ISOLATED')
			await refused(bench, bench.client.setMarginType('ETHUSDT', 'ISOLATED'), -4046)
		},
	},
	{
		name: 'listens to the account and to public streams',
		run: async bench => {
			const {client, venue, clock} = bench
			await client.listen(S)
			await eventually(async () => {
				const price = (60_000 + clock.at / 100).toFixed(1)
				venue.script.book(clock.at + 1, S, [[price, '1']], [['60500.0', '1']])
				venue.script.trade(clock.at + 1, S, price, '0.1').mark(clock.at + 1, S, price)
				await pass(bench, 1000)
				const {told} = client
				return [told.trades, told.bids, told.marks, told.depths].every(list => list.length > 1)
			})
		},
	},
	{
		name: 'buys at market through two levels and hears each fill with its fee',
		run: async bench => {
			const {client} = bench
			await freshBook(bench)
			const order = await client.place({symbol: S, side: 'BUY', type: 'MARKET', quantity: '1.5', client_id: 'walk'})
			expect(order).toMatchObject({client_id: 'walk', status: 'FILLED'})
			same(order.filled, '1.5')
			await eventually(() => client.told.fills.filter(fill => fill.client_id === 'walk').length === 2)
			const heard = client.told.fills.filter(fill => fill.client_id === 'walk')
			expect(new Set(heard.map(fill => fill.id)).size).toBe(2)
			same(heard[0]?.price ?? '', '60010')
			same(heard[0]?.fee ?? '', '30.005')
			same(heard[1]?.fee ?? '', '15.005')
			const listed = await client.fills(S)
			expect(listed.map(fill => fill.id)).toEqual(heard.map(fill => fill.id))
			await eventually(() =>
				client.told.orders.some(({client_id, status}) => client_id === 'walk' && status === 'FILLED'),
			)
		},
	},
	{
		name: 'shows the position by REST and by stream, with the same entry price',
		run: async ({client}) => {
			const position = await client.position(S)
			same(position?.amount ?? '', '1.5')
			expect(position?.entry).toBe('60013.3333333333333333')
			await eventually(() => client.told.positions.some(({amount}) => amount === '1.5'))
			expect(client.told.positions.at(-1)).toMatchObject({symbol: S, entry: position?.entry})
			await eventually(async () => client.told.balances.includes(await client.wallet()))
		},
	},
	{
		name: 'rests, lists, amends, queries and cancels a limit order',
		run: async bench => {
			const {client} = bench
			const order = {symbol: S, side: 'BUY', type: 'LIMIT', quantity: '0.1', price: '59000', client_id: 'rest'} as const
			const placed = await client.place(order)
			expect(placed).toMatchObject({client_id: 'rest', status: 'NEW'})
			await refused(bench, client.place(order), -4116)
			expect((await client.openOrders(S)).map(row => row.client_id)).toEqual(['rest'])
			const amended = await client.amend(S, placed.id, 'BUY', '0.2', '59100')
			expect(amended.id).toBe(placed.id)
			expect(await client.query(S, 'rest')).toMatchObject({id: placed.id, status: 'NEW'})
			expect(await client.cancel(S, 'rest')).toMatchObject({status: 'CANCELED'})
			expect(await client.openOrders(S)).toEqual([])
			await refused(bench, client.cancel(S, 'rest'), -2011)
			await eventually(() =>
				client.told.orders.some(({client_id, status}) => client_id === 'rest' && status === 'CANCELED'),
			)
		},
	},
	{
		name: 'names its refusals by code',
		run: async bench => {
			const place = (
				order: Readonly<{quantity: string; price?: string; side?: 'SELL'; reduce_only?: boolean; tif?: 'GTX'}>,
			) =>
				bench.client.place({
					symbol: S,
					side: 'BUY',
					type: order.price === undefined ? 'MARKET' : 'LIMIT',
					client_id: 'refused',
					...order,
				})
			await refused(bench, place({quantity: '0.001'}), -4164)
			await refused(bench, place({quantity: '9', price: '60000'}), -2019)
			await refused(bench, place({quantity: '0.1', reduce_only: true}), -2022)
			await refused(bench, place({quantity: '0.1', price: '60500', tif: 'GTX'}), -5022)
			await refused(bench, place({quantity: '0.1', price: '70000'}), -4016)
			await refused(bench, bench.client.query(S, 'never'), -2013)
		},
	},
	{
		name: 'rests a stop and a target on the algo service and cancels one',
		run: async bench => {
			const {client} = bench
			const stop = {
				symbol: S,
				side: 'SELL',
				type: 'STOP_MARKET',
				quantity: '1.5',
				client_id: 'stop',
				trigger: '59500',
			} as const
			const placed = await client.placeStop(stop)
			expect(placed).toMatchObject({client_id: 'stop', status: 'NEW'})
			same(placed.trigger, '59500')
			await client.placeStop({
				symbol: S,
				side: 'SELL',
				type: 'TAKE_PROFIT_MARKET',
				client_id: 'target',
				trigger: '61000',
			})
			await refused(bench, client.placeStop({...stop, client_id: 'late', trigger: '61000'}), -2021)
			expect((await client.openStops(S)).map(row => row.client_id)).toEqual(['stop', 'target'])
			expect(await client.openOrders(S)).toEqual([])
			await client.placeStop({...stop, client_id: 'second', trigger: '59400'})
			await client.cancelStop(S, 'second')
			expect((await client.openStops(S)).map(row => row.client_id)).toEqual(['stop', 'target'])
		},
	},
	{
		name: 'triggers the stop, closes the position and expires the target',
		run: async bench => {
			const {client, venue, clock} = bench
			venue.script.book(clock.at + 5, S, [['59490.0', '3']], [['59510.0', '3']])
			venue.script.trade(clock.at + 10, S, '59500.0', '1')
			await pass(bench, 20)
			await flat(bench)
			expect(await client.openStops(S)).toEqual([])
			await eventually(() => client.told.positions.at(-1)?.amount === '0')
			await eventually(() => client.told.fills.some(fill => fill.client_id === 'stop'))
			same(client.told.fills.at(-1)?.price ?? '', '59490')
		},
	},
	{
		name: 'places a batch, and fills resting orders as maker when the book crosses them',
		run: async bench => {
			const {client, venue, clock} = bench
			await freshBook(bench)
			const order = {symbol: S, type: 'LIMIT', quantity: '0.1'} as const
			const placed = await client.batch([
				{...order, side: 'BUY', price: '59900', client_id: 'b1'},
				{...order, side: 'SELL', price: '60100', client_id: 'b2'},
			])
			expect(placed.map(row => row.client_id)).toEqual(['b1', 'b2'])
			venue.script.book(clock.at + 1, S, [['59800.0', '1']], [['59850.0', '1']])
			venue.script.book(clock.at + 2, S, [['60150.0', '1']], [['60200.0', '1']])
			await pass(bench, 5)
			expect(await client.openOrders(S)).toEqual([])
			await eventually(() => client.told.fills.some(fill => fill.client_id === 'b2'))
			const fees = client.told.fills.filter(fill => fill.client_id.startsWith('b')).map(fill => dec(fill.fee).toFixed())
			expect(fees).toEqual(['1.198', '1.202'])
			await flat(bench)
		},
	},
	{
		name: 'pays funding',
		run: async bench => {
			const {client, venue, clock} = bench
			await freshBook(bench)
			await client.place({symbol: S, side: 'SELL', type: 'MARKET', quantity: '0.5', client_id: 'short'})
			venue.script.mark(clock.at + 1, S, '60000').funding(clock.at + 2, S, '0.0001')
			await pass(bench, 5)
			const funding = (await client.income()).filter(row => row.type === 'FUNDING_FEE')
			expect(funding).toHaveLength(1)
			same(funding[0]?.amount ?? '', '3')
			await client.place({
				symbol: S,
				side: 'BUY',
				type: 'MARKET',
				quantity: '0.5',
				client_id: 'cover',
				reduce_only: true,
			})
			await flat(bench)
		},
	},
	{
		name: 'accounts for its wallet by income alone',
		run: async ({client}) => {
			const sum = (await client.income()).reduce((total, row) => total.add(row.amount), dec(0))
			expect(sum.toFixed(8)).toBe(await client.wallet())
		},
	},
	{
		name: 'closes candles in order without gaps, by stream and by REST',
		run: async bench => {
			const {client, clock} = bench
			await pass(bench, 240_000 - (clock.at % 60_000))
			const closes = await client.closes(S)
			const minutes = Math.floor(clock.at / 60_000)
			expect(closes).toHaveLength(minutes + 1)
			await eventually(() => new Set(client.told.candles.map(({open_ms}) => open_ms)).size >= minutes)
			const opens = [...new Set(client.told.candles.map(({open_ms}) => open_ms))]
			expect(opens.every((open, index) => index === 0 || open - (opens[index - 1] ?? 0) === 60_000)).toBe(true)
		},
	},
	{
		name: 'keeps the book that REST shows',
		run: async bench => {
			await freshBook(bench)
			await pass(bench, 200)
			same(await bench.client.bestBid(S), '60000')
			await eventually(() => Number(bench.client.told.depths.at(-1)) > 0)
			same(bench.client.told.bids.at(-1) ?? '', '60000')
		},
	},
]
