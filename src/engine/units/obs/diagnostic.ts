import {alerts, events} from '../../contracts/streams/ops.js'
import {type Context, defineEffect, defineUnit, type Step, stay} from '../../contracts/unit.js'

/** `reason`: what asked for it. */
export type DiagnosticRequest = Readonly<{machine_ms: number; reason: string}>
/** `unread`: names of the parts that could not be read. */
export type DiagnosticWritten = Readonly<{file: string; bytes: number; unread: readonly string[]}>

/** Machine times. */
type State = Readonly<{
	writing: boolean
	/** When the newest bundle was begun, and the newest for an alert; 0 before the first. */
	begun_ms: number
	alerted_ms: number
	/** The newest one could not be written. */
	failed: boolean
	/** The critical alert that no bundle was begun for yet. */
	asked: string
}>

const initial: State = {writing: false, begun_ms: 0, alerted_ms: 0, failed: false, asked: ''}
const writes = {event: events}
const effects = {
	write: defineEffect<DiagnosticRequest, DiagnosticWritten>(
		'Writes what qt diagnostic collects into a file of the home, and removes the oldest.',
	),
}
type Ctx = Context<typeof writes, Record<never, never>, typeof effects>

const WHOLE = ''
const LOOK_EVERY_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DAILY = 'once a day'
const DETAIL_CHARS = 2_000

/** An alert asks for one within the hour; without it a day passes, or an hour after one that failed. */
const isDue = ({writing, begun_ms, alerted_ms, failed, asked}: State, machine_ms: number): boolean => {
	if (writing) return false
	if (asked !== '') return Math.abs(machine_ms - alerted_ms) >= HOUR_MS
	return Math.abs(machine_ms - begun_ms) >= (failed ? HOUR_MS : DAY_MS)
}

const begun = (state: State, {effect, machine_ms}: Ctx): Step<State> => {
	if (!isDue(state, machine_ms)) return {state}
	const {asked, alerted_ms} = state
	return {
		state: {
			...{writing: true, begun_ms: machine_ms, failed: false, asked: ''},
			alerted_ms: asked === '' ? alerted_ms : machine_ms,
		},
		wishes: [effect.write(`write/${machine_ms}`, {machine_ms, reason: asked || DAILY})],
	}
}

export const diagnostic = defineUnit({
	name: 'diagnostic',
	target: 'obs',
	kind: 'timer',
	summary:
		'A bundle for a bug report, secrets removed, into diagnostics/ of the home: once a day, and at a critical alert, at most one an hour.',
	reads: {alert: alerts},
	// safety-telemetry buries what nobody can read.
	watches: ['alert'],
	writes,
	keys: {},
	effects,
	timers: {due: {every_ms: LOOK_EVERY_MS, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		alert: (state, {severity, code, subject}, context) =>
			severity === 'critical' ? begun({...state, asked: `critical alert ${code} of ${subject}`}, context) : stay,
	},
	onTimer: {
		due: (state, context) => (isDue(state, context.machine_ms) ? begun(state, context) : stay),
	},
	onResult: {
		write: (state, outcome, context) => {
			const {reason} = outcome.request
			const said = (event: string, detail: string) =>
				context.emit.event({event, subject: 'diagnostic', detail: detail.slice(0, DETAIL_CHARS)})
			if (!outcome.ok) {
				const asked = state.asked || (reason === DAILY ? '' : reason)
				return {
					state: {...state, writing: false, failed: true, asked},
					wishes: [said('DIAGNOSTIC_FAILED', `${reason}: ${outcome.error}; tried again in an hour`)],
				}
			}
			const {file, bytes, unread} = outcome.result
			const missing = unread.length === 0 ? '' : `; not readable: ${unread.join(', ')}`
			const next = begun({...state, writing: false}, context)
			return {
				...next,
				wishes: [said('DIAGNOSTIC_WRITTEN', `${file}, ${bytes} bytes, ${reason}${missing}`), ...(next.wishes ?? [])],
			}
		},
	},
})
