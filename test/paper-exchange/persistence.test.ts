import {cpSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import {dec} from '../../src/paper-exchange/decimal.js'
import {openMarket} from '../../src/paper-exchange/markets/open-market.js'
import {readRequestLog} from '../../src/paper-exchange/request-log.js'
import {eventually} from '../support/eventually.js'
import {type TemporaryHome, temporaryHome} from '../support/temporary-home.js'
import {type Json, TestVenue} from './venue-fixture.js'
import {compileVenue, endAll, VenueProcess} from './venue-process.js'

const start_ms = 1_767_225_600_000
const config = {
	market: {
		kind: 'synthetic' as const,
		seed: 11,
		start_ms,
		warmup_ms: 3_600_000,
		symbols: ['BTCUSDT', 'ETHUSDT'] as ['BTCUSDT', 'ETHUSDT'],
	},
	speed: 20,
	wallet_usdt: '100000',
	limits: {orders_per_10s: 100_000, orders_per_minute: 100_000, weight_per_minute: 1_000_000},
	snapshot_every_ms: 150,
	request_log: {segment_bytes: 5000, segments_kept: 100_000},
}

let home: TemporaryHome
let main: string
let removeBuild = () => {}

beforeAll(async () => {
	home = await temporaryHome('venue-')
	const build = compileVenue(`persistence-${process.pid}`)
	main = build.main
	removeBuild = build.remove
})
afterEach(endAll)
afterAll(async () => {
	removeBuild()
	await home.remove()
})

const readLog = (data_dir: string): Json[] => [...readRequestLog(data_dir)]

const inStep = async (data_dir?: string): Promise<TestVenue> => {
	const market = await openMarket(config.market)
	return TestVenue.start({
		market: () => market,
		config: {market: config.market, wallet_usdt: config.wallet_usdt, ...(data_dir === undefined ? {} : {data_dir})},
	})
}

/** A venue on what another one's directory holds this instant, which is what would be left of it if it were killed. */
const crash = async (venue: TestVenue): Promise<TestVenue> => {
	const image = join(home.path, `image-${Math.random()}`)
	cpSync(venue.data_dir, image, {recursive: true})
	await venue.close()
	return inStep(image)
}

/** Places orders of every kind, several at a time, until the venue is gone; returns what was acknowledged. */
const burst = async (venue: VenueProcess, round: number, enough: (count: number) => void): Promise<Json[]> => {
	const acknowledged: Json[] = []
	const mark = Number((await venue.get('/fapi/v1/premiumIndex', {symbol: 'BTCUSDT'})).body.markPrice)
	const price = (share: number): string => (Math.round(mark * share * 10) / 10).toFixed(1)
	const one = async (index: number): Promise<void> => {
		const side = index % 2 === 0 ? 'BUY' : 'SELL'
		const symbol = 'BTCUSDT'
		const id = {newClientOrderId: `r${round}-${index}`}
		const {http, body} = await (index % 3 === 0
			? venue.limit(symbol, side, '0.01', price(side === 'BUY' ? 0.96 : 1.04), id)
			: index % 7 === 0
				? venue.algo({
						symbol,
						side,
						type: 'STOP_MARKET',
						quantity: '0.01',
						triggerPrice: price(side === 'BUY' ? 1.04 : 0.96),
						clientAlgoId: `r${round}-${index}`,
					})
				: venue.market(symbol, side, '0.01', id))
		if (http === 200) acknowledged.push(body)
		enough(acknowledged.length)
	}
	const worker = async (first: number): Promise<void> => {
		for (let index = first; index < 100_000; index += 4) await one(index)
	}
	await Promise.allSettled([0, 1, 2, 3].map(worker))
	return acknowledged
}

/** Everything acknowledged is there, and the books agree with one another. */
const examine = async (venue: VenueProcess, acknowledged: readonly Json[], data_dir: string): Promise<void> => {
	const orders = new Map(
		(await venue.list('/fapi/v1/allOrders', {symbol: 'BTCUSDT', limit: 1000, orderId: 1})).map(row => [
			row.orderId,
			row,
		]),
	)
	for (const row of acknowledged) {
		if (row.algoId !== undefined) {
			const {body} = await venue.get('/fapi/v1/algoOrder', {algoId: Number(row.algoId)})
			expect(body.clientAlgoId).toBe(row.clientAlgoId)
			continue
		}
		const found =
			orders.get(row.orderId) ??
			(await venue.get('/fapi/v1/order', {symbol: 'BTCUSDT', orderId: Number(row.orderId)})).body
		expect(found.clientOrderId).toBe(row.clientOrderId)
		expect(Number(found.executedQty)).toBeGreaterThanOrEqual(Number(row.executedQty))
	}
	const income = await venue.allIncome()
	const sum = income.reduce((total, row) => total.add(String(row.income)), dec(0))
	expect(sum.toFixed(8)).toBe((await venue.balance()).balance)
	const trades: Json[] = []
	for (let fromId = 1; ; ) {
		const page = await venue.list('/fapi/v1/userTrades', {symbol: 'BTCUSDT', fromId, limit: 1000})
		trades.push(...page)
		if (page.length < 1000) break
		fromId = Number(page.at(-1)?.id) + 1
	}
	const amount = trades.reduce(
		(total, row) => (row.buyer === true ? total.add(String(row.qty)) : total.sub(String(row.qty))),
		dec(0),
	)
	expect(amount.toFixed()).toBe((await venue.position('BTCUSDT'))?.positionAmt ?? '0')
	const lines = readLog(data_dir)
	expect(lines.map(line => line.seq)).toEqual(lines.map((_, index) => index + 1))
	const logged = lines.flatMap(line => [
		...((line.fills as Json[] | undefined) ?? []),
		...(line.event === 'fill' ? [line.trade as Json] : []),
	])
	expect(logged.map(fill => fill.trade_id)).toEqual(trades.map(row => row.id))
}

describe('a killed venue', () => {
	it('comes back with all it has acknowledged, again and again', async () => {
		const data_dir = join(home.path, 'killed')
		const acknowledged: Json[] = []
		let venue_ms = 0
		for (let round = 0; round < 2; round += 1) {
			const venue = await VenueProcess.start(main, config, data_dir)
			const clock = await venue.control('GET', '/clock')
			expect(Number(clock.venue_ms)).toBeGreaterThanOrEqual(venue_ms)
			await examine(venue, acknowledged, data_dir)
			const target = 40 + round * 37
			acknowledged.push(
				...(await burst(venue, round, count => {
					if (count === target) void venue.end('SIGKILL')
				})),
			)
			expect(await venue.exit).toMatchObject({signal: 'SIGKILL'})
			venue_ms = Number(clock.venue_ms)
		}
		const last = await VenueProcess.start(main, config, data_dir)
		await examine(last, acknowledged, data_dir)
		const opens = (await last.list('/fapi/v1/klines', {symbol: 'BTCUSDT', interval: '1m'})) as unknown as number[][]
		expect(opens.every((row, index) => index === 0 || (row[0] ?? 0) - (opens[index - 1]?.[0] ?? 0) === 60_000)).toBe(
			true,
		)
		expect(await last.end('SIGTERM')).toMatchObject({code: 0})
	}, 60_000)

	it('goes on with the same market as one that was never killed', async () => {
		const minutes = [1, 2, 3]
		const trade = async (venue: TestVenue, minute: number): Promise<void> => {
			await venue.advance(minute * 60_000)
			await venue.market('BTCUSDT', 'BUY', '0.5')
		}
		const story = async (venue: TestVenue): Promise<unknown> => ({
			depth: (await venue.get('/fapi/v1/depth', {symbol: 'BTCUSDT', limit: 50})).body,
			klines: (await venue.get('/fapi/v1/klines', {symbol: 'BTCUSDT', interval: '1m', limit: 20})).body,
			prints: (await venue.get('/fapi/v1/aggTrades', {symbol: 'BTCUSDT', limit: 5})).body,
			trades: await venue.list('/fapi/v1/userTrades', {symbol: 'BTCUSDT'}),
		})
		const whole = await inStep()
		for (const minute of minutes) await trade(whole, minute)
		const expected = await story(whole)
		await whole.close()
		let part = await inStep()
		for (const minute of minutes) {
			await trade(part, minute)
			if (minute < 3) part = await crash(part)
		}
		expect(await story(part)).toEqual(expected)
		await part.close()
	})

	it('keeps its listen key, settings and countdowns', async () => {
		const first = await inStep()
		await first.advance(2000)
		const key = String((await first.post('/fapi/v1/listenKey')).body.listenKey)
		await first.post('/fapi/v1/leverage', {symbol: 'BTCUSDT', leverage: 7})
		const mark = Number((await first.get('/fapi/v1/premiumIndex', {symbol: 'BTCUSDT'})).body.markPrice)
		await first.limit('BTCUSDT', 'BUY', '0.1', (mark * 0.97).toFixed(1))
		await first.post('/fapi/v1/countdownCancelAll', {symbol: 'BTCUSDT', countdownTime: 1000})
		const second = await crash(first)
		expect((await second.post('/fapi/v1/listenKey')).body.listenKey).toBe(key)
		expect((await second.list('/fapi/v1/symbolConfig', {symbol: 'BTCUSDT'}))[0]).toMatchObject({leverage: 7})
		await eventually(async () => (await second.list('/fapi/v1/openOrders')).length === 0)
		expect(second.log().some(line => line.event === 'countdown')).toBe(true)
		await second.close()
	})
})

describe('a venue that cannot start', () => {
	it('names the port that is taken', async () => {
		const venue = await TestVenue.start()
		const port = Number(new URL(venue.rest_url).port)
		const second = TestVenue.start({config: {port}})
		await expect(second).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken by another process.`)
		await venue.close()
	})

	it('names what is wrong in its configuration', async () => {
		const start = VenueProcess.start(main, {...config, speed: -1}, join(home.path, 'bad'))
		await expect(start).rejects.toThrow(/config\.json is not a valid venue configuration: speed/)
	})

	it.each([
		['seed', {...config.market, seed: 12}],
		['start_ms', {...config.market, start_ms: start_ms + 60_000}],
		['kind, seed, start_ms, warmup_ms, symbols, file', {kind: 'tape', file: 'some.tape'}],
	])("refuses another market's data directory: %s", async (different, market) => {
		const data_dir = join(home.path, `other-${different}`)
		await (await inStep(data_dir)).close()
		const before = readdirSync(data_dir).map(name => [name, readFileSync(join(data_dir, name), 'utf8')])
		const other = TestVenue.start({config: {data_dir, market: market as typeof config.market}})
		await expect(other).rejects.toThrow(
			`The data directory ${data_dir} holds the account of another market: it was begun with ${JSON.stringify(config.market)}, but ${JSON.stringify(market)} is asked for (different: ${different}). Start with the settings it was begun with, or give this market a "data_dir" of its own (with qt: another QT_HOME).`,
		)
		expect(readdirSync(data_dir).map(name => [name, readFileSync(join(data_dir, name), 'utf8')])).toEqual(before)
	})

	it('refuses a directory in use, and takes over one whose process has died', async () => {
		const data_dir = join(home.path, 'shared')
		const first = await VenueProcess.start(main, config, data_dir)
		const second = TestVenue.start({config: {data_dir, market: config.market}})
		await expect(second).rejects.toThrow(/is in use by process \d+\. Stop it/)
		await first.end('SIGKILL')
		const third = await inStep(data_dir)
		await expect(inStep(data_dir)).rejects.toThrow(`is in use by process ${process.pid}.`)
		await third.close()
	})
})
