import {settleFunding, transfer} from './account.js'
import {expireOrphans, finishTriggered, onPrice} from './algo.js'
import type {ClosedCandle} from './candle.js'
import type {VenueConfig} from './config.js'
import {Core} from './core.js'
import {dec} from './decimal.js'
import type {Journal} from './journal.js'
import {Klines} from './klines.js'
import {checkLiquidation, checkMarginCall} from './liquidation.js'
import {ListenKeys} from './listen-keys.js'
import type {Market, MarketEvent} from './market.js'
import {expireSpentReduceOnly, matchBook, matchPrint} from './matching.js'
import {cancelAll, expireDated} from './orders.js'
import {observe} from './outside-world.js'
import {PublicStreams} from './public-streams.js'
import {PublicTape} from './public-tape.js'
import type {LogRecord} from './request-log.js'
import {StreamHub} from './stream-hub.js'
import type {UserSockets} from './user-sockets.js'

/** A state log of this size is replaced by a snapshot before its time. */
export const stateLogMaxBytes = 16_000_000

/** Everything behind the sockets: it turns market events and requests into state, messages and log. */
export class Venue {
	readonly core: Core
	readonly klines: Klines
	readonly hub = new StreamHub()
	readonly streams: PublicStreams
	readonly tape = new PublicTape()
	readonly listenKeys: ListenKeys
	/** Closed candles that no snapshot has yet. */
	newCandles: ClosedCandle[] = []
	/** Venue time of the last market event, 0 before the first. */
	lastEvent_ms = 0
	/** Venue time promised in the state log; it has not passed this. */
	leased_ms = 0
	/** Where venue time goes on after a restart: never before what clients have been shown. */
	resume_ms: number
	private marginWarned = false

	constructor(
		readonly config: VenueConfig,
		readonly market: Market,
		readonly journal: Journal,
		private readonly users: UserSockets,
		private readonly machineNow: () => number,
		newListenKey: () => string,
	) {
		this.core = new Core(config, market, journal.history)
		this.resume_ms = this.core.now_ms
		this.klines = new Klines(market)
		this.listenKeys = new ListenKeys(this.core, newListenKey)
		this.streams = new PublicStreams(this.core, this.klines, this.hub)
		this.core.onTaken = symbol => this.streams.onBook(symbol)
	}

	/** First start on an empty data directory. */
	open(): void {
		const deposit = dec(this.config.wallet_usdt)
		if (!deposit.isZero()) transfer(this.core, deposit, 'initial deposit')
		this.commit()
	}

	/**
	 * Processes market events up to `until_ms`, at most `max` of them, and moves venue time.
	 * @returns how many there were; fewer than `max` means that venue time is now `until_ms`
	 */
	run(until_ms: number, max: number): number {
		let count = 0
		while (count < max) {
			const event = this.market.next(until_ms)
			if (event === undefined) {
				this.passTime(until_ms)
				return count
			}
			this.process(event)
			count += 1
		}
		return count
	}

	/** Takes in what an event says of the outside world; also used to catch up after a restart. */
	observe(event: MarketEvent): number {
		this.core.now_ms = Math.max(this.core.now_ms, event.time_ms)
		this.core.market_seq += 1
		this.lastEvent_ms = event.time_ms
		return observe(this, event)
	}

	/** Closes the candles that end by then; `tell` is false while catching up. */
	closeCandles(time_ms: number, tell: boolean): void {
		if (!this.klines.due(time_ms)) return
		for (const closed of this.klines.advance(time_ms)) {
			this.newCandles.push(closed)
			if (tell) this.streams.onCandle(closed)
		}
	}

	/**
	 * Makes what happened since the last commit durable, then tells the user stream.
	 * `request` is the log record of the request that caused it, without its sequence number.
	 */
	commit(request?: Readonly<Record<string, unknown>>): void {
		const {core} = this
		if (core.userEvents.length > 0) this.settle()
		const delta = core.state.takeDelta()
		const records = this.records(request)
		if (delta !== undefined || records.length > 0) {
			const line = delta === undefined ? undefined : {v: core.now_ms, m: core.market_seq, d: delta}
			this.journal.write(line, records)
		}
		const events = core.userEvents
		core.userEvents = []
		for (const event of events) this.users.send(event, core.state.account.listen_key)
	}

	/** Promises that venue time will not pass `lease` before the next promise. */
	lease(lease: number): void {
		this.leased_ms = lease
		this.journal.write({v: this.core.now_ms, m: this.core.market_seq, lease}, [])
	}

	/** What runs on machine time: listen keys and countdowns. */
	onMachineTime(): void {
		const {core} = this
		const now = this.machineNow()
		for (const [symbol, deadline] of Object.entries(core.state.account.countdowns)) {
			if (now < deadline) continue
			const account = core.state.touchAccount()
			const {[symbol]: _, ...others} = account.countdowns
			account.countdowns = others
			const cancelled = cancelAll(core, symbol)
			core.log({event: 'countdown', symbol, cancelled: cancelled.map(order => order.id)})
		}
		const expired = this.listenKeys.takeExpired(now)
		this.commit()
		if (expired !== undefined) this.users.expire(expired, core.now_ms)
	}

	private process(event: MarketEvent): void {
		this.passTime(event.time_ms)
		const id = this.observe(event)
		const {core} = this
		const {symbol} = event
		switch (event.kind) {
			case 'book':
				this.streams.onBook(symbol)
				matchBook(core, symbol)
				break
			case 'trade': {
				const [price, quantity] = [dec(event.price), dec(event.quantity)]
				this.streams.onTrade(symbol, id, price, quantity, event.buyer_is_maker)
				matchPrint(core, symbol, price, quantity)
				onPrice(core, symbol, 'CONTRACT_PRICE', price)
				break
			}
			case 'mark':
				this.streams.onMark(symbol)
				onPrice(core, symbol, 'MARK_PRICE', core.mark(symbol))
				this.checkRisk(symbol)
				break
			case 'funding':
				settleFunding(core, symbol, event.rate)
				this.checkRisk(symbol)
				break
		}
		this.commit()
	}

	private passTime(time_ms: number): void {
		this.closeCandles(time_ms, true)
		this.streams.advance(time_ms)
		this.core.now_ms = Math.max(this.core.now_ms, time_ms)
		expireDated(this.core)
		if (this.core.userEvents.length > 0) this.commit()
	}

	private checkRisk(symbol: string): void {
		if (this.core.state.positionsOf(symbol).every(position => position.amount.isZero())) return
		this.marginWarned = checkMarginCall(this.core, this.marginWarned)
		checkLiquidation(this.core, symbol)
	}

	/** Consequences of fills and cancellations: orders and conditional orders that have lost their purpose. */
	private settle(): void {
		for (const symbol of new Set(this.core.state.ordersOpenIn().map(order => order.symbol))) {
			expireSpentReduceOnly(this.core, symbol)
		}
		expireOrphans(this.core)
		finishTriggered(this.core)
	}

	/** A request's record holds its fills; what no request caused stands by itself. */
	private records(request: Readonly<Record<string, unknown>> | undefined): LogRecord[] {
		const {core} = this
		const logged = core.loggedEvents
		core.loggedEvents = []
		const times = {machine_ms: this.machineNow(), venue_ms: core.now_ms}
		if (request === undefined) {
			return logged.map(event => ({seq: this.journal.nextSeq(), kind: 'event', ...times, ...event}))
		}
		const fills = logged.filter(event => event.event === 'fill').map(event => event.trade)
		const others = logged.filter(event => event.event !== 'fill')
		return [
			{
				seq: this.journal.nextSeq(),
				kind: 'request',
				...times,
				...request,
				...(fills.length > 0 ? {fills} : {}),
				...(others.length > 0 ? {events: others} : {}),
			},
		]
	}
}
