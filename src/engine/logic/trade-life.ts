import type {PayloadOf} from '../contracts/stream.js'
import type {exchangeNormalized} from '../contracts/streams/account.js'
import {type Action, classOf, type tradeClosed, type tradeExecutionRes} from '../contracts/streams/trade.js'
import {idOf} from '../runtime/identity.js'
import {readClientId} from './client-id.js'
import {add, averagePrice, type Exact, exact, isZero, textOf} from './exact.js'
import {effectOfFill, type FillEffect, signedQuantity} from './fills.js'
import {isForeign} from './foreign.js'
import {type EarlyNews, type Leftover, noProtection, type Protection} from './protection-state.js'
import {noFees, splitFee, type TradeFees, withFee} from './trade-fees.js'

type Fill = Extract<PayloadOf<typeof exchangeNormalized>, {kind: 'fill'}>
export type KnownPlan = Readonly<{
	plan_id: string
	action: Action
	stop_price?: string | undefined
	target_price?: string | undefined
	reason: string
	/** Who asked for it; and for entries the leverage that the venue was given. */
	source?: string | undefined
	leverage?: number | undefined
	/** Of an entry that brings its stop, until its first fill. */
	early?: EarlyNews | undefined
}>

/** The open trade of one symbol, from its first fill to flat. */
export type TradeState = TradeFees &
	Readonly<{
		/** Signed position, from the fills. */
		amount: string
		plans: readonly KnownPlan[]
		/** Absent while flat. `quantity` and `price` are of what was opened in all (average). */
		opened?: Readonly<{ms: number; plan_id: string; price: string; quantity: string}>
		/** Opened by others, and not increased by a plan of ours since. */
		foreign?: true
		closed_quantity: string
		closed_value: string
		realised_pnl: string
		protection: Protection
		leftovers: readonly Leftover[]
		/** Venue time of the last correction: fills up to then are in it, also those that have not arrived. */
		corrected_ms?: number
		/** The order of the venue's own that closes some of it, once that was told. */
		forced_order_id?: string
	}>

const flatSums = {closed_quantity: '0', closed_value: '0', realised_pnl: '0', ...noFees}
export const newTrade = (): TradeState => ({
	amount: '0',
	plans: [],
	...flatSums,
	protection: noProtection,
	leftovers: [],
})
export const isFlat = ({amount}: Pick<TradeState, 'amount'>): boolean => isZero(amount)

type Times = Readonly<{now_ms: number; machine_ms: number; entry: Readonly<{ts: number}>}>
type Outcome = Readonly<{
	next: TradeState
	/** Absent when the position had been corrected by it before it arrived. */
	effect?: FillEffect
	fill: PayloadOf<typeof tradeExecutionRes>
	closed?: PayloadOf<typeof tradeClosed>
}>

/** Weighted average price after buying or selling more of the same side. */
const grown = (
	opened: NonNullable<TradeState['opened']>,
	{price, quantity}: Fill,
): NonNullable<TradeState['opened']> => {
	const total = exact(opened.quantity).plus(quantity)
	const value = exact(opened.price).times(opened.quantity).plus(exact(price).times(quantity))
	return {...opened, quantity: textOf(total), price: textOf(averagePrice(value.dividedBy(total)))}
}

/** One fill into the life of the trade: the result entry, and the closed trade when it ends one. */
export const onFill = (state: TradeState, event: Fill, {machine_ms, entry}: Times): Outcome => {
	const {kind: _, origin: __, ...native} = event
	const {plan_id} = readClientId(event.client_order_id)
	const author = authorOf(planOf(state, event))
	if (entry.ts <= (state.corrected_ms ?? -1)) return absorbed(state, event, {...native, plan_id, ...author})
	const before = exact(state.amount)
	const after = before.plus(signedQuantity(event))
	const effect = effectOfFill(before, after)
	const amount = textOf(after)
	const fill = {...native, plan_id, position_amount: amount, ...author}
	const begun = {ms: entry.ts, plan_id, price: event.price, quantity: textOf(after.abs())}
	const {fee, realised_pnl} = event
	const foreign = isForeign(event.client_order_id) && {foreign: true as const}
	const done = (next: TradeState): Outcome => ({fill, effect, next})

	if (effect === 'OPEN')
		return done({
			...asOurs(state),
			...flatSums,
			...foreign,
			amount,
			realised_pnl,
			...withFee(noFees, event, fee),
			opened: begun,
			protection: noProtection,
		})
	const spent = {...state, amount, realised_pnl: add(state.realised_pnl, realised_pnl)}
	if (effect === 'INCREASE') {
		const opened = state.opened && {opened: grown(state.opened, event)}
		return done({...(foreign ? spent : asOurs(spent)), ...withFee(state, event, fee), ...opened})
	}

	const closing = effect === 'FLIP' ? before.abs() : exact(event.quantity)
	const [share, rest] = splitFee(fee, textOf(closing), event.quantity)
	const reduced = {
		...spent,
		...withFee(state, event, share),
		closed_quantity: add(state.closed_quantity, textOf(closing)),
		closed_value: textOf(exact(state.closed_value).plus(closing.times(event.price))),
	}
	if (effect === 'REDUCE') return done(reduced)
	const closed = closedTrade(reduced, event, before, entry.ts)
	const {plans, corrected_ms = -1} = state
	const over: TradeState = {...newTrade(), plans, amount, leftovers: leftoversOf(state, machine_ms), corrected_ms}
	if (effect === 'CLOSE') return {...done(over), closed}
	return {...done({...over, ...foreign, opened: begun, ...withFee(noFees, event, rest)}), closed}
}

const asOurs = ({foreign: _, ...state}: TradeState): TradeState => state

/** The plan that an order carries out; none for the stop and target that an entry brings: they close what it opened. */
const planOf = ({plans}: TradeState, {client_order_id}: Fill): KnownPlan | undefined => {
	const {kind, plan_id} = readClientId(client_order_id)
	const known = plans.find(plan => plan.plan_id === plan_id)
	return known && kind !== 'market' && classOf(known.action) === 'ENTRY' ? undefined : known
}

/** Source and leverage of a plan, as far as it is known. */
const authorOf = (plan: KnownPlan | undefined): Readonly<{source?: string; leverage?: number}> => {
	const {source, leverage} = plan ?? {}
	return {...(source !== undefined && {source}), ...(leverage !== undefined && {leverage})}
}

/** What a late fill cost and earned still counts; the position has it already. */
const absorbed = (state: TradeState, event: Fill, fill: Omit<Outcome['fill'], 'position_amount'>): Outcome => {
	const told = {fill: {...fill, position_amount: state.amount, absorbed: true}}
	if (isFlat(state)) return {...told, next: state}
	const realised_pnl = add(state.realised_pnl, event.realised_pnl)
	const increases = exact(state.amount).isPositive() === (event.side === 'BUY')
	const known = increases && !isForeign(event.client_order_id) ? asOurs(state) : state
	return {...told, next: {...known, realised_pnl, ...withFee(state, event, event.fee)}}
}

/** Stops and targets that may still rest when the trade is over. */
export const leftoversOf = ({protection, leftovers}: TradeState, machine_ms: number): readonly Leftover[] => [
	...leftovers,
	...[
		{client_id: protection.stop_client_id, kept: protection.stop_quantity !== undefined},
		{client_id: protection.target_client_id, kept: false},
	].flatMap(({client_id, kept}) =>
		client_id === undefined ? [] : [{client_id, since_ms: kept ? machine_ms - HASTE_MS : machine_ms, tries: 0}],
	),
]
/** A stop of a quantity stays at the venue when the position is closed, for the next one to run into: it cannot wait. */
const HASTE_MS = 4_000

/**
 * The venue's word on the position. The same trade goes on when the side is the same; its average is the venue's then,
 * since fills are missing from ours.
 */
export const adopted = (
	state: TradeState,
	{
		amount,
		entry_price,
		ts_ms,
		machine_ms,
		as_of_ms,
		ours = false,
	}: Readonly<{
		amount: string
		entry_price: string
		ts_ms: number
		machine_ms: number
		/** Fills up to this venue time are in `amount`. */
		as_of_ms: number
		/** A stop or target of ours rests for it. */
		ours?: boolean | undefined
	}>,
): TradeState => {
	const corrected_ms = Math.max(state.corrected_ms ?? -1, as_of_ms)
	const kept = {plans: state.plans, leftovers: leftoversOf(state, machine_ms), corrected_ms}
	if (isZero(amount)) return {...newTrade(), ...kept}
	const quantity = textOf(exact(amount).abs())
	const same = !isFlat(state) && exact(state.amount).isPositive() === exact(amount).isPositive()
	if (same && state.opened) {
		const opened = exact(quantity).plus(state.closed_quantity)
		const known = ours ? asOurs(state) : state
		return {...known, corrected_ms, amount, opened: {...state.opened, quantity: textOf(opened), price: entry_price}}
	}
	const opened = {ms: ts_ms, plan_id: 'adopted', price: entry_price, quantity}
	return {...newTrade(), ...kept, amount, opened, ...(!ours && {foreign: true})}
}

const reasonOf = (state: TradeState, event: Fill): string => {
	const {kind} = readClientId(event.client_order_id)
	const known = planOf(state, event)?.reason
	// A stop that was moved has a plan of its own.
	if (kind === 'stop') return known ?? kind
	return kind === 'market' ? (known ?? 'exit') : kind
}

const closedTrade = (
	state: TradeState,
	event: Fill,
	before: Exact,
	closed_ms: number,
): PayloadOf<typeof tradeClosed> => {
	const {realised_pnl, fees, other_fees, closed_quantity: quantity} = state
	const opened = state.opened ?? {ms: closed_ms, plan_id: 'foreign', price: event.price, quantity}
	const {source: strategy} = authorOf(state.plans.find(({plan_id}) => plan_id === opened.plan_id))
	return {
		trade_id: idOf('trade', event.symbol, opened.plan_id, opened.ms, event.trade_id),
		symbol: event.symbol,
		side: before.isPositive() ? 'LONG' : 'SHORT',
		quantity,
		entry_price: opened.price,
		exit_price: textOf(averagePrice(exact(state.closed_value).dividedBy(quantity))),
		opened_ms: opened.ms,
		closed_ms,
		realised_pnl,
		fees,
		...(other_fees !== undefined && {other_fees}),
		net_pnl: textOf(exact(realised_pnl).minus(fees)),
		plan_id: opened.plan_id,
		exit_plan_id: readClientId(event.client_order_id).plan_id,
		exit_reason: reasonOf(state, event),
		...(strategy !== undefined && {strategy}),
	}
}
