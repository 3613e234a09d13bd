import {keys} from '../../contracts/keys.js'
import {attributionResults} from '../../contracts/streams/observe.js'
import {applyResult} from '../../contracts/streams/trade.js'
import {defineEffect, defineUnit, stay} from '../../contracts/unit.js'
import {add} from '../../logic/exact.js'
import {type Counts, counted} from '../../logic/prometheus.js'
import {scrapedKeys} from '../../logic/safety-metrics.js'

/** Since the unit was first started. */
export type PackState = Readonly<{
	results: Counts
	/** Sums of the parts of the PnL, exact decimals, by name. */
	parts: Readonly<Record<string, string>>
	attributed: number
	/** A pack is being written. */
	packing: boolean
}>

const initial: PackState = {results: {}, parts: {}, attributed: 0, packing: false}
const effects = {
	pack: defineEffect<Readonly<{machine_ms: number}>, Readonly<{file: string}>>(
		'Writes everything that a scrape would show into a file of the home, and removes the oldest.',
	),
}
const WHOLE = ''
const PACK_EVERY_MS = 3_600_000

export const metricpackBuilder = defineUnit({
	name: 'metricpack-builder',
	target: 'obs',
	kind: 'exporter',
	port: 8056,
	summary: 'Streams, units, safety, limits and performance in one scrape at /metrics, and every hour as a file.',
	reads: {attribution: attributionResults, result: applyResult},
	writes: {},
	keys: {},
	looks: [...scrapedKeys, keys.performanceSummary],
	effects,
	timers: {hour: {every_ms: PACK_EVERY_MS, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		attribution: (state, {parts}, {entry}) => {
			if (entry.authority !== 'live') return stay
			const sums = Object.entries(parts).map(([name, part]) => [name, add(state.parts[name] ?? '0', part)] as const)
			return {
				state: {...state, attributed: state.attributed + 1, parts: {...state.parts, ...Object.fromEntries(sums)}},
			}
		},
		result: (state, {decision, action}, {entry}) =>
			entry.authority === 'live' ? {state: {...state, results: counted(state.results, {decision, action})}} : stay,
	},
	onTimer: {
		hour: (state, {effect, machine_ms}) =>
			state.packing
				? stay
				: {state: {...state, packing: true}, wishes: [effect.pack(`pack/${machine_ms}`, {machine_ms})]},
	},
	onResult: {
		pack: state => ({state: {...state, packing: false}}),
	},
})
