import type {ArmReport} from '../../daemon/client/arming.js'
import type {KillReport} from '../../daemon/client/killing.js'
import type {Paint} from './colour.js'
import {table} from './table.js'
import {instant, oneLine} from './terms.js'
import {fitText} from './width.js'

const GOOD = new Set(['HALTED', 'FLAT'])

/** What a kill proved, step by step. */
export const killView = (
	{state, epoch, by, reason, durable_ms, steps, entries_left, flat}: KillReport,
	paint: Paint,
	width = Number.POSITIVE_INFINITY,
): string =>
	[
		fitText(
			`${[state, ...(flat ? [flat.state] : [])].map(word => paint(GOOD.has(word) ? 'good' : 'bad', word)).join(' ')}  epoch ${epoch}, by ${by}: ${oneLine(reason)}`,
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
		...(flat?.left.map(({symbol, amount, why}) => `still open: ${amount} ${symbol}: ${oneLine(why)}`) ?? []),
	].join('\n')

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
