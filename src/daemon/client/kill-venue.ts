import {setTimeout as pause} from 'node:timers/promises'
import {VenueSilence} from '../../engine/adapters/exchange/silence.js'
import type {Policy} from '../../engine/contracts/policy.js'
import {OperatorError} from '../../engine/errors.js'
import {CLIENT_LIMITS as limits} from './client-limits.js'
import type {FlattenReport} from './flattening.js'
import {type Done, type KillStep, timed, type VenueAccess} from './kill-steps.js'
import {inTime, type State} from './state.js'
import type {StopsReport} from './stop-completion.js'
import {isEntryOrder, type RestingOrder} from './venue-desk.js'

export type VenueWork = Readonly<{
	steps: readonly KillStep[]
	cancelled: readonly Pick<RestingOrder, 'symbol' | 'client_order_id'>[]
	/** Entry orders that still rest, as the venue was read last. */
	entries_left: readonly RestingOrder[]
	/** Stops that were missing; undefined where the venue could not be asked. */
	stops: StopsReport | undefined
	/** Undefined where it was not asked for. */
	flat: FlattenReport | undefined
}>

export type VenueAsked = Readonly<{
	openVenue: () => Promise<VenueAccess>
	policy: () => Promise<Policy>
	state: State | undefined
	/** Nothing that left before can still reach the venue. */
	certain: boolean
	gateway_lives: boolean
	flatten: boolean
	flatten_ms?: number
	/** Left out, every symbol. */
	symbol?: string | undefined
}>

type Desk = Extract<VenueAccess, {kind: 'desk'}>

const tooLate = (within_ms: number) => () => new Error(`the venue took longer than ${within_ms} ms`)

/**
 * Repeats until it is done: a venue that is slow, limits or fails may answer the next time. One that asks for silence gets
 * it, and one that asks for more than there is time for is given up at once.
 */
const insist = async <Result>(act: () => Promise<Result>, within_ms: number): Promise<Result> => {
	const deadline = performance.now() + within_ms
	for (;;) {
		const left_ms = deadline - performance.now()
		try {
			return await inTime(act(), left_ms, tooLate(within_ms))
		} catch (error) {
			const pause_ms = error instanceof VenueSilence ? error.for_ms + limits.sweep_ms : limits.sweep_ms
			if (error instanceof OperatorError || performance.now() + pause_ms >= deadline) throw error
			await pause(pause_ms)
		}
	}
}

class Settling {
	#cancelled = new Map<string, VenueWork['cancelled'][number]>()
	#left: readonly RestingOrder[] = []
	#stops: StopsReport | undefined
	#flat: FlattenReport | undefined
	readonly #late_until: number

	constructor(private readonly asked: VenueAsked) {
		this.#late_until = performance.now() + (asked.certain ? 0 : limits.late_ms)
	}

	/** Entry orders go, also those that come late; what rests then is read again. */
	async cancel({desk}: Desk): Promise<Done> {
		const {symbol} = this.asked
		const sweep = async () => {
			for (const order of await desk.cancelEntryOrders(symbol)) this.#cancelled.set(order.client_order_id, order)
			const orders = (await desk.openOrders()).filter(order => symbol === undefined || order.symbol === symbol)
			this.#left = orders.filter(isEntryOrder)
			return orders.length - this.#left.length
		}
		let protective = await insist(sweep, limits.venue_ms)
		while (performance.now() < this.#late_until) {
			await pause(limits.sweep_ms * 4)
			protective = await insist(sweep, limits.venue_ms)
		}
		const counts = `${this.#cancelled.size} entry orders cancelled, ${this.#left.length} left`
		return {ok: this.#left.length === 0, detail: `${counts}, ${protective} protective orders stay`}
	}

	/** Every position that is left has a stop. */
	async protect({desk, sender}: Desk): Promise<Done> {
		const {symbol, state, gateway_lives, policy} = this.asked
		const {completeStops} = await import('./stop-completion.js')
		const options = {desk, sender, state, gateway_lives, symbol, policy: await policy()}
		const {positions, placed, bare} = await insist(
			() => completeStops(options),
			limits.venue_ms + limits.order_known_ms,
		)
		this.#stops = {positions, placed, bare}
		const new_ones = placed.map(stop => `${stop.symbol} at ${stop.trigger_price}`).join(', ')
		const without = bare.map(({symbol: of, why}) => `${of} (${why})`).join(', ')
		const detail = `${positions} positions, ${placed.length === 0 ? 'no stop was missing' : `stops placed: ${new_ones}`}`
		return {ok: bare.length === 0, detail: bare.length === 0 ? detail : `${detail}; NO STOP RESTS FOR ${without}`}
	}

	async flatten({desk, sender}: Desk): Promise<Done> {
		const {flatten} = await import('./flattening.js')
		const {symbol, flatten_ms: within_ms} = this.asked
		const late_until = this.#late_until
		this.#flat = await flatten({desk, sender, symbol, late_until, ...(within_ms !== undefined && {within_ms})})
		return {ok: this.#flat.state === 'FLAT', detail: `${this.#flat.state}: ${this.#flat.detail}`}
	}

	work(steps: readonly KillStep[]): VenueWork {
		const cancelled = [...this.#cancelled.values()]
		return {steps, cancelled, entries_left: this.#left, stops: this.#stops, flat: this.#flat}
	}
}

/**
 * What a kill does at the venue: cancels entry orders, then gives bare positions their stop, or closes them; each read
 * again until it is confirmed. Works with neither the daemon nor Redis. Never throws for what it meets.
 */
export const settleVenue = async (asked: VenueAsked): Promise<VenueWork> => {
	const settling = new Settling(asked)
	let access: VenueAccess | undefined
	try {
		const venue = await timed('venue', async () => {
			access = await insist(asked.openVenue, limits.venue_ms)
			return access.kind === 'desk' ? settling.cancel(access) : {ok: true, detail: access.detail}
		})
		if (access?.kind !== 'desk') {
			const unasked = {name: 'flatten', ok: false, detail: 'UNKNOWN: the venue cannot be asked', ms: 0} as const
			return settling.work(asked.flatten ? [venue, unasked] : [venue])
		}
		const desk = access
		if (!asked.flatten) return settling.work([venue, await timed('stops', () => settling.protect(desk))])
		const flat = await timed('flatten', () => settling.flatten(desk))
		if (flat.ok) return settling.work([venue, flat])
		return settling.work([venue, flat, await timed('stops', () => settling.protect(desk))])
	} finally {
		if (access?.kind === 'desk') await Promise.allSettled([access.desk.close(), access.sender.end()])
	}
}
