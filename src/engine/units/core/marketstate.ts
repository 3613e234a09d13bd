import {exchangeReference, marketKlines, marketState, marketTick} from '../../contracts/streams/market.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {type MarketSeries, marketStateOf, nextMarket} from '../../logic/market-state.js'
import {spreadBps} from '../../logic/quote.js'

/** Per symbol. The divergence is left out while no other exchange quotes the symbol. */
type State = Readonly<{spread_bps: number; divergence_bps?: number; series?: MarketSeries}>

const initial: State = {spread_bps: 0}

export const marketstate = defineUnit({
	name: 'marketstate',
	target: 'core',
	kind: 'stream',
	aliases: ['market-state-publisher'],
	summary: 'Volatility, spread and strength of the trend per symbol and closed 1-minute candle.',
	reads: {candle: marketKlines, tick: marketTick, reference: exchangeReference},
	conflates: ['tick', 'reference'],
	writes: {state: marketState},
	keys: {},
	initial: () => initial,
	on: {
		candle: (state, candle, {emit}) => {
			if (candle.interval !== '1m') return stay
			const {series: before, ...seen} = state
			const series = nextMarket(before, candle)
			if (!series) return stay
			return {state: {...state, series}, wishes: [emit.state(marketStateOf(candle.symbol, series, seen))]}
		},
		tick: (state, tick) => {
			const spread_bps = spreadBps(tick)
			return spread_bps === state.spread_bps ? stay : {state: {...state, spread_bps}}
		},
		reference: (state, {divergence_bps: told}) => {
			const divergence_bps = told === undefined ? undefined : Math.round(told * 100) / 100
			if (divergence_bps === state.divergence_bps) return stay
			const {divergence_bps: _, ...others} = state
			return {state: divergence_bps === undefined ? others : {...others, divergence_bps}}
		},
	},
})
