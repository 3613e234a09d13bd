import {keys} from '../../contracts/keys.js'
import type {PayloadOf} from '../../contracts/stream.js'
import {positionSnapshot} from '../../contracts/streams/account.js'
import {alerts} from '../../contracts/streams/ops.js'
import {
	executorCommands,
	exposureAlerts,
	exposureUpdated,
	portfolioClusterState,
	portfolioSnapshotUpdated,
	portfolioState,
} from '../../contracts/streams/portfolio.js'
import {type Context, defineFeed, defineUnit, type Step, stay, type Wish} from '../../contracts/unit.js'
import type {SymbolFilters} from '../../exchange/symbol-filters.js'
import {isStale} from '../../logic/allowance.js'
import {type Exposed, lessened, type Reduction, reductionsFor, type Usage, usageOf} from '../../logic/balancing.js'
import type {Clusters} from '../../logic/clusters.js'
import {exact, isZero, textOf, zero} from '../../logic/exact.js'
import {downTo, type LotSize} from '../../logic/exit-decision.js'
import {idOf} from '../../runtime/identity.js'

/** A command whose effect has not been seen. Venue time. */
type Asked = Readonly<{quantity: string; amount: string; ms: number}>
type State = Readonly<{
	/** Margin of each position at its entry, USDT. */
	margins: Readonly<Record<string, string>>
	clusters: Clusters
	/** Scopes whose cap is passed. */
	broken: readonly string[]
	asked: Readonly<Record<string, Asked>>
	lots: Readonly<Record<string, LotSize>>
	/** Symbols whose reduction is less than the venue trades, and was said to be. */
	skipped: readonly string[]
	/** Machine time. */
	published_ms: number
}>

const NAME = 'exposure-balancer'
const writes = {exposure: exposureUpdated, alert: exposureAlerts, command: executorCommands, notice: alerts}
const ports = {margin: keys.marginTotal}
type Ports = Context<typeof writes, typeof ports, Record<never, never>>
type Snapshot = PayloadOf<typeof portfolioSnapshotUpdated>['snapshot']

const initial: State = {margins: {}, clusters: {}, broken: [], asked: {}, lots: {}, skipped: [], published_ms: 0}
/** Caps are over all positions, so all of them are one partition. */
const WHOLE = ''
const PUBLISH_EVERY_MS = 1_000
/** A command that changed nothing for this long is given again. */
const REPEAT_MS = 10_000
const USDT_PLACES = 8
const SHARE_PLACES = 6

/** What of the commands is still on its way: less than was asked for when the position has become smaller since. */
const stillAsked = ({asked}: State, {positions}: Snapshot, context: Ports): Readonly<Record<string, Asked>> =>
	Object.fromEntries(
		Object.entries(asked).flatMap(([symbol, {quantity, amount: before, ms}]) => {
			const amount = positions.find(position => position.symbol === symbol)?.amount ?? '0'
			const closed = exact(before).abs().sub(exact(amount).abs())
			const left = exact(quantity).sub(closed)
			const turned = exact(before).mul(amount).lte(0)
			if (turned || closed.lt(0) || left.lte(0) || isStale(ms, REPEAT_MS, context)) return []
			return [[symbol, {quantity: textOf(left), amount, ms}] as const]
		}),
	)

/** Says which caps were passed since the last time, and which hold again. */
const alertsOf = (before: readonly string[], usage: readonly Usage[], {emit}: Ports): readonly Wish[] => {
	const passed = usage.filter(({scope, broken}) => broken && !before.includes(scope))
	const gone = before.filter(scope => !usage.some(one => one.scope === scope))
	const held = usage.filter(({scope, broken}) => !broken && before.includes(scope))
	return [
		...[...passed, ...held].map(one => emit.alert(one)),
		...gone.map(scope => emit.alert({scope, broken: false, used_share: 0, limit_share: 0})),
	]
}

/** Reductions as the venue can trade them, and those that round to nothing there. */
const sized = (wanted: readonly Reduction[], {lots}: State): readonly [Reduction[], Reduction[]] => {
	const onGrid = ({symbol, quantity}: Reduction): string => downTo(quantity, lots[symbol]?.step_size)
	const trades = (reduction: Reduction): boolean => {
		const quantity = exact(onGrid(reduction))
		return quantity.gt(0) && quantity.gte(lots[reduction.symbol]?.min_quantity ?? 0)
	}
	const traded = wanted.filter(trades).map(reduction => ({...reduction, quantity: onGrid(reduction)}))
	return [traded, wanted.filter(reduction => !trades(reduction))]
}

/** Says once, while it lasts, that a reduction is left: what is too much is less than the venue trades. */
const noticesOf = (skipped: readonly Reduction[], {skipped: before, lots}: State, {emit}: Ports): readonly Wish[] =>
	skipped
		.filter(({symbol}) => !before.includes(symbol))
		.map(({symbol, quantity, scope}) => {
			const least = lots[symbol]?.min_quantity ?? '0'
			const message = `${scope}: ${quantity} ${symbol} too much is less than the venue trades (${least}): left`
			return emit.notice({severity: 'info', code: 'REDUCTION_TOO_SMALL', subject: symbol, message})
		})

const exposureOf = (usage: readonly Usage[], price_ms: number) => {
	const shareOf = (scope: string): number => usage.find(one => one.scope === scope)?.used_share ?? 0
	const clusters = usage
		.filter(({scope}) => scope.startsWith('cluster.'))
		.map(({scope, used_share}) => [scope.slice('cluster.'.length), used_share] as const)
	return {gross_share: shareOf('gross'), net_share: shareOf('net'), clusters: Object.fromEntries(clusters), price_ms}
}

const balanced = (state: State, snapshot: Snapshot, context: Ports): Step<State> => {
	const {emit, entry, policy, machine_ms, now_ms} = context
	const {equity_usdt, positions, price_ms} = snapshot
	if (exact(equity_usdt).lte(0)) return stay
	const usage = usageOf(positions, state.clusters, equity_usdt, policy.balance)
	const asked = stillAsked(state, snapshot, context)
	// What is left to others counts in what is shown, and ours does not pay for it.
	const own = positions.filter(({foreign}) => foreign !== 'ignored')
	const expected = own.map<Exposed>(position => lessened(position, asked[position.symbol]?.quantity ?? '0'))
	const wanted = reductionsFor(expected, state.clusters, equity_usdt, policy.balance).filter(
		({symbol}) => !(symbol in asked),
	)
	const [reductions, skipped] = sized(wanted, state)
	const commands = reductions.map(({symbol, quantity, scope}) => {
		const used = usage.find(one => one.scope === scope)
		const reason = `${scope} ${used?.used_share ?? 0} of ${used?.limit_share ?? 0} times equity`
		return emit.command({command_id: idOf(NAME, symbol, entry.id), symbol, quantity, reason})
	})
	const fresh = reductions.map(({symbol, quantity}) => {
		const amount = positions.find(position => position.symbol === symbol)?.amount ?? '0'
		return [symbol, {quantity, amount, ms: now_ms}] as const
	})
	const due = Math.abs(machine_ms - state.published_ms) >= PUBLISH_EVERY_MS
	return {
		state: {
			...state,
			skipped: skipped.map(({symbol}) => symbol),
			broken: usage.filter(({broken}) => broken).map(({scope}) => scope),
			asked: {...asked, ...Object.fromEntries(fresh)},
			...(due && {published_ms: machine_ms}),
		},
		wishes: [
			...alertsOf(state.broken, usage, context),
			...commands,
			...noticesOf(skipped, state, context),
			...(due ? [emit.exposure(exposureOf(usage, price_ms))] : []),
		],
	}
}

/** Only reduces: what it commands passes the same gates as every other exit. */
export const exposureBalancer = defineUnit({
	name: NAME,
	target: 'exec',
	process: 'exits',
	kind: 'stream',
	port: 8013,
	aliases: ['exposure_balancer'],
	summary: 'Gross, net and cluster exposure over equity; commands the smallest reductions when a cap is passed.',
	reads: {
		position: positionSnapshot,
		portfolio: portfolioState,
		snapshot: portfolioSnapshotUpdated,
		clusters: portfolioClusterState,
	},
	writes,
	keys: ports,
	feeds: {filters: defineFeed<SymbolFilters>('Lot sizes of each symbol, at the start and when they change')},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		/** A leverage that is not known counts as none: margin is then taken for too large rather than too small. */
		position: (state, {symbol, amount, entry_price, leverage = 1}, {entry}) => {
			if (entry.authority !== 'live') return stay
			const others = Object.fromEntries(Object.entries(state.margins).filter(([name]) => name !== symbol))
			if (isZero(amount)) return {state: {...state, margins: others}}
			const margin = exact(amount).abs().mul(entry_price).div(Math.max(1, leverage))
			return {state: {...state, margins: {...others, [symbol]: textOf(margin.toDecimalPlaces(USDT_PLACES))}}}
		},
		portfolio: (state, {equity_usdt, gross_usdt, net_usdt}, {entry, key, machine_ms}) => {
			const equity = exact(equity_usdt)
			if (entry.authority !== 'live') return stay
			const margin = Object.values(state.margins).reduce((sum, one) => sum.add(one), zero)
			const shareOf = (amount: string): string | undefined =>
				equity.gt(0) ? textOf(exact(amount).div(equity).toDecimalPlaces(SHARE_PLACES)) : undefined
			const margin_usdt = textOf(margin)
			const figures = {
				margin_usdt,
				margin_share: shareOf(margin_usdt),
				gross_share: shareOf(gross_usdt),
				net_share: shareOf(net_usdt),
				equity_usdt,
				machine_ms,
			}
			return {wishes: [key.margin.put({}, figures, {replace: true})]}
		},
		snapshot: (state, {snapshot}, context) =>
			context.entry.authority === 'live' ? balanced(state, snapshot, context) : stay,
		clusters: (state, {clusters}, {entry}) => (entry.authority === 'live' ? {state: {...state, clusters}} : stay),
	},
	onFeed: {
		filters: (state, {symbol, step_size, min_quantity}) => ({
			state: {...state, lots: {...state.lots, [symbol]: {step_size, min_quantity}}},
		}),
	},
})
