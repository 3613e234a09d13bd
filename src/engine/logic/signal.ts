import type {Policy} from '../contracts/policy.js'
import type {PayloadOf} from '../contracts/stream.js'
import {type Interval, intervalMs, type marketTick} from '../contracts/streams/market.js'
import type {tradeIntent} from '../contracts/streams/trade.js'
import {isStale} from './allowance.js'
import {intentOf, type TrendFeatures, trendOf} from './trend-following.js'

/** Newest closed bar of a symbol; `decided` once an intent was made on it. */
export type Bar = TrendFeatures &
	Readonly<{
		interval: Interval
		open_ms: number
		ready: boolean
		decided: boolean
		/** The entry of the features that it came with. */
		signal_id?: string
	}>

/** All that the trend follower remembers. */
export type BotState = Readonly<{balance_usdt?: string; bars: Readonly<Record<string, Bar>>}>

/** Why a tick leads to no intent, in the order in which it is looked at. */
export const noSignal = {
	BAR_MISSING: {meaning: 'No bar of the symbol has closed yet.', remedy: 'wait for the next bar'},
	BAR_WARMING_UP: {meaning: 'The indicators have too few bars.', remedy: 'wait for further bars'},
	BAR_DECIDED: {
		meaning: 'The newest bar has led to its one intent already.',
		remedy: 'wait for the next bar',
	},
	BAR_OTHER: {meaning: 'The policy names another bar than the newest one is of.', remedy: 'wait for the next bar'},
	BALANCE_UNKNOWN: {
		meaning: 'The wallet is not known, so there is no size.',
		remedy: 'see qt status: balance-tracker must run',
	},
	TICK_STALE: {
		meaning: 'The newest quote is too old to decide on.',
		remedy: 'see qt status: price-feed must run and the venue must answer',
	},
	BAR_STALE: {
		meaning: 'The newest bar is too old to decide on.',
		remedy: 'see qt status: market-publisher and feature-publisher must run',
	},
	NO_TREND: {
		meaning: 'Averages, momentum and price do not agree, or the RSI is extreme.',
		remedy: 'wait until they do',
	},
	NO_SOUND_ORDER: {
		meaning: 'No balance to risk, or stop and target are no prices.',
		remedy: 'qt balance',
	},
} as const
export type NoSignal = keyof typeof noSignal

type Intent = PayloadOf<typeof tradeIntent>
export type SignalInput = Readonly<{
	bar: Bar | undefined
	balance_usdt: string | undefined
	tick: PayloadOf<typeof marketTick>
	/** Venue time of the tick, ms. */
	tick_ms: number
	now_ms: number
	speed: number
	policy: Policy
}>

/** The intent that follows from the newest bar at this tick, or the first reason against one. */
export const signalOf = (input: SignalInput): Intent | NoSignal => {
	const {bar, balance_usdt, tick, tick_ms, policy} = input
	if (!bar) return 'BAR_MISSING'
	if (!bar.ready) return 'BAR_WARMING_UP'
	if (bar.decided) return 'BAR_DECIDED'
	if (bar.interval !== policy.bar) return 'BAR_OTHER'
	if (balance_usdt === undefined) return 'BALANCE_UNKNOWN'
	const bar_ms = intervalMs(bar.interval)
	if (isStale(tick_ms, policy.data_stale_ms, input)) return 'TICK_STALE'
	if (isStale(bar.open_ms + bar_ms, bar_ms, input)) return 'BAR_STALE'
	const trend = trendOf(bar, (Number(tick.bid) + Number(tick.ask)) / 2)
	if (!trend) return 'NO_TREND'
	return intentOf(trend, {tick, tick_ms, atr_14: bar.atr_14, balance_usdt, policy}) ?? 'NO_SOUND_ORDER'
}
