import {keys} from '../../contracts/keys.js'
import {exchangeReference, marketTick} from '../../contracts/streams/market.js'
import {alerts} from '../../contracts/streams/ops.js'
import {type Context, defineFeed, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {decimalText} from '../../logic/decimal-text.js'
import type {QuoteEvent} from '../../logic/quote.js'
import {type Mids, midOf, referenceOf, withOther} from '../../logic/reference-price.js'

/** A quote of another exchange, by the name that the settings give it. */
export type ReferenceQuote = Pick<QuoteEvent, 'symbol' | 'bid' | 'ask' | 'received_ms'> & Readonly<{source: string}>
/** Which other exchanges are asked, told once at the start. */
export type ReferenceSources = Readonly<{sources: readonly string[]}>

/** Of one symbol. */
type State = Readonly<{
	mids: Mids
	/** Venue time of the newest entry. */
	told_ms: number
	/** Said once per spell. */
	diverged?: true
}>

const initial: State = {mids: {others: {}}, told_ms: 0}
const writes = {reference: exchangeReference, alert: alerts}
const ports = {divergence: keys.divergence}
type Ctx = Context<typeof writes, typeof ports, Record<never, never>>

/** No symbol is empty: symbols have two characters at least. */
const ALL = ''
/** One entry per symbol and second: of venue time, or of machine time where that is longer. */
const TELL_EVERY_MS = 1_000

const isDue = ({told_ms}: State, {now_ms, speed}: Ctx): boolean =>
	Math.abs(now_ms - told_ms) >= TELL_EVERY_MS * Math.max(speed, 1)

/** An alert where our price leaves that of the others, and when it is back. */
const judged = (state: State, divergence_bps: number, {emit, policy, partition: symbol}: Ctx): Step<State> => {
	const limit = policy.universe.divergence_bps_max
	const {diverged, ...others} = state
	const far = Math.abs(divergence_bps) > limit
	if (far === (diverged === true)) return {state}
	const measured = `Our price of ${symbol} is ${divergence_bps} bps from the median of the other exchanges`
	return far
		? {
				state: {...others, diverged: true},
				wishes: [
					emit.alert({
						severity: 'warning',
						code: 'DIVERGENCE',
						subject: symbol,
						message: `${measured}, limit ${limit}: nothing opens in it`,
					}),
				],
			}
		: {
				state: others,
				wishes: [
					emit.alert({severity: 'info', code: 'DIVERGENCE_OVER', subject: symbol, message: `${measured} again`}),
				],
			}
}

const told = (state: State, context: Ctx): Step<State> => {
	if (!isDue(state, context)) return {state}
	const {emit, key, machine_ms, now_ms, partition: symbol} = context
	const reference = referenceOf(state.mids, machine_ms)
	if (!reference) return {state}
	const {price, sources, divergence_bps} = reference
	const next = {...state, told_ms: now_ms}
	const measured = divergence_bps === undefined ? {} : {divergence_bps}
	const entry = emit.reference({symbol, price: decimalText(price), sources, ...measured})
	if (divergence_bps === undefined) return {state: next, wishes: [entry]}
	const step = judged(next, divergence_bps, context)
	const record = key.divergence.put({}, {[symbol]: `${divergence_bps}|${machine_ms}`})
	return {...step, wishes: [entry, record, ...(step.wishes ?? [])]}
}

/**
 * The record of a symbol is written while ours and another price are fresh; with no other exchange left it grows old,
 * and entries in the symbol are refused for that. Where none is asked at all there is no record, and nothing to refuse.
 */
export const crossExchangeAggregator = defineUnit({
	name: 'cross-exchange-aggregator',
	target: 'core',
	kind: 'stream',
	summary: 'Reference price per symbol from several exchanges, and how far ours is from that of the others.',
	reads: {tick: marketTick},
	conflates: ['tick'],
	writes,
	keys: ports,
	feeds: {
		sources: defineFeed<ReferenceSources>('Which other exchanges are asked, at the start'),
		quotes: defineFeed<ReferenceQuote>('Best bid and ask of the other exchanges'),
	},
	initial: () => initial,
	partition: event => (event as Partial<ReferenceQuote>).symbol ?? ALL,
	on: {
		tick: (state, tick, context) => {
			if (context.entry.authority !== 'live') return stay
			const step = told({...state, mids: {...state.mids, ours: midOf(tick)}}, context)
			// Between two entries only the others' prices need ours, where there are any.
			return step.wishes || Object.keys(state.mids.others).length > 0 ? step : stay
		},
	},
	onFeed: {
		sources: (_, {sources}, {key}) => (sources.length === 0 ? {wishes: [key.divergence.remove({})]} : stay),
		quotes: (state, {source, ...quote}, context) =>
			told({...state, mids: withOther(state.mids, source, midOf(quote))}, context),
	},
})
