import type {Level} from '../market.js'
import type {Grid} from './grid.js'
import type {Random} from './random.js'
import type {SyntheticSymbol} from './synthetic-symbols.js'

/** Share of ticks at which the spread is wider than one tick, in calm (recorded BTCUSDT: 1 to 4 % of the time). */
const WIDE_SHARE = 0.025
const WIDE_SHARE_MAX = 0.6
const SPREAD_MAX_BPS = 60
/** Depth shrinks with volatility to this power. */
const DEPTH_POWER = 0.8
/** Taking this multiple of the best level's average notional leaves 1/e of the depth. */
const EXHAUSTION_LEVELS = 5
const EXHAUSTION_MAX = 3
/** A taken side refills, and a displaced price comes back, with these time constants. */
const REFILL_MS = 10_000
const RETURN_MS = 60_000
/** Taking twenty best levels moves the price by this; one part in three stays. */
const IMPACT_BPS = 10
const IMPACT_LEVELS = 20
const LASTING_SHARE = 1 / 3
const IMPACT_MAX_BPS = 300

export type Touch = {bid: number; ask: number}

/** Spread and depth of one symbol, and how they suffer from what is taken. */
export class SyntheticBook {
	readonly #symbol: SyntheticSymbol
	readonly #prices: Grid
	readonly #quantities: Grid
	readonly #random: Random
	readonly #levels: number
	#exhausted_bids = 0
	#exhausted_asks = 0
	/** Log distance by which orders displaced the price, the part that comes back. */
	#displaced = 0

	constructor(symbol: SyntheticSymbol, prices: Grid, quantities: Grid, random: Random, levels: number) {
		this.#symbol = symbol
		this.#prices = prices
		this.#quantities = quantities
		this.#random = random
		this.#levels = levels
	}

	/** Somebody bought or sold; returns the lasting log return of it. */
	take(side: 'BUY' | 'SELL', quantity: number, price: number): number {
		const top = this.#symbol.top_notional_usdt
		const notional = quantity * price
		const exhaustion = notional / (EXHAUSTION_LEVELS * top)
		if (side === 'BUY') this.#exhausted_asks = Math.min(EXHAUSTION_MAX, this.#exhausted_asks + exhaustion)
		else this.#exhausted_bids = Math.min(EXHAUSTION_MAX, this.#exhausted_bids + exhaustion)
		const moved = Math.min(IMPACT_MAX_BPS, (IMPACT_BPS * notional) / (IMPACT_LEVELS * top)) * 1e-4
		const signed = side === 'BUY' ? moved : -moved
		this.#displaced += signed * (1 - LASTING_SHARE)
		return signed * LASTING_SHARE
	}

	/** Recovers for a while. */
	recover(elapsed_ms: number): void {
		const refill = Math.exp(-elapsed_ms / REFILL_MS)
		this.#exhausted_bids *= refill
		this.#exhausted_asks *= refill
		this.#displaced *= Math.exp(-elapsed_ms / RETURN_MS)
	}

	/** Best bid and ask in ticks around a fair price. */
	touch(fair_ticks: number, volatility: number): Touch {
		const centre = fair_ticks * Math.exp(this.#displaced)
		const exhaustion = this.#exhausted_bids + this.#exhausted_asks
		const share = Math.min(WIDE_SHARE_MAX, WIDE_SHARE * volatility ** 1.5 + 0.3 * exhaustion)
		let spread = 1
		if (this.#random.uniform() < share) {
			const bps = this.#symbol.wide_spread_bps * volatility * (1 + exhaustion) * this.#random.exponential()
			spread += Math.ceil(Math.min(SPREAD_MAX_BPS, bps) * 1e-4 * centre)
		}
		const bid = Math.max(1, Math.round(centre - spread / 2))
		return {bid, ask: bid + spread}
	}

	bids(touch: Touch, volatility: number): Level[] {
		return this.#side(touch.bid, -1, this.#depth(volatility, this.#exhausted_bids))
	}

	asks(touch: Touch, volatility: number): Level[] {
		return this.#side(touch.ask, 1, this.#depth(volatility, this.#exhausted_asks))
	}

	/** Average steps of quantity resting at a level, before chance. */
	#depth(volatility: number, exhaustion: number): number {
		return (this.#symbol.top_notional_usdt * Math.exp(-exhaustion)) / volatility ** DEPTH_POWER / this.#quantities.size
	}

	#side(best: number, direction: 1 | -1, notionalSteps: number): Level[] {
		const random = this.#random
		const gap = this.#symbol.level_gap_ticks
		const meanSteps = notionalSteps / (best * this.#prices.size)
		const levels: Level[] = []
		let price = best
		for (let at = 0; at < this.#levels && price > 0; at++) {
			// The square of an exponential: many small levels, few large ones, as recorded.
			const draw = random.exponential()
			const share = at === 0 ? 1 : this.#symbol.behind_share
			const steps = Math.max(1, Math.round((share * meanSteps * draw * draw) / 2))
			levels.push([this.#prices.text(price), this.#quantities.text(roundToDigits(steps))])
			price += direction * (1 + Math.floor((gap - 1) * random.exponential() + random.uniform() * 0.5))
		}
		return levels
	}

	get state(): BookState {
		const random = this.#random.state
		return {
			random,
			exhausted_bids: this.#exhausted_bids,
			exhausted_asks: this.#exhausted_asks,
			displaced: this.#displaced,
		}
	}

	set state(state: BookState) {
		this.#random.state = state.random
		this.#exhausted_bids = state.exhausted_bids
		this.#exhausted_asks = state.exhausted_asks
		this.#displaced = state.displaced
	}
}

export type BookState = {
	random: Random['state']
	exhausted_bids: number
	exhausted_asks: number
	displaced: number
}

/** Four significant digits: nobody quotes more, and texts of quantities are found again in memory. */
function roundToDigits(steps: number): number {
	if (steps < 10_000) return steps
	const unit = 10 ** (Math.floor(Math.log10(steps)) - 3)
	return Math.round(steps / unit) * unit
}
