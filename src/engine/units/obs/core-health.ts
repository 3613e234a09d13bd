import {keys} from '../../contracts/keys.js'
import {alerts} from '../../contracts/streams/ops.js'
import {type Context, defineEffect, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {type OpenDifferences, watchDifferences} from '../../logic/difference-watch.js'
import {type HealthProblem, type HealthReading, healthProblems} from '../../logic/health.js'

type State = Readonly<{
	looking: boolean
	/** Of the venue's events, up to which orders have been looked at; empty before the first look. */
	cursor: string
	/** Venue time of the first look that found it armed. */
	armed_venue_ms?: number
	/** Problems that stand, by code and subject. */
	open: OpenDifferences
}>

const initial: State = {looking: false, cursor: '', open: {}}
const writes = {alert: alerts}
const effects = {
	look: defineEffect<Readonly<{cursor: string}>, HealthReading>(
		'Asks the daemon, Redis and the newest entries of the pipeline how they are.',
	),
}
type Ctx = Context<typeof writes, Record<never, never>, typeof effects>

const WHOLE = ''
const LOOK_EVERY_MS = 15_000
/** What a restart mends by itself is nobody's work. */
const SETTLE_MS = 60_000

const nameOf = ({code, subject}: HealthProblem): string => `${code} ${subject}`

const looked = (state: State, reading: HealthReading, {emit, ...now}: Ctx): Step<State> => {
	const armed_venue_ms = reading.armed ? (state.armed_venue_ms ?? now.now_ms) : undefined
	const problems = healthProblems(reading, {...now, armed_venue_ms})
	const {open, late} = watchDifferences(state.open, problems.map(nameOf), {
		machine_ms: now.machine_ms,
		settle_ms: SETTLE_MS,
	})
	const over = Object.entries(state.open).filter(([name, {reported}]) => reported && !(name in open))
	return {
		state: {looking: false, cursor: reading.cursor, open, ...(armed_venue_ms !== undefined && {armed_venue_ms})},
		wishes: [
			// Not a state that may pass: it has happened.
			...reading.unplanned.map(({client_id, symbol}) =>
				emit.alert({
					severity: 'critical',
					code: 'ORDER_WITHOUT_PLAN',
					subject: symbol,
					message: `order ${client_id} at the venue bears an id of ours, can open a position, and no stream knows its plan: qt kill, then qt audit flow`,
				}),
			),
			...problems.filter(found => late.has(nameOf(found))).map(found => emit.alert(found)),
			...over.map(([name]) =>
				emit.alert({
					severity: 'info',
					code: 'HEALTH_RESTORED',
					subject: name.split(' ').at(-1) ?? name,
					message: `over: ${name}`,
				}),
			),
		],
	}
}

export const coreHealth = defineUnit({
	name: 'core-health',
	target: 'obs',
	kind: 'timer',
	summary:
		'Health of units, Redis and venue; an alert where a system that is armed decides nothing, and where an order leaves without a plan.',
	reads: {},
	writes,
	keys: {},
	looks: [keys.kill, keys.arm, keys.reconcileLast],
	effects,
	timers: {look: {every_ms: LOOK_EVERY_MS, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {},
	onTimer: {
		look: (state, {effect, machine_ms}) =>
			state.looking
				? stay
				: {state: {...state, looking: true}, wishes: [effect.look(`look/${machine_ms}`, {cursor: state.cursor})]},
	},
	onResult: {
		// Redis that cannot be asked cannot be told of either; its supervisor restarts it.
		look: (state, outcome, context) =>
			outcome.ok ? looked(state, outcome.result, context) : {state: {...state, looking: false}},
	},
})
