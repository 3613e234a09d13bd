import {type FlowRates, type FlowRow, MINUTE_MS} from '../../daemon/client/flow-rates.js'
import type {Paint} from './colour.js'
import {sparkline} from './sparkline.js'
import {type Column, table} from './table.js'
import {instant, oneLine} from './terms.js'
import {fitText} from './width.js'

const BARS_MAX = 60

/** Sums of as many minutes as fit into one bar, oldest first; the newest bar is whole. */
export const barsOf = (counts: readonly number[], bars_max: number): readonly number[] => {
	const each = Math.max(1, Math.ceil(counts.length / bars_max))
	const bars: number[] = []
	for (let end = counts.length; end > 0; end -= each)
		bars.unshift(counts.slice(Math.max(0, end - each), end).reduce((sum, count) => sum + count, 0))
	return bars
}

const perMinute = (total: number, {from_ms, until_ms}: FlowRates): string => {
	const minutes = (until_ms - from_ms) / MINUTE_MS
	return minutes > 0 ? (total / minutes).toFixed(2) : '-'
}

const meaningOf = ({outcome}: FlowRow) =>
	outcome === 'SENT' ? ('good' as const) : outcome === 'OPEN' ? ('busy' as const) : ('faint' as const)

const columns = (rates: FlowRates, paint: Paint): readonly Column<FlowRow>[] => [
	...(rates.by === 'reason' ? [] : [{heading: rates.by.toUpperCase(), value: ({of}: FlowRow) => oneLine(of)}]),
	{heading: 'OUTCOME', value: row => paint(meaningOf(row), row.outcome)},
	...(rates.by === 'reason'
		? [
				{heading: 'AT', drop: 2, value: ({unit}: FlowRow) => oneLine(unit)},
				{heading: 'REASON', value: ({reason}: FlowRow) => oneLine(reason)},
			]
		: []),
	{heading: 'COUNT', align: 'right', value: ({total}) => String(total)},
	{heading: 'PER MIN', align: 'right', drop: 1, value: ({total}) => perMinute(total, rates)},
	{heading: 'BY MINUTE', drop: 3, value: ({counts}) => sparkline(barsOf(counts, BARS_MAX), BARS_MAX)},
]

/** How many intents came to what, minute by minute, and the sums that `qt audit flow` has too. */
export const flowRatesView = (rates: FlowRates, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {from_ms, until_ms, minutes, cut, asked, ended, open, rows, counts} = rates
	const each = Math.ceil(minutes / BARS_MAX)
	const head = [
		`${asked} intents from ${instant(from_ms)} to ${instant(until_ms)} UTC (machine time): ${ended} ended, ${open} open`,
		...(cut ? ['entries from before that were removed from the streams'] : []),
		`all, ${each === 1 ? 'a bar a minute' : `a bar for ${each} minutes`}: ${sparkline(barsOf(counts, BARS_MAX), BARS_MAX)}`,
	].join('\n')
	return `${fitText(head, width)}\n\n${table(columns(rates, paint), rows, {none: 'no intents in this time', width})}`
}

/** The same in one line. */
export const flowRatesLine = (rates: FlowRates): string => {
	const told = rates.rows.map(({of, outcome, reason, total}) =>
		oneLine(`${[of, outcome, reason].filter(text => text !== '').join(' ')} ${total}`),
	)
	return `${instant(rates.until_ms)} ${rates.asked} intents in ${rates.minutes} min, ${rates.open} open${told.length > 0 ? `: ${told.join(', ')}` : ''}`
}
