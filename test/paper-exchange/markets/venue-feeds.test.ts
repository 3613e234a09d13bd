import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {gunzipSync} from 'node:zlib'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {dec} from '../../../src/paper-exchange/decimal.js'
import {eventually} from '../../support/eventually.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'
import {connectCcxt} from '../clients/ccxt-client.js'
import type {Client} from '../clients/client.js'
import type {Json} from '../venue-fixture.js'
import {compileVenue, endAll, VenueProcess} from '../venue-process.js'
import {FeedServer} from './feed-server.js'
import {TapeWriter} from './tape-fixture.js'

/** A recorded tape to do the same with; without one, a market of ten minutes is written. */
const recorded = process.env.QT_TAPE

/** The venue's process, on one feed or another, with unmodified ccxt in front of it. */
let home: TemporaryHome
let main: string
let removeBuild = () => {}
let file: string
let lines: readonly Json[]
let symbol: string
let client: Client | undefined

const walk = (): TapeWriter => {
	const tape = new TapeWriter()
	for (let turn = 0; turn < 6000; turn += 1) {
		const bid = 1000 + ((turn * 7919) % 41) / 10
		const [low, high] = [bid.toFixed(1), (bid + 0.1).toFixed(1)]
		tape.at(turn * 100).ticker(turn + 1, [low, '5.000'], [high, '5.000'])
		if (turn % 3 === 0) tape.trade(turn % 2 === 0 ? high : low, '0.700', turn % 2 !== 0)
	}
	return tape
}

beforeAll(async () => {
	home = await temporaryHome('venue-')
	const build = compileVenue(`feeds-${process.pid}`)
	main = build.main
	removeBuild = build.remove
	const written = recorded === undefined ? await walk().save() : undefined
	file = recorded ?? written?.file ?? ''
	const raw = readFileSync(file)
	const texts = (file.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8').trimEnd().split('\n').slice(0, 100_000)
	lines = texts.map(text => JSON.parse(text.slice(text.indexOf(' ') + 1)) as Json)
	symbol = String(lines.map(line => (line.data as Json | undefined)?.s).find(name => name !== undefined))
})
beforeEach(() => {
	client = undefined
})
afterEach(async () => {
	await client?.close()
	endAll()
})
afterAll(async () => {
	removeBuild()
	await home.remove()
})

const limits = {orders_per_10s: 100_000, orders_per_minute: 100_000, weight_per_minute: 1_000_000}

const ofKind = (kind: string): Json[] =>
	lines.flatMap(line => {
		const data = line.data as Json | undefined
		return data?.e === kind ? [data] : []
	})

/** A busy machine tells late: this bounds hangs, not speed. */
const patient = {within_ms: 30_000}

/** What ccxt is told and gets, against what is on the tape. */
const tradeThrough = async (venue: VenueProcess): Promise<void> => {
	client = await connectCcxt(venue)
	const {told} = client
	expect(await client.symbols()).toContain(symbol)
	await client.listen(symbol)
	const bids = new Set(ofKind('bookTicker').map(({b}) => Number(b)))
	const asks = new Set(ofKind('bookTicker').map(({a}) => Number(a)))
	const prints = new Set(ofKind('trade').map(({p}) => Number(p)))
	await eventually(() => told.bids.length > 5 && told.trades.length > 5, patient)
	expect(told.bids.every(bid => bids.has(Number(bid)))).toBe(true)
	expect(told.trades.every(price => prints.has(Number(price)))).toBe(true)
	const quantity = symbol === 'BTCUSDT' ? '0.01' : '1'
	await client.place({symbol, side: 'BUY', type: 'MARKET', quantity, client_id: 'feed-in'})
	const bought = await eventually(() => told.fills.find(fill => fill.client_id === 'feed-in'), patient)
	expect(asks).toContain(Number(bought.price))
	expect(Number((await client.position(symbol))?.amount)).toBe(Number(quantity))
	await client.place({symbol, side: 'SELL', type: 'MARKET', quantity, client_id: 'feed-out', reduce_only: true})
	const sold = await eventually(() => told.fills.find(fill => fill.client_id === 'feed-out'), patient)
	expect(bids).toContain(Number(sold.price))
	expect(Number((await client.position(symbol))?.amount ?? 0)).toBe(0)
	const booked = (await client.income()).reduce((sum, row) => sum.add(row.amount), dec(0))
	expect(dec(await client.wallet()).toFixed()).toBe(booked.toFixed())
	await client.close()
	client = undefined
}

/** Sends the messages as they were recorded, again and again, with the partial books that a live feed has. */
const replay = (server: FeedServer): {stop: () => Promise<unknown>} => {
	let [at, stopped] = [0, false]
	const sendSome = (): boolean => {
		for (let count = 0; count < 20; count += 1) {
			const line = lines[at++ % lines.length]
			const data = line?.data as Json | undefined
			if (data?.e === 'trade') server.raw('market', JSON.stringify(line))
			if (data?.e !== 'bookTicker') continue
			const {s, E, u, b, B, a, A} = data
			server.raw('public', JSON.stringify(line))
			server.send('public', 'depth20@100ms', {
				e: 'depthUpdate',
				s: String(s),
				E,
				u,
				U: u,
				pu: u,
				b: [[b, B]],
				a: [[a, A]],
			})
		}
		return stopped
	}
	const sent = eventually(sendSome, {within_ms: 120_000, every_ms: 20})
	return {
		stop: () => {
			stopped = true
			return sent
		},
	}
}

describe('a venue process and unmodified ccxt', () => {
	it('trade on a tape', async () => {
		const config = {market: {kind: 'tape', file}, limits}
		const venue = await VenueProcess.start(main, config, join(home.path, 'tape'))
		await tradeThrough(venue)
		expect(await venue.end('SIGTERM')).toMatchObject({code: 0})
		const again = await VenueProcess.start(main, config, join(home.path, 'tape'))
		expect(await again.list('/fapi/v1/userTrades', {symbol})).toHaveLength(2)
		expect(await again.end('SIGTERM')).toMatchObject({code: 0})
	}, 60_000)

	it('trade on a live feed', async () => {
		await using server = await new FeedServer([symbol]).listen()
		const feed = replay(server)
		const market = {
			kind: 'live',
			symbols: [symbol],
			ws_url: `ws://${server.host}`,
			rest_url: `http://${server.host}`,
			warmup_ms: 3_600_000,
		}
		try {
			const venue = await VenueProcess.start(main, {market, limits}, join(home.path, 'live'))
			await tradeThrough(venue)
			expect(await venue.list('/fapi/v1/klines', {symbol, interval: '1m', limit: 30})).toHaveLength(30)
			expect(await venue.end('SIGTERM')).toMatchObject({code: 0})
			const again = await VenueProcess.start(main, {market, limits}, join(home.path, 'live'))
			expect(await again.list('/fapi/v1/userTrades', {symbol})).toHaveLength(2)
			expect(await again.end('SIGTERM')).toMatchObject({code: 0})
		} finally {
			await feed.stop()
		}
	}, 60_000)
})
