import {WebSocket} from 'ws'

const HANDSHAKE_TIMEOUT_MS = 10_000
/** A partial book of twenty levels has some kilobytes. */
const MESSAGE_MAX_BYTES = 1_000_000

export type SocketOptions = Readonly<{
	url: string
	stale_after_ms: number
	retry_min_ms: number
	retry_max_ms: number
	onMessage: (text: string) => void
	report: (line: string) => void
}>

/** One stream connection that is made anew, with growing pauses, for as long as it is not closed. */
export class LiveSocket {
	readonly #options: SocketOptions
	#socket: WebSocket | undefined
	#retry: NodeJS.Timeout | undefined
	#stale: NodeJS.Timeout | undefined
	#failures = 0
	#paused = false
	#closed = false
	/** How often it was connected. */
	connects = 0

	constructor(options: SocketOptions) {
		this.#options = options
		this.#connect()
	}

	/** Stops or goes on reading; while paused, silence is no staleness. */
	set paused(paused: boolean) {
		if (paused === this.#paused) return
		this.#paused = paused
		if (this.#socket?.readyState === WebSocket.OPEN) {
			if (paused) this.#socket.pause()
			else this.#socket.resume()
		}
		this.#watch()
	}

	async close(): Promise<void> {
		this.#closed = true
		clearTimeout(this.#retry)
		clearTimeout(this.#stale)
		const socket = this.#socket
		if (socket === undefined || socket.readyState === WebSocket.CLOSED) return
		const gone = new Promise(resolve => socket.once('close', resolve))
		socket.terminate()
		await gone
	}

	#connect(): void {
		const socket = new WebSocket(this.#options.url, {
			handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
			maxPayload: MESSAGE_MAX_BYTES,
		})
		this.#socket = socket
		let why = ''
		socket.on('open', () => {
			this.connects++
			if (this.connects > 1) this.#options.report(`connected again to ${this.#options.url}`)
			if (this.#paused) socket.pause()
			this.#watch()
		})
		socket.on('message', data => {
			// Only a connection that speaks is a success; one that is taken and dropped at once goes on backing off.
			this.#failures = 0
			this.#watch()
			this.#options.onMessage(data.toString())
		})
		socket.on('error', error => {
			why = error.message
		})
		socket.on('close', code => this.#again(why || `closed with ${code}`))
	}

	#again(why: string): void {
		clearTimeout(this.#stale)
		if (this.#closed) return
		const {retry_min_ms, retry_max_ms, url} = this.#options
		const pause_ms = Math.min(retry_max_ms, retry_min_ms * 2 ** Math.min(this.#failures, 30))
		this.#failures++
		this.#options.report(`connection to ${url} lost (${why}); trying again in ${pause_ms} ms`)
		this.#retry = setTimeout(() => this.#connect(), pause_ms)
	}

	#watch(): void {
		clearTimeout(this.#stale)
		if (this.#paused || this.#closed) return
		const {stale_after_ms, report, url} = this.#options
		this.#stale = setTimeout(() => {
			report(`nothing came from ${url} for ${stale_after_ms} ms`)
			this.#socket?.terminate()
		}, stale_after_ms)
	}
}
