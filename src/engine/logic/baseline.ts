import type {Policy} from '../contracts/policy.js'
import {exact, textOf} from './exact.js'

/** What the state keys say at one moment. Times are machine time, ms; 0 where a key has never been written. */
export type StateReading = Readonly<{
	armed: boolean
	/** Left out before the portfolio is known. */
	equity_usdt?: string
	/** Signed notional of each open position, USDT. */
	notionals: readonly string[]
	portfolio_ms: number
	/** When the venue's clock and the price of what is held were last told, the older of them. */
	market_ms: number
	/** Plans that were handed to the sender of orders and whose outcome is not known. */
	sends: readonly string[]
}>

/** What the controller remembers. */
export type BaselineWatch = Readonly<{
	/** Start of the readings that followed each other without a gap, and the newest of them. */
	since_ms: number
	last_ms: number
	equity?: string
	peak?: string
	positions: number
	/** The limit that the positions are held against, and what was found above it when it was set: that may only fall. */
	limit: number
	inherited: number
	/** When each send was first seen. */
	sends: Readonly<Record<string, number>>
	portfolio_ms: number
	market_ms: number
}>

export const BASELINE_RULES = ['DRAWDOWN', 'POSITIONS', 'STATE_SILENT', 'MARKET_SILENT', 'UNACKED_ORDERS'] as const
export type BaselineRule = (typeof BASELINE_RULES)[number]
export type BaselineReading = Readonly<{rule: BaselineRule; broken: boolean; used: string; limit: string}>

export const unwatched: BaselineWatch = {
	since_ms: 0,
	last_ms: 0,
	positions: 0,
	limit: 0,
	inherited: 0,
	sends: {},
	portfolio_ms: 0,
	market_ms: 0,
}

/** A pause of the controller itself, after which it judges silence from anew: what it did not see it may not blame. */
export const GAP_MS = 10_000
const PLACES = 6
/** A position that shrank to dust holds no slot, and its price moves: near that line it does not count here. */
const DUST_MARGIN = 2

const higher = (peak: string | undefined, equity: string): string =>
	peak === undefined || exact(equity).gt(peak) ? equity : peak

type Judging = Readonly<{machine_ms: number; policy: Pick<Policy, 'bsc' | 'positions_max' | 'dust_usdt'>}>

/** The watch after one more reading. */
export const withReading = (
	watch: BaselineWatch,
	reading: StateReading,
	{machine_ms, policy}: Judging,
): BaselineWatch => {
	const follows = watch.last_ms > 0 && Math.abs(machine_ms - watch.last_ms) < GAP_MS
	const worth = exact(policy.dust_usdt).times(DUST_MARGIN)
	const positions = reading.notionals.filter(notional => exact(notional).abs().gte(worth)).length
	const {equity_usdt: equity = watch.equity, portfolio_ms, market_ms} = reading
	const set = watch.limit === policy.positions_max
	return {
		since_ms: follows ? watch.since_ms : machine_ms,
		last_ms: machine_ms,
		...(equity !== undefined && {equity, peak: higher(watch.peak, equity)}),
		positions,
		limit: policy.positions_max,
		inherited: set ? Math.min(watch.inherited, positions) : positions,
		sends: Object.fromEntries(reading.sends.map(id => [id, (follows && watch.sends[id]) || machine_ms])),
		portfolio_ms,
		market_ms,
	}
}

const fallOf = ({equity, peak}: BaselineWatch): string => {
	if (equity === undefined || peak === undefined || !exact(peak).isPositive()) return '0'
	return textOf(exact(peak).sub(equity).div(peak).toDecimalPlaces(PLACES))
}

/** Where every rule stands, in the order of precedence. */
export const readBaseline = (
	watch: BaselineWatch,
	{machine_ms, policy: {bsc}}: Judging,
): readonly BaselineReading[] => {
	const {positions, limit, inherited, since_ms} = watch
	const silent = (rule: BaselineRule, told_ms: number): BaselineReading => {
		const used = Math.max(0, Math.min(machine_ms - told_ms, machine_ms - since_ms))
		return {rule, broken: used >= bsc.silent_machine_ms, used: String(used), limit: String(bsc.silent_machine_ms)}
	}
	const fall = fallOf(watch)
	const most = Math.max(limit, inherited)
	const unacked = Object.values(watch.sends).filter(first_ms => machine_ms - first_ms >= bsc.unacked_machine_ms).length
	return [
		{rule: 'DRAWDOWN', broken: exact(fall).gte(bsc.drawdown), used: fall, limit: String(bsc.drawdown)},
		{rule: 'POSITIONS', broken: positions > most, used: String(positions), limit: String(most)},
		silent('STATE_SILENT', watch.portfolio_ms),
		silent('MARKET_SILENT', watch.market_ms),
		{
			rule: 'UNACKED_ORDERS',
			broken: unacked >= bsc.unacked_orders,
			used: String(unacked),
			limit: String(bsc.unacked_orders),
		},
	]
}

/** After a fall has disarmed, the next one counts from there: whoever arms again takes that loss as it is. */
export const rebasedPeak = (watch: BaselineWatch): BaselineWatch =>
	watch.equity === undefined ? watch : {...watch, peak: watch.equity}
