import {keys} from '../../contracts/keys.js'
import {alerts} from '../../contracts/streams/ops.js'
import {bscEvents} from '../../contracts/streams/risk.js'
import {type Context, type DecidedStep, defineFeed, defineUnit, type Step, type Wish} from '../../contracts/unit.js'
import {
	type BaselineReading,
	type BaselineWatch,
	readBaseline,
	rebasedPeak,
	type StateReading,
	unwatched,
	withReading,
} from '../../logic/baseline.js'
import {latch} from '../../scripts/latch.js'

/** Of the whole system. */
type State = Readonly<{
	watch: BaselineWatch
	/** The rule that is broken, empty while all hold, and since when, venue time. */
	broken: string
	since_ms: number
}>

const initial: State = {watch: unwatched, broken: '', since_ms: 0}
const writes = {event: bscEvents, alert: alerts}
const ports = {state: keys.bscState}
type Ctx = Context<typeof writes, typeof ports, Record<never, never>>

const WHOLE = ''
const calm = {rule: 'NONE', used: '0', limit: '0'} as const

/** The key says where every rule stands, and by its machine time that somebody still looks. */
const confirmed = (
	state: State,
	worst: BaselineReading | undefined,
	readings: readonly BaselineReading[],
	{key, now_ms, machine_ms}: Ctx,
): Wish => {
	const {rule, used, limit} = worst ?? calm
	return key.state.put(
		{},
		{
			state: worst ? 'TRIPPED' : 'NORMAL',
			rule,
			used,
			limit,
			since_ms: state.since_ms,
			rules: JSON.stringify(readings),
			venue_ms: now_ms,
			machine_ms,
		},
		{replace: true},
	)
}

const reasonOf = ({rule, used, limit}: BaselineReading): string => `BSC: ${rule} at ${used} of ${limit}`

const tripped = ({rule, used, limit}: BaselineReading, killed: boolean, {emit}: Ctx): readonly Wish[] => [
	emit.event({state: 'TRIPPED', rule, used, limit, killed}),
	emit.alert({
		severity: 'critical',
		code: 'BSC_TRIPPED',
		subject: rule,
		message: `${rule} at ${used} of ${limit}: ${killed ? 'disarmed' : 'nothing was armed'}; see qt bsc, then qt positions`,
	}),
]

/** Disarms, in the same step that says so. */
const kill = (next: State, worst: BaselineReading, wishes: readonly Wish[], context: Ctx): DecidedStep<State> => ({
	decide: {
		script: latch,
		keys: {kill: {}, arm: {}},
		args: {
			what: 'kill',
			by: 'bsc',
			reason: reasonOf(worst),
			time_ms: context.machine_ms,
			mode: context.mode,
			expected_epoch: '',
		},
		branches: {
			killed: {state: next, wishes: [...tripped(worst, true, context), ...wishes]},
			armed: {},
			unchanged: {},
			refused: {},
		},
	},
})

/** A new break is told once; one that stands when somebody arms over it disarms again. */
const judged = (
	before: State,
	watch: BaselineWatch,
	armed: boolean,
	context: Ctx,
): Step<State> | DecidedStep<State> => {
	const {emit, now_ms} = context
	const readings = readBaseline(watch, context)
	const worst = readings.find(({broken}) => broken)
	const broken = worst?.rule ?? ''
	const turned = broken !== before.broken
	const fell = worst?.rule === 'DRAWDOWN'
	const next: State = {watch, broken, since_ms: turned ? now_ms : before.since_ms}
	const wish = confirmed(next, worst, readings, context)
	// A fall is an event and no condition: once it has disarmed, the next one counts from there.
	if (worst && (armed || fell)) return kill(fell ? {...next, watch: rebasedPeak(watch)} : next, worst, [wish], context)
	if (!turned) return {state: next, wishes: [wish]}
	const said = worst
		? tripped(worst, false, context)
		: [emit.event({state: 'NORMAL', rule: before.broken, used: '0', limit: '0', killed: false})]
	return {state: next, wishes: [...said, wish]}
}

/**
 * Consumes no stream, so that neither a backlog nor a broken entry can blind it, and knows nothing of the units that
 * trade. It can only make things safer: the one thing it does is to disarm.
 */
export const bsc = defineUnit({
	name: 'bsc',
	target: 'brains',
	process: 'bsc',
	kind: 'watch',
	port: 9099,
	summary:
		'Baseline Safety Controller: a breaker of its own on state keys alone; disarms on drawdown, too many positions, silent state, orders nobody answers for.',
	reads: {},
	writes,
	keys: ports,
	scripts: [latch],
	looks: [keys.kill, keys.arm, keys.marketQuote, keys.portfolioState, keys.clock, keys.unitEffects],
	feeds: {reading: defineFeed<StateReading>('The state keys as they stand, once a second.', {conflate: true})},
	initial: () => initial,
	partition: () => WHOLE,
	on: {},
	onFeed: {
		reading: (state, reading, context) =>
			judged(state, withReading(state.watch, reading, context), reading.armed, context),
	},
})
