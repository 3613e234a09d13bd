import {OperatorError} from '../../errors.js'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {untilAborted, waitMs} from '../clock/wait.js'
import type {CcxtSurface} from './ccxt-surface.js'

/** What a held socket tells. None of these may throw. */
export type SocketEvents = Readonly<{
	/** The connection stands, and the venue has confirmed the subscription. */
	onUp: () => void
	onDown: (reason: string) => void
	/** A message as the venue wrote it, decimals as text. */
	onMessage: (message: unknown) => void
}>

type Held = Readonly<{url: string; streams: readonly string[]}>

const reasonOf = (error: unknown): string =>
	error instanceof Error ? `${error.name}: ${error.message}` : String(error)

/**
 * Sockets of one ccxt instance. ccxt dials, pings and backs off; the messages are taken raw, before it would parse them.
 */
export class Sockets {
	readonly #listeners = new Map<string, SocketEvents>()
	readonly #confirmations = new Map<string, () => void>()
	#id = 0

	constructor(private readonly ccxt: CcxtSurface) {
		const handle = ccxt.handleMessage.bind(ccxt)
		ccxt.handleMessage = (socket, message) => {
			const {e, id, error} = message as {e?: unknown; id?: unknown; error?: unknown}
			if (e === undefined) {
				const confirm = error === undefined ? this.#confirmations.get(String(id)) : undefined
				if (confirm) confirm()
				else handle(socket, message)
				return
			}
			this.#listeners.get(socket.url)?.onMessage(message)
		}
	}

	/** Keeps a socket to these streams until the signal aborts, connecting again for ever. */
	async hold(
		category: 'public' | 'market',
		streams: readonly string[],
		events: SocketEvents,
		signal: AbortSignal,
	): Promise<void> {
		if (streams.length > limits.streams_per_socket_max)
			throw new OperatorError(
				`${streams.length} streams on one socket; expected at most ${limits.streams_per_socket_max}`,
				{
					hint: 'Trade fewer symbols, or configure fewer candle intervals.',
				},
			)
		const url = `${this.ccxt.getWsUrl('future', category)}/0`
		while (!signal.aborted) {
			const reason = await this.#until({url, streams}, events, signal)
			if (signal.aborted) return
			events.onDown(reason)
			await waitMs(limits.redial_pause_ms, signal)
		}
	}

	/** One life of a private socket. Resolves with the reason when it ends. */
	once(listen_key: string, events: SocketEvents, signal: AbortSignal): Promise<string> {
		const url = `${this.ccxt.getWsUrl('future', 'private')}?listenKey=${listen_key}`
		return this.#until({url, streams: []}, events, signal)
	}

	/** Ends a socket that ccxt still takes for alive. */
	end(reason: string): void {
		for (const url of this.#listeners.keys()) {
			const socket = this.ccxt.clients[url]
			socket?.onError(new Error(reason))
			socket?.close()
		}
	}

	async #until({url, streams}: Held, events: SocketEvents, signal: AbortSignal): Promise<string> {
		this.#listeners.set(url, events)
		this.#id += 1
		const id = String(this.#id)
		const hash = `held:${url}`
		const request = streams.length === 0 ? undefined : {method: 'SUBSCRIBE', params: streams, id: this.#id}
		let up = false
		const goUp = () => {
			up = true
			if (!signal.aborted) events.onUp()
		}
		this.#confirmations.set(id, goUp)
		const patience = new AbortController()
		try {
			const lost = this.ccxt.watchMultiple(url, [hash], request, [hash], {id}).then(
				() => 'the socket ended',
				(error: unknown) => reasonOf(error),
			)
			const socket = this.ccxt.clients[url]
			if (!request) socket?.connected.then(goUp, () => undefined)
			void waitMs(limits.subscribe_timeout_ms, patience.signal).then(() => {
				if (up || patience.signal.aborted) return
				socket?.onError(new Error(`the subscription was not confirmed within ${limits.subscribe_timeout_ms} ms`))
				socket?.close()
			})
			return await Promise.race([lost, untilAborted(signal).then(() => 'stopped')])
		} catch (error) {
			return reasonOf(error)
		} finally {
			patience.abort()
			this.#confirmations.delete(id)
			this.#listeners.delete(url)
		}
	}
}
