import {z} from 'zod'
import type {Candle, Interval, Market, MarketEvent, SymbolSpec} from '../market.js'
import {GENERATED, generatedSymbol} from './generated-symbol.js'
import {INTERVAL_MS, MINUTE_MS, MinuteCandles} from './minute-candles.js'
import {type StepLaw, stepLaw} from './synthetic-factor.js'
import {CommonFactors, type CommonState} from './synthetic-price.js'
import {type SpeakerState, SyntheticSpeaker} from './synthetic-symbol.js'
import {SYNTHETIC_SYMBOLS, type SyntheticSymbol} from './synthetic-symbols.js'

/** The warm-up moves in coarser steps than live trading: same laws, no books. */
const WARMUP_STEP_MS = 5000
const STEPS_PER_MINUTE = MINUTE_MS / WARMUP_STEP_MS
const WARMUP_MAX_MS = 60 * INTERVAL_MS['1d']
const SNAPSHOT_VERSION = 1

const knownSymbols = SYNTHETIC_SYMBOLS.map(symbol => symbol.spec.symbol)

export const syntheticConfig = z.strictObject({
	kind: z.literal('synthetic'),
	/** Same seed and parameters, same bytes. */
	seed: z.int().min(0).max(0xffff_ffff),
	/** Venue time at which live trading starts. */
	start_ms: z.int().min(WARMUP_MAX_MS),
	warmup_ms: z
		.int()
		.min(0)
		.max(WARMUP_MAX_MS)
		.default(2 * INTERVAL_MS['1d']),
	/** Venue time after which the market ends; left out, it has no end. */
	duration_ms: z.int().positive().optional(),
	/** Venue time between two books of a symbol; larger at high speed. */
	tick_interval_ms: z.int().min(10).max(MINUTE_MS).default(1000),
	symbols: z
		.array(
			z
				.string()
				.refine(
					name => knownSymbols.includes(name) || GENERATED.test(name),
					`expected ${knownSymbols.join(', ')}, or SIM001USDT to SIM999USDT`,
				),
		)
		.min(1)
		.refine(list => new Set(list).size === list.length, 'each symbol once')
		.default(knownSymbols),
	/** Levels on each side of a book. */
	depth_levels: z.int().min(1).max(50).default(20),
})

export type SyntheticConfig = z.output<typeof syntheticConfig>

type SyntheticSnapshot = {
	version: number
	config: SyntheticConfig
	tick: number
	turn: number
	common: CommonState
	speakers: SpeakerState[]
	pending: MarketEvent[]
}

/**
 * A seeded market of correlated symbols, without end unless one is asked for. Symbols speak in turn within a tick; a step is generated when its
 * time is asked for, so that events do not depend on how `next` is called, and `taken` acts from the next step on.
 */
export class SyntheticMarket implements Market {
	readonly symbols: readonly SymbolSpec[]
	readonly start_ms: number
	readonly end_ms: number
	readonly #config: SyntheticConfig
	readonly #law: StepLaw
	readonly #common: CommonFactors
	readonly #speakers: readonly SyntheticSpeaker[]
	readonly #history = new Map<string, MinuteCandles>()
	#tick = 0
	#turn = 0
	#pending: MarketEvent[] = []
	#read = 0

	constructor(config: SyntheticConfig) {
		this.#config = config
		this.start_ms = config.start_ms
		this.end_ms = config.start_ms + (config.duration_ms ?? Number.POSITIVE_INFINITY)
		this.#law = stepLaw(config.tick_interval_ms)
		this.#common = new CommonFactors(config.seed)
		const from_ms = Math.floor((config.start_ms - config.warmup_ms) / MINUTE_MS) * MINUTE_MS
		this.#speakers = config.symbols
			.map(name => known(name, config.seed))
			.map(symbol => new SyntheticSpeaker(config.seed, symbol, config.depth_levels, from_ms))
		this.symbols = this.#speakers.map(speaker => speaker.symbol.spec)
		this.#warmUp(from_ms)
	}

	next(until_ms: number): MarketEvent | undefined {
		while (this.#read >= this.#pending.length) {
			if (this.#turnTime() > until_ms) return undefined
			this.#speak()
		}
		const event = this.#pending[this.#read]
		if (event === undefined || event.time_ms > until_ms || event.time_ms >= this.end_ms) return undefined
		this.#read++
		return event
	}

	history(symbol: string, interval: Interval, from_ms: number, to_ms: number): readonly Candle[] {
		return this.#history.get(symbol)?.candles(interval, from_ms, Math.min(to_ms, this.start_ms)) ?? []
	}

	taken(symbol: string, side: 'BUY' | 'SELL', quantity: string): void {
		const speaker = this.#speakers.find(candidate => candidate.symbol.spec.symbol === symbol)
		speaker?.take(side, Number(quantity))
	}

	snapshot(): SyntheticSnapshot {
		return {
			version: SNAPSHOT_VERSION,
			config: this.#config,
			tick: this.#tick,
			turn: this.#turn,
			common: this.#common.state,
			speakers: this.#speakers.map(speaker => speaker.state),
			pending: this.#pending.slice(this.#read),
		}
	}

	/** @throws Error when the snapshot is of another version, seed or setting. */
	restore(snapshot: unknown): void {
		const found = snapshot as Partial<SyntheticSnapshot> | null
		if (found?.version !== SNAPSHOT_VERSION || JSON.stringify(found.config) !== JSON.stringify(this.#config))
			throw new Error(
				`the market's snapshot is of version ${found?.version} with ${JSON.stringify(found?.config)}, this market is of version ${SNAPSHOT_VERSION} with ${JSON.stringify(this.#config)}: start it with the settings of the snapshot, or without the snapshot`,
			)
		const {tick, turn, common, speakers, pending} = found as SyntheticSnapshot
		this.#tick = tick
		this.#turn = turn
		this.#common.state = common
		for (const [at, speaker] of this.#speakers.entries()) {
			const state = speakers[at]
			if (state !== undefined) speaker.state = state
		}
		this.#pending = [...pending]
		this.#read = 0
	}

	async close(): Promise<void> {}

	/** When the next speaker speaks: all at once in the first tick, so that every book is there, then spread over the tick. */
	#turnTime(): number {
		const {tick_interval_ms, start_ms} = this.#config
		const offset = this.#tick === 0 ? 0 : Math.floor((this.#turn * tick_interval_ms) / this.#speakers.length)
		return start_ms + this.#tick * tick_interval_ms + offset
	}

	#speak(): void {
		const time_ms = this.#turnTime()
		this.#pending = []
		this.#read = 0
		for (const speaker of this.#speakers) if (speaker.next_funding_ms <= time_ms) this.#pending.push(speaker.settle())
		// Intervals differ, so two fundings that fall before this instant may be out of order.
		this.#pending.sort((one, other) => one.time_ms - other.time_ms)
		if (this.#turn === 0) this.#common.step(this.#law)
		this.#speakers[this.#turn]?.speak(this.#law, this.#common, time_ms, this.#pending)
		this.#turn++
		if (this.#turn < this.#speakers.length) return
		this.#turn = 0
		this.#tick++
	}

	#warmUp(from_ms: number): void {
		const law = stepLaw(WARMUP_STEP_MS)
		const minutes = Math.floor((this.start_ms - from_ms) / MINUTE_MS)
		const rows = this.#speakers.map(speaker => {
			const row = new MinuteCandles(from_ms, minutes, speaker.prices, speaker.quantities)
			this.#history.set(speaker.symbol.spec.symbol, row)
			return {speaker, row, candle: {open: 0, high: 0, low: 0, close: 0, volume: 0, quote: 0, trades: 0}}
		})
		const steps = Math.floor((this.start_ms - from_ms) / WARMUP_STEP_MS)
		for (let step = 0; step < steps; step++) {
			this.#common.step(law)
			const within = step % STEPS_PER_MINUTE
			for (const {speaker, row, candle} of rows) {
				speaker.warmUp(law, this.#common, WARMUP_STEP_MS, candle, within === 0)
				if (within === STEPS_PER_MINUTE - 1) row.push(candle)
			}
		}
	}
}

function known(name: string, seed: number): SyntheticSymbol {
	return SYNTHETIC_SYMBOLS.find(symbol => symbol.spec.symbol === name) ?? generatedSymbol(name, seed)
}
