import {Random, type RandomState} from './random.js'

/**
 * One source of movement: the market, the sector of other coins, or what is a symbol's own. All have the same make:
 * a Markov chain of regimes, volatility from three Ornstein-Uhlenbeck processes in its logarithm (hours, an hour,
 * minutes: their sum decays slowly like the recorded autocorrelation of |r|), and rare jumps with a Pareto tail.
 * The unit of movement is the factor's long-run standard deviation of one minute; the unit of time is a minute.
 */

type Regime = Readonly<{
	/** Mean sojourn. */
	minutes: number
	drift: number
	volatility: number
	/** Pull back to where the regime began, per minute. */
	reversion: number
	/** Where it goes next: cumulative chances over the other regimes, in the order of REGIMES. */
	next: readonly [number, number, number, number]
}>

/** Trend up, trend down, range, high volatility. */
export const REGIMES = ['up', 'down', 'range', 'wild'] as const

const REGIME_LAWS: readonly Regime[] = [
	{minutes: 300, drift: 0.039, volatility: 0.92, reversion: 0, next: [0, 0.2, 0.85, 1]},
	{minutes: 240, drift: -0.043, volatility: 1.05, reversion: 0, next: [0.2, 0.2, 0.75, 1]},
	{minutes: 360, drift: 0, volatility: 0.8, reversion: 0.0115, next: [0.42, 0.84, 0.84, 1]},
	{minutes: 120, drift: 0, volatility: 1.55, reversion: 0.006, next: [0.3, 0.6, 1, 1]},
]

type Clustering = Readonly<{sd: number; minutes: number}>
const SLOW: Clustering = {sd: 0.31, minutes: 900}
const MIDDLE: Clustering = {sd: 0.29, minutes: 80}
const FAST: Clustering = {sd: 0.3, minutes: 3}

/** Keeps the mean square of the volatility at 1, the regimes' share (measured over ten years of minutes) included. */
const LEVEL = Math.exp(SLOW.sd ** 2 + MIDDLE.sd ** 2 + FAST.sd ** 2) * 0.985
/** Volatility never leaves this range, whatever chance says. */
const VOLATILITY_MIN = 0.15
const VOLATILITY_MAX = 8

const JUMPS_PER_MINUTE = 1.7 / 1440
const JUMP_MIN = 4
const JUMP_MAX = 22
/** Pareto index of the jump's size; recorded tails of returns have about 3. */
const JUMP_TAIL = 3
/** What a jump adds to the fast part of log volatility. */
const AFTERSHOCK = 0.7

/** All of a step that depends on its length alone. */
export type StepLaw = Readonly<{
	rootTime: number
	jumpChance: number
	keep: readonly [number, number, number]
	kick: readonly [number, number, number]
	leave: readonly number[]
	drift: readonly number[]
	pull: readonly number[]
}>

export function stepLaw(step_ms: number): StepLaw {
	const minutes = step_ms / 60_000
	const parts = [SLOW, MIDDLE, FAST] as const
	const keep = (part: Clustering): number => Math.exp(-minutes / part.minutes)
	const kick = (part: Clustering): number => part.sd * Math.sqrt(1 - Math.exp((-2 * minutes) / part.minutes))
	return {
		rootTime: Math.sqrt(minutes),
		jumpChance: 1 - Math.exp(-JUMPS_PER_MINUTE * minutes),
		keep: [keep(parts[0]), keep(parts[1]), keep(parts[2])],
		kick: [kick(parts[0]), kick(parts[1]), kick(parts[2])],
		leave: REGIME_LAWS.map(law => 1 - Math.exp(-minutes / law.minutes)),
		drift: REGIME_LAWS.map(law => law.drift * minutes),
		pull: REGIME_LAWS.map(law => 1 - Math.exp(-minutes * law.reversion)),
	}
}

export type FactorState = {
	random: RandomState
	regime: number
	position: number
	slow: number
	middle: number
	fast: number
	volatility: number
}

export class Factor {
	readonly #random: Random
	#regime = 2
	/** Distance moved since the regime began. */
	#position = 0
	#slow = 0
	#middle = 0
	#fast = 0
	#volatility = 1

	constructor(seed: number, name: string) {
		this.#random = new Random(seed, `factor/${name}`)
		this.#regime = Math.floor(this.#random.uniform() * REGIMES.length)
		this.#slow = SLOW.sd * this.#random.normal()
		this.#middle = MIDDLE.sd * this.#random.normal()
	}

	/** Volatility of the last step against its long-run level. */
	get volatility(): number {
		return this.#volatility
	}

	get regime(): (typeof REGIMES)[number] {
		return REGIMES[this.#regime] ?? 'range'
	}

	/** Moves on by one step; `outside` scales the volatility (what comes from the market as a whole). */
	step(law: StepLaw, outside: number): number {
		const random = this.#random
		this.#slow = this.#slow * law.keep[0] + law.kick[0] * random.normal()
		this.#middle = this.#middle * law.keep[1] + law.kick[1] * random.normal()
		this.#fast = this.#fast * law.keep[2] + law.kick[2] * random.normal()
		if (random.uniform() < (law.leave[this.#regime] ?? 0)) this.#enterNext()
		const regime = REGIME_LAWS[this.#regime]
		const raw = (Math.exp(this.#slow + this.#middle + this.#fast) / LEVEL) * (regime?.volatility ?? 1) * outside
		this.#volatility = Math.min(VOLATILITY_MAX, Math.max(VOLATILITY_MIN, raw))
		let move = this.#volatility * law.rootTime * random.normal()
		move += (law.drift[this.#regime] ?? 0) - (law.pull[this.#regime] ?? 0) * this.#position
		if (random.uniform() < law.jumpChance) move += this.#jump()
		this.#position += move
		return move
	}

	#enterNext(): void {
		const chances = REGIME_LAWS[this.#regime]?.next ?? []
		const draw = this.#random.uniform()
		this.#regime = Math.max(
			0,
			chances.findIndex(chance => draw < chance),
		)
		this.#position = 0
	}

	#jump(): number {
		this.#fast += AFTERSHOCK
		const size = Math.min(JUMP_MAX, JUMP_MIN * (1 - this.#random.uniform()) ** (-1 / JUMP_TAIL))
		return this.#random.uniform() < 0.5 ? size : -size
	}

	get state(): FactorState {
		return {
			random: this.#random.state,
			regime: this.#regime,
			position: this.#position,
			slow: this.#slow,
			middle: this.#middle,
			fast: this.#fast,
			volatility: this.#volatility,
		}
	}

	set state(state: FactorState) {
		this.#random.state = state.random
		this.#regime = state.regime
		this.#position = state.position
		this.#slow = state.slow
		this.#middle = state.middle
		this.#fast = state.fast
		this.#volatility = state.volatility
	}
}
