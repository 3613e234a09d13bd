import {positionSnapshot} from '../../contracts/streams/account.js'
import {
	budgetViolation,
	exposureUpdated,
	portfolioClusterState,
	portfolioState,
} from '../../contracts/streams/portfolio.js'
import {classOf, portfolioGate as gateStream, governorEvents, tradeIntent} from '../../contracts/streams/trade.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {actionOf} from '../../logic/intent-to-plan.js'
import {
	emptyGate,
	type GateAnswer,
	judgeEntry,
	withClusters,
	withoutPassed,
	withPassed,
	withPosition,
} from '../../logic/portfolio-gate.js'

/** The limits are over all positions, so all of them are one partition. */
const WHOLE = ''
const PASS: GateAnswer = {decision: 'PASS', reason: 'PASS'}
/** What ends an entry that passed here without a position. */
const CAME_TO_NOTHING = new Set(['REFUSE', 'EXPIRED', 'RELEASED'])

export const portfolioGate = defineUnit({
	name: 'portfolio-gate',
	target: 'exec',
	kind: 'stream',
	summary:
		'First gate of each intent: limits over sectors, clusters, correlation, exposure and budgets; exits pass untouched.',
	reads: {
		intent: tradeIntent,
		position: positionSnapshot,
		clusters: portfolioClusterState,
		state: portfolioState,
		exposure: exposureUpdated,
		budget: budgetViolation,
		verdict: governorEvents,
	},
	conflates: ['state', 'exposure'],
	writes: {gate: gateStream},
	keys: {},
	initial: () => emptyGate,
	partition: () => WHOLE,
	on: {
		intent: (state, intent, {entry, emit, policy, now_ms, speed}) => {
			const {symbol} = intent
			const {id: intent_id, unit: source, ts: intent_ms, authority} = entry
			const told = (answer: GateAnswer) => emit.gate({intent_id, source, intent_ms, symbol, ...answer, intent})
			if (authority !== 'live') return {wishes: [told({decision: 'REFUSE', reason: 'GATE_SHADOW'})]}
			const action = actionOf(intent, state.positions[symbol] ?? '0')
			// What the bridge makes nothing of is its to refuse.
			if (action === 'SKIP' || classOf(action) !== 'ENTRY') return {wishes: [told(PASS)]}
			const ask = {intent, source, state, policy, now_ms, speed}
			const answer = judgeEntry(ask)
			return {...(answer.decision === 'PASS' && {state: withPassed(ask)}), wishes: [told(answer)]}
		},
		position: (state, {symbol, amount}, {entry}) => {
			if (entry.authority !== 'live' || (state.positions[symbol] ?? '0') === amount) return stay
			return {state: withPosition(state, symbol, amount)}
		},
		clusters: (state, event, {entry}) =>
			entry.authority === 'live' ? {state: withClusters(state, event, entry.ts)} : stay,
		state: (state, {exposure_ratio = '0'}, {entry}) =>
			entry.authority === 'live'
				? {state: {...state, exposure: {share: Number(exposure_ratio), ts_ms: entry.ts}}}
				: stay,
		exposure: (state, {gross_share}, {entry}) =>
			entry.authority === 'live' && entry.ts >= (state.exposure?.ts_ms ?? 0)
				? {state: {...state, exposure: {share: gross_share, ts_ms: entry.ts}}}
				: stay,
		budget: (state, {scope, budget, broken, symbols = [], used_usdt, limit_usdt, day}, {entry}) => {
			if (entry.authority !== 'live') return stay
			const name = `${scope}/${budget}`
			const {[name]: _, ...others} = state.budgets
			const budgets = broken ? {...others, [name]: {symbols, used: used_usdt, limit: limit_usdt, day}} : others
			return {state: {...state, budgets}}
		},
		verdict: (state, {symbol, verdict}) => {
			if (!CAME_TO_NOTHING.has(verdict)) return stay
			const next = withoutPassed(state, symbol)
			return next === state ? stay : {state: next}
		},
	},
})
