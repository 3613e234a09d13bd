import type {IncomingMessage} from 'node:http'
import type {Duplex} from 'node:stream'
import {type RawData, WebSocketServer} from 'ws'
import {SocketBarrier} from './socket-barrier.js'
import {StreamClient, streamsPerSocketMax} from './stream-hub.js'
import type {UserSockets} from './user-sockets.js'
import type {Venue} from './venue.js'

const socketPath = /^(\/(public|market|private))?\/(?<kind>ws|stream)(\/(?<names>.*))?$/

type Command = Readonly<{method?: unknown; params?: unknown; id?: unknown}>

/** Accepts stream connections on every path Binance knows. */
export class SocketServer {
	private readonly server = new WebSocketServer({noServer: true, perMessageDeflate: false, maxPayload: 1_000_000})
	private readonly clients = new Set<StreamClient>()
	private readonly barrier = new SocketBarrier()

	constructor(
		private readonly venue: Venue,
		private readonly users: UserSockets,
		private readonly machineNow: () => number,
	) {}

	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
		const url = new URL(request.url ?? '/', 'ws://venue')
		const match = socketPath.exec(decodeURIComponent(url.pathname))
		if (match?.groups === undefined) {
			socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
			return
		}
		const {kind, names} = match.groups
		const listed = [...(names ?? '').split('/'), ...(url.searchParams.get('streams') ?? '').split('/')]
		const key = url.searchParams.get('listenKey')
		this.server.handleUpgrade(request, socket, head, connection => {
			const client = new StreamClient(connection, kind === 'stream', this.venue.config.socket_backlog_max_bytes)
			this.clients.add(client)
			connection.on('close', () => this.forget(client))
			connection.on('error', () => connection.terminate())
			connection.on('message', data => this.onMessage(client, data))
			for (const name of [...listed, key ?? '']) if (name !== '') this.subscribe(client, name)
		})
	}

	/** Bytes that wait in the slowest connection. */
	backlog(): number {
		let most = 0
		for (const client of this.clients) most = Math.max(most, client.socket.bufferedAmount)
		return most
	}

	/** Resolves when every client has what was sent to it so far; with the names of those that do not say so in time. */
	delivered(within_ms: number): Promise<readonly string[]> {
		return this.barrier.delivered(this.clients, within_ms)
	}

	close(): void {
		for (const client of this.clients) client.socket.terminate()
		this.server.close()
	}

	private forget(client: StreamClient): void {
		this.clients.delete(client)
		this.users.detach(client)
		this.venue.hub.drop(client)
	}

	/** A name without `@` or `!` is a listen key. An unknown key hears nothing, as at Binance. */
	private subscribe(client: StreamClient, name: string): void {
		const key = name.split('@')[0] ?? ''
		if (this.venue.listenKeys.isValid(key, this.machineNow())) {
			client.streams.add(name)
			this.users.attach(client, key)
		} else if (name.startsWith('!') || name.includes('@')) {
			if (client.streams.size < streamsPerSocketMax) this.venue.hub.subscribe(client, canonical(name))
		}
	}

	private unsubscribe(client: StreamClient, name: string): void {
		this.venue.hub.unsubscribe(client, canonical(name))
		if (client.streams.delete(name)) this.users.detach(client)
	}

	private onMessage(client: StreamClient, data: RawData): void {
		let command: Command
		try {
			command = JSON.parse(String(data)) as Command
		} catch {
			client.send(JSON.stringify({error: {code: 3, msg: 'Invalid JSON'}}))
			return
		}
		client.send(JSON.stringify(this.obey(client, command)))
	}

	private obey(client: StreamClient, {method, params, id}: Command): unknown {
		const names = Array.isArray(params) ? params.map(String) : []
		if (method === 'SUBSCRIBE') for (const name of names) this.subscribe(client, name)
		else if (method === 'UNSUBSCRIBE') for (const name of names) this.unsubscribe(client, name)
		else if (method === 'LIST_SUBSCRIPTIONS') return {result: [...client.streams], id}
		else if (method !== 'SET_PROPERTY') {
			return {error: {code: 2, msg: `Invalid request: unknown method ${String(method)}`}, id}
		}
		return {result: null, id}
	}
}

/** Symbols are written small in stream names, whatever the client wrote. */
const canonical = (name: string): string => {
	const at = name.indexOf('@')
	return name.startsWith('!') || at < 0 ? name : name.slice(0, at).toLowerCase() + name.slice(at)
}
