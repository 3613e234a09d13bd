/**
 * Funding of one symbol by Binance's published formula:
 * rate = P + clamp(I - P, -0.05 %, 0.05 %), where P is the time-weighted average premium since the last funding and I
 * the interest of 0.01 % per 8 hours; all scaled to the symbol's interval and clamped to its cap.
 * Rates are whole hundred-millionths.
 */

const HOUR_MS = 3_600_000
const INTEREST_PER_8_HOURS = 0.0001
const DAMPER = 0.0005
const RATE_CAP_PER_8_HOURS = 0.02
const RATE_UNIT = 1e-8
/** The mark price follows the premium with this delay, so that a single print does not liquidate. */
const SMOOTHING_MS = 30_000

export class FundingClock {
	readonly #interval_ms: number
	#next_ms: number
	#weighted = 0
	#observed_ms = 0
	#smoothed = 0

	constructor(interval_hours: number, from_ms: number) {
		this.#interval_ms = interval_hours * HOUR_MS
		this.#next_ms = (Math.floor(from_ms / this.#interval_ms) + 1) * this.#interval_ms
	}

	get next_ms(): number {
		return this.#next_ms
	}

	get smoothed_premium(): number {
		return this.#smoothed
	}

	/** The rate that would settle now, in hundred-millionths. */
	get rate(): number {
		const premium = this.#observed_ms === 0 ? 0 : this.#weighted / this.#observed_ms
		const damped = Math.max(-DAMPER, Math.min(DAMPER, INTEREST_PER_8_HOURS - premium))
		const share = this.#interval_ms / (8 * HOUR_MS)
		const rate = Math.max(-RATE_CAP_PER_8_HOURS, Math.min(RATE_CAP_PER_8_HOURS, premium + damped)) * share
		// Adding zero turns a negative zero into zero.
		return Math.round(rate / RATE_UNIT) + 0
	}

	/** The premium stood at this for so long. */
	observe(premium: number, elapsed_ms: number): void {
		this.#weighted += premium * elapsed_ms
		this.#observed_ms += elapsed_ms
		const keep = Math.exp(-elapsed_ms / SMOOTHING_MS)
		this.#smoothed = this.#smoothed * keep + premium * (1 - keep)
	}

	/** Closes the interval and returns its rate in hundred-millionths. */
	settle(): number {
		const rate = this.rate
		this.#next_ms += this.#interval_ms
		this.#weighted = 0
		this.#observed_ms = 0
		return rate
	}

	get state(): FundingState {
		return {
			next_ms: this.#next_ms,
			weighted: this.#weighted,
			observed_ms: this.#observed_ms,
			smoothed: this.#smoothed,
		}
	}

	set state(state: FundingState) {
		this.#next_ms = state.next_ms
		this.#weighted = state.weighted
		this.#observed_ms = state.observed_ms
		this.#smoothed = state.smoothed
	}
}

export type FundingState = {next_ms: number; weighted: number; observed_ms: number; smoothed: number}
