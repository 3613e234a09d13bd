import type {Random} from './random.js'
import type {SyntheticSymbol} from './synthetic-symbols.js'

/** Volume grows with volatility to this power, and with the size of the move that it comes with. */
const VOLUME_POWER = 1.1
const MOVE_SHARE = 0.55
/** Keeps the average minute at its notional, whatever the two above do (measured). */
const VOLUME_LEVEL = 0.74
const NOISE_SD = 0.45
/** Prints of one tick at most. */
const PRINTS_MAX = 4
/** A buyer is behind a print with this chance more or less, when the price has clearly moved. */
const LEAN = 0.35

export type Print = Readonly<{quantity_steps: number; buyer_is_maker: boolean}>

/** How much is traded in one step, in quote currency. */
export function tradedNotional(
	symbol: SyntheticSymbol,
	random: Random,
	step: Readonly<{minutes: number; volatility: number; move: number}>,
): number {
	const surprise = Math.abs(step.move) / Math.sqrt(step.minutes)
	const noise = Math.exp(NOISE_SD * random.normal())
	const activity = VOLUME_LEVEL * (step.volatility ** VOLUME_POWER + MOVE_SHARE * Math.min(12, surprise)) * noise
	return symbol.minute_notional_usdt * step.minutes * activity
}

/** How many prints a step has. */
export function printCount(symbol: SyntheticSymbol, random: Random, minutes: number, volatility: number): number {
	const expected = Math.min(PRINTS_MAX - 1, symbol.trades_per_second * minutes * 60 * volatility ** 0.5)
	const limit = Math.exp(-expected)
	let product = random.uniform()
	let count = 0
	while (product > limit && count < PRINTS_MAX) {
		product *= random.uniform()
		count++
	}
	return count
}

/** Deals a step's volume out to its prints; each has at least one step of quantity. */
export function dealPrints(random: Random, count: number, quantitySteps: number, move: number): Print[] {
	const buyer = 0.5 + LEAN * Math.max(-1, Math.min(1, move * 2))
	const prints: Print[] = []
	let left = quantitySteps
	for (let at = 0; at < count; at++) {
		const share = at === count - 1 ? 1 : random.uniform()
		const steps = Math.max(1, Math.round(left * share))
		left = Math.max(0, left - steps)
		prints.push({quantity_steps: steps, buyer_is_maker: random.uniform() >= buyer})
	}
	return prints
}
