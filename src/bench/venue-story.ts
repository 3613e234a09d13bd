import {Decimal} from 'decimal.js'

/** A line of the venue's log, as far as the story needs it. */
export type VenueLine = Readonly<{
	kind: string
	machine_ms: number
	venue_ms: number
	method?: string
	path?: string
	http?: number
	event?: string
	status?: string
	params?: Readonly<Record<string, string>>
	client_algo_id?: string
	fills?: readonly Fill[]
	trade?: Fill
	/** What else a request caused, in order. */
	events?: readonly Pick<VenueLine, 'event' | 'status' | 'client_algo_id'>[]
}>
type Fill = Readonly<{symbol: string; side: 'BUY' | 'SELL'; price: string; quantity: string}>

type Ending = Pick<VenueLine, 'status' | 'client_algo_id' | 'machine_ms'>
type Spell = Readonly<{symbol: string; from_ms: number; ms: number}>

/** What happened at the venue, by its own log alone. */
export type VenueStory = Readonly<{
	fills: number
	/** Most positions open at one time, and the most that was open, at the prices paid for it. */
	positions_max: number
	notional_max_usdt: number
	/** Spells during which a position had no stop at rest, machine time. */
	bare: readonly Spell[]
	/** Positions that are open, and stops that rest, at the end. */
	open: number
	resting: number
}>

type Held = {amount: Decimal; cost: Decimal; bare_since?: number}

/** Positions, and the stops that rest for them, as the lines of the log make them. */
class Story {
	readonly #held = new Map<string, Held>()
	/** Symbols of resting stops, by client id. */
	readonly #stops = new Map<string, string>()
	readonly bare: Spell[] = []
	fills = 0
	positions_max = 0
	notional_max = new Decimal(0)

	take(line: VenueLine): void {
		const {machine_ms} = line
		for (const fill of line.trade ? [line.trade] : (line.fills ?? [])) this.#fill(fill, machine_ms)
		if (line.method === 'POST' && line.path === '/fapi/v1/algoOrder' && line.http === 200) this.#rests(line)
		for (const event of [line, ...(line.events ?? [])])
			if (event.event === 'algo' && event.status !== 'NEW') this.#ends({...event, machine_ms})
	}

	open(): number {
		return this.#held.size
	}

	resting(): number {
		return this.#stops.size
	}

	#rests({params = {}, machine_ms}: VenueLine): void {
		if (params.type !== 'STOP_MARKET') return
		const symbol = params.symbol ?? ''
		this.#stops.set(params.clientAlgoId ?? '', symbol)
		const held = this.#held.get(symbol)
		if (held?.bare_since === undefined) return
		this.bare.push({symbol, from_ms: held.bare_since, ms: machine_ms - held.bare_since})
		delete held.bare_since
	}

	/** A stop that triggers is closing its position; one that is cancelled protects nothing any more. */
	#ends({client_algo_id = '', status = '', machine_ms}: Ending): void {
		const symbol = this.#stops.get(client_algo_id)
		if (symbol === undefined) return
		this.#stops.delete(client_algo_id)
		const held = this.#held.get(symbol)
		const guarded = [...this.#stops.values()].includes(symbol)
		if (held && !guarded && ['CANCELED', 'EXPIRED', 'REJECTED'].includes(status)) held.bare_since ??= machine_ms
	}

	#fill({symbol, side, price, quantity}: Fill, machine_ms: number): void {
		this.fills += 1
		const before = this.#held.get(symbol) ?? {amount: new Decimal(0), cost: new Decimal(0)}
		const signed = new Decimal(quantity).times(side === 'BUY' ? 1 : -1)
		const amount = before.amount.plus(signed)
		if (amount.isZero()) {
			if (before.bare_since !== undefined)
				this.bare.push({symbol, from_ms: before.bare_since, ms: machine_ms - before.bare_since})
			this.#held.delete(symbol)
			return
		}
		const grows = amount.abs().gt(before.amount.abs())
		const cost = grows
			? before.cost.plus(signed.abs().times(price))
			: before.cost.times(amount.abs().dividedBy(before.amount.abs()))
		const guarded = [...this.#stops.values()].includes(symbol)
		const bare_since = before.bare_since ?? (guarded ? undefined : machine_ms)
		this.#held.set(symbol, {amount, cost, ...(bare_since !== undefined && {bare_since})})
		this.positions_max = Math.max(this.positions_max, this.#held.size)
		const total = [...this.#held.values()].reduce((sum, held) => sum.plus(held.cost), new Decimal(0))
		this.notional_max = Decimal.max(this.notional_max, total)
	}
}

/** Follows the venue's log from its beginning. */
export const venueStory = (lines: Iterable<VenueLine>): VenueStory => {
	const story = new Story()
	for (const line of lines) story.take(line)
	return {
		fills: story.fills,
		positions_max: story.positions_max,
		notional_max_usdt: story.notional_max.toDecimalPlaces(2).toNumber(),
		bare: story.bare,
		open: story.open(),
		resting: story.resting(),
	}
}
