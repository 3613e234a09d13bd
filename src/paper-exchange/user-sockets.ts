import type {UserEvent} from './core.js'
import type {StreamClient} from './stream-hub.js'

/** The connections that listen to the account. */
export class UserSockets {
	/** Key by which each connection listens. */
	private readonly clients = new Map<StreamClient, string>()
	/** Events that the account was to hear of, whether anybody listened or not. */
	told = 0
	private duplicate = 0
	private lose = 0
	private delay = {times: 0, ms: 0}
	/** Messages that are kept, to be sent in the opposite order. */
	private reversal: {left: number; kept: (() => void)[]} | undefined

	attach(client: StreamClient, key: string): void {
		this.clients.set(client, key)
	}

	detach(client: StreamClient): void {
		this.clients.delete(client)
	}

	get size(): number {
		return this.clients.size
	}

	/** The next messages are sent twice. */
	duplicateNext(times: number): void {
		this.duplicate += times
	}

	/** The next messages are not sent at all. */
	loseNext(times: number): void {
		this.lose += times
	}

	/** Each of the next messages is sent so much later: those after them overtake. */
	delayNext(times: number, ms: number): void {
		this.delay = {times, ms}
	}

	/** The next messages are sent last one first, after so long at the latest. */
	reverseNext(times: number, ms: number): void {
		this.endReversal()
		this.reversal = {left: times, kept: []}
		setTimeout(() => this.endReversal(), ms).unref()
	}

	/** Sends to who listens by the account's key of now. */
	send(event: UserEvent, key: string): void {
		this.told += 1
		if (this.lose > 0) {
			this.lose -= 1
			return
		}
		if (this.delay.times > 0) {
			this.delay.times -= 1
			setTimeout(() => this.sendNow(event, key), this.delay.ms).unref()
			return
		}
		if (this.reversal) {
			this.reversal.left -= 1
			this.reversal.kept.push(() => this.sendNow(event, key))
			if (this.reversal.left === 0) this.endReversal()
			return
		}
		this.sendNow(event, key)
		if (this.duplicate > 0) {
			this.duplicate -= 1
			this.sendNow(event, key)
		}
	}

	/** Tells of a key's end, and stops sending to who listens by it; the sockets stay open, as at Binance. */
	expire(key: string, venue_ms: number): void {
		this.sendNow({e: 'listenKeyExpired', E: venue_ms, listenKey: key}, key)
		for (const [client, used] of this.clients) if (used === key) this.clients.delete(client)
	}

	/** Breaks every connection, without a closing handshake. */
	dropAll(): void {
		for (const client of this.clients.keys()) client.socket.terminate()
		this.clients.clear()
	}

	private endReversal(): void {
		const kept = this.reversal?.kept ?? []
		this.reversal = undefined
		for (const send of kept.reverse()) send()
	}

	private sendNow(event: UserEvent, current: string): void {
		if (this.clients.size === 0) return
		const text = JSON.stringify(event)
		for (const [client, key] of this.clients) {
			if (key !== current) continue
			client.send(client.combined ? `{"stream":${JSON.stringify(key)},"data":${text}}` : text)
		}
	}
}
