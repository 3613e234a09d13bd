import type {FlowReport} from '../../daemon/client/flow-audit.js'
import type {FlowAudit} from '../../daemon/client/flow-reading.js'
import type {Paint} from './colour.js'
import {table} from './table.js'
import {duration, instant} from './terms.js'
import {fitText} from './width.js'

const OPEN_SHOWN_MAX = 50

/** What the streams can prove, and what only the journal knows. */
const recordLines = ({from_ms, record, before, journal}: FlowAudit): readonly string[] => [
	from_ms === 0
		? `everything that the streams ever held, until ${instant(record.until_ms)} UTC`
		: `from ${instant(from_ms)} to ${instant(record.until_ms)} UTC${
				from_ms > record.complete_from_ms ? '' : ': before that, entries were removed from the streams'
			}`,
	journal !== ''
		? `of what came before the streams begin nothing is known: ${journal}`
		: before.fills === 0
			? 'the journal knows no fills from before that'
			: `from before the journal knows ${before.fills} fills of ${before.plans} plans, and no outcomes`,
]

const sums = ({sources}: FlowReport, width: number): string =>
	table(
		[
			{heading: 'ASKED BY', value: ({source}) => source},
			{heading: 'ASKED', align: 'right', value: ({asked}) => String(asked)},
			{heading: 'OUTCOMES', align: 'right', value: ({outcomes}) => String(outcomes)},
			{heading: 'OPEN', align: 'right', value: ({open}) => String(open)},
		],
		sources,
		{width},
	)

const outcomes = (report: FlowReport, width: number): string =>
	table(
		[
			{heading: 'ASKED BY', drop: 1, value: ({source}) => source},
			{heading: 'ENDED AT', value: ({unit}) => unit},
			{heading: 'OUTCOME', value: ({outcome}) => outcome},
			{heading: 'REASON', value: ({reason}) => reason},
			{heading: 'COUNT', align: 'right', value: ({count}) => String(count)},
		],
		report.outcomes,
		{none: 'no outcomes yet', width},
	)

const steps = (report: FlowReport, width: number): string =>
	table(
		[
			{heading: 'STEP', value: ({unit}) => unit},
			{heading: 'ENTRIES', align: 'right', value: ({asked}) => String(asked)},
			{heading: 'ANSWERED', align: 'right', value: ({answered}) => String(answered)},
			{heading: 'WAITING', align: 'right', value: ({open}) => String(open)},
		],
		report.steps,
		{width},
	)

const open = ({open: all, record}: FlowReport, width: number): string => {
	const shown = table(
		[
			{heading: 'OPEN', value: ({id}) => id},
			{heading: 'ASKED BY', drop: 2, value: ({source}) => source},
			{heading: 'UNIT', drop: 3, value: ({unit}) => unit},
			{heading: 'SYMBOL', drop: 1, value: ({symbol}) => symbol},
			{heading: 'WAITS FOR', value: ({open_at}) => open_at},
			{heading: 'FOR', align: 'right', value: ({since_ms}) => duration(record.until_ms - since_ms)},
		],
		all.slice(0, OPEN_SHOWN_MAX),
		{none: 'nothing is open', width},
	)
	const more = all.length - OPEN_SHOWN_MAX
	return more > 0 ? `${shown}\nand ${more} more: see --json` : shown
}

const findings = (report: FlowReport, paint: Paint, width: number): string =>
	table(
		[
			{heading: 'FINDING', value: ({code}) => paint('bad', code)},
			{heading: 'ID', value: ({id}) => id},
			{heading: 'AT', drop: 1, value: ({at_ms}) => instant(at_ms)},
			{heading: 'WHAT', prose: true, value: ({detail}) => detail},
		],
		report.findings,
		{none: paint('good', 'no findings: everything that was asked for has one outcome or is open'), width},
	)

export const flowView = (report: FlowAudit, paint: Paint, width = Number.POSITIVE_INFINITY): string =>
	[
		fitText(recordLines(report).join('\n'), width),
		sums(report, width),
		outcomes(report, width),
		steps(report, width),
		open(report, width),
		findings(report, paint, width),
	].join('\n\n')
