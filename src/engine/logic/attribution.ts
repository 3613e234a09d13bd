import type {PayloadOf} from '../contracts/stream.js'
import type {attributionResults} from '../contracts/streams/observe.js'
import type {tradeClosed} from '../contracts/streams/trade.js'
import {type Exact, exact, textOf, zero} from './exact.js'

/** What a plan was decided on: the price that it was made at, and that of its verdict. JSON. */
export type Decision = Readonly<{plan_id: string; reference_price?: string; quote_price?: string}>
/** A fill of a market order of ours. JSON. */
export type Executed = Readonly<{
	trade_id: string
	plan_id: string
	side: 'BUY' | 'SELL'
	price: string
	quantity: string
	ts_ms: number
}>

type Trade = PayloadOf<typeof tradeClosed>
type Attribution = PayloadOf<typeof attributionResults>
type Known = Readonly<{
	trade: Trade
	fills: readonly Executed[]
	decisions: readonly Decision[]
	/** Funding received (above 0) and paid while it was open. */
	funding: readonly string[]
}>

/** Of the settlement asset, as venues book it. Rounding moves nothing but the border to `strategy`. */
const PLACES = 8
/** What an entry can hold has room for it; a larger part comes of prices that are none. */
const PART_MAX = exact('1e18')
const SHARE_PLACES = 6
/** No unit of ours classifies a trade by regime, or says which model asked for it. */
const UNKNOWN = ['regime', 'model'] as const

/** What a buyer gained because the price was `to` rather than `from`; a seller the other way round. */
const moved = ({side, quantity}: Executed, from: string, to: string): Exact => {
	const paid_more = exact(to).sub(from).mul(quantity).toDecimalPlaces(PLACES)
	return side === 'BUY' ? paid_more.neg() : paid_more
}

type Measured = Readonly<{timing: Exact; slippage: Exact; quantity: Exact; timed: boolean}>

const measure = (fill: Executed, decision: Decision | undefined): Measured | undefined => {
	const {reference_price, quote_price} = decision ?? {}
	const arrival = quote_price ?? reference_price
	if (arrival === undefined) return undefined
	const timed = reference_price !== undefined && quote_price !== undefined
	const timing = timed ? moved(fill, reference_price, quote_price) : zero
	const slippage = moved(fill, arrival, fill.price)
	if (timing.abs().gt(PART_MAX) || slippage.abs().gt(PART_MAX)) return undefined
	return {timing, slippage, quantity: exact(fill.quantity), timed}
}

const sum = (values: readonly Exact[]): Exact => values.reduce((total, value) => total.add(value), zero)

/**
 * The PnL of a closed trade in parts. After A. F. Perold, "The Implementation Shortfall" (Journal of Portfolio
 * Management 14(3), 1988): `timing` is what the price moved between the plan and its verdict, `slippage` what the fill
 * was away from the verdict's quote (the ask, also for what sells), and `strategy` what the decided prices alone would
 * have earned. It is taken as the rest, so the parts add up by construction, whatever could be measured.
 */
export const attributionOf = ({trade, fills, decisions, funding}: Known): Attribution => {
	const {trade_id, symbol, strategy, opened_ms, closed_ms, quantity, other_fees} = trade
	const measured = fills.flatMap(
		fill =>
			measure(
				fill,
				decisions.find(({plan_id}) => plan_id === fill.plan_id),
			) ?? [],
	)
	const timing = sum(measured.map(one => one.timing))
	const slippage = sum(measured.map(one => one.slippage))
	const paid = sum(funding.map(exact))
	const fees = exact(trade.fees).neg()
	const rest = exact(trade.realised_pnl).sub(timing).sub(slippage)
	const timed = measured.some(one => one.timed)
	const parts = {
		strategy: textOf(rest),
		...(timed && {timing: textOf(timing)}),
		...(measured.length > 0 && {slippage: textOf(slippage)}),
		fees: textOf(fees),
		funding: textOf(paid),
	}
	const share = sum(measured.map(one => one.quantity)).div(exact(quantity).mul(2))
	return {
		...{trade_id, symbol, opened_ms, closed_ms, parts},
		...(strategy !== undefined && {strategy}),
		net_pnl: textOf(exact(trade.realised_pnl).add(fees).add(paid)),
		left_out: [
			...UNKNOWN,
			...(timed ? [] : ['timing']),
			...(measured.length > 0 ? [] : ['slippage']),
			...(other_fees === undefined ? [] : ['other_fees']),
		],
		measured_share: Math.min(1, share.toDecimalPlaces(SHARE_PLACES).toNumber()),
	}
}
