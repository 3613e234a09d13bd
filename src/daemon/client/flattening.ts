import {setTimeout as pause} from 'node:timers/promises'
import {messageOf} from '../../engine/errors.js'
import {type StepOutcome, whyNot} from '../../engine/exchange/order-request.js'
import {flatnessOf, type Held} from '../../engine/logic/flatness.js'
import {CLIENT_LIMITS as limits} from './client-limits.js'
import type {OperatorSender} from './operator-sender.js'
import {inTime} from './state.js'
import {isEntryOrder, type VenueDesk} from './venue-desk.js'

export type FlattenReport = Readonly<{
	/** FLAT only by rows of the venue that say so, more than once in a row. */
	state: 'FLAT' | 'NOT FLAT' | 'UNKNOWN'
	detail: string
	/** What was found open, by symbol, as it was seen first. */
	found: readonly Held[]
	/** What is still open, with what the venue said to the last order for it. */
	left: readonly (Held & Readonly<{why: string}>)[]
	/** Less than the venue takes an order for; part of `left`. */
	dust: readonly Held[]
	/** Protective orders of symbols that are flat, which were removed. */
	stops_removed: number
	requests: number
	looks: number
	/** Until the last closing order was answered, ms; undefined where none was needed. */
	last_request_ms: number | undefined
	ms: number
}>

export type FlattenOptions = Readonly<{
	desk: VenueDesk
	sender: OperatorSender
	/** Left out, every symbol. */
	symbol?: string | undefined
	/** A moment of `performance.now()` before which orders of ours may still reach the venue. */
	late_until: number
	within_ms?: number
}>

const DUST = new Set(['BELOW_MIN_QUANTITY', 'BELOW_MIN_NOTIONAL'])

const saidOf = (outcome: StepOutcome): string =>
	outcome.status === 'ACCEPTED' ? `filled ${outcome.filled_quantity ?? '?'}` : whyNot(outcome)

/** What is open, closed order by order; the venue's rows alone say how it stands. */
class Sweep {
	readonly found = new Map<string, Held>()
	readonly dust = new Map<string, Held>()
	open: readonly Held[] = []
	unknown = ''
	requests = 0
	looks = 0
	stops_removed = 0
	last_request_ms: number | undefined
	readonly begun = performance.now()
	readonly #answers = new Map<string, string>()

	constructor(private readonly options: FlattenOptions) {}

	/** One look, and what follows from it. True: nothing is open and no entry order rests. */
	async turn(): Promise<boolean> {
		const {desk, symbol} = this.options
		this.looks += 1
		const rows = await desk.everyPosition().catch((error: unknown) => this.#failed(error))
		const flatness = flatnessOf(rows, symbol)
		if (flatness.state === 'UNKNOWN') {
			if (rows) this.unknown = flatness.why
			return false
		}
		this.unknown = ''
		this.open = flatness.state === 'NOT FLAT' ? flatness.open : []
		for (const held of this.open) if (!this.found.has(held.symbol)) this.found.set(held.symbol, held)
		if (flatness.state === 'FLAT') return this.#tidy()
		await Promise.all(this.open.map(held => this.#close(held)))
		return false
	}

	/** A venue that asks for silence holds the sender back: a look that outlasts the time there is, is none. */
	async turnWithin(left_ms: number): Promise<boolean> {
		const tooLate = () => new Error(`no answer within ${Math.round(left_ms)} ms`)
		try {
			return await inTime(this.turn(), left_ms, tooLate)
		} catch (error) {
			this.#failed(error)
			return false
		}
	}

	/** Nothing that could still be closed is open. */
	get onlyDust(): boolean {
		return this.open.length > 0 && this.open.every(({symbol}) => this.dust.has(symbol))
	}

	left(): FlattenReport['left'] {
		return this.open.map(held => ({...held, why: this.#answers.get(held.symbol) ?? ''}))
	}

	async #close(held: Held): Promise<void> {
		if (this.dust.get(held.symbol)?.amount === held.amount) return
		const outcome = await this.options.sender.close(held.symbol, held.amount)
		this.#answers.set(held.symbol, saidOf(outcome))
		if (outcome.status === 'REFUSED' && DUST.has(outcome.code)) this.dust.set(held.symbol, held)
		else {
			this.dust.delete(held.symbol)
			this.requests += 1
			this.last_request_ms = Math.round(performance.now() - this.begun)
		}
	}

	/** What is left over of what is flat goes; an entry order that came late as well. */
	async #tidy(): Promise<boolean> {
		const {desk, symbol} = this.options
		try {
			const resting = await desk.openOrders()
			const ours = resting.filter(order => symbol === undefined || order.symbol === symbol)
			await Promise.all(ours.map(order => desk.cancel(order)))
			this.stops_removed += ours.filter(order => !isEntryOrder(order)).length
			return ours.length === 0
		} catch (error) {
			this.#failed(error)
			return false
		}
	}

	#failed(error: unknown): undefined {
		this.unknown = messageOf(error)
	}
}

const detailOf = (state: FlattenReport['state'], sweep: Sweep): string => {
	const closed = `${sweep.found.size} positions found, ${sweep.requests} closing orders, ${sweep.stops_removed} resting orders removed`
	if (state === 'FLAT') return `${closed}; the venue lists every symbol as flat`
	if (state === 'UNKNOWN') return `${closed}; the venue does not say how it stands: ${sweep.unknown}`
	const left = sweep.left().map(({symbol, amount, why}) => `${amount} ${symbol} (${why})`)
	return `${closed}; still open: ${left.join(', ') || 'orders that rest'}`
}

/**
 * Closes positions reduce-only, straight at the venue, and looks until it confirms; an order is never more than the venue
 * takes at once, so a large position takes several looks. Never throws for what it meets: the report says it.
 */
export const flatten = async (options: FlattenOptions): Promise<FlattenReport> => {
	const {late_until, within_ms = limits.flatten_ms} = options
	const sweep = new Sweep(options)
	const deadline = sweep.begun + within_ms
	let flat_looks = 0
	for (;;) {
		flat_looks = (await sweep.turnWithin(deadline + limits.order_known_ms - performance.now())) ? flat_looks + 1 : 0
		const now = performance.now()
		if (flat_looks >= limits.flat_looks && now >= late_until) break
		if (now >= deadline || (sweep.onlyDust && now >= late_until)) break
		await pause(limits.sweep_ms)
	}
	const settled = flat_looks >= limits.flat_looks
	const state = settled ? 'FLAT' : sweep.unknown === '' ? 'NOT FLAT' : 'UNKNOWN'
	return {
		state,
		detail: detailOf(state, sweep),
		found: [...sweep.found.values()],
		left: sweep.left(),
		dust: [...sweep.dust.values()].filter(({symbol}) => sweep.open.some(held => held.symbol === symbol)),
		stops_removed: sweep.stops_removed,
		requests: sweep.requests,
		looks: sweep.looks,
		last_request_ms: sweep.last_request_ms,
		ms: Math.round(performance.now() - sweep.begun),
	}
}
