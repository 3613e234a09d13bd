import type {LoadedSymbol} from './candle-load.js'

const HOUR_MS = 3_600_000

/** When a recorded symbol settles funding, and at which rate: as its file says, else at a constant rate. */
export class CandleFunding {
	readonly #rates = new Map<number, string>()
	readonly #times: readonly number[]
	readonly #constant: string
	readonly #interval_ms: number
	readonly #start_ms: number
	#position = 0

	/** @throws Error when there is a funding file and none of it falls into the time that is traded. */
	constructor(loaded: LoadedSymbol, constant: string, range: Readonly<{start_ms: number; end_ms: number}>) {
		this.#constant = constant
		this.#interval_ms = loaded.spec.funding_interval_hours * HOUR_MS
		this.#start_ms = range.start_ms
		const rows = loaded.funding.filter(row => row.time_ms > range.start_ms)
		for (const row of rows) this.#rates.set(row.time_ms, row.rate)
		this.#times = rows.map(row => row.time_ms)
		if (loaded.funding.length > 0 && !rows.some(row => row.time_ms <= range.end_ms))
			throw new Error(
				`the funding file of ${loaded.spec.symbol} has no row between ${new Date(range.start_ms).toISOString()} and ${new Date(range.end_ms).toISOString()}: give the rates of that time, or leave funding_dir out`,
			)
	}

	/** The rate that settles at this instant, if one does. */
	settles(time_ms: number): string | undefined {
		if (time_ms <= this.#start_ms) return undefined
		if (this.#times.length > 0) return this.#rates.get(time_ms)
		return time_ms % this.#interval_ms === 0 ? this.#constant : undefined
	}

	/** The next funding after this instant. */
	upcoming(time_ms: number): {funding_rate: string; next_funding_ms: number} {
		const regular = (Math.floor(time_ms / this.#interval_ms) + 1) * this.#interval_ms
		while ((this.#times[this.#position] ?? Number.POSITIVE_INFINITY) <= time_ms) this.#position++
		while (this.#position > 0 && (this.#times[this.#position - 1] ?? 0) > time_ms) this.#position--
		const next_funding_ms = this.#times[this.#position] ?? regular
		return {funding_rate: this.#rates.get(next_funding_ms) ?? this.#constant, next_funding_ms}
	}
}
