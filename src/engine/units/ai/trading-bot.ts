import {accountBalance} from '../../contracts/streams/account.js'
import {features, type Interval, intervalMs, marketTick} from '../../contracts/streams/market.js'
import {tradeIntent} from '../../contracts/streams/trade.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {isStale} from '../../logic/allowance.js'
import {intentOf, type TrendFeatures, trendOf} from '../../logic/trend-following.js'

/** Newest closed bar of a symbol; `decided` once an intent was made on it. */
type Bar = TrendFeatures & Readonly<{interval: Interval; open_ms: number; ready: boolean; decided: boolean}>
type State = Readonly<{balance_usdt?: string; bars: Readonly<Record<string, Bar>>}>

const initial: State = {bars: {}}
const MARGIN_ASSET = 'USDT'
/** The balance concerns every symbol, so all of them are one partition. */
const WHOLE = ''

/**
 * Features say where the trend points, the tick says when and at what price: ticks are what decides, and what is
 * refused when old. They leave no state behind unless they lead to an intent.
 */
export const tradingBot = defineUnit({
	name: 'trading-bot',
	target: 'ai',
	kind: 'stream',
	port: 8006,
	aliases: ['trading_bot'],
	summary:
		'Trend follower with stop and target by ATR: one intent per symbol and bar at most; shadow where policy says.',
	reads: {features, tick: marketTick, balance: accountBalance},
	writes: {intent: tradeIntent},
	keys: {},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		features: (state, event, {policy, entry}) => {
			const {symbol, interval, open_ms, ready} = event
			if (interval !== policy.bar || entry.authority !== 'live') return stay
			const last = state.bars[symbol]
			if (last?.interval === interval && open_ms <= last.open_ms) return stay
			const {rsi_14, macd_histogram, bollinger_upper, bollinger_middle, bollinger_lower, atr_14, ema_fast, ema_slow} =
				event
			const trend = {
				rsi_14,
				macd_histogram,
				bollinger_upper,
				bollinger_middle,
				bollinger_lower,
				atr_14,
				ema_fast,
				ema_slow,
			}
			return {state: {...state, bars: {...state.bars, [symbol]: {...trend, interval, open_ms, ready, decided: false}}}}
		},
		balance: (state, {asset, wallet_balance}, {entry}) =>
			asset === MARGIN_ASSET && entry.authority === 'live' ? {state: {...state, balance_usdt: wallet_balance}} : stay,
		tick: (state, tick, context) => {
			const {policy, entry, emit} = context
			const bar = state.bars[tick.symbol]
			if (!bar?.ready || bar.decided || bar.interval !== policy.bar || state.balance_usdt === undefined) return stay
			const bar_ms = intervalMs(bar.interval)
			if (isStale(entry.ts, policy.data_stale_ms, context)) return stay
			if (isStale(bar.open_ms + bar_ms, bar_ms, context)) return stay
			const trend = trendOf(bar, (Number(tick.bid) + Number(tick.ask)) / 2)
			if (!trend) return stay
			const {atr_14} = bar
			const intent = intentOf(trend, {tick, tick_ms: entry.ts, atr_14, balance_usdt: state.balance_usdt, policy})
			if (!intent) return stay
			const leads = policy.intent_source !== 'autonomous-trader' && entry.authority === 'live'
			return {
				state: {...state, bars: {...state.bars, [tick.symbol]: {...bar, decided: true}}},
				wishes: [emit.intent(intent, {authority: leads ? 'live' : 'shadow'})],
			}
		},
	},
})
