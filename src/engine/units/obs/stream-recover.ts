import {keys} from '../../contracts/keys.js'
import {alerts, deadLetters, events} from '../../contracts/streams/ops.js'
import {intentDeadLetter} from '../../contracts/streams/trade.js'
import {type Context, defineEffect, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {bridgeReasons} from '../../logic/intent-to-plan.js'
import {recoveryProblems, type SweepReport} from '../../logic/stream-recovery.js'

type State = Readonly<{
	sweeping: boolean
	/** Problems that were told of, and stand. */
	told: readonly string[]
	/** Kinds of dead letters by machine time of the newest alert. */
	letters: Readonly<Record<string, number>>
}>

const writes = {event: events, alert: alerts}
const effects = {
	sweep: defineEffect<Readonly<{idle_ms: number}>, SweepReport>(
		'Removes dead consumers that hold nothing, and looks for what others hold.',
	),
}
const ports = {replayed: keys.deadReplayed}
type Ctx = Context<typeof writes, typeof ports, typeof effects>

const WHOLE = ''
const SWEEP_EVERY_MS = 30_000
/** Longer than any handler takes, and than a host takes to come back. */
const IDLE_MS = 300_000
/** A kind of dead letter is told of again after this, machine time. */
const LETTER_QUIET_MS = 900_000
const KINDS_MAX = 200

type Letter = Readonly<{stream: string; reason: string; detail: string; entry_id: string}>

/** What the bridge refuses is no accident; anything else that is buried should be looked at, once per kind. */
const buried = (state: State, {stream, reason, detail, entry_id}: Letter, {emit, machine_ms}: Ctx): Step<State> => {
	if (reason in bridgeReasons) return stay
	const kind = `${stream} ${reason}`
	const newest = state.letters[kind]
	if (newest !== undefined && machine_ms - newest < LETTER_QUIET_MS) return stay
	const kept = Object.entries(state.letters).slice(-KINDS_MAX)
	const message = `${reason}: ${detail.slice(0, 500)} (entry ${entry_id}); see qt streams dlq ${stream}`
	return {
		state: {...state, letters: {...Object.fromEntries(kept), [kind]: machine_ms}},
		wishes: [emit.alert({severity: 'warning', code: 'DEAD_LETTER', subject: stream, message})],
	}
}

const swept = (state: State, report: SweepReport, {emit}: Ctx): Step<State> => {
	const problems = recoveryProblems(report)
	const fresh = problems.filter(({message}) => !state.told.includes(message))
	const removed = report.groups.filter(({reaped}) => reaped.length > 0)
	return {
		state: {...state, sweeping: false, told: problems.map(({message}) => message)},
		wishes: [
			...removed.map(({stream, group, reaped}) =>
				emit.event({event: 'CONSUMERS_REAPED', subject: stream, detail: `${reaped.join(', ')} of ${group}`}),
			),
			...fresh.map(({subject, message}) =>
				emit.alert({severity: 'warning', code: 'ENTRIES_ABANDONED', subject, message}),
			),
		],
	}
}

export const streamRecover = defineUnit({
	name: 'stream-recover',
	target: 'obs',
	kind: 'timer',
	summary:
		'Removes dead consumers without losing what they held, and tells of abandoned entries and of new kinds of dead letters.',
	reads: {intent: intentDeadLetter, letter: deadLetters},
	writes,
	keys: ports,
	effects,
	timers: {sweep: {every_ms: SWEEP_EVERY_MS, clock: 'machine'}},
	initial: (): State => ({sweeping: false, told: [], letters: {}}),
	partition: () => WHOLE,
	on: {
		intent: (state, letter, context) => buried(state, letter, context),
		letter: (state, letter, context) => buried(state, letter, context),
	},
	onTimer: {
		sweep: (state, {effect, machine_ms}) =>
			state.sweeping
				? stay
				: {state: {...state, sweeping: true}, wishes: [effect.sweep(`sweep/${machine_ms}`, {idle_ms: IDLE_MS})]},
	},
	onResult: {
		sweep: (state, outcome, context) =>
			outcome.ok ? swept(state, outcome.result, context) : {state: {...state, sweeping: false}},
	},
})
