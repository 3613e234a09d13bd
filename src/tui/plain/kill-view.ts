import type {ArmReport} from '../../daemon/client/arming.js'
import type {BlockReport} from '../../daemon/client/blocking.js'
import type {DrillReport} from '../../daemon/client/drill.js'
import type {KillReport} from '../../daemon/client/killing.js'
import type {Paint} from './colour.js'
import {table} from './table.js'
import {instant, oneLine} from './terms.js'
import {fitText} from './width.js'

const GOOD = new Set(['HALTED', 'BLOCKED', 'FLAT'])

/** What a kill proved, step by step. */
export const killView = (report: KillReport | BlockReport, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {state, by, reason, durable_ms, steps, entries_left, flat, unrecorded} = report
	const of = 'symbol' in report ? report.symbol : `epoch ${report.epoch}`
	return [
		fitText(
			`${[state, ...(flat ? [flat.state] : [])].map(word => paint(GOOD.has(word) ? 'good' : 'bad', word)).join(' ')}  ${of}, by ${by}: ${oneLine(reason)}`,
			width,
		),
		fitText(`durable ${durable_ms} ms after the command began`, width),
		table(
			[
				{heading: 'STEP', value: ({name}) => name},
				{heading: 'PROOF', value: ({ok}) => (ok ? paint('good', 'yes') : paint('bad', 'NO'))},
				{heading: 'MS', align: 'right', drop: 1, value: ({ms}) => String(ms)},
				{heading: 'DETAIL', prose: true, value: ({detail}) => oneLine(detail)},
			],
			steps,
			{width},
		),
		...entries_left.map(order => `still rests: ${order.side} ${order.symbol} ${order.client_order_id}`),
		...(unrecorded === null ? [] : [paint('bad', `not in the audit log: ${oneLine(unrecorded)}`)]),
		...(flat?.left.map(({symbol, amount, why}) => `still open: ${amount} ${symbol}: ${oneLine(why)}`) ?? []),
	].join('\n')
}

/** A drill: the kill that it was, how long it took, and whether it trades again. */
export const drillView = (
	{kill, rearmed, stays_killed, timings}: DrillReport,
	paint: Paint,
	width = Number.POSITIVE_INFINITY,
): string => {
	const {durable_ms, obeyed_ms, confirmed_ms} = timings
	const took = `durable ${durable_ms} ms, obeyed by every gateway ${obeyed_ms} ms, confirmed by the venue ${confirmed_ms} ms`
	const now = rearmed
		? `${paint('good', 'ARMED AGAIN')}  ${rearmed.detail}`
		: `${paint('bad', 'STAYS KILLED')}  ${oneLine(stays_killed ?? '')}`
	return [killView(kill, paint, width), fitText(took, width), now].join('\n')
}

/** What an arming ended, and who obeys it. */
export const armView = ({state, epoch, before, detail}: ArmReport, paint: Paint): string => {
	const {last} = before
	const ended =
		last && !last.armed && state !== 'ALREADY ARMED'
			? [`ends the stop by ${last.by} of ${instant(last.time_ms)} UTC: ${oneLine(last.reason)}`]
			: []
	return [
		`${paint(state === 'NOT CONFIRMED' ? 'bad' : 'good', state)}  ${detail.startsWith('epoch ') ? detail : `epoch ${epoch}: ${detail}`}`,
		...ended,
	].join('\n')
}
