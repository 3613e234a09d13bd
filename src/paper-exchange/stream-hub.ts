import type {WebSocket} from 'ws'

/** Streams that one connection may subscribe to, as at Binance. */
export const streamsPerSocketMax = 1024

/** One WebSocket connection of a client. */
export class StreamClient {
	readonly streams = new Set<string>()

	constructor(
		readonly socket: WebSocket,
		/** Combined connections get `{stream, data}`. */
		readonly combined: boolean,
		private readonly backlogMax: number,
	) {}

	/** Hands a message to the socket; a client that reads too slowly is cut off. */
	send(message: string | Buffer): void {
		if (this.socket.readyState !== this.socket.OPEN) return
		if (this.socket.bufferedAmount > this.backlogMax) {
			this.socket.terminate()
			return
		}
		this.socket.send(message, {binary: false})
	}
}

/** Who listens to what. A message is serialised once for all plain and once for all combined listeners. */
export class StreamHub {
	private readonly listeners = new Map<string, Set<StreamClient>>()
	/** Called when a stream gets its first listener or loses its last one. */
	onUse: (stream: string, used: boolean) => void = () => {}

	has(stream: string): boolean {
		return this.listeners.has(stream)
	}

	subscribe(client: StreamClient, stream: string): void {
		client.streams.add(stream)
		const set = this.listeners.get(stream)
		if (set !== undefined) {
			set.add(client)
			return
		}
		this.listeners.set(stream, new Set([client]))
		this.onUse(stream, true)
	}

	unsubscribe(client: StreamClient, stream: string): void {
		client.streams.delete(stream)
		const set = this.listeners.get(stream)
		if (set === undefined || !set.delete(client) || set.size > 0) return
		this.listeners.delete(stream)
		this.onUse(stream, false)
	}

	drop(client: StreamClient): void {
		for (const stream of [...client.streams]) this.unsubscribe(client, stream)
	}

	/** Serialises and sends; does nothing when nobody listens. */
	publish(stream: string, build: () => unknown): void {
		const set = this.listeners.get(stream)
		if (set === undefined) return
		this.sendText(stream, set, JSON.stringify(build()))
	}

	private sendText(stream: string, set: ReadonlySet<StreamClient>, text: string): void {
		let plain: Buffer | undefined
		let combined: Buffer | undefined
		for (const client of set) {
			if (client.combined) {
				combined ??= Buffer.from(`{"stream":${JSON.stringify(stream)},"data":${text}}`)
				client.send(combined)
			} else {
				plain ??= Buffer.from(text)
				client.send(plain)
			}
		}
	}
}
