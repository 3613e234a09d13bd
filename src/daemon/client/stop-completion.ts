import {setTimeout as pause} from 'node:timers/promises'
import {keys} from '../../engine/contracts/keys.js'
import type {Policy} from '../../engine/contracts/policy.js'
import {classOf, governorEvents} from '../../engine/contracts/streams/trade.js'
import {whyNot} from '../../engine/exchange/order-request.js'
import {closingSide} from '../../engine/logic/closing.js'
import {exact} from '../../engine/logic/exact.js'
import {policyStop} from '../../engine/logic/planned-levels.js'
import {CLIENT_LIMITS as limits} from './client-limits.js'
import type {OperatorSender} from './operator-sender.js'
import {marksOf, protectedBy} from './positions.js'
import type {State} from './state.js'
import type {VenueDesk, VenuePosition} from './venue-desk.js'

export type StopsReport = Readonly<{
	/** Positions that are held now. */
	positions: number
	/** Stops that rest now and did not before. */
	placed: readonly Readonly<{symbol: string; trigger_price: string}>[]
	/** Positions without a stop, and what the venue said. */
	bare: readonly Readonly<{symbol: string; why: string}>[]
}>

export type StopsOptions = Readonly<{
	desk: VenueDesk
	sender: OperatorSender
	policy: Policy
	/** Where plans and former stops are known; undefined while Redis cannot be asked. */
	state: State | undefined
	/** A gateway lives, and protects a fresh fill by itself: it is waited for. */
	gateway_lives: boolean
	symbol?: string | undefined
}>

const VERDICTS_READ = 500

/** Positions without a stop; what the policy leaves to others needs none of ours, where that is known. */
const bareOf = async ({desk, symbol, state}: StopsOptions): Promise<{all: number; bare: readonly VenuePosition[]}> => {
	const [positions, orders] = await Promise.all([desk.positions(), desk.openOrders()])
	const asked = positions.filter(position => symbol === undefined || position.symbol === symbol)
	const bare = asked.filter(position => protectedBy(position, orders).stop === null)
	const marks = state ? await marksOf(state, bare).catch(() => []) : []
	return {all: asked.length, bare: bare.filter((_, index) => marks[index] !== 'ignored')}
}

/** Stops that somebody meant for the position, the newest first: the one that rested last, then its plan's. */
const plannedStops = async (state: State | undefined, {symbol, amount}: VenuePosition): Promise<readonly string[]> => {
	if (!state) return []
	const {bus, naming} = state
	const [rested, verdicts] = await Promise.all([
		bus.hashGet(naming.key(keys.positionSnapshot, {symbol}), 'stop_price'),
		bus.range(naming.stream(governorEvents.name), {count: VERDICTS_READ, newest_first: true}),
	])
	const opener = verdicts
		.filter(({fields}) => fields.symbol === symbol && fields.verdict === 'ALLOW')
		.map(({fields}) => governorEvents.payload.safeParse(fields).data?.plan)
		.find(plan => plan !== undefined && classOf(plan.action) === 'ENTRY' && plan.side !== closingSide(amount))
	return [rested, opener?.stop_price].filter(price => price !== undefined)
}

/** A stop must lie where the position loses: elsewhere it would trigger at once. */
const protects = ({amount, mark_price}: VenuePosition, price: string): boolean =>
	exact(amount).isPositive() ? exact(price).lt(mark_price) : exact(price).gt(mark_price)

const place = async (options: StopsOptions, position: VenuePosition): Promise<readonly [string, string, string]> => {
	const {sender, policy, state} = options
	const {symbol, amount, entry_price} = position
	const planned = await plannedStops(state, position).catch(() => [])
	const price = planned.find(each => protects(position, each)) ?? policyStop(entry_price, amount, policy)
	const outcome = await sender.stop(symbol, amount, price)
	if (outcome.status === 'ACCEPTED') return [symbol, outcome.trigger_price ?? price, '']
	return [symbol, price, whyNot(outcome)]
}

/**
 * Gives every position a stop that has none: as its plan says where that is known, else by policy. What rests afterwards
 * is read again. A gateway that lives is given time to do so itself.
 * @throws what the venue answers when it cannot be read
 */
export const completeStops = async (options: StopsOptions): Promise<StopsReport> => {
	let found = await bareOf(options)
	const deadline = performance.now() + (options.gateway_lives ? limits.own_stop_ms : 0)
	while (found.bare.length > 0 && performance.now() < deadline) {
		await pause(limits.sweep_ms)
		found = await bareOf(options)
	}
	if (found.bare.length === 0) return {positions: found.all, placed: [], bare: []}
	const tried = await Promise.all(found.bare.map(position => place(options, position)))
	const after = await bareOf(options)
	const still = new Set(after.bare.map(({symbol}) => symbol))
	const why = new Map(tried.map(([symbol, , said]) => [symbol, said]))
	return {
		positions: after.all,
		placed: tried
			.filter(([symbol, , said]) => said === '' && !still.has(symbol))
			.map(([symbol, trigger_price]) => ({symbol, trigger_price})),
		bare: [...still].map(symbol => ({symbol, why: why.get(symbol) ?? 'opened meanwhile'})),
	}
}
