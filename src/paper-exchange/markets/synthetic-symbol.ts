import type {MarketEvent} from '../market.js'
import {FundingClock, type FundingState} from './funding-clock.js'
import {decimalText, Grid} from './grid.js'
import type {MinuteCandle} from './minute-candles.js'
import {Random, type RandomState} from './random.js'
import {type BookState, SyntheticBook, type Touch} from './synthetic-book.js'
import type {StepLaw} from './synthetic-factor.js'
import {type CommonFactors, type PriceState, SyntheticPrice} from './synthetic-price.js'
import {dealPrints, printCount, tradedNotional} from './synthetic-prints.js'
import type {SyntheticSymbol} from './synthetic-symbols.js'

/** Mark prices are published at most this often, as Binance's `@markPrice@1s`. */
const MARK_INTERVAL_MS = 1000
const RATE_DECIMALS = 8
/** Chance, in calm, that a print reaches past the best level. */
const SWEEP_CHANCE = 0.02
const SWEEP_LEVELS = 3
/** How much of the variance between two steps of the warm-up shows in wicks; at 1 every instant would have a print. */
const BRIDGE_SHARE = 0.5

/** One synthetic symbol: moves its price and tells it as events (live) or as parts of candles (warm-up). */
export class SyntheticSpeaker {
	readonly symbol: SyntheticSymbol
	readonly prices: Grid
	readonly quantities: Grid
	readonly #price: SyntheticPrice
	readonly #random: Random
	readonly #book: SyntheticBook
	readonly #funding: FundingClock
	/** Until which instant its price has moved. */
	#moved_ms: number
	#marked_ms = Number.NEGATIVE_INFINITY
	/** Volume of steps without a print; the next print brings it. */
	#unprinted_usdt = 0

	constructor(seed: number, symbol: SyntheticSymbol, levels: number, from_ms: number) {
		this.symbol = symbol
		this.prices = new Grid(symbol.spec.tick_size)
		this.quantities = new Grid(symbol.spec.step_size)
		this.#price = new SyntheticPrice(seed, symbol)
		this.#random = new Random(seed, `prints/${symbol.spec.symbol}`)
		const bookRandom = new Random(seed, `book/${symbol.spec.symbol}`)
		this.#book = new SyntheticBook(symbol, this.prices, this.quantities, bookRandom, levels)
		this.#funding = new FundingClock(symbol.spec.funding_interval_hours, from_ms)
		this.#moved_ms = from_ms
	}

	get next_funding_ms(): number {
		return this.#funding.next_ms
	}

	/** Moves without a word, adding the step to the minute that it belongs to; the first step opens the minute. */
	warmUp(law: StepLaw, common: CommonFactors, step_ms: number, candle: MinuteCandle, opens: boolean): void {
		this.#price.step(law, common)
		this.#moved_ms += step_ms
		this.#funding.observe(this.#price.premium, step_ms)
		if (this.#funding.next_ms <= this.#moved_ms) this.#funding.settle()
		const touch = this.#book.touch(this.#price.ticks, this.#price.volatility)
		const price = this.#random.uniform() < 0.5 ? touch.bid : touch.ask
		const steps = Math.round(this.#notional(step_ms) / (price * this.prices.size) / this.quantities.size)
		if (opens) Object.assign(candle, {open: price, high: price, low: price, volume: 0, quote: 0, trades: 0})
		const from = opens ? price : candle.close
		candle.high = Math.max(candle.high, this.#extreme(from, price, 1, law))
		candle.low = Math.min(candle.low, this.#extreme(from, price, -1, law))
		candle.close = price
		candle.volume += steps
		candle.quote += steps * this.quantities.size * price * this.prices.size
		candle.trades += Math.max(1, Math.round((this.symbol.trades_per_second * step_ms) / 1000))
	}

	/** Moves on to an instant and tells what happened: a book, prints against it, at times a mark. */
	speak(law: StepLaw, common: CommonFactors, time_ms: number, events: MarketEvent[]): void {
		const elapsed_ms = time_ms - this.#moved_ms
		this.#moved_ms = time_ms
		this.#price.step(law, common)
		this.#funding.observe(this.#price.premium, elapsed_ms)
		this.#book.recover(elapsed_ms)
		const volatility = this.#price.volatility
		const touch = this.#book.touch(this.#price.ticks, volatility)
		const symbol = this.symbol.spec.symbol
		const bids = this.#book.bids(touch, volatility)
		const asks = this.#book.asks(touch, volatility)
		events.push({kind: 'book', time_ms, symbol, bids, asks})
		this.#print({time_ms, symbol, bids, asks}, law.rootTime ** 2, touch, events)
		if (time_ms - this.#marked_ms >= MARK_INTERVAL_MS) events.push(this.#mark(time_ms, touch))
	}

	/** Funding settles: the rate that it settles at. */
	settle(): MarketEvent {
		const time_ms = this.#funding.next_ms
		const rate = decimalText(this.#funding.settle(), RATE_DECIMALS)
		return {kind: 'funding', time_ms, symbol: this.symbol.spec.symbol, rate}
	}

	/** Somebody took this from the book. */
	take(side: 'BUY' | 'SELL', quantity: number): void {
		this.#price.shift(this.#book.take(side, quantity, this.#price.ticks * this.prices.size))
	}

	/** The farthest price between two instants: that of a Brownian bridge, in ticks. */
	#extreme(from: number, to: number, direction: 1 | -1, law: StepLaw): number {
		const sd = this.#price.ticks * this.symbol.return_sd_bps * 1e-4 * this.#price.volatility * law.rootTime
		const width = Math.sqrt((to - from) ** 2 + 2 * BRIDGE_SHARE * sd ** 2 * this.#random.exponential())
		return Math.max(1, Math.round((from + to + direction * width) / 2))
	}

	#notional(step_ms: number): number {
		const {volatility, move} = this.#price
		return tradedNotional(this.symbol, this.#random, {minutes: step_ms / 60_000, volatility, move})
	}

	#print(
		book: Omit<Extract<MarketEvent, {kind: 'book'}>, 'kind'>,
		minutes: number,
		touch: Touch,
		events: MarketEvent[],
	): void {
		const volatility = this.#price.volatility
		this.#unprinted_usdt += this.#notional(minutes * 60_000)
		const count = printCount(this.symbol, this.#random, minutes, volatility)
		if (count === 0) return
		const steps = Math.round(this.#unprinted_usdt / (touch.bid * this.prices.size) / this.quantities.size)
		this.#unprinted_usdt = 0
		for (const print of dealPrints(this.#random, count, steps, this.#price.move)) {
			const side = print.buyer_is_maker ? book.bids : book.asks
			const sweeps = this.#random.uniform() < SWEEP_CHANCE * volatility
			const level = sweeps ? side[1 + Math.floor(this.#random.uniform() * SWEEP_LEVELS)] : side[0]
			const price = level?.[0] ?? this.prices.text(print.buyer_is_maker ? touch.bid : touch.ask)
			const quantity = this.quantities.text(print.quantity_steps)
			const {time_ms, symbol} = book
			events.push({kind: 'trade', time_ms, symbol, price, quantity, buyer_is_maker: print.buyer_is_maker})
		}
	}

	#mark(time_ms: number, touch: Touch): MarketEvent {
		this.#marked_ms = time_ms
		const index = (touch.bid + touch.ask) / 2 / (1 + this.#price.premium)
		return {
			kind: 'mark',
			time_ms,
			symbol: this.symbol.spec.symbol,
			mark: this.prices.text(Math.round(index * (1 + this.#funding.smoothed_premium))),
			index: this.prices.text(Math.round(index)),
			funding_rate: decimalText(this.#funding.rate, RATE_DECIMALS),
			next_funding_ms: this.#funding.next_ms,
		}
	}

	get state(): SpeakerState {
		return {
			price: this.#price.state,
			book: this.#book.state,
			random: this.#random.state,
			funding: this.#funding.state,
			moved_ms: this.#moved_ms,
			unprinted_usdt: this.#unprinted_usdt,
			marked_ms: Number.isFinite(this.#marked_ms) ? this.#marked_ms : null,
		}
	}

	set state(state: SpeakerState) {
		this.#price.state = state.price
		this.#book.state = state.book
		this.#random.state = state.random
		this.#funding.state = state.funding
		this.#moved_ms = state.moved_ms
		this.#unprinted_usdt = state.unprinted_usdt
		this.#marked_ms = state.marked_ms ?? Number.NEGATIVE_INFINITY
	}
}

export type SpeakerState = {
	price: PriceState
	book: BookState
	random: RandomState
	funding: FundingState
	moved_ms: number
	unprinted_usdt: number
	marked_ms: number | null
}
