import {keys} from '../../engine/contracts/keys.js'
import {defaultPolicy, type Policy} from '../../engine/contracts/policy.js'
import {allowanceMs} from '../../engine/logic/allowance.js'
import {exact} from '../../engine/logic/exact.js'
import {fromMicro} from '../../engine/logic/micro.js'
import {valueAt} from '../../engine/logic/policy-check.js'
import {setterOf} from '../../engine/logic/policy-versions.js'
import {readReservation} from '../../engine/scripts/reservation.js'
import {shareOf} from './exposure.js'
import type {Home} from './home.js'
import type {State} from './state.js'
import {readClock} from './watch-state.js'

/** What the governor counts for one symbol, as it stands. */
export type SymbolUse = Readonly<{
	symbol: string
	/** Open and set aside together. Null: the symbol holds no slot. */
	notional_micro: number | null
	entries_hour: number
	entries_5m: number
	/** Venue time since the last admitted entry; null when there was none lately, or the time is unknown. */
	since_entry_ms: number | null
	/** Null without a quote. */
	spread_bps: number | null
	/** Venue time since the last quote; null without one. */
	quote_age_ms: number | null
}>

export type GovernorUse = Readonly<{
	total_micro: number
	symbols: readonly SymbolUse[]
	/** Machine time since the last comparison with the venue; null before the first. */
	reconcile_age_ms: number | null
	/** How many times the venue's clock runs faster than the machine's. */
	speed: number
	/** Gross exposure, and loss at the stops, over equity; gross and net of the balancer; each null while unknown. */
	exposure_share: number | null
	heat_share: number | null
	net_share: number | null
	/** Loss and turnover of the day, USDT; null before the first trade of it. */
	day_loss_usdt: string | null
	day_turnover_usdt: string | null
}>

export type LimitRow = Readonly<{
	name: string
	/** Null where each plan is measured by itself and nothing is used up. */
	used: string | null
	limit: string
	/** 1 where it is used up; null where it has no use. */
	share: number | null
	/** The symbol that uses most of it; empty where all share it. */
	symbol: string
	/** `default`, or the version of the policy that gave it this value, with its author. */
	set_by: string
}>
export type LimitsView = Readonly<{limits: readonly LimitRow[]; venue_ms: number | null}>

type Worst = Readonly<{used: string; symbol: string}>

/** The symbol with the highest figure; undefined when none has one. */
const worst = (symbols: readonly SymbolUse[], figure: (use: SymbolUse) => number | null): Worst | undefined => {
	let found: {value: number; symbol: string} | undefined
	for (const use of symbols) {
		const value = figure(use)
		if (value !== null && (found === undefined || value > found.value)) found = {value, symbol: use.symbol}
	}
	return found && {used: String(found.value), symbol: found.value === 0 ? '' : found.symbol}
}

const usdtOf = (micro: number): string => fromMicro(String(micro))

/** A field of the policy: a name, or a section and a name in it. */
type LimitName = string
const limitOf = (policy: Policy, name: LimitName): unknown => valueAt(policy, name.split('.'))
type Measured = Readonly<{name: LimitName; use?: Worst | undefined; limit?: number}>

const measured = (policy: Policy, uses: GovernorUse): readonly Measured[] => {
	const {total_micro, symbols, reconcile_age_ms, speed} = uses
	const largest = worst(symbols, ({notional_micro}) => notional_micro)
	const all = (used: string): Worst => ({used, symbol: ''})
	const known = (used: number | string | null) => (used === null ? undefined : all(String(used)))
	return [
		{name: 'positions_max', use: all(String(symbols.filter(({notional_micro}) => notional_micro !== null).length))},
		{name: 'notional_total_usdt', use: all(usdtOf(total_micro))},
		{name: 'notional_per_trade_usdt', use: largest && {...largest, used: usdtOf(Number(largest.used))}},
		{name: 'entries_per_hour_max', use: worst(symbols, ({entries_hour}) => entries_hour)},
		{name: 'entries_per_5m_max', use: worst(symbols, ({entries_5m}) => entries_5m)},
		{
			name: 'cooldown_ms',
			use: worst(symbols, ({since_entry_ms}) =>
				since_entry_ms === null ? null : Math.max(0, policy.cooldown_ms - since_entry_ms),
			),
		},
		{name: 'spread_bps_max', use: worst(symbols, ({spread_bps}) => spread_bps)},
		{
			name: 'data_stale_ms',
			// As the governor applies it: at speed the machine's own delays have room in it.
			limit: allowanceMs(policy.data_stale_ms, policy, speed),
			use: worst(symbols, ({quote_age_ms}) => quote_age_ms),
		},
		{name: 'reconcile_stale_machine_ms', ...(reconcile_age_ms !== null && {use: all(String(reconcile_age_ms))})},
		{name: 'leverage_max'},
		{name: 'margin_share'},
		{name: 'price_drift_bps_max'},
		{name: 'slippage_bps'},
		{name: 'plan_age_max_ms', limit: allowanceMs(policy.plan_age_max_ms, policy, speed)},
		{name: 'permit_ttl_ms', limit: allowanceMs(policy.permit_ttl_ms, policy, speed)},
		{name: 'kill_score_open_max'},
		{name: 'depth_multiple_min'},
		{name: 'dust_usdt'},
		{name: 'stop.loss_share_max'},
		{name: 'portfolio.exposure_share_max', use: known(uses.exposure_share)},
		{name: 'portfolio.heat_share_max', use: known(uses.heat_share)},
		{name: 'portfolio.sector_positions_max'},
		{name: 'portfolio.cluster_positions_max'},
		{name: 'portfolio.correlation_max'},
		{name: 'balance.gross_share_max', use: known(uses.exposure_share)},
		{name: 'balance.net_share_max', use: known(uses.net_share)},
		{name: 'budgets.day_loss_usdt', use: known(uses.day_loss_usdt)},
		{name: 'budgets.day_turnover_usdt', use: known(uses.day_turnover_usdt)},
		{name: 'universe.divergence_bps_max'},
	]
}

/** Each limit of the policy with what is used of it. */
export const limitsOf = (policy: Policy, setBy: (name: LimitName) => string, use: GovernorUse): readonly LimitRow[] =>
	measured(policy, use).map(({name, use: of, limit = limitOf(policy, name)}) => ({
		name,
		used: of?.used ?? null,
		limit: String(limit),
		share: of ? shareOf(of.used, String(limit)) : null,
		symbol: of?.symbol ?? '',
		set_by: setBy(name),
	}))

/** What the portfolio uses, by the keys of those who watch it. */
const readPortfolio = async ({bus, naming}: State) => {
	const [portfolio, heat, margin, day] = await Promise.all([
		bus.hashAll(naming.key(keys.portfolioState, {})),
		bus.hashAll(naming.key(keys.heatPortfolio, {})),
		bus.hashAll(naming.key(keys.marginTotal, {})),
		bus.hashAll(naming.key(keys.budget, {scope: 'day'})),
	])
	const number = (text: string | undefined) => (text === undefined ? null : Math.abs(Number(text)))
	return {
		exposure_share: number(portfolio.exposure_ratio),
		heat_share: number(heat.heat_share),
		net_share: number(margin.net_share),
		day_loss_usdt: day.loss_usdt ?? null,
		day_turnover_usdt: day.turnover_usdt ?? null,
	}
}

const FIVE_MINUTES_MS = 300_000
const HOUR_MS = 3_600_000

const spreadOf = (bid: string, ask: string): number => {
	const middle = exact(bid).add(ask).div(2)
	return exact(ask).sub(bid).div(middle).mul(10_000).toDecimalPlaces(1).toNumber()
}

const readSymbol = async (
	{bus, naming}: State,
	symbol: string,
	venue_ms: number | null,
	line: string | undefined,
): Promise<SymbolUse> => {
	const history = naming.key(keys.execHistory, {symbol})
	const since = (span_ms: number) =>
		venue_ms === null ? Promise.resolve(0) : bus.redis.zcount(history, `(${venue_ms - span_ms}`, '+inf')
	const [entries_hour, entries_5m, last, {bid, ask, venue_ms: quoted_ms}] = await Promise.all([
		since(HOUR_MS),
		since(FIVE_MINUTES_MS),
		bus.get(naming.key(keys.cooldown, {symbol})),
		bus.hashAll(naming.key(keys.marketQuote, {symbol})),
	])
	const held = readReservation(line)
	const ageOf = (then_ms: string | undefined) =>
		then_ms === undefined || venue_ms === null ? null : Math.max(0, Math.round(venue_ms - Number(then_ms)))
	return {
		symbol,
		notional_micro: held ? held.open + held.reserved : null,
		entries_hour,
		entries_5m,
		since_entry_ms: ageOf(last),
		spread_bps: bid && ask ? spreadOf(bid, ask) : null,
		quote_age_ms: ageOf(quoted_ms),
	}
}

const readUse = async (state: State, allowlist: readonly string[], venue_ms: number | null, machine_ms: number) => {
	const {bus, naming} = state
	const [total, reserved, reconciled_ms] = await Promise.all([
		bus.get(naming.key(keys.totalNotional, {})),
		bus.hashAll(naming.key(keys.reservations, {})),
		bus.hashGet(naming.key(keys.reconcileLast, {}), 'machine_ms'),
	])
	const names = [...new Set([...allowlist, ...Object.keys(reserved)])].sort()
	const symbols = await Promise.all(names.map(symbol => readSymbol(state, symbol, venue_ms, reserved[symbol])))
	const reconcile_age_ms = reconciled_ms === undefined ? null : Math.max(0, machine_ms - Number(reconciled_ms))
	return {total_micro: Number(total ?? 0), symbols, reconcile_age_ms}
}

/** The policy that the system runs with, and its versions up to that. */
const runningPolicy = async (home: Home) => {
	const [{readPolicy}, {policyOf, readVersions}, {runningVersion}] = await Promise.all([
		import('../system/policy-file.js'),
		import('../system/policy-store.js'),
		import('./policy.js'),
	])
	const running = await runningVersion(home)
	const versions = readVersions(home).filter(({version}) => running === null || version <= running)
	const last = versions.at(-1)
	return {policy: last ? policyOf(home, last) : readPolicy(home), versions}
}

/** The limits of a home's policy against what its governor counts. @throws OperatorError when there is no usable policy */
export const readLimits = async (home: Home, state: State, now_ms: () => number): Promise<LimitsView> => {
	const {policy, versions} = await runningPolicy(home)
	const setBy = (name: LimitName): string => {
		const setter = setterOf(versions, name.split('.'), limitOf(defaultPolicy, name))
		return setter ? `version ${setter.version} by ${setter.author}` : 'default'
	}
	const clock = await readClock(state, now_ms())
	const venue_ms = clock?.venue_ms ?? null
	const [use, portfolio] = await Promise.all([
		readUse(state, policy.allowlist, venue_ms, now_ms()),
		readPortfolio(state),
	])
	return {limits: limitsOf(policy, setBy, {...use, ...portfolio, speed: clock?.speed ?? 1}), venue_ms}
}
