import {type Counts, countSamples, type Metric} from './prometheus.js'

const counter = (name: string, help: string, counts: Counts): Metric => ({
	name,
	help,
	type: 'counter',
	samples: countSamples(counts),
})

export const safetyCounters = (
	counts: Readonly<{verdicts: Counts; alerts: Counts; bsc: Counts; heat: Readonly<Record<string, number>>}>,
): readonly Metric[] => [
	counter('qt_governor_verdicts_total', 'Verdicts of the governor', counts.verdicts),
	counter('qt_alerts_total', 'Alerts', counts.alerts),
	counter('qt_bsc_rules_total', 'Rules of the Baseline Safety Controller that broke, or hold again', counts.bsc),
	{
		name: 'qt_entry_heat_ratio',
		type: 'gauge',
		help: 'Entry plans per hour over what counts as overtrading',
		samples: Object.entries(counts.heat).map(([symbol, value]) => ({labels: {symbol}, value})),
	},
]

export const harvestCounters = (
	counts: Readonly<{proposals: Counts; suggestions: Counts; results: Counts}>,
): readonly Metric[] => [
	counter('qt_harvest_proposals_total', 'Harvests that were proposed', counts.proposals),
	counter(
		'qt_harvest_suggestions_total',
		'Harvests that were suggested; sent where they are not in shadow',
		counts.suggestions,
	),
	counter('qt_harvest_results_total', 'What became of plans that harvests ask for', counts.results),
]

export const resultCounters = (results: Counts): readonly Metric[] => [
	counter('qt_order_results_total', 'What became of allowed plans at the venue', results),
]
