import {features, type Interval, marketKlines, marketTick} from '../../contracts/streams/market.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {type FeatureSeries, featuresOf, nextSeries} from '../../logic/feature-series.js'
import {spreadBps} from '../../logic/quote.js'

/** Per symbol. */
type State = Readonly<{spread_bps: number; series?: Readonly<Partial<Record<Interval, FeatureSeries>>>}>

const initial: State = {spread_bps: 0}

export const featurePublisher = defineUnit({
	name: 'feature-publisher',
	target: 'core',
	kind: 'stream',
	summary: 'Versioned feature vectors per symbol and candle; identical code serves live, backtest and training.',
	reads: {candle: marketKlines, tick: marketTick},
	conflates: ['tick'],
	writes: {features},
	keys: {},
	initial: () => initial,
	on: {
		candle: (state, candle, {emit}) => {
			const series = nextSeries(state.series?.[candle.interval], candle)
			if (!series) return stay
			return {
				state: {...state, series: {...state.series, [candle.interval]: series}},
				wishes: [emit.features(featuresOf(series, candle, state.spread_bps))],
			}
		},
		tick: (state, tick) => {
			const spread_bps = spreadBps(tick)
			return spread_bps === state.spread_bps ? stay : {state: {...state, spread_bps}}
		},
	},
})
