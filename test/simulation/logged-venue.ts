import type {SendRequest, Step, StepOutcome} from '../../src/engine/exchange/order-request.js'
import {exact} from '../../src/engine/logic/exact.js'
import {SmallVenue} from '../engine/units/small-venue.js'

/** A market order as the venue carried it out. */
export type Carried = Readonly<{
	plan_id: string
	class: SendRequest['class']
	symbol: string
	client_order_id: string
	side: 'BUY' | 'SELL'
	/** What was asked for, in base units; empty where only a notional or the whole position was. */
	asked: string
	before: string
	after: string
	/** Stops and targets that have triggered in the symbol until then. */
	triggers: number
}>
type Event = Readonly<Record<string, unknown>>

/** In how many parts its order fills, and after how many of its steps the sender dies. */
export type How = Readonly<{parts: number; cut?: number | undefined}>

const UNSENT = {status: 'NOT_SENT', reason: 'EARLIER_STEP_FAILED'} as const
const NEVER_PLACED = {status: 'REFUSED', code: 'NEVER_PLACED', message: 'the venue does not know it'} as const
/** What a recovered request without its order comes to, step by step. */
const LOST: Partial<Record<Step['do'], StepOutcome>> = {
	leverage: {status: 'ACCEPTED', order_id: '', client_order_id: ''},
	market: NEVER_PLACED,
}

/** Several symbols of the small venue, with a log of their own: what the venue did is judged by nothing else. */
export class LoggedVenue {
	readonly log: Carried[] = []
	readonly #venues: ReadonlyMap<string, SmallVenue>
	readonly #done = new Map<string, StepOutcome[]>()
	readonly #triggers = new Map<string, number>()

	constructor(
		symbols: readonly string[],
		readonly price: string,
		/** Sends again what a process before has sent: a defect to be found. */
		private readonly resends = false,
	) {
		this.#venues = new Map(symbols.map(symbol => [symbol, new SmallVenue(price)]))
	}

	position(symbol: string): string {
		return this.#of(symbol).position
	}

	/** Resting stops that would close what is open. */
	guarding(symbol: string): number {
		const closing = exact(this.position(symbol)).isPositive() ? 'SELL' : 'BUY'
		return this.#of(symbol).stops.filter(({kind, side}) => kind === 'stop' && side === closing).length
	}

	events(): Event[] {
		return [...this.#venues].flatMap(([symbol, venue]) => venue.events().map(event => ({...event, symbol})))
	}

	/**
	 * What becomes of a request. One that a process before had recorded goes on with the first step that the venue has
	 * not seen, but a market order is never sent again. Undefined when the process died after so many steps.
	 */
	perform(request: SendRequest, recovered: boolean, how: How): StepOutcome[] | undefined {
		const {plan_id, symbol, steps} = request
		const done = (recovered && !this.resends ? this.#done.get(plan_id) : undefined) ?? []
		const until = Math.min(how.cut ?? steps.length, steps.length)
		const lost = recovered && !this.resends && steps.slice(done.length).some(step => step.do === 'market')
		const before = this.position(symbol)
		const rest = steps.slice(done.length, until)
		const fresh = lost
			? steps.slice(done.length).map(({do: what}) => LOST[what] ?? UNSENT)
			: done.some(({status}) => status !== 'ACCEPTED')
				? rest.map(() => UNSENT)
				: this.#of(symbol).carryOut({...request, steps: rest}, how.parts)
		const outcomes = [...done, ...fresh]
		this.#done.set(plan_id, outcomes)
		this.#write({...request, steps: rest}, fresh, before)
		return outcomes.length < steps.length ? undefined : outcomes
	}

	trigger(symbol: string, kind: 'stop' | 'target', parts: number): void {
		this.#triggers.set(symbol, (this.#triggers.get(symbol) ?? 0) + 1)
		this.#of(symbol).trigger(kind, parts)
	}

	#write({plan_id, class: kind, symbol, steps}: SendRequest, outcomes: readonly StepOutcome[], before: string): void {
		steps.forEach((step, index) => {
			if (step.do !== 'market' || outcomes[index]?.status !== 'ACCEPTED') return
			const {client_order_id, side} = step
			const asked = step.quantity ?? ''
			const triggers = this.#triggers.get(symbol) ?? 0
			const after = this.position(symbol)
			this.log.push({plan_id, class: kind, symbol, client_order_id, side, asked, before, after, triggers})
		})
	}

	#of(symbol: string): SmallVenue {
		const venue = this.#venues.get(symbol)
		if (!venue) throw new Error(`The venue does not list ${symbol}`)
		return venue
	}
}
