import {positionSnapshot} from '../../contracts/streams/account.js'
import {marketState} from '../../contracts/streams/market.js'
import {policyUpdate} from '../../contracts/streams/risk.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {isZero} from '../../logic/exact.js'
import {CANDLES_MIN, isDue, RATIO_HIGH, type Spell, smallerNotional, withCandle} from '../../logic/volatility-watch.js'
import {idOf} from '../../runtime/identity.js'

type State = Readonly<{
	/** By symbol with an open position. */
	spells: Readonly<Record<string, Spell>>
	/** Venue time of the newest proposal. */
	proposed_ms?: number
}>

const NAME = 'risk-proposal'
const initial: State = {spells: {}}
/** What it proposes is for all symbols, and so is the pause between proposals: all of them are one partition. */
const WHOLE = ''
const EVERY_MS = 6 * 3_600_000

/**
 * Proposes, never decides: the policy store takes only what tightens. It looks at the volatility of symbols with open
 * positions; risk.events, which would tell more, has no writer yet.
 */
export const riskProposal = defineUnit({
	name: NAME,
	target: 'exec',
	process: 'exits',
	kind: 'stream',
	summary: 'Smaller trades proposed while the volatility of a symbol with an open position stays high.',
	reads: {position: positionSnapshot, market: marketState},
	writes: {update: policyUpdate},
	keys: {},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		position: (state, {symbol, amount}, {entry}) => {
			const known = state.spells[symbol]
			if (entry.authority !== 'live' || isZero(amount) === (known === undefined)) return stay
			const others = Object.fromEntries(Object.entries(state.spells).filter(([name]) => name !== symbol))
			return {state: {...state, spells: known ? others : {...others, [symbol]: {candles: 0, open_ms: 0}}}}
		},
		market: (state, {symbol, open_ms, ready, volatility_ratio}, {entry, emit, policy, now_ms}) => {
			const before = state.spells[symbol]
			if (!before || !ready || entry.authority !== 'live') return stay
			const spell = withCandle(before, open_ms, volatility_ratio)
			if (spell === before) return stay
			const next: State = {...state, spells: {...state.spells, [symbol]: spell}}
			const soon = state.proposed_ms !== undefined && now_ms - state.proposed_ms < EVERY_MS
			const notional = smallerNotional(policy.notional_per_trade_usdt)
			if (!isDue(spell) || soon || notional === undefined) return {state: next}
			const proposal = emit.update({
				proposal_id: idOf(NAME, symbol, open_ms),
				reason: `volatility of ${symbol} above ${RATIO_HIGH} times its usual for ${CANDLES_MIN} candles, with a position open`,
				changes: {notional_per_trade_usdt: notional},
			})
			const spells = {...state.spells, [symbol]: {...spell, proposed: true as const}}
			return {state: {spells, proposed_ms: now_ms}, wishes: [proposal]}
		},
	},
})
