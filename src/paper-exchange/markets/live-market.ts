import {setTimeout as pause} from 'node:timers/promises'
import type {Candle, Interval, Market, MarketEvent, SymbolSpec} from '../market.js'
import {FeedSymbol} from './feed-symbol.js'
import type {LiveConfig, Surroundings} from './live-config.js'
import {LiveQueue} from './live-queue.js'
import {emptyHistory, LiveRest} from './live-rest.js'
import {LiveSocket} from './live-socket.js'
import {MINUTE_MS, type MinuteCandles} from './minute-candles.js'
import {readMessage, type TapeMessage} from './tape-message.js'

/** Binance serves books and trades of futures under different paths; a stream under the wrong one stays silent. */
const PATHS: ReadonlyArray<readonly [path: string, streams: readonly string[]]> = [
	['public', ['bookTicker', 'depth20@100ms']],
	['market', ['aggTrade', 'markPrice@1s']],
]
const LOOK_AGAIN_MS = 20
const FETCH_ROUNDS_MAX = 5
const MINUTES_PER_ROUND_MAX = 20
/** A clock that differs by more is worth telling. */
const CLOCK_OFFSET_TOLD_MS = 1000
/** Aggregated trades are the exchange's own; nothing is left out. */
const FEED = {depth_levels: 20, outlier_bps: Number.POSITIVE_INFINITY, funding_rate: '0.0001'}

/**
 * Opens a live public feed: filters and warm-up by REST, then books, trades and marks by WebSocket.
 * @throws Error when the venue does not answer or a symbol has no book in time.
 */
export async function openLive(config: LiveConfig, around: Surroundings): Promise<LiveMarket> {
	const rest = new LiveRest(config.rest_url)
	const offset_ms = await rest.clockOffset(around.now)
	if (Math.abs(offset_ms) > CLOCK_OFFSET_TOLD_MS)
		around.report(`the exchange's clock is ${offset_ms} ms ahead of this machine's`)
	const clock = (): number => around.now() + offset_ms
	const specs = await rest.specs(config.symbols, config.specs)
	const market = new LiveMarket(config, specs, {now: clock, report: around.report})
	try {
		await market.ready(config.open_within_ms)
		market.start(await fetchHistory(rest, specs, config.warmup_ms, clock))
		return market
	} catch (error) {
		await market.close()
		throw error
	}
}

/** Fetches until no minute has ended meanwhile, so that history reaches up to the start. */
async function fetchHistory(
	rest: LiveRest,
	specs: readonly SymbolSpec[],
	warmup_ms: number,
	clock: () => number,
): Promise<ReadonlyMap<string, MinuteCandles>> {
	let to_ms = lastMinute(clock())
	const minutes = warmup_ms / MINUTE_MS + FETCH_ROUNDS_MAX * MINUTES_PER_ROUND_MAX
	const rows = specs.map(spec => emptyHistory(spec, to_ms - warmup_ms, minutes))
	for (let round = 0; warmup_ms > 0 && round < FETCH_ROUNDS_MAX; round++) {
		for (const row of rows) await rest.addHistory(row, to_ms)
		const now_ms = lastMinute(clock())
		if (now_ms === to_ms) break
		to_ms = Math.min(now_ms, to_ms + MINUTES_PER_ROUND_MAX * MINUTE_MS)
	}
	return new Map(rows.map(row => [row.symbol, row.candles]))
}

function lastMinute(time_ms: number): number {
	return Math.floor(time_ms / MINUTE_MS) * MINUTE_MS
}

/** The present as others trade it, at exchange time. Cannot be replayed: after a restart it goes on with what is then. */
export class LiveMarket implements Market {
	readonly symbols: readonly SymbolSpec[]
	readonly end_ms = Number.POSITIVE_INFINITY
	start_ms = 0
	readonly #around: Surroundings
	readonly #feeds: ReadonlyMap<string, FeedSymbol>
	readonly #sockets: readonly LiveSocket[]
	readonly #queue = new LiveQueue()
	readonly #booked = new Set<string>()
	#history: ReadonlyMap<string, MinuteCandles> = new Map()
	/** No event may be earlier than what was asked for or told before. */
	#passed_ms = 0
	#unreadable = 0

	/** `around.now` is the exchange's clock. */
	constructor(config: LiveConfig, specs: readonly SymbolSpec[], around: Surroundings) {
		const {report} = around
		this.symbols = specs
		this.#around = around
		this.#feeds = new Map(specs.map(spec => [spec.symbol, new FeedSymbol(spec, FEED, report)]))
		const base = config.ws_url.replace(/\/+$/, '')
		const {stale_after_ms, retry_min_ms, retry_max_ms} = config
		this.#sockets = PATHS.map(([path, streams]) => {
			const names = specs.flatMap(spec =>
				streams.map(stream => encodeURIComponent(`${spec.symbol.toLowerCase()}@${stream}`)),
			)
			const url = `${base}/${path}/stream?streams=${names.join('/')}`
			const onMessage = (text: string): void => this.#receive(text)
			return new LiveSocket({url, stale_after_ms, retry_min_ms, retry_max_ms, onMessage, report})
		})
	}

	/** How often the connections were made, in the order public, market. */
	get connects(): readonly number[] {
		return this.#sockets.map(socket => socket.connects)
	}

	/**
	 * Waits until every symbol has a book.
	 * @throws Error that names those without.
	 */
	async ready(within_ms: number): Promise<void> {
		const until = this.#around.now() + within_ms
		for (;;) {
			const missing = this.symbols.filter(spec => !this.#booked.has(spec.symbol))
			if (missing.length === 0) return
			if (this.#around.now() > until)
				throw new Error(
					`no book of ${missing.map(spec => spec.symbol).join(', ')} came within ${within_ms} ms: check ws_url and the network`,
				)
			await pause(LOOK_AGAIN_MS)
		}
	}

	/** Trading begins now; of what waited meanwhile, books and marks stay. */
	start(history: ReadonlyMap<string, MinuteCandles>): void {
		this.start_ms = Math.floor(this.#around.now())
		this.#passed_ms = this.start_ms
		this.#history = history
		this.#queue.keep(event => event.kind === 'book' || event.kind === 'mark')
	}

	next(until_ms: number): MarketEvent | undefined {
		const event = this.#queue.peek()
		if (event === undefined || event.time_ms > until_ms) {
			// The venue's time is past this now; an event that comes late is told as of then.
			this.#passed_ms = Math.max(this.#passed_ms, Math.min(until_ms, Math.floor(this.#around.now())))
			return undefined
		}
		this.#queue.shift()
		if (this.#queue.relieved) for (const socket of this.#sockets) socket.paused = false
		this.#passed_ms = Math.max(this.#passed_ms, event.time_ms)
		return event.time_ms === this.#passed_ms ? event : {...event, time_ms: this.#passed_ms}
	}

	history(symbol: string, interval: Interval, from_ms: number, to_ms: number): readonly Candle[] {
		return this.#history.get(symbol)?.candles(interval, from_ms, Math.min(to_ms, this.start_ms)) ?? []
	}

	/** The real market does not notice. */
	taken(): void {}

	snapshot(): undefined {
		return undefined
	}

	restore(): void {}

	async close(): Promise<void> {
		await Promise.all(this.#sockets.map(socket => socket.close()))
	}

	#receive(text: string): void {
		const message = this.#read(text)
		if (message?.kind !== 'event') return
		const {event} = message
		const feed = this.#feeds.get(event.s)
		if (feed === undefined) return
		const events: MarketEvent[] = []
		// A partial book is a whole snapshot each time, though it comes under the name of an update.
		if (event.e === 'depthUpdate') feed.snapshot({lastUpdateId: event.u, bids: event.b, asks: event.a}, event.E, events)
		else feed.event(event, event.E, events)
		if (events.some(told => told.kind === 'book')) this.#booked.add(event.s)
		this.#queue.push(events)
		if (this.#queue.full) for (const socket of this.#sockets) socket.paused = true
	}

	/** A message that cannot be read is told and left out: a feed that changes must not end the venue. */
	#read(text: string): TapeMessage | undefined {
		try {
			return readMessage(JSON.parse(text))
		} catch (error) {
			this.#unreadable++
			// The first of each power of ten, so that a flood is visible and bounded.
			if (Number.isInteger(Math.log10(this.#unreadable)))
				this.#around.report(`${this.#unreadable} unreadable messages, the last: ${String(error).slice(0, 200)}`)
			return undefined
		}
	}
}
