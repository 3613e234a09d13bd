import {Factor, type FactorState, type StepLaw} from './synthetic-factor.js'
import type {SyntheticSymbol} from './synthetic-symbols.js'

/** The share of the market's volatility (as a power) that the other sources feel. */
const CONTAGION = 0.6
/** A price never falls below this many ticks nor rises above this multiple of where it began. */
const PRICE_MIN_TICKS = 200
const PRICE_MAX_MULTIPLE = 1000
/** A move first goes this much too far and comes back within minutes: recorded variance ratios over 15 minutes are below 1. */
const OVERSHOOT = 0.04
const OVERSHOOT_MINUTES = 4
/** Distance of the premium of the perpetual over its index, and how it moves. */
const PREMIUM_MEAN = -0.00052
const PREMIUM_SD = 0.00017
const PREMIUM_MINUTES = 120
const PREMIUM_TREND = 0.0001

/** What all symbols share: the market and the sector of coins other than BTC. */
export class CommonFactors {
	readonly #market: Factor
	readonly #sector: Factor
	market_move = 0
	sector_move = 0
	contagion = 1

	constructor(seed: number) {
		this.#market = new Factor(seed, 'market')
		this.#sector = new Factor(seed, 'sector')
	}

	get volatility(): number {
		return this.#market.volatility
	}

	/** Which way the market as a whole trends: 1, -1 or 0. */
	get trend(): number {
		const regime = this.#market.regime
		return regime === 'up' ? 1 : regime === 'down' ? -1 : 0
	}

	step(law: StepLaw): void {
		this.market_move = this.#market.step(law, 1)
		this.contagion = this.#market.volatility ** CONTAGION
		this.sector_move = this.#sector.step(law, this.contagion)
	}

	get state(): CommonState {
		const {market_move, sector_move, contagion} = this
		return {market: this.#market.state, sector: this.#sector.state, market_move, sector_move, contagion}
	}

	set state(state: CommonState) {
		this.#market.state = state.market
		this.#sector.state = state.sector
		this.market_move = state.market_move
		this.sector_move = state.sector_move
		this.contagion = state.contagion
	}
}

export type CommonState = {
	market: FactorState
	sector: FactorState
	market_move: number
	sector_move: number
	contagion: number
}

/** One symbol's fair price as the sum of what is common and what is its own. */
export class SyntheticPrice {
	readonly #symbol: SyntheticSymbol
	readonly #own: Factor
	readonly #tick: number
	readonly #floor: number
	readonly #ceiling: number
	#log_price: number
	/** The part of the last moves that will come back, in log price. */
	#overshoot = 0
	/** The last step's return, in units of a minute's long-run standard deviation. */
	#move = 0
	#volatility = 1
	#premium = PREMIUM_MEAN

	constructor(seed: number, symbol: SyntheticSymbol) {
		this.#symbol = symbol
		this.#own = new Factor(seed, symbol.spec.symbol)
		this.#tick = Number(symbol.spec.tick_size)
		this.#log_price = Math.log(symbol.price)
		this.#floor = Math.log(PRICE_MIN_TICKS * this.#tick)
		this.#ceiling = this.#log_price + Math.log(PRICE_MAX_MULTIPLE)
	}

	/** The fair price in ticks, not rounded. */
	get ticks(): number {
		return Math.exp(this.#log_price) / this.#tick
	}

	get move(): number {
		return this.#move
	}

	/** Present volatility against the long-run level. */
	get volatility(): number {
		return this.#volatility
	}

	/** Perpetual over index, as a share. */
	get premium(): number {
		return this.#premium
	}

	step(law: StepLaw, common: CommonFactors): void {
		const {market_weight, sector_weight, own_weight, return_sd_bps} = this.#symbol
		const own = this.#own.step(law, common.contagion)
		this.#move = market_weight * common.market_move + sector_weight * common.sector_move + own_weight * own
		this.#volatility = Math.sqrt(
			market_weight ** 2 * common.volatility ** 2 + (1 - market_weight ** 2) * this.#own.volatility ** 2,
		)
		const log_return = this.#move * return_sd_bps * 1e-4
		const before = this.#overshoot
		this.#overshoot = (before + OVERSHOOT * log_return) * Math.exp(-(law.rootTime ** 2) / OVERSHOOT_MINUTES)
		this.shift(log_return + this.#overshoot - before)
		this.#movePremium(law, common.trend)
	}

	/** Moves the price by a log return that chance did not make: the mark that somebody's order leaves. */
	shift(log_return: number): void {
		this.#log_price = Math.min(this.#ceiling, Math.max(this.#floor, this.#log_price + log_return))
	}

	/** The premium leans with the trend and with the last move, and forgets within hours. */
	#movePremium(law: StepLaw, trend: number): void {
		const minutes = law.rootTime ** 2
		const keep = Math.exp(-minutes / PREMIUM_MINUTES)
		const centre = PREMIUM_MEAN + PREMIUM_TREND * trend
		const kick = PREMIUM_SD * Math.sqrt(1 - keep ** 2)
		const noise = this.#move / Math.max(law.rootTime, Number.EPSILON)
		this.#premium = centre + (this.#premium - centre) * keep + kick * Math.max(-4, Math.min(4, noise))
	}

	get state(): PriceState {
		return {
			own: this.#own.state,
			log_price: this.#log_price,
			overshoot: this.#overshoot,
			move: this.#move,
			volatility: this.#volatility,
			premium: this.#premium,
		}
	}

	set state(state: PriceState) {
		this.#own.state = state.own
		this.#log_price = state.log_price
		this.#overshoot = state.overshoot
		this.#move = state.move
		this.#volatility = state.volatility
		this.#premium = state.premium
	}
}

export type PriceState = {
	own: FactorState
	log_price: number
	overshoot: number
	move: number
	volatility: number
	premium: number
}
