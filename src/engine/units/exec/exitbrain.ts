import {keys} from '../../contracts/keys.js'
import {positionSnapshot} from '../../contracts/streams/account.js'
import {exitBrainPnl} from '../../contracts/streams/exits.js'
import {marketState, marketTick} from '../../contracts/streams/market.js'
import {applyPlan} from '../../contracts/streams/trade.js'
import {type Context, defineFeed, defineUnit, type Step, stay, type Wish} from '../../contracts/unit.js'
import type {SymbolFilters} from '../../exchange/symbol-filters.js'
import {isStale} from '../../logic/allowance.js'
import {closingSide} from '../../logic/closing.js'
import {exact, priceText, textOf} from '../../logic/exact.js'
import {decideExit, type ExitDecision, guardsOf, type LotSize, stopMove, withBest} from '../../logic/exit-decision.js'
import {basisOf, givenUp, type Holding, withSnapshot} from '../../logic/exit-holding.js'
import {gainAt, ladderOf, sigma15mOf} from '../../logic/exit-ladder.js'
import {type ExitView, exitStateOf, pnlOf} from '../../logic/exit-report.js'
import {isOverdue, isOwned, isTellingDue, mayMove} from '../../logic/exit-spacing.js'
import {killScoreOf, type MarketNow, urgencyOf} from '../../logic/exit-urgency.js'
import {closingPrice} from '../../logic/exit-watch.js'
import {managed} from '../../logic/foreign.js'
import {idOf} from '../../runtime/identity.js'

/** Of one symbol. Times are venue time. */
type State = Readonly<{
	holding?: Holding
	market?: MarketNow & Readonly<{seen_ms: number}>
	lot?: LotSize
	/** The newest closing price when something was said of the position last. */
	seen?: Readonly<{price: number; at_ms: number}>
}>

const NAME = 'exitbrain'
const initial: State = {}
const writes = {plan: applyPlan, pnl: exitBrainPnl}
const ports = {state: keys.exitState}
type Ctx = Context<typeof writes, typeof ports, Record<never, never>>
type Outcome = Readonly<{holding: Holding; wishes: readonly Wish[]}>

/** A state of the market comes each minute: an older one says nothing about now. */
const MARKET_OLD_MS = 180_000

const marketNow = ({market}: State, context: Ctx): MarketNow | undefined =>
	market && !isStale(market.seen_ms, MARKET_OLD_MS, context) ? market : undefined

/** What the owner sees at a price, with what the price itself moves: the best one, and the internal stop. */
const viewOf = (state: State, held: Holding, price: number, context: Ctx): ExitView => {
	const {policy, now_ms, partition: symbol} = context
	const market = marketNow(state, context)
	const early = held.sigma_15m === undefined && held.taken === 0 && market !== undefined
	const known: Holding = early ? {...held, sigma_15m: sigma15mOf(market.volatility_ewma)} : held
	const ladder = ladderOf(basisOf(known), policy)
	const {direction, distance} = ladder
	const {stop} = guardsOf(known, ladder, policy)
	const holding = withBest({...known, stop}, ladder, price)
	const age_ms = Math.max(0, now_ms - held.opened_ms)
	const gain = gainAt(ladder, price)
	const parts = urgencyOf({direction, market, age_ms, age_max_ms: policy.exit_brain.age_max_ms, gain, distance})
	return {symbol, holding, ladder, price, parts, kill_score: killScoreOf(parts)}
}

/** Asks for what was decided, unless the same is still on its way. */
const closing = (decision: ExitDecision, view: ExitView, context: Ctx): Outcome => {
	const {holding, price, kill_score} = view
	const {policy, emit, entry, partition: symbol, now_ms} = context
	if (!decision) return {holding, wishes: []}
	if (decision.kind === 'skip') {
		const {taken, skipped} = holding
		return {holding: {...holding, taken: decision.upto, skipped: skipped + decision.upto - taken}, wishes: []}
	}
	const {reason} = decision
	const part = decision.kind === 'part' ? decision : undefined
	const size = textOf(exact(holding.amount).abs())
	const {pending} = holding
	// A harder reason does not wait for a part that is on its way, nor an emergency for anything else.
	const harder = pending !== undefined && !part && (pending.part !== undefined || reason === 'emergency')
	const repeated = pending?.reason === reason
	if (pending && !isOverdue(pending, policy.exit_brain.every_ms, context) && (repeated || !harder))
		return {holding, wishes: []}
	const plan = emit.plan({
		plan_id: idOf(NAME, symbol, holding.opened_ms, 'exit', entry.id),
		symbol,
		action: part?.action ?? 'FULL_CLOSE_PROPOSED',
		side: closingSide(holding.amount),
		quantity: part?.quantity ?? size,
		source: NAME,
		reason,
		kill_score,
		reference_price: priceText(price),
	})
	const asked = part && {upto: part.upto, from: size, quantity: part.quantity}
	return {holding: {...holding, pending: {reason, planned_ms: now_ms, ...(asked && {part: asked})}}, wishes: [plan]}
}

/** Moves the resting stop behind what was reached. The new one stands beside the old until that is cancelled. */
const moving = (holding: Holding, view: ExitView, context: Ctx): Outcome => {
	const {policy, emit, entry, partition: symbol, now_ms, machine_ms} = context
	const move = mayMove(holding, context) ? stopMove(holding, view.ladder, policy) : undefined
	if (!move) return {holding, wishes: []}
	const plan = emit.plan({
		plan_id: idOf(NAME, symbol, holding.opened_ms, 'move', entry.id),
		symbol,
		action: move.action,
		side: closingSide(holding.amount),
		quantity: textOf(exact(holding.amount).abs()),
		stop_price: priceText(move.stop_price),
		cancel_ids: [move.cancel_id],
		source: NAME,
		reason: `target ${holding.taken} taken`,
		kill_score: view.kill_score,
	})
	return {holding: {...holding, moving: {client_id: move.cancel_id, machine_ms, venue_ms: now_ms}}, wishes: [plan]}
}

/** Looks at the position at a price: closes, or moves the stop, and says at least every `every_ms` what it sees. */
const look = (state: State, held: Holding, price: number, context: Ctx): Step<State> => {
	const {policy, emit, key, partition: symbol, now_ms} = context
	const {every_ms} = policy.exit_brain
	const overdue = held.pending && isOverdue(held.pending, every_ms, context)
	const view = viewOf(state, overdue ? givenUp(held) : held, price, context)
	const decision = decideExit({...view, lot: state.lot}, policy)
	const closed = closing(decision, view, context)
	const moved = decision && decision.kind !== 'skip' ? closed : moving(closed.holding, view, context)
	const wishes = [...closed.wishes, ...(moved === closed ? [] : moved.wishes)]
	const tells = wishes.length > 0 || isTellingDue(held.told_ms, every_ms, context)
	if (!tells) return same(moved.holding, held) ? stay : {state: {...state, holding: moved.holding}}
	const holding = {...moved.holding, told_ms: now_ms}
	const told = {...view, holding}
	const fields = {...exitStateOf(told, policy), venue_ms: now_ms, machine_ms: context.machine_ms}
	return {
		state: {...state, holding, seen: {price, at_ms: now_ms}},
		wishes: [...wishes, emit.pnl(pnlOf(told, policy)), key.state.put({symbol}, fields, {replace: true})],
	}
}
const same = (one: Holding, other: Holding): boolean => JSON.stringify(one) === JSON.stringify(other)

export const exitbrain = defineUnit({
	name: NAME,
	target: 'exec',
	process: 'exits',
	kind: 'stream',
	aliases: ['exitbrain-v35', 'exitbrain-v3-5', 'exit-brain-v3'],
	summary: 'Owner of exits: internal stop, targets with a ratchet, trailing, loss limits and the kill score.',
	reads: {position: positionSnapshot, tick: marketTick, market: marketState},
	conflates: ['tick'],
	writes,
	keys: ports,
	feeds: {
		filters: defineFeed<SymbolFilters>('Lot sizes of each symbol, at the start and when they change', {conflate: true}),
	},
	timers: {look: {every_ms: 5_000, clock: 'venue'}},
	initial: () => initial,
	on: {
		position: (state, snapshot, {entry, key, partition: symbol}) => {
			if (entry.authority !== 'live') return stay
			const {holding: before, seen: _, ...known} = state
			const holding = withSnapshot(before, managed(snapshot))
			if (holding) return {state: {...state, holding}}
			return before ? {state: known, wishes: [key.state.remove({symbol})]} : stay
		},
		tick: (state, tick, context) => {
			const {holding} = state
			const {entry, policy, partition} = context
			if (!holding || !isOwned(partition, policy.exit_brain.symbols_share)) return stay
			if (entry.authority !== 'live' || isStale(entry.ts, policy.data_stale_ms, context)) return stay
			const price = Number(closingPrice(holding, tick))
			return look(state, holding, price, context)
		},
		market: (state, {ready, volatility_ewma, volatility_ratio, trend_strength}, {entry, now_ms}) => {
			if (entry.authority !== 'live' || !ready) return stay
			return {state: {...state, market: {volatility_ewma, volatility_ratio, trend_strength, seen_ms: now_ms}}}
		},
	},
	onFeed: {
		filters: (state, {step_size, min_quantity}) => ({state: {...state, lot: {step_size, min_quantity}}}),
	},
	onTimer: {
		/** A position in a quiet market is looked at too; one whose price is not known is left to exit-monitor. */
		look: (state, context) => {
			const {holding, seen} = state
			const {policy, partition} = context
			if (!holding || !seen || !isOwned(partition, policy.exit_brain.symbols_share)) return stay
			if (isStale(seen.at_ms, policy.data_stale_ms, context)) return stay
			return look(state, holding, seen.price, context)
		},
	},
})
