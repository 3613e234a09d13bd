import {accountBalance} from '../../contracts/streams/account.js'
import {features, marketTick} from '../../contracts/streams/market.js'
import {tradeIntent} from '../../contracts/streams/trade.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {type BotState, signalOf} from '../../logic/signal.js'

const initial: BotState = {bars: {}}
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
			const bar = {...trend, interval, open_ms, ready, decided: false, signal_id: entry.id}
			return {state: {...state, bars: {...state.bars, [symbol]: bar}}}
		},
		balance: (state, {asset, wallet_balance}, {entry}) =>
			asset === MARGIN_ASSET && entry.authority === 'live' ? {state: {...state, balance_usdt: wallet_balance}} : stay,
		tick: (state, tick, {policy, entry, emit, now_ms, speed}) => {
			const bar = state.bars[tick.symbol]
			const {balance_usdt} = state
			const intent = signalOf({bar, balance_usdt, tick, tick_ms: entry.ts, now_ms, speed, policy})
			if (typeof intent === 'string' || !bar) return stay
			const leads = policy.intent_source !== 'autonomous-trader' && entry.authority === 'live'
			return {
				state: {...state, bars: {...state.bars, [tick.symbol]: {...bar, decided: true}}},
				wishes: [emit.intent({...intent, signal_id: bar.signal_id}, {authority: leads ? 'live' : 'shadow'})],
			}
		},
	},
})
