import {z} from 'zod'
import type {Policy} from '../../engine/contracts/policy.js'
import {INTERVALS, intervalMs} from '../../engine/contracts/streams/market.js'
import {allowanceMs} from '../../engine/logic/allowance.js'
import {type Bar, noSignal, signalOf} from '../../engine/logic/signal.js'
import type {Intent} from './why-ask.js'
import {checkOf, type WhyCheck} from './why-verdict.js'

type Fields = Readonly<Record<string, string>>
/** Venue time, ms; null while the venue's clock is not known. */
export type Now = Readonly<{venue_ms: number | null; machine_ms: number; speed: number; policy: Policy}>

const number = z.number()
const bar = z.object({
	interval: z.enum(INTERVALS),
	open_ms: number,
	ready: z.boolean(),
	decided: z.boolean(),
	signal_id: z.string().optional(),
	rsi_14: number,
	macd_histogram: number,
	bollinger_upper: number,
	bollinger_middle: number,
	bollinger_lower: number,
	atr_14: number,
	ema_fast: number,
	ema_slow: number,
})
const remembered = z.object({balance_usdt: z.string().optional(), bars: z.record(z.string(), z.unknown())})

/** What the trend follower remembers of a symbol. */
export type Remembered = Readonly<{balance_usdt: string | undefined; bar: Bar | undefined}>

/** From its snapshot; undefined where it wrote none, or one that nobody can read. */
export const rememberedOf = (text: string | undefined, symbol: string): Remembered | undefined => {
	if (text === undefined) return undefined
	const state = remembered.safeParse(JSON.parse(text))
	if (!state.success) return undefined
	const {balance_usdt, bars} = state.data
	const found = bar.safeParse(bars[symbol])
	if (!found.success) return {balance_usdt, bar: undefined}
	const {signal_id, ...rest} = found.data
	return {balance_usdt, bar: {...rest, ...(signal_id !== undefined && {signal_id})}}
}

const REMEDY = {
	QUOTE: 'see qt status: price-feed must run and the venue must answer',
	CANDLE: 'see qt status: market-publisher must run',
	FEATURES: 'see qt status: feature-publisher must run',
} as const

const dated = (
	code: keyof typeof REMEDY,
	since_ms: number | undefined,
	limit_ms: number,
	{venue_ms, speed, policy}: Now,
	meaning: string,
): WhyCheck => {
	const limit = String(allowanceMs(limit_ms, policy, speed))
	const common = {step: 'data' as const, code, limit, unit: 'ms' as const, meaning, remedy: REMEDY[code]}
	if (since_ms === undefined) return checkOf({...common, passed: false, used: 'none seen'})
	if (venue_ms === null) return checkOf({...common, passed: null, used: 'unknown'})
	const age_ms = Math.max(0, Math.round(venue_ms - since_ms))
	return checkOf({...common, passed: age_ms <= Number(limit), used: String(age_ms)})
}

export type Market = Readonly<{
	quote: Fields
	/** Present while the feed of the symbol is silent. */
	stale: Fields
	/** Newest closed candle and vector of the decision bar, as they were written. */
	candle: Fields | undefined
	features: Fields | undefined
}>

/** How old quote, candle and features are, venue time, against what is still acted on. */
export const dataChecks = ({quote, stale, candle, features}: Market, now: Now): readonly WhyCheck[] => {
	const {policy} = now
	const bar_ms = intervalMs(policy.bar)
	const closedMs = (of: Fields | undefined) => (of?.open_ms === undefined ? undefined : Number(of.open_ms) + bar_ms)
	const quoted = dated(
		'QUOTE',
		quote.venue_ms === undefined ? undefined : Number(quote.venue_ms),
		policy.data_stale_ms,
		now,
		'Age of bid and ask.',
	)
	const silent = stale.since_ms !== undefined
	const vector = dated('FEATURES', closedMs(features), bar_ms, now, `Since the bar of ${policy.bar} closed.`)
	return [
		silent ? {...quoted, passed: false, meaning: 'The feed of the symbol is silent.'} : quoted,
		dated('CANDLE', closedMs(candle), bar_ms, now, `Since the candle of ${policy.bar} closed.`),
		features && features.ready !== 'true'
			? {...vector, passed: false, meaning: 'The indicators have too few bars.', remedy: 'wait for further bars'}
			: vector,
	]
}

const way = (value: number): string => (value > 0 ? 'up' : value < 0 ? 'down' : 'level')

/** Where the witnesses of a trend point. */
const witnesses = ({ema_fast, ema_slow, macd_histogram, bollinger_middle, rsi_14}: Bar, price: number): string =>
	`averages ${way(ema_fast - ema_slow)}, momentum ${way(macd_histogram)}, price ${way(price - bollinger_middle)}, RSI ${rsi_14.toFixed(0)}`

/** What of the strategy is to be waited for ends with the bar that is open now. */
const untilNextBar = (of: Bar | undefined, {venue_ms, policy}: Now): number | null => {
	if (venue_ms === null) return null
	const bar_ms = intervalMs(policy.bar)
	const closes_ms = of ? of.open_ms + 2 * bar_ms : Math.ceil(venue_ms / bar_ms) * bar_ms
	return Math.max(0, closes_ms - venue_ms)
}
const WAITS = new Set(['BAR_MISSING', 'BAR_WARMING_UP', 'BAR_DECIDED', 'BAR_OTHER'])

export type SignalNow = Readonly<{check: WhyCheck; intent: Intent | undefined}>

/** What the trend follower would do at the newest quote, by what it remembers. */
export const signalNow = (
	symbol: string,
	known: Remembered | undefined,
	{bid, ask, venue_ms: quoted_ms}: Fields,
	now: Now,
): SignalNow => {
	const step = 'signal' as const
	const {venue_ms, speed, policy} = now
	const unknown = (used: string, remedy: string) => ({
		check: checkOf({step, code: 'SIGNAL', passed: null, used, remedy}),
		intent: undefined,
	})
	if (policy.intent_source === 'autonomous-trader') {
		const meaning = 'Intents of the trading-bot only watch.'
		const told = {used: policy.intent_source, limit: 'trading-bot', policy: 'intent_source', remedy: 'qt policy'}
		return {check: checkOf({step, code: 'INTENT_SOURCE', passed: false, meaning, ...told}), intent: undefined}
	}
	if (!known) return unknown('what the trading-bot knows cannot be read', 'see qt status: trading-bot must run')
	if (venue_ms === null) return unknown('the time of the venue is not known', 'see qt status: price-feed must run')
	if (!bid || !ask) return unknown('there is no quote', REMEDY.QUOTE)
	const tick = {symbol, bid, ask, bid_quantity: '0', ask_quantity: '0', received_ms: 0}
	const found = signalOf({...known, tick, tick_ms: Number(quoted_ms), now_ms: venue_ms, speed, policy})
	const price = (Number(bid) + Number(ask)) / 2
	const used = known.bar ? witnesses(known.bar, price) : ''
	if (typeof found !== 'string')
		return {
			check: checkOf({step, code: 'SIGNAL', passed: true, used, meaning: `It wants to ${found.side}.`}),
			intent: found,
		}
	const wait_ms = WAITS.has(found) ? untilNextBar(known.bar, now) : null
	return {check: checkOf({step, code: found, passed: false, used, ...noSignal[found], wait_ms}), intent: undefined}
}
