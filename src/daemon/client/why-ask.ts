import type {Policy} from '../../engine/contracts/policy.js'
import type {PayloadOf} from '../../engine/contracts/stream.js'
import type {Plan, tradeIntent} from '../../engine/contracts/streams/trade.js'
import {exact, textOf} from '../../engine/logic/exact.js'
import {type BridgeState, bridgeReasons, bridgeRemedies, intentToPlan} from '../../engine/logic/intent-to-plan.js'
import {leverageWithin} from '../../engine/logic/loss-at-stop.js'
import {type GateState, portfolioGates} from '../../engine/logic/portfolio-gate.js'
import {checkOf, type WhyCheck} from './why-verdict.js'

export type Intent = PayloadOf<typeof tradeIntent>
export type Side = Intent['side']
/** What is asked about: a side and a size in USDT, and where both come from. */
export type WhyAsk = Readonly<{side: Side; notional_usdt: string; from: 'flags' | 'signal' | 'intent' | 'policy'}>
export type Wanted = Readonly<{side?: Side | undefined; notional?: string | undefined}>

/** Notional that an intent asks for: margin x leverage, or size x price; undefined where it says neither. */
export const notionalOf = ({position_size_usd, leverage, qty, entry_price}: Partial<Intent>): string | undefined => {
	if (position_size_usd !== undefined)
		return textOf(
			exact(position_size_usd)
				.times(Math.trunc(leverage ?? 1))
				.toDecimalPlaces(2),
		)
	return qty !== undefined && entry_price !== undefined
		? textOf(exact(qty).times(entry_price).toDecimalPlaces(2))
		: undefined
}

/** By what was typed, else the intent that would follow now, else the newest one, else the policy. */
export const askOf = (
	{side, notional}: Wanted,
	signal: Intent | undefined,
	newest: Partial<Intent> | undefined,
	policy: Policy,
): WhyAsk => {
	const known = [
		{from: 'signal' as const, of: signal},
		{from: 'intent' as const, of: newest},
	].find(({of}) => of?.side !== undefined && (side === undefined || of.side === side))
	return {
		side: side ?? known?.of?.side ?? 'BUY',
		notional_usdt: notional ?? (known?.of && notionalOf(known.of)) ?? textOf(exact(policy.notional_per_trade_usdt)),
		from: side !== undefined ? 'flags' : (known?.from ?? 'policy'),
	}
}

/** An intent that asks for it at these prices, with the stop that the policy gives. */
export const intentFor = (
	symbol: string,
	{side, notional_usdt}: WhyAsk,
	quote: Readonly<{bid?: string | undefined; ask?: string | undefined}>,
	policy: Policy,
): Intent => {
	const leverage = leverageWithin(policy.stop.distance_min, policy)
	const entry_price = side === 'BUY' ? quote.ask : quote.bid
	return {
		symbol,
		side,
		action: 'OPEN',
		confidence: 1,
		position_size_usd: textOf(exact(notional_usdt).div(leverage).toDecimalPlaces(8)),
		leverage,
		...(entry_price && {entry_price}),
	}
}

export type PortfolioAsk = Readonly<{
	intent: Intent
	source: string
	state: GateState | undefined
	policy: Policy
	now_ms: number
	speed: number
}>

/** Every gate over the portfolio, as the unit that asks them last knew it. */
export const portfolioChecks = ({state, ...ask}: PortfolioAsk): readonly WhyCheck[] => {
	const step = 'portfolio-gate' as const
	if (!state) {
		const remedy = 'see qt status: portfolio-gate must run'
		return [checkOf({step, code: 'GATE_NOT_READY', passed: null, used: 'its state is not known', remedy})]
	}
	return portfolioGates.map(({code, meaning, remedy, policy = '', look}) => {
		const {passed, used, limit} = look({...ask, state})
		return checkOf({step, code, passed, used: String(used), limit: String(limit), meaning, remedy, policy})
	})
}

/** What the bridge makes of the intent: a plan, or its first reason against one. */
export const bridgeCheck = (
	intent: Intent,
	state: BridgeState,
	policy: Policy,
): Readonly<{check: WhyCheck; plan: Omit<Plan, 'plan_id' | 'intent_id' | 'source'> | undefined}> => {
	const step = 'intent-bridge' as const
	const answer = intentToPlan({intent, state, policy, authority: 'live', repeated: false})
	if (!('reason' in answer)) {
		const meaning = 'The intent becomes a plan.'
		return {check: checkOf({step, code: 'PLANNED', passed: true, meaning}), plan: answer.plan}
	}
	const {reason: code, detail: used} = answer
	const told = {meaning: bridgeReasons[code], remedy: bridgeRemedies[code]}
	return {check: checkOf({step, code, passed: false, used, ...told}), plan: undefined}
}
