import type {GovernorView} from '../../daemon/client/governor.js'
import type {Paint} from './colour.js'
import {armingLine} from './status-view.js'
import {table} from './table.js'
import {instant} from './terms.js'

/** The state that every plan is decided by. */
export const governorView = (view: GovernorView, paint: Paint): string => {
	const {arming, mode, execution, available_slots, total_notional_usdt, reservations} = view
	const line = armingLine({kill: !arming.armed, kill_reason: arming.why, arm: arming.last ?? null}, paint)
	return [
		line,
		`mode       ${mode ?? 'not set: qt governor init'}`,
		`execution  ${execution ?? 'not set: qt governor init'}`,
		`slots free ${available_slots ?? 'unknown'}`,
		`notional   ${total_notional_usdt ?? 'unknown'} USDT used`,
		'',
		table(
			[
				{heading: 'RESERVED FOR', value: ({symbol}) => symbol},
				{heading: 'PLAN', value: ({plan_id}) => plan_id || '-'},
				{heading: 'STATE', value: ({state}) => state || 'OPEN'},
				{heading: 'OPEN USDT', align: 'right', value: ({open_usdt}) => open_usdt},
				{heading: 'ASIDE USDT', align: 'right', value: ({reserved_usdt}) => reserved_usdt},
				{heading: 'UNTIL (VENUE)', value: ({deadline_ms}) => instant(deadline_ms)},
			],
			reservations,
			'no reservations',
		),
	].join('\n')
}
