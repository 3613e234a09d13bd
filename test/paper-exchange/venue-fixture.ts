import {createHmac} from 'node:crypto'
import {WebSocket} from 'ws'
import type {VenueConfigInput} from '../../src/paper-exchange/config.js'
import type {Market} from '../../src/paper-exchange/market.js'
import {readRequestLog} from '../../src/paper-exchange/request-log.js'
import {type RunningVenue, startVenue} from '../../src/paper-exchange/start-venue.js'
import {eventually} from '../support/eventually.js'
import {temporaryHome} from '../support/temporary-home.js'
import {quietMarket, type ScriptedMarket} from './scripted-market.js'

export type Json = Record<string, unknown>
export type Reply = Readonly<{http: number; body: Json; headers: Headers}>
type Values = Readonly<Record<string, string | number | boolean>>

export const credentials = {api_key: 'test-key', api_secret: 'test-secret'} as const

/** A plain client of our own: it signs, sends, and judges nothing. */
export class PlainClient {
	constructor(
		readonly rest_url: string,
		readonly ws_url: string,
		private readonly keys: Readonly<{api_key: string; api_secret: string}> = credentials,
	) {}

	async send(method: string, path: string, values: Values = {}, options: {signed?: boolean} = {}): Promise<Reply> {
		const signed = options.signed ?? true
		const entries = Object.entries(signed ? {...values, recvWindow: 60_000, timestamp: Date.now()} : values)
		const plain = new URLSearchParams(
			entries.map(([name, value]): [string, string] => [name, String(value)]),
		).toString()
		const signature = createHmac('sha256', this.keys.api_secret).update(plain).digest('hex')
		const query = signed ? `${plain}&signature=${signature}` : plain
		const response = await fetch(`${this.rest_url}${path}${query === '' ? '' : `?${query}`}`, {
			method,
			headers: {'x-mbx-apikey': this.keys.api_key},
		})
		return {http: response.status, body: (await response.json()) as Json, headers: response.headers}
	}

	get = (path: string, values: Values = {}) => this.send('GET', path, values)
	post = (path: string, values: Values = {}) => this.send('POST', path, values)
	delete = (path: string, values: Values = {}) => this.send('DELETE', path, values)

	/** A list answer. */
	async list(path: string, values: Values = {}): Promise<Json[]> {
		return (await this.get(path, values)).body as unknown as Json[]
	}

	order = (values: Values) => this.post('/fapi/v1/order', {newOrderRespType: 'RESULT', ...values})

	market = (symbol: string, side: string, quantity: string, more: Values = {}) =>
		this.order({symbol, side, type: 'MARKET', quantity, ...more})

	limit = (symbol: string, side: string, quantity: string, price: string, more: Values = {}) =>
		this.order({symbol, side, type: 'LIMIT', timeInForce: 'GTC', quantity, price, ...more})

	algo = (values: Values) => this.post('/fapi/v1/algoOrder', {algoType: 'CONDITIONAL', ...values})

	async control(method: string, path: string, body?: unknown): Promise<Json> {
		const response = await fetch(`${this.rest_url}/paper${path}`, {
			method,
			...(body === undefined ? {} : {body: JSON.stringify(body)}),
		})
		return (await response.json()) as Json
	}

	async balance(): Promise<Json> {
		const [row] = await this.list('/fapi/v3/balance')
		return row ?? {}
	}

	async position(symbol: string): Promise<Json | undefined> {
		const [row] = await this.list('/fapi/v3/positionRisk', {symbol})
		return row
	}

	async allIncome(): Promise<Json[]> {
		const rows: Json[] = []
		for (let page = 1; ; page += 1) {
			const next = await this.list('/fapi/v1/income', {page, limit: 1000})
			rows.push(...next)
			if (next.length < 1000) return rows
		}
	}
}

/** A WebSocket connection with everything it has been sent. */
export class Listener {
	readonly messages: Json[] = []
	closed = false

	private constructor(readonly socket: WebSocket) {
		socket.on('message', data => this.messages.push(JSON.parse(String(data)) as Json))
		socket.on('close', () => {
			this.closed = true
		})
		socket.on('error', () => undefined)
	}

	static async open(url: string): Promise<Listener> {
		const listener = new Listener(new WebSocket(url))
		await new Promise((resolve, reject) => {
			listener.socket.once('open', resolve)
			listener.socket.once('error', reject)
		})
		return listener
	}

	/** Messages of an event type. */
	of(type: string): Json[] {
		return this.messages.filter(message => message.e === type)
	}

	/** The `o` objects of order or algo messages. */
	orders(type: 'ORDER_TRADE_UPDATE' | 'ALGO_UPDATE'): Json[] {
		return this.of(type).map(message => message.o as Json)
	}

	async call(command: Json): Promise<Json> {
		this.socket.send(JSON.stringify(command))
		return eventually(() => this.messages.find(message => message.id === command.id))
	}
}

type Options = Readonly<{config?: Partial<VenueConfigInput>; market?: () => Market; clock?: {now_ms: () => number}}>

/** Tests poll: limits are high unless a test is about them. */
const defaults: Omit<VenueConfigInput, 'data_dir'> = {
	port: 0,
	...credentials,
	market: {kind: 'synthetic'},
	speed: 'lockstep',
	limits: {weight_per_minute: 10_000_000, orders_per_10s: 1_000_000, orders_per_minute: 1_000_000},
}

/** A venue in this process, on real sockets, in lock-step with the test. */
export class TestVenue<M extends Market = ScriptedMarket> extends PlainClient {
	private constructor(
		private venue: RunningVenue,
		readonly script: M,
		readonly data_dir: string,
		private readonly forget: () => Promise<void>,
	) {
		super(venue.rest_url, venue.ws_url)
	}

	static async start(options: Options = {}): Promise<TestVenue> {
		const home = await temporaryHome('venue-')
		const market = (options.market?.() ?? quietMarket()) as ScriptedMarket
		const data_dir = options.config?.data_dir ?? home.path
		const venue = await startVenue({
			config: {...defaults, ...options.config, data_dir},
			market,
			...(options.clock === undefined ? {} : {clock: options.clock}),
		})
		return new TestVenue(venue, market, data_dir, home.remove)
	}

	/** Moves venue time to so many milliseconds after the market's start. */
	advance(at: number): Promise<Json> {
		return this.control('POST', '/advance', {until_ms: this.script.start_ms + at})
	}

	/** Listens to the account. */
	async listen(): Promise<Listener> {
		const {body} = await this.post('/fapi/v1/listenKey')
		return Listener.open(`${this.ws_url}/ws/${String(body.listenKey)}`)
	}

	subscribe(...streams: readonly string[]): Promise<Listener> {
		return Listener.open(`${this.ws_url}/ws/${streams.join('/')}`)
	}

	/** The oracle's log. */
	log(): Json[] {
		return [...readRequestLog(this.data_dir)]
	}

	async close(): Promise<void> {
		await this.venue.close()
		await this.forget()
	}
}
