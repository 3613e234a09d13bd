import type {PayloadOf} from '../../contracts/stream.js'
import {exchangeNormalized} from '../../contracts/streams/account.js'
import {attributionResults} from '../../contracts/streams/observe.js'
import {classOf, governorEvents, tradeClosed} from '../../contracts/streams/trade.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {attributionOf, type Decision, type Executed} from '../../logic/attribution.js'
import {readClientId} from '../../logic/client-id.js'
import {settlementAsset} from '../../logic/exact.js'

type Closed = Readonly<{trade: PayloadOf<typeof tradeClosed>; due_ms: number}>
/** Of one symbol. */
type State = Readonly<{
	decisions: readonly Decision[]
	fills: readonly Executed[]
	funding: readonly Readonly<{transaction_id: string; amount: string; ts_ms: number}>[]
	/** Trades that are over and wait for what other streams still bring of them. */
	closed: readonly Closed[]
}>

const initial: State = {decisions: [], fills: [], funding: [], closed: []}
/** The fills and the funding of a trade come on another stream than its end: this long they may be later, machine time. */
const SETTLE_MS = 5_000
/** The newest of each; what is forgotten is not measured, and the parts add up all the same. */
const DECISIONS_MAX = 64
const FILLS_MAX = 400
const FUNDING_MAX = 400

const appended = <Row>(rows: readonly Row[], row: Row, max: number): readonly Row[] => [...rows, row].slice(-max)

export const performanceAttribution = defineUnit({
	name: 'performance-attribution',
	target: 'obs',
	kind: 'stream',
	port: 8060,
	summary: 'Splits the PnL of each closed trade into strategy, timing, slippage, fees and funding, which add up to it.',
	reads: {verdict: governorEvents, account: exchangeNormalized, closed: tradeClosed},
	writes: {result: attributionResults},
	keys: {},
	timers: {settle: {every_ms: 1_000, clock: 'machine'}},
	initial: () => initial,
	on: {
		verdict: (state, {verdict, plan_id, plan, quote_price}, {entry}) => {
			if (verdict !== 'ALLOW' || !plan || entry.authority !== 'live' || classOf(plan.action) === 'PROTECT') return stay
			const {reference_price} = plan
			const decision: Decision = {
				plan_id,
				...(reference_price !== undefined && {reference_price}),
				...(quote_price && {quote_price}),
			}
			return {state: {...state, decisions: appended(state.decisions, decision, DECISIONS_MAX)}}
		},
		account: (state, event, {entry}) => {
			const ts_ms = entry.ts
			if (event.kind === 'fill') {
				const {trade_id, side, price, quantity} = event
				const {kind, plan_id} = readClientId(event.client_order_id)
				// A stop fills where the price takes it: there was no quote that it was decided on.
				if (kind !== 'market' || state.fills.some(fill => fill.trade_id === trade_id)) return stay
				const fill: Executed = {trade_id, plan_id, side, price, quantity, ts_ms}
				return {state: {...state, fills: appended(state.fills, fill, FILLS_MAX)}}
			}
			if (event.kind !== 'income' || event.income_type !== 'FUNDING_FEE') return stay
			const {transaction_id, amount, asset, symbol = ''} = event
			if (asset !== settlementAsset(symbol) || state.funding.some(row => row.transaction_id === transaction_id))
				return stay
			return {state: {...state, funding: appended(state.funding, {transaction_id, amount, ts_ms}, FUNDING_MAX)}}
		},
		closed: (state, trade, {entry, machine_ms}) =>
			entry.authority === 'live' && trade.foreign !== 'ignored'
				? {state: {...state, closed: [...state.closed, {trade, due_ms: machine_ms + SETTLE_MS}]}}
				: stay,
	},
	onTimer: {
		settle: (state, {emit, machine_ms}) => {
			const [first] = state.closed
			// A clock that was set back must not hold a trade for ever.
			if (!first || (machine_ms < first.due_ms && first.due_ms - machine_ms <= SETTLE_MS)) return stay
			const {trade} = first
			const within = ({ts_ms}: Readonly<{ts_ms: number}>) => ts_ms >= trade.opened_ms && ts_ms <= trade.closed_ms
			const later = ({ts_ms}: Readonly<{ts_ms: number}>) => ts_ms > trade.closed_ms
			const result = attributionOf({
				trade,
				fills: state.fills.filter(within),
				decisions: state.decisions,
				funding: state.funding.filter(within).map(({amount}) => amount),
			})
			return {
				state: {
					decisions: state.decisions,
					fills: state.fills.filter(later),
					funding: state.funding.filter(later),
					closed: state.closed.slice(1),
				},
				wishes: [emit.result(result)],
			}
		},
	},
})
