import {keys} from '../../contracts/keys.js'
import {harvestProposal, harvestSuggestions} from '../../contracts/streams/exits.js'
import {type Action, applyResult} from '../../contracts/streams/trade.js'
import {defineUnit, stay} from '../../contracts/unit.js'
import {type Counts, counted} from '../../logic/prometheus.js'

/** Counts by their labels since the unit was first started. */
export type HarvestCounts = Readonly<{proposals: Counts; suggestions: Counts; results: Counts}>

const initial: HarvestCounts = {proposals: {}, suggestions: {}, results: {}}
const WHOLE = ''
/** What harvests ask for. Others may too: their results are not told apart at the venue. */
const HARVESTS: ReadonlySet<Action> = new Set([
	'HARVEST_PARTIAL',
	'PARTIAL_CLOSE_25',
	'PARTIAL_CLOSE_50',
	'PARTIAL_CLOSE_75',
	'MOVE_SL_BE',
	'TRAIL_UPDATE',
])

export const harvestMetricsExporter = defineUnit({
	name: 'harvest-metrics-exporter',
	target: 'obs',
	kind: 'exporter',
	port: 8068,
	summary: 'Harvests that were proposed, suggested or sent, and what became of such plans, for Prometheus at /metrics.',
	reads: {proposal: harvestProposal, suggestion: harvestSuggestions, result: applyResult},
	writes: {},
	keys: {},
	looks: [keys.unitState],
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		proposal: (state, {action}) => ({state: {...state, proposals: counted(state.proposals, {action})}}),
		suggestion: (state, {action, sent}) => ({
			state: {...state, suggestions: counted(state.suggestions, {action, sent: String(sent)})},
		}),
		result: (state, {action, decision}, {entry}) =>
			entry.authority === 'live' && HARVESTS.has(action)
				? {state: {...state, results: counted(state.results, {action, decision})}}
				: stay,
	},
})
