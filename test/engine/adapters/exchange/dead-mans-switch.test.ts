import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeAll, describe, expect, test} from 'vitest'
import {SystemClock} from '../../../../src/engine/adapters/clock/system-clock.js'
import {deadMansSwitch} from '../../../../src/engine/adapters/exchange/dead-mans-switch.js'
import type {CountdownEvent} from '../../../../src/engine/logic/dead-mans-switch.js'
import {TestVenue} from '../../../paper-exchange/venue-fixture.js'
import {configOf, eventually, runFeed, warmUp} from './gateway-fixture.js'

/** Long enough for a busy machine to confirm it in time, most of the time. */
const COUNTDOWN_MS = 3_000

const closing: Array<() => Promise<void>> = []
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close()
})
beforeAll(warmUp)

/** An entry of ours rests in BTC; of another hand in ETH; stops in both, and what only reduces in BTC. */
const start = async () => {
	const venue = await TestVenue.start()
	closing.push(() => venue.close())
	await venue.advance(10)
	await venue.limit('BTCUSDT', 'BUY', '0.010', '30000', {newClientOrderId: 'q-plan-1'})
	await venue.limit('ETHUSDT', 'BUY', '1', '1000', {newClientOrderId: 'somebody-else'})
	for (const symbol of ['BTCUSDT', 'ETHUSDT']) {
		await venue.market(symbol, 'BUY', '0.1')
		await venue.algo({symbol, side: 'SELL', type: 'STOP_MARKET', triggerPrice: '500', closePosition: true})
	}
	return venue
}
const restingIn = async (venue: TestVenue, path = '/fapi/v1/openOrders') =>
	(await venue.list(path)).map(({symbol}) => symbol).sort()
const asked = (venue: TestVenue) =>
	venue
		.log()
		.filter(({path}) => path === '/fapi/v1/countdownCancelAll')
		.map(({params}) => params as Readonly<Record<string, string>>)
const countdownsOf = (venue: TestVenue) => asked(venue).map(({symbol, countdownTime}) => `${symbol} ${countdownTime}`)

describe('in this process', () => {
	const keep = (venue: TestVenue) => {
		const feed = deadMansSwitch({config: configOf(venue), clock: new SystemClock(), countdown_ms: COUNTDOWN_MS})
		const running = runFeed<CountdownEvent>(feed)
		closing.push(running.stop)
		return running
	}

	test('keeps the countdown of symbols alive in which an entry of ours rests, and ends it with the last', async () => {
		const venue = await start()
		keep(venue)
		await eventually(() => asked(venue).length >= 2)
		expect(new Set(countdownsOf(venue))).toEqual(new Set([`BTCUSDT ${COUNTDOWN_MS}`]))
		await venue.delete('/fapi/v1/order', {symbol: 'BTCUSDT', origClientOrderId: 'q-plan-1'})
		await eventually(() => countdownsOf(venue).includes('BTCUSDT 0'))
		expect(await restingIn(venue)).toEqual(['ETHUSDT'])
	})

	test('says when the venue does not answer in time, and when it does again', async () => {
		const venue = await start()
		const {events} = keep(venue)
		await eventually(() => asked(venue).length >= 1)
		await venue.control('POST', '/faults', {
			match: {path: '/fapi/v1/countdownCancelAll'},
			times: 1_000,
			action: {kind: 'error', http: 503, code: -1000, msg: 'An unknown error occurred while processing the request.'},
		})
		await eventually(() => events.some(({state}) => state === 'LATE'))
		expect(events).toMatchObject([{symbol: 'BTCUSDT', state: 'LATE'}])
		await venue.control('DELETE', '/faults')
		await eventually(() => events.length === 2)
		expect(events.map(({symbol}) => symbol)).toEqual(['BTCUSDT', 'BTCUSDT'])
		expect(events[1]?.state).toMatch(/KEPT|RELEASED/)
		expect(events[0]?.silent_ms).toBeGreaterThanOrEqual((COUNTDOWN_MS / 3) * 2)
	})
})

test('a gateway that is stopped: the venue cancels what rests of ours, and stops stay', {
	timeout: 240_000,
}, async () => {
	const venue = await start()
	const program = fileURLToPath(new URL('dead-mans-process.ts', import.meta.url))
	const loader = new URL('../../../support/typescript.mjs', import.meta.url).href
	const args = ['--import', loader, program, JSON.stringify({config: configOf(venue), countdown_ms: COUNTDOWN_MS})]
	const gateway = spawn(process.execPath, args, {stdio: ['ignore', 'pipe', 'inherit']})
	const ended = once(gateway, 'exit')
	closing.push(async () => {
		gateway.kill('SIGKILL')
		await ended
	})
	const said: CountdownEvent[] = []
	createInterface({input: gateway.stdout}).on('line', line => said.push(JSON.parse(line) as CountdownEvent))

	await eventually(() => asked(venue).length >= 1, {within_ms: 150_000})
	gateway.kill('SIGSTOP')
	await eventually(async () => !(await restingIn(venue)).includes('BTCUSDT'))
	expect(venue.log().filter(({event}) => event === 'countdown')).toMatchObject([{symbol: 'BTCUSDT'}])
	expect(await restingIn(venue)).toEqual(['ETHUSDT'])
	expect(await restingIn(venue, '/fapi/v1/openAlgoOrders')).toEqual(['BTCUSDT', 'ETHUSDT'])

	gateway.kill('SIGCONT')
	await eventually(() => said.some(({state}) => state === 'RELEASED'))
	expect(said.map(({symbol, state}) => `${symbol} ${state}`)).toEqual(['BTCUSDT LATE', 'BTCUSDT RELEASED'])
})
