import {keys} from '../../contracts/keys.js'
import {accountBalance, positionSnapshot} from '../../contracts/streams/account.js'
import {marketTick} from '../../contracts/streams/market.js'
import {portfolioSnapshotUpdated, portfolioState} from '../../contracts/streams/portfolio.js'
import {type Context, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {
	emptyHoldings,
	type Holdings,
	snapshotOf,
	withAssetPrice,
	withBalance,
	withPosition,
	withTick,
} from '../../logic/portfolio.js'

/** Times are machine time, ms; 0 before the first. */
type State = Readonly<{
	holdings: Holdings
	/** The holdings have moved since the last entry. */
	moved: boolean
	/** In lock-step venue time. */
	published_ms: number
	/** The key was written, changed or not. */
	confirmed_ms: number
}>

const writes = {state: portfolioState, snapshot: portfolioSnapshotUpdated}
const ports = {portfolio: keys.portfolioState}
type Ctx = Context<typeof writes, typeof ports, Record<never, never>>

const initial: State = {holdings: emptyHoldings, moved: false, published_ms: 0, confirmed_ms: 0}
/** The balance concerns every position, so all of them are one partition. */
const WHOLE = ''
const PUBLISH_EVERY_MS = 1_000
/** Of venue time, where the machine's says nothing about how much of the market has passed. */
const LOCKSTEP_EVERY_MS = 5_000
/** Figures that do not change are confirmed this often: their reader can tell calm from death. */
const CONFIRM_EVERY_MS = 5_000

const isDue = (last_ms: number, every_ms: number, pace_ms: number): boolean => Math.abs(pace_ms - last_ms) >= every_ms

/** Publishes what has moved, unless an entry is too young; confirms the key when nothing has. */
const publish = (state: State, {emit, key, machine_ms, now_ms, speed}: Ctx): Step<State> => {
	const [pace_ms, every_ms] = speed === 0 ? [now_ms, LOCKSTEP_EVERY_MS] : [machine_ms, PUBLISH_EVERY_MS]
	const due = state.moved && isDue(state.published_ms, every_ms, pace_ms)
	if (!due && !isDue(state.confirmed_ms, CONFIRM_EVERY_MS, machine_ms)) return {state}
	const snapshot = snapshotOf(state.holdings)
	if (!snapshot) return {state}
	const {positions, ...figures} = snapshot
	const times = {venue_ms: now_ms, machine_ms}
	const {asset_prices, ...amounts} = figures
	const nested = {
		positions: JSON.stringify(positions),
		...(asset_prices && {asset_prices: JSON.stringify(asset_prices)}),
	}
	const put = key.portfolio.put({}, {...amounts, ...nested, ...times}, {replace: true})
	const confirmed = {...state, confirmed_ms: machine_ms}
	if (!due) return {state: confirmed, wishes: [put]}
	return {
		state: {...confirmed, moved: false, published_ms: pace_ms},
		wishes: [emit.state(figures), emit.snapshot({snapshot: {...figures, positions: [...positions]}}), put],
	}
}

const moved = (state: State, holdings: Holdings, context: Ctx): Step<State> =>
	holdings === state.holdings || context.entry.authority !== 'live'
		? stay
		: publish({...state, holdings, moved: true}, context)

export const portfolioStatePublisher = defineUnit({
	name: 'portfolio-state-publisher',
	target: 'state',
	kind: 'stream',
	summary:
		'Equity, exposure, open positions, unrealised PnL of the whole portfolio, at most once per machine second; in lock-step per 5 s of venue time.',
	reads: {position: positionSnapshot, balance: accountBalance, tick: marketTick},
	writes,
	keys: ports,
	timers: {flush: {every_ms: PUBLISH_EVERY_MS, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		position: (state, event, context) => moved(state, withPosition(state.holdings, event, context.entry.ts), context),
		balance: (state, {asset, wallet_balance, transfer}, context) =>
			moved(state, withBalance(state.holdings, asset, wallet_balance, transfer), context),
		/** The price of an asset is kept for the next entry, and makes none of its own. */
		tick: (state, event, context) => {
			const priced = withAssetPrice(state.holdings, event)
			const step = moved({...state, holdings: priced}, withTick(priced, event, context.entry.ts), context)
			const kept = step === stay && priced !== state.holdings && context.entry.authority === 'live'
			return kept ? {state: {...state, holdings: priced}} : step
		},
	},
	onTimer: {
		flush: (state, context) => {
			const step = publish(state, context)
			return step.wishes ? step : stay
		},
	},
})
