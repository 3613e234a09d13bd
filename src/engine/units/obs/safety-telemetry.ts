import {applyHeatObserved} from '../../contracts/streams/exits.js'
import {alerts} from '../../contracts/streams/ops.js'
import {bscEvents} from '../../contracts/streams/risk.js'
import {governorEvents} from '../../contracts/streams/trade.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {type Counts, counted} from '../../logic/prometheus.js'
import {scrapedKeys} from '../../logic/safety-metrics.js'

/** Counts by their labels since the unit was first started, and the newest heat by symbol. */
export type SafetyCounts = Readonly<{
	verdicts: Counts
	alerts: Counts
	bsc: Counts
	heat: Readonly<Record<string, number>>
}>

const initial: SafetyCounts = {verdicts: {}, alerts: {}, bsc: {}, heat: {}}
const WHOLE = ''
const SYMBOLS_MAX = 200

export const safetyTelemetry = defineUnit({
	name: 'safety-telemetry',
	target: 'obs',
	kind: 'exporter',
	port: 8051,
	summary: 'Kill, arming, ESS, BSC, execution switch, limits in use, verdicts and alerts, for Prometheus at /metrics.',
	reads: {heat: applyHeatObserved, verdict: governorEvents, alert: alerts, bsc: bscEvents},
	writes: {},
	keys: {},
	looks: scrapedKeys,
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		heat: (state, {symbol, heat}, {entry}) => {
			const room = symbol in state.heat || Object.keys(state.heat).length < SYMBOLS_MAX
			if (!room || entry.authority !== 'live' || state.heat[symbol] === heat) return stay
			return {state: {...state, heat: {...state.heat, [symbol]: heat}}}
		},
		verdict: (state, {verdict, reason}, {entry}) =>
			entry.authority === 'live' ? {state: {...state, verdicts: counted(state.verdicts, {verdict, reason})}} : stay,
		alert: (state, {severity, code}) => ({state: {...state, alerts: counted(state.alerts, {severity, code})}}),
		bsc: (state, event) => ({
			state: {...state, bsc: counted(state.bsc, {rule: event.rule, state: event.state, killed: String(event.killed)})},
		}),
	},
})
