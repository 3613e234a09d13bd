import {type CandlePush, CandleSeries, candleOfMessage} from '../../exchange/candle-series.js'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {klineMessage} from '../../exchange/market-messages.js'
import type {VenueConfig} from '../../exchange/venue-config.js'
import type {FeedAdapter} from '../../runtime/adapters.js'
import {waitMs} from '../clock/wait.js'
import {CandleHistory} from './candle-history.js'
import {openClient} from './client.js'
import {Sockets} from './socket-hold.js'

type Push = (event: unknown) => Promise<void>

/** Hands candles on in order, one at a time, and fetches by REST whatever the socket left out. */
class CandleLine {
	readonly #series = new Map<string, CandleSeries>()
	#waiting: CandlePush[] = []
	#venue_ms = 0
	#heard_ms = Date.now()
	#sweep = false
	#down = false
	#up = false
	#idling = false
	/** Machine time before which nothing is fetched just because it is overdue: what the venue does not make never comes. */
	#sweepAfter_ms = 0
	#wake: () => void = () => undefined

	constructor(
		config: VenueConfig,
		private readonly history: CandleHistory,
		private readonly push: Push,
		private readonly signal: AbortSignal,
	) {
		for (const symbol of config.symbols)
			for (const interval of config.intervals)
				this.#series.set(`${symbol}/${interval}`, new CandleSeries(symbol, interval))
		signal.addEventListener('abort', () => this.#wake(), {once: true})
	}

	get streams(): readonly string[] {
		return [...this.#series.values()].map(({symbol, interval}) => `${symbol.toLowerCase()}@kline_${interval}`)
	}

	/** The socket stands, and all candles that are known of have been pushed. */
	get settled(): boolean {
		return this.#up && this.#idling && this.#waiting.length === 0 && !this.#sweep
	}

	onMessage(message: unknown): void {
		const parsed = klineMessage.safeParse(message)
		const series = parsed.success ? this.#series.get(`${parsed.data.s}/${parsed.data.k.i}`) : undefined
		if (!parsed.success || !series) return
		this.#heard_ms = Date.now()
		this.#venue_ms = Math.max(this.#venue_ms, parsed.data.E)
		const candle = candleOfMessage(parsed.data, series.interval)
		if (!candle) return
		this.#waiting.push(candle)
		if (this.#waiting.length > limits.candles_waiting_max) {
			// What is dropped here is a hole, and holes are fetched.
			this.#waiting = []
			this.#sweep = true
		}
		this.#wake()
	}

	/** The socket is back: whatever closed meanwhile must be fetched. */
	onUp(): void {
		this.#down = false
		this.#up = true
		this.#sweep = true
		this.#wake()
	}

	/** Without a socket REST alone tells. */
	onDown(): void {
		this.#down = true
		this.#up = false
		this.#sweepAfter_ms = 0
		this.#wake()
	}

	async run(warmup: number): Promise<void> {
		await this.#warmUp(warmup)
		while (!this.signal.aborted) {
			const candle = this.#waiting.shift()
			if (candle) await this.#take(candle)
			else if (this.#sweep || this.#overdue()) await this.#fetchMissing()
			else await this.#idle()
		}
	}

	async #idle(): Promise<void> {
		const turn = new AbortController()
		this.#wake = () => turn.abort()
		this.#idling = true
		await waitMs(limits.candle_check_ms, AbortSignal.any([turn.signal, this.signal]))
		this.#idling = false
	}

	#overdue(): boolean {
		if (Date.now() < this.#sweepAfter_ms) return false
		if (this.#down) return true
		if (Date.now() - this.#heard_ms >= limits.candle_silence_ms) return true
		return [...this.#series.values()].some(series => series.overdue(this.#venue_ms, limits.candle_grace_ms))
	}

	async #warmUp(count: number): Promise<void> {
		const venue_ms = await this.#persist(() => this.history.venueNow())
		if (venue_ms === undefined) return
		const all = [...this.#series.values()]
		const worker = async () => {
			for (let series = all.shift(); series && !this.signal.aborted; series = all.shift()) {
				const wanted = series
				const candles = await this.#persist(() => this.history.last(wanted, Math.max(1, count), venue_ms))
				for (const candle of candles ?? []) await this.#handOn(wanted, candle)
			}
		}
		await Promise.all(Array.from({length: limits.candle_requests_parallel}, worker))
	}

	async #take(candle: CandlePush): Promise<void> {
		const series = this.#series.get(`${candle.symbol}/${candle.interval}`)
		if (!series) return
		for (let attempt = 0; attempt < limits.candle_hole_tries && series.place(candle.open_ms) === 'hole'; attempt += 1) {
			const from_ms = (series.last_open_ms ?? 0) + series.interval_ms
			const missing = await this.#persist(() => this.history.from(series, from_ms, candle.open_ms))
			for (const found of missing ?? []) await this.#handOn(series, found)
			if (series.place(candle.open_ms) === 'hole') await waitMs(limits.reconnect_first_ms, this.signal)
		}
		await this.#handOn(series, candle)
	}

	async #fetchMissing(): Promise<void> {
		this.#sweep = false
		this.#heard_ms = Date.now()
		let found = false
		const venue_ms = await this.#persist(() => this.history.venueNow())
		if (venue_ms === undefined) return
		this.#venue_ms = Math.max(this.#venue_ms, venue_ms)
		for (const series of this.#series.values()) {
			if (!series.overdue(venue_ms, 0)) continue
			const from_ms = (series.last_open_ms ?? 0) + series.interval_ms
			const candles = await this.#persist(() => this.history.from(series, from_ms, venue_ms))
			for (const candle of candles ?? []) await this.#handOn(series, candle)
			found ||= (candles ?? []).length > 0
		}
		this.#sweepAfter_ms = Date.now() + (found || this.#down ? limits.candle_check_ms : limits.candle_recheck_ms)
	}

	async #handOn(series: CandleSeries, candle: CandlePush): Promise<void> {
		if (this.signal.aborted || series.place(candle.open_ms) === 'old') return
		series.handedOn(candle.open_ms)
		await this.push(candle)
	}

	/** Tries until the venue answers or the feed stops. */
	async #persist<Value>(ask: () => Promise<Value>): Promise<Value | undefined> {
		for (let pause_ms: number = limits.reconnect_first_ms; !this.signal.aborted; pause_ms *= 2) {
			try {
				return await ask()
			} catch {
				await waitMs(Math.min(pause_ms, limits.reconnect_max_ms), this.signal)
			}
		}
		return undefined
	}
}

/**
 * Closed candles of every configured symbol and interval without a gap: first the last `warmup` of each, then what the
 * socket closes, with holes fetched by REST. Per symbol and interval strictly ascending, each exactly once per run.
 */
export const candleFeed = (config: VenueConfig, {warmup}: Readonly<{warmup: number}>): FeedAdapter => {
	let line: CandleLine | undefined
	return {
		settled: () => line?.settled ?? false,
		run: async (push, signal) => {
			const client = await openClient(config, 'data')
			const own = new CandleLine(config, new CandleHistory(config, client), push, signal)
			line = own
			const events = {
				onUp: () => own.onUp(),
				onDown: () => own.onDown(),
				onMessage: (message: unknown) => own.onMessage(message),
			}
			try {
				await Promise.all([new Sockets(client.ccxt).hold('market', own.streams, events, signal), own.run(warmup)])
			} finally {
				await client.close()
			}
		},
	}
}
