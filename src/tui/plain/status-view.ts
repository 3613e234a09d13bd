import type {UnitStatus} from '../../daemon/client/control-api.js'
import type {SystemStatus} from '../../daemon/client/system-status.js'
import type {Meaning, Paint} from './colour.js'
import {essLine} from './ess-line.js'
import {executionLine} from './execution-view.js'
import {type Column, table} from './table.js'
import {duration, instant, known, oneLine, speedText} from './terms.js'
import {fitText} from './width.js'

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
	{heading: 'STAGE', drop: 3, value: ({target}) => target},
	{heading: 'STATE', value: ({state}) => stateText(state, paint)},
	{heading: 'PID', align: 'right', drop: 1, value: ({pid}) => count(pid)},
	{heading: 'PORT', align: 'right', drop: 6, value: ({port}) => count(port)},
	{heading: 'HANDLED', align: 'right', drop: 4, value: ({handled}) => count(handled)},
	{heading: 'DEAD', align: 'right', drop: 5, value: ({dead_lettered}) => count(dead_lettered)},
	{
		heading: 'LAST TURN',
		align: 'right',
		drop: 2,
		value: ({last_turn_age_ms: age}) => (age === null ? '-' : duration(age)),
	},
	{heading: 'WHY', prose: true, value: ({reason}) => oneLine(reason ?? '')},
]

const since = (arm: SystemStatus['arm']): string => (arm && arm.time_ms > 0 ? `${instant(arm.time_ms)} UTC` : 'unknown')

/** Armed or not, by whom and why: the one line that nobody may overlook. */
export const armingLine = (
	{kill, kill_reason, arm}: Pick<SystemStatus, 'kill' | 'kill_reason' | 'arm'>,
	paint: Paint,
): string => {
	if (!kill) return `${paint('good', 'ARMED')} by ${known(arm?.by)} since ${since(arm)} (epoch ${known(arm?.epoch)})`
	const stopped = arm && !arm.armed ? ` since ${since(arm)}` : ''
	return `${paint('bad', 'KILLED')}${stopped}: ${oneLine(kill_reason)}`
}

/** Only where there is something to say: enabled is what everybody expects. */
const executionLines = ({execution, execution_change}: SystemStatus, paint: Paint): readonly string[] =>
	execution === undefined || execution === null || execution === 'ENABLED'
		? []
		: [`orders  ${executionLine(execution, execution_change, paint)}`]

const stagesLine = ({stages}: SystemStatus, paint: Paint): string =>
	stages.map(({name, open}) => (open ? paint('good', `${name} open`) : paint('busy', `${name} shut`))).join('  ')

const shutLines = ({stages, daemon}: SystemStatus): readonly string[] =>
	daemon === null
		? []
		: stages
				.filter(({open}) => !open)
				.map(({name, blocked_by}) => `  ${name} waits for ${blocked_by.join(', ') || '-'}`)

/** How far a market is that moves with the pipeline; nothing at any other speed. */
const marketLines = ({lockstep}: SystemStatus, paint: Paint): readonly string[] => {
	if (!lockstep) return []
	const {state, venue_ms, steps} = lockstep
	const at = venue_ms === null ? 'at an unknown time' : `${instant(venue_ms)} UTC`
	if (state === 'ENDED') return [`market  ${paint('good', 'ENDED')} ${at} after ${steps} steps, all of it handled`]
	return [`market  ${state === 'RUNNING' ? 'plays' : paint('busy', 'waits')} ${at}, ${steps} steps`]
}

/** Which policy runs, and that a newer one waits. */
const policyLines = ({policy}: SystemStatus, paint: Paint): readonly string[] => {
	const {running = null, newest = null} = policy ?? {}
	if (running === null && newest === null) return []
	if (running === null) return [`policy  version ${newest} at the next start`]
	const waits = newest !== null && newest !== running
	const next = waits ? paint('busy', `; version ${newest} is stored and not in force yet`) : ''
	return [`policy  version ${running}${next}`]
}

const ALARMS_SHOWN = 5

/** The system on one screen. `now_ms` is machine time. */
export const statusView = (
	status: SystemStatus,
	now_ms: number,
	paint: Paint,
	width = Number.POSITIVE_INFINITY,
): string => {
	const {state, daemon, home, mode, market, speed, redis, venue, units, alarms} = status
	const running = daemon ? `, daemon ${daemon.pid} for ${duration(now_ms - Date.parse(daemon.started_at))}` : ''
	const head = [
		`${paint(MEANING[state] ?? 'faint', state)}  ${mode}${market ? `, ${market.kind} market` : ''}${speed === null ? '' : `, ${speedText(speed)}`}${running}`,
		armingLine(status, paint),
		...executionLines(status, paint),
		...(status.blocked?.length ? [`blocked ${paint('bad', oneLine(status.blocked.join(' ')))}`] : []),
		...(status.ess ? [`ess     ${essLine(status.ess, now_ms, paint)}`] : []),
		`stages  ${stagesLine(status, paint)}`,
		...shutLines(status),
		...marketLines(status, paint),
		...policyLines(status, paint),
		`home    ${home}`,
		...(redis ? [`redis   ${redis.url}${redis.pid === null ? '' : ` (pid ${redis.pid})`}`] : []),
		...(venue.rest ? [`venue   ${venue.rest}${venue.ws ? `, ${venue.ws}` : ''}`] : []),
		'',
	]
	const told = alarms
		.slice(-ALARMS_SHOWN)
		.map(({at, message}) => `${instant(Date.parse(at))} UTC  ${paint('bad', oneLine(message))}`)
	return [
		fitText(head.join('\n'), width),
		table(unitColumns(paint), units, {width}),
		...(told.length > 0 ? ['', fitText(told.join('\n'), width)] : []),
	].join('\n')
}
