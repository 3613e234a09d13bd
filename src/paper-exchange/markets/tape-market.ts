import {z} from 'zod'
import type {Candle, Market, MarketEvent, SymbolSpec} from '../market.js'
import {specOverride} from './candle-spec.js'
import {FeedSymbol} from './feed-symbol.js'
import {loadTape, type Tape} from './tape-load.js'
import {readTapeLine} from './tape-message.js'

export const tapeConfig = z.strictObject({
	kind: z.literal('tape'),
	file: z.string().min(1),
	depth_levels: z.int().min(1).max(1000).default(20),
	/** A print farther than this from the best prices is left out: raw trades contain such. */
	outlier_bps: z.number().positive().default(50),
	funding_rate: z
		.string()
		.regex(/^-?0\.\d{1,8}$/)
		.default('0.0001'),
	specs: z.record(z.string(), specOverride).default({}),
})

export type TapeConfig = z.output<typeof tapeConfig>

/** Opens a recorded tape; `report` is told of lines left out, breaks of the chain and outliers. */
export async function openTape(config: TapeConfig, report: (line: string) => void): Promise<TapeMarket> {
	return new TapeMarket(config, await loadTape(config.file, config.specs, report), report)
}

/** A tape told as it was received, at the exchange's event times. Has no history; is cheap to replay from the start. */
export class TapeMarket implements Market {
	readonly symbols: readonly SymbolSpec[]
	readonly start_ms: number
	readonly end_ms: number
	readonly #lines: readonly string[]
	readonly #bySymbol: ReadonlyMap<string, FeedSymbol>
	#line = 0
	#time_ms: number
	#pending: MarketEvent[] = []
	#read = 0

	constructor(config: TapeConfig, tape: Tape, report: (line: string) => void) {
		this.symbols = tape.specs
		this.start_ms = tape.first_ms
		this.end_ms = tape.last_ms
		this.#time_ms = tape.first_ms
		this.#lines = tape.lines
		this.#bySymbol = new Map(tape.specs.map(spec => [spec.symbol, new FeedSymbol(spec, config, report)]))
	}

	next(until_ms: number): MarketEvent | undefined {
		while (this.#read >= this.#pending.length) {
			if (this.#line >= this.#lines.length) return undefined
			this.#readLine()
		}
		const event = this.#pending[this.#read]
		if (event === undefined || event.time_ms > until_ms) return undefined
		this.#read++
		return event
	}

	/** A tape tells nothing of the time before it. */
	history(): readonly Candle[] {
		return []
	}

	/** The recorded past does not react. */
	taken(): void {}

	snapshot(): undefined {
		return undefined
	}

	restore(): void {}

	async close(): Promise<void> {}

	#readLine(): void {
		const message = readTapeLine(this.#lines[this.#line++] ?? '')
		this.#pending = []
		this.#read = 0
		if (message.kind === 'other') return
		const body = message.kind === 'event' ? message.event : message.snapshot
		// Streams are interleaved by arrival; time never goes back.
		this.#time_ms = Math.max(this.#time_ms, Math.min(body.E ?? 0, this.end_ms))
		const symbol = this.#symbolOf(body.s)
		if (message.kind === 'event') symbol.event(message.event, this.#time_ms, this.#pending)
		else symbol.snapshot(message.snapshot, this.#time_ms, this.#pending)
	}

	/** Depth snapshots do not say whose they are; that is clear on a tape of one symbol. */
	#symbolOf(name: string | undefined): FeedSymbol {
		const found =
			name === undefined && this.#bySymbol.size === 1 ? [...this.#bySymbol.values()][0] : this.#bySymbol.get(name ?? '')
		if (found === undefined)
			throw new Error(
				`line ${this.#line} of the tape has a depth snapshot without a symbol, among several symbols: add "s" to it`,
			)
		return found
	}
}
