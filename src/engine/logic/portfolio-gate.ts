import type {Policy} from '../contracts/policy.js'
import type {PayloadOf} from '../contracts/stream.js'
import type {portfolioClusterState} from '../contracts/streams/portfolio.js'
import type {GATE_REASONS, tradeIntent} from '../contracts/streams/trade.js'
import {type Seen, seen} from '../scripts/gates/gate.js'
import {allowanceMs, isStale} from './allowance.js'
import {pairName} from './correlation.js'
import {isZero} from './exact.js'
import {dayOf} from './income-days.js'
import {sectorOf} from './universe.js'

type Intent = PayloadOf<typeof tradeIntent>
export type GateReason = (typeof GATE_REASONS)[number]
type Side = Intent['side']

/** What the first gate knows of the portfolio. Times are venue time, ms. */
export type GateState = Readonly<{
	/** Signed amounts of the open positions. */
	positions: Readonly<Record<string, string>>
	/** Entries that passed and may still become positions. */
	passed: Readonly<Record<string, Readonly<{side: Side; until_ms: number}>>>
	/** Absent before the first. */
	clusters?: Readonly<{
		ts_ms: number
		/** Name of the cluster by symbol. */
		of: Readonly<Record<string, string>>
		/** Correlations from half upwards, by `A|B`: less never matters to a limit worth having. */
		high: Readonly<Record<string, number>>
	}>
	exposure?: Readonly<{share: number; ts_ms: number}>
	/** Budgets that are broken, by scope and kind, with the symbols that they block; empty blocks all. */
	budgets: Readonly<Record<string, Readonly<{symbols: readonly string[]; used: string; limit: string; day: string}>>>
}>

export const emptyGate: GateState = {positions: {}, passed: {}, budgets: {}}

export type GateAsk = Readonly<{
	intent: Intent
	/** Whose intent it is: the strategy. */
	source: string
	state: GateState
	policy: Policy
	now_ms: number
	speed: number
}>

/** Clusters come with every bar of 15 minutes. */
const CLUSTERS_STALE_MS = 2 * 3_600_000
const EXPOSURE_STALE_MS = 60_000
const CORRELATION_KEPT = 0.5

/** A gate over the whole portfolio, as those of the governor are over one plan. */
export type PortfolioGate = Readonly<{
	code: Exclude<GateReason, 'PASS' | 'GATE_SHADOW'>
	meaning: string
	policy?: string
	remedy: string
	look: (ask: GateAsk) => Seen
}>

const sideOf = (amount: string): Side => (amount.startsWith('-') ? 'SELL' : 'BUY')

/** Every other symbol that is open or about to be, with its side. */
const othersOf = ({intent, state, now_ms}: GateAsk): ReadonlyMap<string, Side> => {
	const others = new Map<string, Side>()
	for (const [symbol, {side, until_ms}] of Object.entries(state.passed))
		if (until_ms >= now_ms) others.set(symbol, side)
	for (const [symbol, amount] of Object.entries(state.positions)) others.set(symbol, sideOf(amount))
	others.delete(intent.symbol)
	return others
}

const isHeld = ({intent, state}: GateAsk): boolean => state.positions[intent.symbol] !== undefined

/** A symbol of no sector is a sector of its own. */
const ownSectorOf = (symbol: string, sectors: Policy['sectors']): string => sectorOf(symbol, sectors) ?? symbol

const readiness = ({state, policy, now_ms, speed}: GateAsk): Seen => {
	const now = {now_ms, speed, policy}
	if (!state.clusters) return seen(false, 'no clusters yet', 'portfolio-clusters')
	if (isStale(state.clusters.ts_ms, CLUSTERS_STALE_MS, now))
		return seen(false, `clusters of ${now_ms - state.clusters.ts_ms} ms ago`, String(CLUSTERS_STALE_MS))
	if (Object.keys(state.positions).length === 0) return seen(true)
	const {exposure} = state
	if (exposure && !isStale(exposure.ts_ms, EXPOSURE_STALE_MS, now)) return seen(true)
	return seen(
		false,
		exposure ? `exposure of ${now_ms - exposure.ts_ms} ms ago` : 'no exposure yet',
		String(EXPOSURE_STALE_MS),
	)
}

const count = (others: ReadonlyMap<string, Side>, counts: (symbol: string, side: Side) => boolean): number =>
	[...others].filter(([symbol, side]) => counts(symbol, side)).length

/** In the order in which they are asked. */
export const portfolioGates: readonly PortfolioGate[] = [
	{
		code: 'GATE_NOT_READY',
		meaning: 'Clusters or exposure of the portfolio are not known, or too old.',
		remedy: 'wait for 50 candles; see qt status: portfolio-clusters and portfolio-state-publisher must run',
		look: readiness,
	},
	{
		code: 'GATE_SECTOR',
		meaning: 'As many positions of the sector are open or on their way as may be.',
		policy: 'portfolio.sector_positions_max',
		remedy: 'close one of the sector, or qt policy',
		look: ask => {
			const {intent, policy} = ask
			const limit = policy.portfolio.sector_positions_max
			const sector = ownSectorOf(intent.symbol, policy.sectors)
			const open = count(othersOf(ask), symbol => ownSectorOf(symbol, policy.sectors) === sector)
			return seen(isHeld(ask) || open < limit, open, limit)
		},
	},
	{
		code: 'GATE_CLUSTER',
		meaning: 'As many positions of the cluster are open on this side, or on their way, as may be.',
		policy: 'portfolio.cluster_positions_max',
		remedy: 'close one of the cluster, or the other side',
		look: ask => {
			const {intent, state, policy} = ask
			const limit = policy.portfolio.cluster_positions_max
			const of = state.clusters?.of ?? {}
			const cluster = of[intent.symbol] ?? intent.symbol
			const open = count(othersOf(ask), (symbol, side) => (of[symbol] ?? symbol) === cluster && side === intent.side)
			return seen(isHeld(ask) || open < limit, open, limit)
		},
	},
	{
		code: 'GATE_CORRELATION',
		meaning: 'A position on the same side moves too much like it.',
		policy: 'portfolio.correlation_max',
		remedy: 'close that one, or another symbol',
		look: ask => {
			const {intent, state, policy} = ask
			const limit = policy.portfolio.correlation_max
			const sameSide = [...othersOf(ask)].filter(([, side]) => side === intent.side)
			const correlations = sameSide.map(([symbol]) => state.clusters?.high[pairName(symbol, intent.symbol)] ?? 0)
			const highest = Math.max(0, ...correlations)
			return seen(isHeld(ask) || highest <= limit, highest, limit)
		},
	},
	{
		code: 'GATE_EXPOSURE',
		meaning: 'Gross exposure over equity.',
		policy: 'portfolio.exposure_share_max',
		remedy: 'close something',
		look: ({state, policy}) => {
			const share = state.exposure?.share ?? 0
			return seen(share < policy.portfolio.exposure_share_max, share, policy.portfolio.exposure_share_max)
		},
	},
	{
		code: 'GATE_BUDGET',
		meaning: 'A budget of the day, of the strategy or of the cluster is used up.',
		policy: 'budgets',
		remedy: 'wait for the next day (UTC), or qt policy',
		look: ({intent, source, state, now_ms}) => {
			const day = dayOf(now_ms)
			const broken = Object.entries(state.budgets).find(
				([scope, budget]) =>
					budget.day === day &&
					(!scope.startsWith('strategy.') || scope.startsWith(`strategy.${source}/`)) &&
					(budget.symbols.length === 0 || budget.symbols.includes(intent.symbol)),
			)
			return broken ? seen(false, `${broken[0]} ${broken[1].used}`, broken[1].limit) : seen(true)
		},
	},
]

export type GateAnswer = Readonly<{decision: 'PASS' | 'REFUSE'; reason: GateReason; used?: string; limit?: string}>

/** The first gate that refuses an entry, or that it passes. */
export const judgeEntry = (ask: GateAsk): GateAnswer => {
	for (const {code, look} of portfolioGates) {
		const {passed, used, limit} = look(ask)
		if (!passed) return {decision: 'REFUSE', reason: code, used: String(used), limit: String(limit)}
	}
	return {decision: 'PASS', reason: 'PASS'}
}

/** An entry that passed counts as open until it must have become a position, or was refused later on. */
export const withPassed = ({intent, state, policy, now_ms, speed}: GateAsk): GateState => {
	const until_ms = Math.round(
		now_ms + allowanceMs(policy.plan_age_max_ms, policy, speed) + allowanceMs(policy.permit_ttl_ms, policy, speed),
	)
	const still = Object.entries(state.passed).filter(([, passed]) => passed.until_ms >= now_ms)
	return {...state, passed: {...Object.fromEntries(still), [intent.symbol]: {side: intent.side, until_ms}}}
}

/** It came to nothing. */
export const withoutPassed = (state: GateState, symbol: string): GateState => {
	const {[symbol]: gone, ...passed} = state.passed
	return gone ? {...state, passed} : state
}

export const withPosition = (state: GateState, symbol: string, amount: string): GateState => {
	const {[symbol]: _, ...others} = state.positions
	return {...withoutPassed(state, symbol), positions: isZero(amount) ? others : {...others, [symbol]: amount}}
}

export const withClusters = (
	state: GateState,
	{clusters, correlations}: PayloadOf<typeof portfolioClusterState>,
	ts_ms: number,
): GateState => ({
	...state,
	clusters: {
		ts_ms,
		of: Object.fromEntries(
			Object.entries(clusters).flatMap(([name, symbols]) => symbols.map(symbol => [symbol, name] as const)),
		),
		high: Object.fromEntries(Object.entries(correlations).filter(([, value]) => value >= CORRELATION_KEPT)),
	},
})
