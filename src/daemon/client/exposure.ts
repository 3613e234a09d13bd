import {z} from 'zod'
import {keys} from '../../engine/contracts/keys.js'
import type {Policy} from '../../engine/contracts/policy.js'
import {heldPosition} from '../../engine/contracts/streams/portfolio.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {exact, textOf} from '../../engine/logic/exact.js'
import type {ForeignMark} from '../../engine/logic/foreign.js'
import type {Home} from './home.js'
import type {State} from './state.js'
import {readClock} from './watch-state.js'

/** How much of a limit is in use; `share` is 1 where it is used up. */
export type LimitUse = Readonly<{name: string; used: string; limit: string; share: number}>

export type SymbolExposure = Readonly<{
	symbol: string
	side: 'LONG' | 'SHORT'
	amount: string
	price: string
	/** Signed: shorts are below zero. */
	notional_usdt: string
	unrealised_pnl: string
	/** Others opened it; null for a position of ours. */
	foreign: ForeignMark | null
	/** Of gross exposure. */
	share: number
	/** Of the notional that one trade may have; a gain may carry it over 1. */
	share_of_trade: number
	/** Venue time since the price; null while the venue's time is not known. */
	price_age_ms: number | null
}>

export type ExposureView = Readonly<{
	equity_usdt: string
	wallet_usdt: string
	unrealised_pnl: string
	gross_usdt: string
	net_usdt: string
	/** Gross over equity; null without equity. */
	exposure_ratio: string | null
	limits: readonly LimitUse[]
	positions: readonly SymbolExposure[]
	/** Machine time since the publisher last said that these figures hold. */
	age_ms: number
	/** Venue time since the oldest price in them; null without positions. */
	price_age_ms: number | null
	stale: boolean
}>

/** The publisher confirms its figures every 5 s: three times missed is no accident. */
export const EXPOSURE_STALE_MS = 15_000

const record = z.object({
	equity_usdt: z.string(),
	wallet_usdt: z.string(),
	unrealised_pnl: z.string(),
	gross_usdt: z.string(),
	net_usdt: z.string(),
	exposure_ratio: z.string().optional(),
	price_ms: z.coerce.number(),
	machine_ms: z.coerce.number(),
	positions: z.string().transform((text, context) => {
		const parsed = z.array(heldPosition).safeParse(JSON.parse(text))
		if (parsed.success) return parsed.data
		context.addIssue({code: 'custom', message: parsed.error.message})
		return z.NEVER
	}),
})

export const shareOf = (used: string | number, limit: string | number): number =>
	exact(limit).isZero() ? 0 : exact(used).abs().div(limit).toDecimalPlaces(4).toNumber()

const use = (name: string, used: string, limit: number): LimitUse => ({
	name,
	used,
	limit: String(limit),
	share: shareOf(used, limit),
})

type Now = Readonly<{machine_ms: number; venue_ms: number | null}>

/** @throws ZodError when the record is not one that the publisher writes */
export const exposureOf = (
	fields: Readonly<Record<string, string>>,
	policy: Pick<Policy, 'notional_total_usdt' | 'notional_per_trade_usdt' | 'positions_max'>,
	{machine_ms, venue_ms}: Now,
): ExposureView => {
	const {positions, price_ms, machine_ms: confirmed_ms, exposure_ratio = null, ...figures} = record.parse(fields)
	const ageOf = (of_ms: number) => (venue_ms === null ? null : Math.max(0, venue_ms - of_ms))
	const age_ms = Math.max(0, machine_ms - confirmed_ms)
	return {
		...figures,
		exposure_ratio,
		limits: [
			use('notional_total_usdt', figures.gross_usdt, policy.notional_total_usdt),
			use('positions_max', String(positions.length), policy.positions_max),
		],
		positions: positions.map(({symbol, amount, price, notional_usdt, unrealised_pnl, foreign = null, ...held}) => ({
			symbol,
			side: amount.startsWith('-') ? 'SHORT' : 'LONG',
			amount,
			price,
			notional_usdt: textOf(exact(notional_usdt)),
			unrealised_pnl,
			foreign,
			share: shareOf(notional_usdt, figures.gross_usdt),
			share_of_trade: shareOf(notional_usdt, policy.notional_per_trade_usdt),
			price_age_ms: ageOf(held.price_ms),
		})),
		age_ms,
		price_age_ms: positions.length === 0 ? null : ageOf(price_ms),
		stale: age_ms > EXPOSURE_STALE_MS,
	}
}

/** @throws OperatorError (unreachable) when no figures have ever been written */
export const readExposure = async (home: Home, state: State, now_ms: () => number): Promise<ExposureView> => {
	const [fields, clock, {readPolicy}] = await Promise.all([
		state.bus.hashAll(state.naming.key(keys.portfolioState, {})),
		readClock(state, now_ms()),
		import('../system/policy-file.js'),
	])
	if (Object.keys(fields).length === 0)
		throw new OperatorError('the portfolio is not known yet: no wallet balance has been seen', {
			exit_code: EXIT_CODES.unreachable,
			hint: `see qt status: ${keys.portfolioState.owner} writes it once the account stream has told the balance`,
		})
	return exposureOf(fields, readPolicy(home), {machine_ms: now_ms(), venue_ms: clock?.venue_ms ?? null})
}
