import {positionSnapshot} from '../../contracts/streams/account.js'
import {alerts} from '../../contracts/streams/ops.js'
import {essState} from '../../contracts/streams/risk.js'
import {applyPlan} from '../../contracts/streams/trade.js'
import {type Context, type DecidedStep, defineUnit, type Emit, type Step, stay} from '../../contracts/unit.js'
import {closingSide} from '../../logic/closing.js'
import {exact, isZero, textOf} from '../../logic/exact.js'
import {managed} from '../../logic/foreign.js'
import {idOf} from '../../runtime/identity.js'
import {latch} from '../../scripts/latch.js'

/** What CRITICAL asks for, until the ESS is reset. Times are machine time. */
type Tripped = Readonly<{
	rule: string
	used: string
	limit: string
	flatten: boolean
	tripped_ms: number
	/** The newest round of plans to close. */
	planned_ms: number
	killed: boolean
}>

/** Of the whole account. */
type State = Readonly<{
	/** Signed size by symbol; what is flat is not in it. */
	open: Readonly<Record<string, string>>
	tripped?: Tripped
}>

const NAME = 'ess-trigger'
const initial: State = {open: {}}
const writes = {plan: applyPlan, alert: alerts}
type Ctx = Context<typeof writes, Record<never, never>, Record<never, never>>
type Next = Step<State> | DecidedStep<State>

const WHOLE = ''
/** After this long the latch is killed, flat or not: a kill leaves the protective stops, and an operator can flatten. */
export const FLATTEN_WITHIN_MS = 10_000
/** A plan that met another exit, or was not filled whole, is followed by the next. */
export const PLAN_EVERY_MS = 2_000

const reasonOf = ({rule, used, limit}: Tripped): string => `ESS CRITICAL: ${rule} at ${used} of ${limit}`

const closing = (open: State['open'], {emit, entry}: Ctx): readonly Emit[] =>
	Object.entries(open).map(([symbol, amount]) =>
		emit.plan({
			plan_id: idOf(NAME, symbol, entry.id),
			symbol,
			action: 'FULL_CLOSE_PROPOSED',
			side: closingSide(amount),
			quantity: textOf(exact(amount).abs()),
			source: NAME,
			reason: 'ess_critical',
		}),
	)

/** Disarms. Plans that come later are refused, so those that close went out before. */
const kill = (state: State, tripped: Tripped, {emit, machine_ms, mode}: Ctx): DecidedStep<State> => {
	const left = Object.keys(state.open)
	const reason = reasonOf(tripped)
	const rest = left.length === 0 ? '' : `; still open: ${left.join(', ')}: see qt positions, then qt kill --flatten`
	const alert = emit.alert({severity: 'critical', code: 'ESS_KILLED', subject: 'ess', message: `${reason}${rest}`})
	return {
		decide: {
			script: latch,
			keys: {kill: {}, arm: {}},
			args: {what: 'kill', by: 'ess', reason, time_ms: machine_ms, mode, expected_epoch: ''},
			branches: {
				killed: {state: {...state, tripped: {...tripped, killed: true}}, wishes: [alert]},
				armed: {},
				unchanged: {},
				refused: {},
			},
		},
	}
}

/** Closes what is open, again and again, until all is flat or the time is up; then kills. */
const act = (state: State, tripped: Tripped, context: Ctx): Next => {
	const {machine_ms} = context
	if (tripped.killed) return stay
	const late = Math.abs(machine_ms - tripped.tripped_ms) >= FLATTEN_WITHIN_MS
	if (!tripped.flatten || late || Object.keys(state.open).length === 0) return kill(state, tripped, context)
	if (Math.abs(machine_ms - tripped.planned_ms) < PLAN_EVERY_MS) return stay
	return {state: {...state, tripped: {...tripped, planned_ms: machine_ms}}, wishes: closing(state.open, context)}
}

export const essTrigger = defineUnit({
	name: NAME,
	target: 'brains',
	kind: 'stream',
	summary:
		'Turns an ESS CRITICAL into action: closes every position where the policy says so, then kills the latch, at the latest after 10 s.',
	reads: {ess: essState, position: positionSnapshot},
	writes,
	keys: {},
	scripts: [latch],
	timers: {act: {every_ms: 250, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		ess: (state, {state: level, rule, used, limit, flatten}, context) => {
			if (context.entry.authority !== 'live') return stay
			const {tripped: before, ...calm} = state
			if (level !== 'CRITICAL') return before ? {state: calm} : stay
			if (before) return stay
			const {machine_ms} = context
			const tripped = {rule, used, limit, flatten, tripped_ms: machine_ms, planned_ms: 0, killed: false}
			return act({...state, tripped}, tripped, context)
		},
		position: (state, snapshot, context) => {
			const {symbol, amount} = managed(snapshot)
			if (context.entry.authority !== 'live' || state.open[symbol] === amount) return stay
			const {[symbol]: before, ...others} = state.open
			if (isZero(amount) && before === undefined) return stay
			const next: State = {...state, open: isZero(amount) ? others : {...others, [symbol]: amount}}
			const {tripped} = next
			if (!tripped || tripped.killed) return {state: next}
			// What has just been filled is closed at once, not with the next round.
			const fresh = before === undefined ? {...tripped, planned_ms: 0} : tripped
			const step = act(next, fresh, context)
			return step === stay ? {state: next} : step
		},
	},
	onTimer: {act: (state, context) => (state.tripped ? act(state, state.tripped, context) : stay)},
})
