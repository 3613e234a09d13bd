import {once} from 'node:events'
import type {ServerResponse} from 'node:http'
import {waitMs} from '../../engine/adapters/clock/wait.js'
import {sentComment} from '../../engine/logic/server-sent-events.js'

/** Machine times. */
export type ClientLimits = Readonly<{
	/** What may wait for a client in this process; then it is given the time to take it. */
	buffer_bytes_max: number
	drain_within_ms: number
	/** A connection that was ended, and whose client does not take the rest, is cut after this. */
	linger_ms: number
}>

/** One client of an event stream: what it does not take is not piled up. */
export class EventClient {
	readonly #gone = new AbortController()
	readonly #signal: AbortSignal
	/** Machine time of the newest byte, by the clock that is handed in. */
	last_write_ms: number

	constructor(
		readonly response: ServerResponse,
		private readonly limits: ClientLimits,
		private readonly now_ms: () => number,
		stop: AbortSignal,
	) {
		this.last_write_ms = now_ms()
		this.#signal = AbortSignal.any([stop, this.#gone.signal])
		response.once('close', () => this.#gone.abort())
		// A connection that breaks is a client that has gone: it comes back by itself.
		response.on('error', () => this.#gone.abort())
	}

	/** Aborted when the client has gone, or the system stops. */
	get signal(): AbortSignal {
		return this.#signal
	}

	/** False where the client did not take what waits for it in time; nothing more is to be written then but the end. */
	async write(text: string): Promise<boolean> {
		if (this.#signal.aborted) return true
		this.last_write_ms = this.now_ms()
		if (this.response.write(text) || this.response.writableLength <= this.limits.buffer_bytes_max) return true
		const enough = new AbortController()
		const waiting = AbortSignal.any([this.#signal, enough.signal])
		const drained = once(this.response, 'drain', {signal: waiting}).then(
			() => true,
			() => this.#signal.aborted,
		)
		const late = waitMs(this.limits.drain_within_ms, waiting).then(() => this.#signal.aborted)
		const taken = await Promise.race([drained, late])
		enough.abort()
		return taken
	}

	/** A last word behind what still waits; the client may take both until the connection is cut. */
	async end(why: string): Promise<void> {
		if (this.response.destroyed) return
		this.response.end(sentComment(why))
		await waitMs(this.limits.linger_ms, this.#gone.signal)
		this.response.destroy()
	}
}
