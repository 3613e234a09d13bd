import {randomBytes} from 'node:crypto'
import {createServer, type IncomingMessage, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {inspect} from 'node:util'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {openDesk} from '../../../../src/daemon/client/venue-rest.js'
import {SystemClock} from '../../../../src/engine/adapters/clock/system-clock.js'
import {accountFeed} from '../../../../src/engine/adapters/exchange/account-feed.js'
import {openClient} from '../../../../src/engine/adapters/exchange/client.js'
import {orderSender} from '../../../../src/engine/adapters/exchange/order-sender.js'
import {sentOnce} from '../../../../src/engine/adapters/exchange/sent-orders.js'
import {venueInspector} from '../../../../src/engine/adapters/exchange/venue-inspector.js'
import type {VenueConfig} from '../../../../src/engine/exchange/venue-config.js'
import {configOf, eventually, runFeed, warmUp} from './gateway-fixture.js'
import {buy, request, send} from './sender-fixture.js'

/** How the venue answers what is signed. */
type Manner = 'says it back as an error' | 'says it back and is broken' | 'says it back in HTML' | 'hangs up'
const MANNERS: readonly Manner[] = [
	'says it back as an error',
	'says it back and is broken',
	'says it back in HTML',
	'hangs up',
]

/** A venue that says back whatever it was sent: key, address and body. Drawn at run time, so nothing else can hold them. */
const credentials = {api_key: randomBytes(24).toString('hex'), api_secret: randomBytes(24).toString('hex')}
const secrets = new Set<string>(Object.values(credentials))
let manner: Manner = 'says it back as an error'
let asked = 0
/** Whether it gives a listen key. */
let listens = true
let server: Server
let config: VenueConfig

const SIGNATURE = /signature=([0-9a-f]{20,})/
const listenKey = randomBytes(24).toString('hex')

const toldTime = () => ({serverTime: Date.now(), venue_ms: Date.now(), machine_ms: Date.now(), speed: 1, start_ms: 0})
type Told = Readonly<{status: number; type: string; text: string}>
const json = (status: number, body: unknown): Told => ({status, type: 'application/json', text: JSON.stringify(body)})

/** Undefined: it hangs up. */
const answerTo = ({url = '', headers}: IncomingMessage, text: string): Told | undefined => {
	if (url.startsWith('/fapi/v1/time') || url.startsWith('/paper/clock')) return json(200, toldTime())
	const said = `no: ${headers['x-mbx-apikey']} asked for ${url} with ${text} (secret ${credentials.api_secret})`
	if (url.startsWith('/fapi/v1/listenKey'))
		return listens ? json(200, {listenKey}) : json(400, {code: -2015, msg: said})
	const signature = SIGNATURE.exec(`${url}${text}`)?.[1]
	if (signature === undefined) return json(200, {symbols: []})
	secrets.add(signature)
	asked += 1
	if (manner === 'hangs up') return undefined
	if (manner === 'says it back in HTML') return {status: 502, type: 'text/html', text: `<html>${said}</html>`}
	return json(manner === 'says it back and is broken' ? 503 : 400, {code: -2015, msg: said})
}

beforeAll(async () => {
	await warmUp()
	server = createServer((asker, response) => {
		const chunks: Buffer[] = []
		asker.on('data', (chunk: Buffer) => chunks.push(chunk))
		asker.on('end', () => {
			const told = answerTo(asker, Buffer.concat(chunks).toString('utf8'))
			if (!told) return asker.socket.destroy()
			response.writeHead(told.status, {'content-type': told.type})
			return response.end(told.text)
		})
	})
	server.on('upgrade', (_, socket) => socket.destroy())
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
	const {port} = server.address() as AddressInfo
	config = configOf({rest_url: `http://127.0.0.1:${port}`, ws_url: `ws://127.0.0.1:${port}`}, credentials)
})
afterAll(() => {
	server.closeAllConnections()
	server.close()
})

/** Every word of what was thrown or answered, stacks and causes included. */
const everythingOf = (value: unknown): string =>
	`${inspect(value, {depth: 20, showHidden: true, maxStringLength: null})}${value instanceof Error ? value.stack : ''}`

const leaks = (value: unknown): string[] => {
	const text = everythingOf(value)
	return [...secrets].filter(secret => text.includes(secret))
}

const caught = (work: Promise<unknown>): Promise<unknown> =>
	work.then(
		answer => answer,
		(error: unknown) => error,
	)

describe.each(MANNERS)('a venue that %s', how => {
	const trial = async (work: () => Promise<unknown>): Promise<unknown> => {
		manner = how
		const before = asked
		const said = await caught(work())
		expect(asked, 'it was asked, signed').toBeGreaterThan(before)
		return said
	}

	it('says no credential through what an operator reads with', {timeout: 60_000}, async () => {
		const said = await trial(async () => {
			const desk = await openDesk(config)
			return caught(desk.positions()).finally(() => desk.close())
		})
		expect(said).toBeInstanceOf(Error)
		expect(leaks(said)).toEqual([])
	})

	it('says none through what a unit records of an order', {timeout: 60_000}, async () => {
		const said = await trial(async () => {
			const sender = orderSender({
				config: {...config, recv_window_ms: 300},
				clock: new SystemClock(),
				fence: async () => ({ok: true}),
				sent: sentOnce,
			})
			const steps = [buy('q-echo')]
			const signal = AbortSignal.timeout(40_000)
			return caught(send(sender, request({steps}), {signal})).finally(() => sender.close())
		})
		expect(leaks(said)).toEqual([])
	})

	it('says none through what a unit looks at the account with', {timeout: 60_000}, async () => {
		const signal = AbortSignal.timeout(40_000)
		const options = {idempotency_key: 'run', recovered: false, signal}
		const said = await trial(() => venueInspector(config).perform({}, options))
		expect(leaks(said)).toEqual([])
	})
})

describe('the user-data stream', () => {
	it.each([true, false])('names neither its listen key nor a credential when it is lost: listens %s', async does => {
		listens = does
		manner = 'says it back as an error'
		secrets.add(listenKey)
		const running = runFeed(accountFeed(config, {resumeFrom: () => undefined}))
		const events = await eventually(() => (running.events.length > 0 ? running.events : undefined))
		await running.stop()
		expect(everythingOf(events)).toContain('LOST')
		expect(leaks(events)).toEqual([])
	})
})

describe('the trial itself', () => {
	it('finds what an error would say without redaction', async () => {
		manner = 'says it back as an error'
		const {ccxt, close} = await openClient(config, 'data')
		const said: string[] = []
		const respond = ccxt.onRestResponse.bind(ccxt)
		ccxt.onRestResponse = (...response) => {
			said.push(response[5])
			return respond(...response)
		}
		await caught(ccxt.fapiPrivateGetOpenOrders())
		await close()
		expect(leaks(said)).toContain(credentials.api_key)
		expect(secrets.size).toBeGreaterThan(3)
	})
})
