import {keys} from '../../engine/contracts/keys.js'
import {messageOf} from '../../engine/errors.js'
import {type Arming, readArming} from './arming-record.js'
import type {Alarm, StageStatus, UnitStatus} from './control-api.js'
import {ControlClient} from './control-client.js'
import {type EssBrief, essBriefOf} from './ess-record.js'
import type {Home} from './home.js'
import {readLatch} from './latch.js'
import {openState, type State, withDeadline} from './state.js'
import {
	type Backlog,
	quotedSymbols,
	readBacklog,
	readClock,
	readLastTrades,
	readOpen,
	readQuotes,
	readSums,
	type Sums,
	Tallies,
	type Tally,
	type VenueClock,
	type WatchedPosition,
	type WatchedTrade,
} from './watch-state.js'

/** All that a person who watches sees at one moment. */
export type WatchSnapshot = Readonly<{
	/** Machine time of the reading, ms. */
	at_ms: number
	mode: string
	market: string
	speed: number | 'lockstep'
	stages: readonly StageStatus[]
	failed: readonly UnitStatus[]
	alarms: readonly Alarm[]
	arming: Arming
	/** Undefined while Redis cannot be read: what else is shown is then only the daemon's. */
	trading: Trading | undefined
	problem: string
}>

export type Trading = Readonly<{
	clock: VenueClock | undefined
	positions: readonly WatchedPosition[]
	trades: readonly WatchedTrade[]
	sums: Sums
	tally: Tally
	backlog: Backlog
	/** Machine age of the oldest newest quote, ms; null without quotes. */
	quote_age_ms: number | null
	stale: readonly string[]
	/** Null before it has spoken. */
	ess: EssBrief | null
}>

/** A reading takes longer only when something is wedged. */
const READ_WITHIN_MS = 5_000
/** Readings after which symbols are looked for anew. */
const SYMBOLS_EVERY = 10

/** Reads the system again and again over one connection. Undefined from `read` means that the daemon has gone. */
export class Watch {
	readonly #control: ControlClient
	#tallies = new Tallies()
	#symbols: readonly string[] = []
	#readings = 0
	#state: (State & {close(): Promise<void>}) | undefined

	constructor(
		readonly home: Home,
		readonly now_ms: () => number,
	) {
		this.#control = new ControlClient(home)
	}

	async read(): Promise<WatchSnapshot | undefined> {
		const status = await this.#control.status()
		if (!status) return undefined
		let problem = ''
		let trading: Trading | undefined
		let latch: Awaited<ReturnType<typeof readLatch>> | undefined
		try {
			this.#state ??= await openState(this.home)
			const state = this.#state
			;[trading, latch] = await withDeadline(
				Promise.all([this.#trading(state), readLatch(state)]),
				READ_WITHIN_MS,
				'the reading',
			)
		} catch (error) {
			problem = messageOf(error)
			await this.#state?.close()
			this.#state = undefined
			this.#tallies = new Tallies()
		}
		return {
			at_ms: this.now_ms(),
			mode: status.mode,
			market: status.market.kind,
			speed: status.speed,
			stages: status.stages,
			failed: status.units.filter(({state}) => state === 'FAILED'),
			alarms: status.alarms,
			arming: readArming(this.home, latch),
			trading,
			problem,
		}
	}

	async close(): Promise<void> {
		await this.#state?.close()
		this.#state = undefined
	}

	async #trading(state: State): Promise<Trading> {
		const now_ms = this.now_ms()
		if (this.#symbols.length === 0 || this.#readings % SYMBOLS_EVERY === 0) this.#symbols = await quotedSymbols(state)
		this.#readings += 1
		const symbols = this.#symbols
		const quotes = await readQuotes(state, symbols)
		const [clock, positions, trades, sums, tally, backlog, ess] = await Promise.all([
			readClock(state, now_ms),
			readOpen(state, quotes),
			readLastTrades(state),
			readSums(state, symbols),
			this.#tallies.update(state),
			readBacklog(state, now_ms),
			state.bus.hashAll(state.naming.key(keys.essState, {})).then(essBriefOf),
		])
		const oldest_ms = Math.min(...quotes.map(({machine_ms}) => machine_ms))
		const quote_age_ms = quotes.length === 0 ? null : Math.max(0, now_ms - oldest_ms)
		const stale = quotes.filter(quote => quote.stale).map(({symbol}) => symbol)
		return {clock, positions, trades, sums, tally, backlog, quote_age_ms, stale, ess}
	}
}
