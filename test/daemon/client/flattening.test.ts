import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {flatten} from '../../../src/daemon/client/flattening.js'
import {settleVenue} from '../../../src/daemon/client/kill-venue.js'
import {type OperatorSender, operatorSender} from '../../../src/daemon/client/operator-sender.js'
import {completeStops} from '../../../src/daemon/client/stop-completion.js'
import type {VenueDesk} from '../../../src/daemon/client/venue-desk.js'
import {openDesk} from '../../../src/daemon/client/venue-rest.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {configOf} from '../../engine/adapters/exchange/gateway-fixture.js'
import {btc, eth, life, quietMarket, ScriptedMarket} from '../../paper-exchange/scripted-market.js'
import {TestVenue} from '../../paper-exchange/venue-fixture.js'

const CHUNK = 0.5
/** Of ETH, the venue takes no more than half a coin at a time. */
const market = (): ScriptedMarket => {
	const chunked = new ScriptedMarket({symbols: [btc, {...eth, max_market_quantity: String(CHUNK)}, life]})
	for (let event = quiet.next(Number.POSITIVE_INFINITY); event; event = quiet.next(Number.POSITIVE_INFINITY))
		chunked.add(event)
	return chunked
}
let quiet: ScriptedMarket

const ORDER = '/fapi/v1/order'
let venue: TestVenue
let desk: VenueDesk
let sender: OperatorSender
const now = () => performance.now()
const of = () => ({desk, sender, late_until: 0})
const orders = () =>
	venue
		.log()
		.filter(({method, path}) => method === 'POST' && path === ORDER)
		.map(({params, http}) => ({...(params as Record<string, string>), http}) as Record<string, string | number>)
const created = () =>
	venue.log().filter(({method, path}) => method === 'POST' && /order$/i.test(String(path))) as readonly {
		params?: Record<string, string>
	}[]
const fault = (path: string, times: number, more: object, method = 'GET') =>
	venue.control('POST', '/faults', {match: {method, path}, times, ...more})
const failing = {action: {kind: 'error', http: 503, code: -1001, msg: 'down'}}

beforeEach(async () => {
	quiet = quietMarket()
	venue = await TestVenue.start({market})
	await venue.advance(10)
	desk = await openDesk(configOf(venue))
	sender = operatorSender(configOf(venue))
	await venue.market('BTCUSDT', 'SELL', '0.010')
	await venue.limit('ETHUSDT', 'BUY', '1.2', '3100')
	const closing = {symbol: 'ETHUSDT', side: 'SELL', closePosition: true}
	await venue.algo({...closing, type: 'STOP_MARKET', triggerPrice: '2500'})
	const target = {symbol: 'ETHUSDT', side: 'SELL', quantity: '0.5', reduceOnly: true}
	await venue.algo({...target, type: 'TAKE_PROFIT_MARKET', triggerPrice: '3500'})
	await venue.limit('BTCUSDT', 'BUY', '0.01', '50000')
})
afterEach(async () => {
	await Promise.allSettled([desk.close(), sender.end()])
	await venue.close()
})

const openAmounts = async () => (await desk.everyPosition()).filter(({amount}) => Number(amount) !== 0)

describe('closing everything straight at the venue', () => {
	it('closes in parts that the venue takes, removes what is left over, and proves it', async () => {
		const before = orders().length
		const report = await flatten(of())
		expect(report).toMatchObject({state: 'FLAT', left: [], dust: [], stops_removed: 1})
		expect(report.found.map(({symbol}) => symbol).sort()).toEqual(['BTCUSDT', 'ETHUSDT'])
		expect(await openAmounts()).toEqual([])
		expect(await desk.openOrders()).toEqual([])
		const sent = orders().slice(before)
		expect(sent.every(({reduceOnly, type}) => reduceOnly === 'true' && type === 'MARKET')).toBe(true)
		const chunks = sent.filter(({symbol}) => symbol === 'ETHUSDT').map(({quantity}) => Number(quantity))
		expect(chunks).toEqual([CHUNK, CHUNK, 0.2])
	})

	it('of one symbol leaves the others alone', async () => {
		expect(await flatten({...of(), symbol: 'ETHUSDT'})).toMatchObject({state: 'FLAT', stops_removed: 1})
		expect((await openAmounts()).map(({symbol}) => symbol)).toEqual(['BTCUSDT'])
		expect((await desk.openOrders()).map(({symbol}) => symbol)).toEqual(['BTCUSDT'])
	})

	it('goes on past readings that fail, and never closes twice what was only misreported', async () => {
		await fault('/fapi/v2/positionRisk', 3, failing)
		await fault(ORDER, 2, {...failing, after_accept: true}, 'POST')
		expect(await flatten(of())).toMatchObject({state: 'FLAT'})
		expect(await openAmounts()).toEqual([])
	})

	it.each([
		['cannot be read', failing],
		['are answered with garbage', {action: {kind: 'garbage'}}],
	])('is UNKNOWN while positions %s, and sends nothing', async (_, action) => {
		await fault('/fapi/v2/positionRisk', 1_000, action)
		const before = orders().length
		expect((await flatten({...of(), within_ms: 600})).state).toBe('UNKNOWN')
		expect(orders()).toHaveLength(before)
	})

	it('is NOT FLAT while the venue refuses, and says with which words', async () => {
		await fault(ORDER, 1_000, {action: {kind: 'error', http: 400, code: -2015, msg: 'no permission'}}, 'POST')
		const report = await flatten({...of(), within_ms: 800})
		expect(report.state).toBe('NOT FLAT')
		expect(report.left.map(({symbol, why}) => [symbol, why]).sort()).toEqual([
			['BTCUSDT', '-2015: no permission'],
			['ETHUSDT', '-2015: no permission'],
		])
	})

	it('reports dust as what is left, and gives up on nothing else', async () => {
		const dusty: OperatorSender = {
			...sender,
			close: (symbol, amount) =>
				symbol === 'ETHUSDT'
					? Promise.resolve({status: 'REFUSED', code: 'BELOW_MIN_QUANTITY', message: 'too little'})
					: sender.close(symbol, amount),
		}
		const report = await flatten({...of(), sender: dusty})
		expect(report).toMatchObject({state: 'NOT FLAT', dust: [{symbol: 'ETHUSDT'}], left: [{symbol: 'ETHUSDT'}]})
	})

	it('closes what is filled late, and looks for as long as something may come', async () => {
		let came = false
		const openOrders = async () => {
			if (!came) await venue.market('BTCUSDT', 'BUY', '0.005')
			came = true
			return desk.openOrders()
		}
		const report = await flatten({sender, desk: {...desk, openOrders}, late_until: now() + 300})
		expect(report).toMatchObject({state: 'FLAT'})
		expect(report.ms).toBeGreaterThanOrEqual(300)
		expect(await openAmounts()).toEqual([])
	})
})

describe('a position without a stop gets one', () => {
	const complete = () => completeStops({desk, sender, policy: defaultPolicy, state: undefined, gateway_lives: false})

	it('by policy where no plan is known, once, and what has one keeps it', async () => {
		const {placed, bare, positions} = await complete()
		expect({bare, positions}).toEqual({bare: [], positions: 2})
		expect(placed.map(({symbol}) => symbol)).toEqual(['BTCUSDT'])
		expect(Number(placed[0]?.trigger_price)).toBeCloseTo(60_000 * 1.03, -2)
		const stop = (await desk.openOrders()).find(({symbol, kind}) => symbol === 'BTCUSDT' && kind === 'algo')
		expect(stop).toMatchObject({side: 'BUY', order_type: 'STOP_MARKET', close_position: true})
		expect(await complete()).toEqual({bare: [], positions: 2, placed: []})
	})

	it('and says so where the venue refuses', async () => {
		const action = {action: {kind: 'error', http: 400, code: -2021, msg: 'would trigger at once'}}
		await fault('/fapi/v1/algoOrder', 10, action, 'POST')
		expect(await complete()).toMatchObject({
			placed: [],
			bare: [{symbol: 'BTCUSDT', why: '-2021: would trigger at once'}],
		})
	})
})

describe('the venue in a kill', () => {
	const asked = {
		openVenue: async () => ({kind: 'desk' as const, desk, sender}),
		policy: async () => defaultPolicy,
		state: undefined,
		certain: true,
		gateway_lives: false,
	}

	it('loses its entry orders past limits and failures, and keeps and completes its stops', async () => {
		await fault('/fapi/v1/openOrders', 2, {action: {kind: 'error', http: 429, code: -1003, msg: 'too many'}})
		const {steps, cancelled, entries_left, stops} = await settleVenue({...asked, flatten: false})
		expect(steps.map(({name, ok}) => [name, ok])).toEqual([
			['venue', true],
			['stops', true],
		])
		expect(cancelled.map(({symbol}) => symbol)).toEqual(['BTCUSDT'])
		expect(entries_left).toEqual([])
		expect(stops?.placed.map(({symbol}) => symbol)).toEqual(['BTCUSDT'])
	})

	it.each([
		['slow', 12, {kind: 'delay', ms: 700}],
		['failing', 3, {kind: 'error', http: 503, code: -1000, msg: 'unknown error'}],
		['dropping connections', 3, {kind: 'drop'}],
		['limiting us', 1, {kind: 'error', http: 429, code: -1003, msg: 'too many', retry_after_s: 1}],
	])('is settled while it is %s, and all that is sent is a stop', async (_, times, action) => {
		const before = created().length
		await venue.control('POST', '/faults', {match: {}, times, action})
		const fresh = async () => ({
			kind: 'desk' as const,
			desk: await openDesk(configOf(venue)),
			sender: operatorSender(configOf(venue)),
		})
		const {steps, entries_left, stops} = await settleVenue({...asked, openVenue: fresh, flatten: false})
		expect(steps.filter(({ok}) => !ok)).toEqual([])
		expect(entries_left).toEqual([])
		expect(stops?.placed.map(({symbol}) => symbol)).toEqual(['BTCUSDT'])
		expect(
			created()
				.slice(before)
				.every(({params}) => params?.closePosition === 'true'),
		).toBe(true)
	})

	it('that bans us for longer than there is time is left alone at once, and named', async () => {
		const ban = {kind: 'error', http: 418, code: -1003, msg: 'banned', retry_after_s: 60}
		await venue.control('POST', '/faults', {match: {}, times: 1_000, action: ban})
		const fresh = async () => ({kind: 'desk' as const, desk: await openDesk(configOf(venue)), sender})
		const asked_before = venue.log().length
		const begun = now()
		const {steps} = await settleVenue({...asked, openVenue: fresh, flatten: true})
		expect(steps).toMatchObject([
			{name: 'venue', ok: false, detail: expect.stringMatching(/asks for silence for another (59|60) s/)},
			{name: 'flatten', ok: false},
		])
		expect(now() - begun).toBeLessThan(10_000)
		expect(venue.log().length - asked_before).toBe(1)
	})

	it('that bans only the sender does not hold a closing up for ever', async () => {
		const ban = {kind: 'error', http: 418, code: -1003, msg: 'banned', retry_after_s: 600}
		await fault(ORDER, 1_000, {action: ban}, 'POST')
		const report = await flatten({...of(), within_ms: 1_000})
		expect(report).toMatchObject({state: 'UNKNOWN', detail: expect.stringMatching(/no answer within/)})
	})

	it('protects what could not be closed', async () => {
		await fault(ORDER, 1_000, {action: {kind: 'error', http: 400, code: -2015, msg: 'no permission'}}, 'POST')
		const {steps, flat} = await settleVenue({...asked, flatten: true, flatten_ms: 600})
		expect(flat?.state).toBe('NOT FLAT')
		expect(steps.map(({name, ok}) => [name, ok])).toEqual([
			['venue', true],
			['flatten', false],
			['stops', true],
		])
	})
})
