import {afterEach, beforeAll, expect, test} from 'vitest'
import {type VenueInspection, venueInspector} from '../../../../src/engine/adapters/exchange/venue-inspector.js'
import {TestVenue} from '../../../paper-exchange/venue-fixture.js'
import {configOf, warmUp} from './gateway-fixture.js'

let venue: TestVenue | undefined
afterEach(() => venue?.close())
beforeAll(warmUp)

const start = async () => {
	venue = await TestVenue.start()
	await venue.advance(10)
	const inspector = venueInspector(configOf(venue))
	const signal = new AbortController().signal
	const look = async () =>
		(await inspector.perform({}, {idempotency_key: 'test', recovered: false, signal})) as VenueInspection
	return {venue, look}
}

test('reads positions with the margin that the account itself sums up, and flat without any', async () => {
	const {venue, look} = await start()
	const before = await look()
	expect(before.positions).toEqual([])
	expect(Number(before.position_margin)).toBe(0)
	await venue.market('BTCUSDT', 'BUY', '0.01')
	const after = await look()
	expect(after.positions).toMatchObject([{symbol: 'BTCUSDT', amount: '0.01'}])
	expect(Number(after.position_margin)).toBeGreaterThan(0)
	expect(after.hedge_mode).toBe(false)
})

test('sees a position mode that another hand has changed', async () => {
	const {venue, look} = await start()
	expect((await venue.post('/fapi/v1/positionSide/dual', {dualSidePosition: true})).http).toBe(200)
	expect(await look()).toMatchObject({hedge_mode: true, positions: []})
})

test.each([
	'/fapi/v3/positionRisk',
	'/fapi/v1/openOrders',
	'/fapi/v1/openAlgoOrders',
	'/fapi/v3/balance',
	'/fapi/v3/account',
	'/fapi/v1/positionSide/dual',
])('half an answer is none: without %s there is no inspection', async path => {
	const {venue, look} = await start()
	await venue.control('POST', '/faults', {
		match: {path},
		times: 100,
		action: {kind: 'error', http: 503, code: -1000, msg: 'An unknown error occurred while processing the request.'},
	})
	await expect(look()).rejects.toThrow()
})
