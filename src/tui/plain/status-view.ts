import type {UnitStatus} from '../../daemon/client/control-api.js'
import type {SystemStatus} from '../../daemon/client/system-status.js'
import type {Meaning, Paint} from './colour.js'
import {type Column, table} from './table.js'
import {duration, instant, speedText} from './terms.js'

const MEANING: Readonly<Record<string, Meaning>> = {
	RUNNING: 'good',
	UP: 'good',
	PARTIAL: 'busy',
	STARTING: 'busy',
	DEGRADED: 'bad',
	UNSUPERVISED: 'bad',
	FAILED: 'bad',
	STOPPED: 'faint',
	'NOT APPLICABLE': 'faint',
}
const GLYPH: Readonly<Record<string, string>> = {
	RUNNING: '●',
	STARTING: '◐',
	STOPPED: '○',
	FAILED: '✗',
	'NOT APPLICABLE': '–',
}

/** State as glyph, word and colour. */
export const stateText = (state: string, paint: Paint): string => {
	const glyph = GLYPH[state]
	return paint(MEANING[state] ?? 'faint', glyph ? `${glyph} ${state}` : state)
}

const count = (value: number | null): string => (value === null ? '-' : String(value))

const unitColumns = (paint: Paint): readonly Column<UnitStatus>[] => [
	{heading: 'UNIT', value: ({name}) => name},
	{heading: 'STAGE', value: ({target}) => target},
	{heading: 'STATE', value: ({state}) => stateText(state, paint)},
	{heading: 'PID', align: 'right', value: ({pid}) => count(pid)},
	{heading: 'PORT', align: 'right', value: ({port}) => count(port)},
	{heading: 'HANDLED', align: 'right', value: ({handled}) => count(handled)},
	{heading: 'DEAD', align: 'right', value: ({dead_lettered}) => count(dead_lettered)},
	{
		heading: 'TURN',
		align: 'right',
		value: ({last_turn_age_ms: age}) => (age === null ? '-' : duration(age)),
	},
	{heading: 'WHY', value: ({reason}) => reason?.split('\n')[0] ?? ''},
]

/** Armed or not, by whom and why: the one line that nobody may overlook. */
export const armingLine = (
	{kill, kill_reason, arm}: Pick<SystemStatus, 'kill' | 'kill_reason' | 'arm'>,
	paint: Paint,
): string => {
	if (!kill)
		return `${paint('good', 'ARMED')} by ${arm?.by ?? '?'} since ${instant(arm?.time_ms ?? 0)} (epoch ${arm?.epoch ?? 0})`
	const since = arm && !arm.armed ? ` since ${instant(arm.time_ms)}` : ''
	return `${paint('bad', 'KILLED')}${since}: ${kill_reason}`
}

const stagesLine = ({stages}: SystemStatus, paint: Paint): string =>
	stages.map(({name, open}) => (open ? paint('good', `${name} open`) : paint('busy', `${name} shut`))).join('  ')

const shutLines = ({stages, daemon}: SystemStatus): readonly string[] =>
	daemon === null
		? []
		: stages
				.filter(({open}) => !open)
				.map(({name, blocked_by}) => `  ${name} waits for ${blocked_by.join(', ') || '-'}`)

/** The system on one screen. `now_ms` is machine time. */
export const statusView = (status: SystemStatus, now_ms: number, paint: Paint): string => {
	const {state, daemon, home, mode, market, speed, redis, venue, units, alarms} = status
	const since = daemon ? `, daemon ${daemon.pid} for ${duration(now_ms - Date.parse(daemon.started_at))}` : ''
	const lines = [
		`${paint(MEANING[state] ?? 'faint', state)}  ${mode}${market ? `, ${market.kind} market` : ''}${speed === null ? '' : `, ${speedText(speed)}`}${since}`,
		armingLine(status, paint),
		`stages  ${stagesLine(status, paint)}`,
		...shutLines(status),
		`home    ${home}`,
		...(redis ? [`redis   ${redis.url}${redis.pid === null ? '' : ` (pid ${redis.pid})`}`] : []),
		...(venue.rest ? [`venue   ${venue.rest}`] : []),
		'',
		table(unitColumns(paint), units),
		...(alarms.length > 0
			? ['', ...alarms.slice(-5).map(({at, message}) => `${at.slice(0, 19)}  ${paint('bad', message)}`)]
			: []),
	]
	return lines.join('\n')
}
