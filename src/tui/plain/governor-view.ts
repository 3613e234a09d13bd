import type {GovernorView} from '../../daemon/client/governor.js'
import type {Paint} from './colour.js'
import {executionLine} from './execution-view.js'
import {armingLine} from './status-view.js'
import {table} from './table.js'
import {instant, known} from './terms.js'
import {fitText} from './width.js'

/** The state that every plan is decided by. */
export const governorView = (view: GovernorView, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {arming, mode, execution, execution_change, available_slots, total_notional_usdt, reservations} = view
	const line = armingLine({kill: !arming.armed, kill_reason: arming.why, arm: arming.last ?? null}, paint)
	const facts = [
		line,
		`mode       ${mode ?? 'not set: qt governor init'}`,
		`execution  ${execution === null ? 'not set: qt governor init' : executionLine(execution, execution_change, paint)}`,
		`slots      ${known(available_slots)}${available_slots === null ? '' : ' free'}`,
		`notional   ${total_notional_usdt === null ? 'unknown' : `${total_notional_usdt} USDT open or reserved`}`,
		'',
	]
	return [
		fitText(facts.join('\n'), width),
		table(
			[
				{heading: 'SYMBOL', value: ({symbol}) => symbol},
				{heading: 'PLAN', drop: 3, value: ({plan_id}) => plan_id || '-'},
				{heading: 'STATE', drop: 1, value: ({state}) => state || 'OPEN'},
				{heading: 'OPEN USDT', align: 'right', value: ({open_usdt}) => open_usdt},
				{heading: 'RESERVED USDT', align: 'right', value: ({reserved_usdt}) => reserved_usdt},
				{heading: 'UNTIL (VENUE)', drop: 2, value: ({deadline_ms}) => instant(deadline_ms)},
			],
			reservations,
			{none: 'no reservations', width},
		),
	].join('\n')
}
