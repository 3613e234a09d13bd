import type {Authority} from '../contracts/envelope.js'
import type {Policy} from '../contracts/policy.js'
import type {PayloadOf} from '../contracts/stream.js'
import {type Action, classOf, type Plan, type tradeIntent} from '../contracts/streams/trade.js'
import {closingQuantity, closingSide} from './closing.js'
import {type Exact, exact, isZero, planPrice, priceText, textOf} from './exact.js'
import {isBeyondLossLimit, leverageWithin, stopDistance} from './loss-at-stop.js'

type Intent = PayloadOf<typeof tradeIntent>
export type BridgeState = Readonly<{
	/** Signed position of the symbol. */
	amount: string
	/** Intents handled lately, by id, with the venue time of it. */
	seen: Readonly<Record<string, number>>
}>

/** Why the bridge makes no plan of an intent, in the order in which it looks. */
export const bridgeReasons = {
	SHADOW: 'The intent is measured, and not traded.',
	DUPLICATE_INTENT: 'An intent of this id became a plan within the last 900 s.',
	SKIP_FLAT_SELL: 'A SELL without an action while the symbol is flat: neither a close nor a short.',
	ACTION_NOT_HERE: 'Stops are asked for as plans.',
	NOTHING_TO_CLOSE: 'An exit while the symbol is flat.',
	PART_TOO_SMALL: 'The part of the position rounds to nothing.',
	NOTHING_TO_ADD_TO: 'ADD while the symbol is flat.',
	ADD_REDUCES: 'ADD on the other side of the position.',
	SYMBOL_NOT_ALLOWED: 'The symbol is not on the allowlist of the policy; an empty one blocks all.',
	SHORT_NOT_ALLOWED: 'The policy allows no shorts.',
	LEVERAGE_TOO_HIGH: 'More leverage than leverage_max.',
	SIZE_MISSING: 'Neither a quantity nor a margin.',
	PRICE_ABSURD: 'A price that nothing is quoted at.',
	STOP_WRONG_SIDE: 'The stop does not lie on the losing side of the entry.',
	TARGET_WRONG_SIDE: 'The target does not lie on the winning side of the entry.',
	STOP_BEYOND_LOSS_LIMIT: 'Even without leverage the loss at the stop is more of the margin than stop.loss_share_max.',
	SIZE_ABSURD: 'A notional that nobody means.',
} as const
export type BridgeReason = keyof typeof bridgeReasons

/** What would have to change. */
export const bridgeRemedies: Readonly<Record<BridgeReason, string>> = {
	SHADOW: 'let its writer trade: policy intent_source',
	DUPLICATE_INTENT: 'another id for another intent',
	SKIP_FLAT_SELL: 'name the action: OPEN is a short',
	ACTION_NOT_HERE: 'write it to the plans',
	NOTHING_TO_CLOSE: 'none: it is closed already',
	PART_TOO_SMALL: 'close all of it',
	NOTHING_TO_ADD_TO: 'OPEN',
	ADD_REDUCES: 'the side of the position, or a close',
	SYMBOL_NOT_ALLOWED: 'qt policy: name it in the allowlist',
	SHORT_NOT_ALLOWED: 'a BUY, or qt policy: short_allowed',
	LEVERAGE_TOO_HIGH: 'less leverage, or qt policy: leverage_max',
	SIZE_MISSING: 'name a quantity or a margin',
	PRICE_ABSURD: 'a price of the market',
	STOP_WRONG_SIDE: 'a stop on the losing side',
	TARGET_WRONG_SIDE: 'a target on the winning side',
	STOP_BEYOND_LOSS_LIMIT: 'a nearer stop, or qt policy: stop.loss_share_max',
	SIZE_ABSURD: 'a size that is meant',
}

type Refused = Readonly<{reason: BridgeReason; detail: string}>
type Planned = Readonly<{plan: Omit<Plan, 'plan_id' | 'intent_id' | 'source'>}>
export type BridgeInput = Readonly<{
	intent: Intent
	state: BridgeState
	policy: Policy
	authority: Authority
	repeated: boolean
}>

/** Nobody means more than this; entries and scripts could not count it either. */
const NOTIONAL_MAX_USDT = '1000000000'
/** Nor less: the smallest amount that is counted. */
const NOTIONAL_MIN_USDT = '0.000001'
/** Nothing is quoted above this, USDT. */
const PRICE_MAX_USDT = '1000000000'

/** A bare side means: into a flat symbol buy is an entry and sell is skipped; against a position it closes. */
export const actionOf = ({action, side}: Intent, amount: string): Action | 'SKIP' => {
	if (action) return action
	if (isZero(amount)) return side === 'BUY' ? 'OPEN' : 'SKIP'
	return closingSide(amount) === side ? 'CLOSE' : 'OPEN'
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
const refuse = (reason: BridgeReason, detail: string): Refused => ({reason, detail})

/** An intent as a plan, or the first reason against it. Pure: sizes and stops are decimals in text. */
export const intentToPlan = ({intent, state, policy, authority, repeated}: BridgeInput): Planned | Refused => {
	if (authority !== 'live') return refuse('SHADOW', `authority ${authority}: measured, not traded`)
	if (repeated) return refuse('DUPLICATE_INTENT', 'an intent of this id was planned before')
	const {amount} = state
	const action = actionOf(intent, amount)
	if (action === 'SKIP') return refuse('SKIP_FLAT_SELL', `SELL without an action while ${intent.symbol} is flat`)
	if (classOf(action) === 'PROTECT')
		return refuse('ACTION_NOT_HERE', `${action} is asked for as a plan, not as an intent`)
	if (classOf(action) === 'EXIT') return closing(intent, action, amount)
	if (action === 'ADD' && isZero(amount)) return refuse('NOTHING_TO_ADD_TO', `ADD while ${intent.symbol} is flat`)
	if (action === 'ADD' && closingSide(amount) === intent.side)
		return refuse('ADD_REDUCES', `ADD ${intent.side} to a position of ${amount} ${intent.symbol}`)
	return opening(intent, action, policy)
}

const closing = (
	{symbol, kill_score, confidence, model, strategy}: Intent,
	action: Action,
	amount: string,
): Planned | Refused => {
	if (isZero(amount)) return refuse('NOTHING_TO_CLOSE', `${action} while ${symbol} is flat`)
	const quantity = closingQuantity(action, amount)
	if (isZero(quantity)) return refuse('PART_TOO_SMALL', `${action} of ${amount} ${symbol} rounds to nothing`)
	const reason = `${model ?? strategy ?? 'intent'} confidence ${confidence}`
	return {
		plan: {
			symbol,
			action,
			side: closingSide(amount),
			quantity,
			reason,
			kill_score,
		},
	}
}

const opening = (intent: Intent, action: Action, policy: Policy): Planned | Refused => {
	const {symbol, side, entry_price, qty, position_size_usd, kill_score} = intent
	const asked = Math.trunc(intent.leverage ?? policy.leverage_max)
	if (!policy.allowlist.includes(symbol))
		return refuse('SYMBOL_NOT_ALLOWED', `${symbol} is not on the allowlist (${policy.allowlist.length} symbols)`)
	if (side === 'SELL' && !policy.short_allowed) return refuse('SHORT_NOT_ALLOWED', 'policy short_allowed is false')
	if (asked > policy.leverage_max)
		return refuse('LEVERAGE_TOO_HIGH', `leverage ${asked}, policy leverage_max ${policy.leverage_max}`)
	if (qty === undefined && position_size_usd === undefined)
		return refuse('SIZE_MISSING', 'expected qty, or position_size_usd as margin')

	const absurd = [entry_price, intent.stop_loss, intent.take_profit].find(
		price => price !== undefined && exact(price).gt(PRICE_MAX_USDT),
	)
	if (absurd !== undefined) return refuse('PRICE_ABSURD', `a price of ${absurd} USDT, ${PRICE_MAX_USDT} at most`)
	const stops = entry_price === undefined ? givenStops(intent) : stopsOf(intent, entry_price, policy)
	if ('reason' in stops) return stops
	const distance = stopDistance({reference_price: entry_price, stop_price: stops.stop_price}, policy)
	if (isBeyondLossLimit(distance, policy))
		return refuse(
			'STOP_BEYOND_LOSS_LIMIT',
			`a stop ${percent(distance)} away, policy stop.loss_share_max ${policy.stop.loss_share_max} of the margin`,
		)
	// What is asked for is the most: the stop must lie inside the loss that the margin may take.
	const leverage = Math.min(asked, leverageWithin(distance, policy))
	const notional = notionalOf(intent, leverage)
	if (notional && (notional.gt(NOTIONAL_MAX_USDT) || notional.lt(NOTIONAL_MIN_USDT)))
		return refuse('SIZE_ABSURD', `notional of ${textOf(notional)} USDT, ${NOTIONAL_MIN_USDT} to ${NOTIONAL_MAX_USDT}`)
	return {
		plan: {
			symbol,
			action,
			side,
			leverage,
			...(position_size_usd === undefined && {quantity: qty}),
			...(notional && {notional_usdt: textOf(notional.toDecimalPlaces(6))}),
			...(entry_price && {reference_price: entry_price}),
			...stops,
			...(kill_score !== undefined && {kill_score}),
			reason: `${intent.model ?? intent.strategy ?? 'intent'} confidence ${intent.confidence}`,
		},
	}
}

/** Margin times leverage, or size times price; undefined for a size without a price, which the governor prices. */
const notionalOf = ({position_size_usd, qty, entry_price}: Intent, leverage: number): Exact | undefined => {
	if (position_size_usd !== undefined) return exact(position_size_usd).times(leverage)
	return qty === undefined || entry_price === undefined ? undefined : exact(qty).times(entry_price)
}

type Stops = Readonly<{stop_price?: string; target_price?: string}>

/** Without an entry price nothing is derived; what was given is kept, and must not contradict itself. */
const givenStops = ({side, stop_loss, take_profit}: Intent): Stops | Refused => {
	const wide = stop_loss === undefined || take_profit === undefined ? undefined : exact(take_profit).sub(stop_loss)
	if (wide && (side === 'BUY' ? wide.lte(0) : wide.gte(0)))
		return refuse('STOP_WRONG_SIDE', `${side} with stop ${stop_loss} and target ${take_profit}`)
	return {
		...(stop_loss !== undefined && {stop_price: priceText(stop_loss)}),
		...(take_profit !== undefined && {target_price: priceText(take_profit)}),
	}
}

/** Stops as given, else by policy from the entry price; both must lie on their side of it. */
const stopsOf = ({side, stop_loss, take_profit}: Intent, entry_price: string, policy: Policy): Stops | Refused => {
	const entry = exact(entry_price)
	const direction = side === 'BUY' ? 1 : -1
	const distance = entry.times(policy.stop.distance_min)
	const stop = planPrice(stop_loss ? exact(stop_loss) : entry.minus(distance.times(direction)))
	const target = planPrice(
		take_profit ? exact(take_profit) : entry.plus(distance.times(policy.stop.target_multiple).times(direction)),
	)
	if (stop.isZero() || stop.minus(entry).times(direction).gte(0))
		return refuse('STOP_WRONG_SIDE', `${side} at ${entry_price} with stop ${textOf(stop)}`)
	if (target.isZero() || target.minus(entry).times(direction).lte(0))
		return refuse('TARGET_WRONG_SIDE', `${side} at ${entry_price} with target ${textOf(target)}`)
	return {stop_price: textOf(stop), target_price: textOf(target)}
}
