import {afterEach, beforeAll, describe, expect, it} from 'vitest'
import {type AccountFeedOptions, accountFeed} from '../../../../src/engine/adapters/exchange/account-feed.js'
import {exchangeNormalized} from '../../../../src/engine/contracts/streams/account.js'
import type {ResumePoint} from '../../../../src/engine/exchange/account-cursor.js'
import type {AccountPush} from '../../../../src/engine/exchange/account-push.js'
import type {NormalizedEvent} from '../../../../src/engine/exchange/normalise.js'
import {TestVenue} from '../../../paper-exchange/venue-fixture.js'
import {configOf, eventually, runFeed, warmUp} from './gateway-fixture.js'
import {TcpProxy} from './tcp-proxy.js'

beforeAll(warmUp)
const closing: Array<() => Promise<void>> = []
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close()
})

const start = async () => {
	const venue = await TestVenue.start()
	closing.push(() => venue.close())
	await venue.advance(10)
	return venue
}

const listen = (
	venue: Pick<TestVenue, 'rest_url' | 'ws_url'>,
	resume?: ResumePoint,
	marks: Omit<AccountFeedOptions, 'resumeFrom'> = {},
) => {
	const running = runFeed<AccountPush>(accountFeed(configOf(venue), {resumeFrom: () => resume, ...marks}))
	closing.push(running.stop)
	const all = (): NormalizedEvent[] => running.events.flatMap(({events}) => events)
	const of = <Kind extends NormalizedEvent['kind']>(kind: Kind) =>
		all().filter((event): event is Extract<NormalizedEvent, {kind: Kind}> => event.kind === kind)
	const statuses = () => of('connection').map(({status}) => status)
	const checkpoint = () => running.events.findLast(event => event.checkpoint)?.checkpoint
	return {...running, all, of, statuses, checkpoint, inSync: () => eventually(() => statuses().at(-1) === 'RESYNCED')}
}

const tradeIds = (fills: readonly {trade_id: string}[]) => fills.map(({trade_id}) => trade_id)

describe('account feed', () => {
	it('tells orders, fills, positions and balances of a market order exactly as the contract has them', async () => {
		const venue = await start()
		const feed = listen(venue)
		await feed.inSync()
		await venue.market('BTCUSDT', 'BUY', '1.500', {newClientOrderId: 'p1-entry'})
		await eventually(() => feed.of('position').some(({amount}) => amount === '1.5'))
		expect(feed.of('fill')).toMatchObject([
			{
				trade_id: expect.any(String),
				client_order_id: 'p1-entry',
				price: '60010',
				quantity: '1',
				fee: '30.00500000',
				maker: false,
				origin: 'websocket',
			},
			{client_order_id: 'p1-entry', price: '60020', quantity: '0.5'},
		])
		expect(feed.of('order').at(-1)).toMatchObject({status: 'FILLED', filled_quantity: '1.5', reduce_only: false})
		expect(feed.of('balance').at(-1)).toMatchObject({asset: 'USDT', reason: 'ORDER'})
		for (const event of feed.all()) expect(exchangeNormalized.payload.parse(event)).toEqual(event)
	})

	it('tells conditional orders, and the non-Latin symbol like any other', async () => {
		const venue = await start()
		const feed = listen(venue)
		await feed.inSync()
		await venue.market('币安人生USDT', 'BUY', '1000')
		await venue.algo({
			symbol: '币安人生USDT',
			side: 'SELL',
			type: 'STOP_MARKET',
			triggerPrice: '0.19',
			closePosition: true,
			clientAlgoId: 'p1-stop',
		})
		const stop = await eventually(() => feed.of('algo')[0])
		expect(stop).toMatchObject({
			symbol: '币安人生USDT',
			client_algo_id: 'p1-stop',
			status: 'NEW',
			trigger_price: '0.19',
			close_position: true,
		})
		expect(feed.of('fill')[0]).toMatchObject({symbol: '币安人生USDT', quantity: '1000'})
	})

	it('lists by REST what happened while the socket was away, once and in order, then says RESYNCED', async () => {
		const venue = await start()
		const feed = listen(venue)
		await feed.inSync()
		await venue.market('BTCUSDT', 'BUY', '0.010', {newClientOrderId: 'before'})
		await eventually(() => feed.of('fill').length === 1)
		await venue.control('POST', '/user-stream', {action: 'drop_sockets'})
		await venue.market('BTCUSDT', 'BUY', '0.020', {newClientOrderId: 'away-1'})
		await venue.market('ETHUSDT', 'BUY', '0.100', {newClientOrderId: 'away-2'})
		await eventually(() => feed.statuses().filter(status => status === 'RESYNCED').length === 2)
		await venue.market('BTCUSDT', 'BUY', '0.030', {newClientOrderId: 'after'})
		await eventually(() => feed.of('fill').some(fill => fill.client_order_id === 'after'))
		expect(
			feed
				.of('fill')
				.map(({client_order_id}) => client_order_id)
				.sort(),
		).toEqual(['after', 'away-1', 'away-2', 'before'])
		expect(feed.of('fill').find(fill => fill.client_order_id === 'away-1')).toMatchObject({
			quantity: '0.02',
			fee: '0.60010000',
			fee_asset: 'USDT',
			maker: false,
		})
		expect(feed.statuses()).toEqual(['CONNECTED', 'RESYNCED', 'LOST', 'CONNECTED', 'RESYNCED'])
		const bitcoin = tradeIds(feed.of('fill').filter(({symbol}) => symbol === 'BTCUSDT')).map(Number)
		expect(bitcoin).toEqual(bitcoin.toSorted((one, other) => one - other))
	})

	it('goes on from its checkpoint after a stop: nothing lost, nothing twice', async () => {
		const venue = await start()
		const first = listen(venue)
		await first.inSync()
		await venue.market('BTCUSDT', 'BUY', '0.010')
		await eventually(() => first.of('fill').length === 1)
		const checkpoint = JSON.parse(JSON.stringify(first.checkpoint())) as ResumePoint
		await first.stop()
		await venue.market('BTCUSDT', 'SELL', '0.004', {newClientOrderId: 'meanwhile'})
		const second = listen(venue, checkpoint)
		await second.inSync()
		expect(second.of('fill')).toMatchObject([{client_order_id: 'meanwhile', origin: 'rest'}])
		expect(second.of('income')).toEqual([])
	})

	it('reads again from the newest mark where its checkpoint is lost, and from the beginning where that lies ahead', async () => {
		const venue = await start()
		const marks: number[] = []
		await venue.market('BTCUSDT', 'BUY', '0.010', {newClientOrderId: 'long-ago'})
		await venue.advance(10_000)
		const first = listen(venue, undefined, {onProven: mark => marks.push(mark)})
		await first.inSync()
		await first.stop()
		expect(marks.length).toBeGreaterThan(0)
		await venue.advance(10_000)
		await venue.market('BTCUSDT', 'SELL', '0.004', {newClientOrderId: 'meanwhile'})
		await venue.control('POST', '/transfer', {amount: '-25.5'})
		const second = listen(venue, undefined, {provenSince: () => marks.at(-1)})
		await second.inSync()
		expect(second.of('fill').map(({client_order_id}) => client_order_id)).toEqual(['meanwhile'])
		await second.stop()
		const third = listen(venue, undefined, {provenSince: () => (marks.at(-1) ?? 0) + 1_000_000})
		await third.inSync()
		expect(third.of('fill').map(({client_order_id}) => client_order_id)).toEqual(['long-ago', 'meanwhile'])
	})

	it('drops a fill that comes twice and finds one that never came', async () => {
		const venue = await start()
		const feed = listen(venue)
		await feed.inSync()
		await venue.control('POST', '/user-stream', {action: 'duplicate_next', times: 4})
		await venue.market('BTCUSDT', 'BUY', '0.010', {newClientOrderId: 'twice'})
		await eventually(() => feed.of('position').length >= 2)
		expect(feed.of('fill')).toHaveLength(1)
		// Of NEW, account, fill, account, fill the first fill is lost: the sum of the second betrays it.
		await venue.control('POST', '/user-stream', {action: 'lose_next', times: 3})
		await venue.market('BTCUSDT', 'BUY', '1.500', {newClientOrderId: 'part-lost'})
		await eventually(() => feed.of('fill').filter(fill => fill.client_order_id === 'part-lost').length === 2)
		expect(new Set(tradeIds(feed.of('fill'))).size).toBe(feed.of('fill').length)
	})

	it('takes a new listen key at once when the old one expires', async () => {
		const venue = await start()
		const feed = listen(venue)
		await feed.inSync()
		await venue.control('POST', '/user-stream', {action: 'expire_listen_key'})
		await eventually(() => feed.statuses().filter(status => status === 'RESYNCED').length === 2)
		expect(feed.of('connection').find(({status}) => status === 'LOST')?.detail).toContain('expired')
		await venue.market('BTCUSDT', 'BUY', '0.010')
		await eventually(() => feed.of('fill').length === 1)
	})

	it('fetches what moved the wallet other than fills', async () => {
		const venue = await start()
		const feed = listen(venue)
		await feed.inSync()
		await eventually(() => feed.of('income').length === 1)
		await venue.market('BTCUSDT', 'BUY', '0.010')
		await venue.control('POST', '/transfer', {amount: '-25.5'})
		await eventually(() => feed.of('income').length === 2)
		venue.script.funding(20_000, 'BTCUSDT', '0.0001')
		await venue.advance(20_001)
		await eventually(() => feed.of('income').length === 3)
		expect(feed.of('income')).toMatchObject([
			{income_type: 'TRANSFER', amount: '10000.00000000'},
			{income_type: 'TRANSFER', amount: '-25.50000000'},
			{income_type: 'FUNDING_FEE', symbol: 'BTCUSDT', amount: '-0.06000000'},
		])
	})

	it('notices a wire that hangs without ending, and reads what it missed', async () => {
		const venue = await start()
		const proxy = await TcpProxy.to(Number(new URL(venue.ws_url).port))
		closing.push(() => proxy.close())
		const feed = listen({rest_url: venue.rest_url, ws_url: `ws://127.0.0.1:${proxy.port}`})
		await feed.inSync()
		proxy.freeze()
		await venue.market('BTCUSDT', 'BUY', '0.010', {newClientOrderId: 'unheard'})
		await eventually(() => feed.statuses().filter(status => status === 'RESYNCED').length === 2)
		expect(feed.of('fill')).toMatchObject([{client_order_id: 'unheard', origin: 'rest'}])
		expect(feed.statuses()).toEqual(['CONNECTED', 'RESYNCED', 'LOST', 'CONNECTED', 'RESYNCED'])
	})

	it('says LOST while there is no venue', async () => {
		const feed = runFeed<AccountPush>(
			accountFeed(configOf({rest_url: 'http://127.0.0.1:1', ws_url: 'ws://127.0.0.1:1'}), {
				resumeFrom: () => undefined,
			}),
		)
		closing.push(feed.stop)
		await eventually(() => feed.events.length > 0)
		expect(feed.events[0]?.events).toMatchObject([{kind: 'connection', status: 'LOST'}])
	})
})
