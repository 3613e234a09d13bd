import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {type WebSocket, WebSocketServer} from 'ws'

const FILTERS = [
	{filterType: 'PRICE_FILTER', minPrice: '0.10', maxPrice: '100000', tickSize: '0.10'},
	{filterType: 'LOT_SIZE', stepSize: '0.001', minQty: '0.001', maxQty: '1000'},
	{filterType: 'MARKET_LOT_SIZE', stepSize: '0.001', minQty: '0.001', maxQty: '120.000'},
	{filterType: 'MIN_NOTIONAL', notional: '5.0'},
]

/** A small venue with a public feed, over real sockets, that does what the test says. */
export class FeedServer implements AsyncDisposable {
	readonly requests: string[] = []
	/** Open connections by the part of the path that says public or market. */
	readonly connections = new Map<string, Set<WebSocket>>()
	/** Answers of REST that the test spoils: status and body by path. */
	readonly spoiled = new Map<string, readonly [status: number, body: string]>()
	readonly symbols: readonly string[]
	readonly #http = createServer((request, answer) => {
		const url = new URL(request.url ?? '', 'http://local')
		this.requests.push(url.pathname)
		const [status, body] = this.spoiled.get(url.pathname) ?? [200, JSON.stringify(this.#answer(url))]
		answer.writeHead(status, {'content-type': 'application/json'}).end(body)
	})
	readonly #ws = new WebSocketServer({server: this.#http})
	#u = 100

	constructor(symbols: readonly string[]) {
		this.symbols = symbols
		this.#ws.on('connection', (socket, request) => {
			const path = request.url?.split('/')[1] ?? ''
			const set = this.connections.get(path) ?? new Set()
			this.connections.set(path, set.add(socket))
			socket.on('close', () => set.delete(socket))
			if (path === 'public') for (const symbol of this.symbols) this.book(symbol, '100.0', '100.2')
		})
	}

	async listen(): Promise<this> {
		await new Promise<void>(resolve => this.#http.listen(0, '127.0.0.1', resolve))
		return this
	}

	get host(): string {
		return `127.0.0.1:${(this.#http.address() as AddressInfo).port}`
	}

	book(symbol: string, bid: string, ask: string): void {
		const body = {
			e: 'depthUpdate',
			s: symbol,
			U: this.#u,
			u: ++this.#u,
			pu: 1,
			b: [
				[bid, '2'],
				['90.0', '5'],
			],
			a: [[ask, '3']],
		}
		this.send('public', 'depth20@100ms', body)
	}

	ticker(symbol: string, bid: string, ask: string): void {
		this.send('public', 'bookTicker', {e: 'bookTicker', s: symbol, u: ++this.#u, b: bid, B: '1', a: ask, A: '1'})
	}

	trade(symbol: string, price: string, more: object = {}): void {
		this.send('market', 'aggTrade', {e: 'aggTrade', s: symbol, a: 1, p: price, q: '0.5', m: true, ...more})
	}

	mark(symbol: string, mark: string, nextFunding_ms: number): void {
		this.send('market', 'markPrice@1s', {
			e: 'markPriceUpdate',
			s: symbol,
			p: mark,
			i: mark,
			r: '0.00012345',
			T: nextFunding_ms,
		})
	}

	send(path: string, stream: string, body: {s: string; [key: string]: unknown}): void {
		const text = JSON.stringify({stream: `${body.s.toLowerCase()}@${stream}`, data: {E: Date.now(), ...body}})
		for (const socket of this.connections.get(path) ?? []) socket.send(text)
	}

	raw(path: string, text: string): void {
		for (const socket of this.connections.get(path) ?? []) socket.send(text)
	}

	/** Ends all connections without a goodbye. */
	drop(): void {
		for (const set of this.connections.values()) for (const socket of set) socket.terminate()
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.drop()
		this.#ws.close()
		this.#http.closeAllConnections()
		await new Promise(resolve => this.#http.close(resolve))
	}

	#answer(url: URL): unknown {
		if (url.pathname === '/fapi/v1/time') return {serverTime: Date.now()}
		if (url.pathname === '/fapi/v1/fundingInfo') return [{symbol: this.symbols[0], fundingIntervalHours: 4}]
		if (url.pathname === '/fapi/v1/exchangeInfo')
			return {symbols: this.symbols.map(symbol => ({symbol, status: 'TRADING', baseAsset: 'X', filters: FILTERS}))}
		const [start = 0, end = 0, limit = 500] = ['startTime', 'endTime', 'limit'].map(name =>
			Number(url.searchParams.get(name)),
		)
		const rows: unknown[] = []
		// Every tenth minute is left out, as the venue does with minutes without trades.
		for (let open_ms = start; open_ms <= end && rows.length < limit; open_ms += 60_000)
			if ((open_ms / 60_000) % 10 !== 0)
				rows.push([
					open_ms,
					'100.0',
					'100.5',
					'99.5',
					'100.1',
					'12.500',
					open_ms + 59_999,
					'1250.0',
					7,
					'6',
					'600',
					'0',
				])
		return rows
	}
}
