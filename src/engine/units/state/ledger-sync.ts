import {alerts, events} from '../../contracts/streams/ops.js'
import {type Context, defineEffect, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {type OpenDifferences, watchDifferences} from '../../logic/difference-watch.js'
import {type FillDifference, fillDifferenceName} from '../../logic/fill-differences.js'

/** Of the account as a whole. Times are machine time. */
type State = Readonly<{waiting: boolean; asked_ms: number; failures: number; open: OpenDifferences}>
type Answer = Readonly<{
	differences: readonly FillDifference[]
	/** Venue time from which fills were compared. */
	from_ms: number
	/** Fills that the venue lists, in how many symbols. */
	fills: number
	symbols: number
}>

const initial: State = {waiting: false, asked_ms: 0, failures: 0, open: {}}
const writes = {alert: alerts, event: events}
const effects = {
	fills: defineEffect<Readonly<{window_ms: number}>, Answer>(
		'Reads the venue’s trade list of the last `window_ms` of venue time and compares it with the ledger fill by fill.',
	),
}
type Ctx = Context<typeof writes, Record<never, never>, typeof effects>

const WHOLE = ''
const WINDOW_MS = 24 * 3_600_000
const READ_EVERY_MS = 900_000
/** As long as the account stream may take to prove its fills; what stands is looked at again as soon as that is over. */
const SETTLE_MS = 90_000
/** After a reading that failed, which it does until the journal is served. */
const RETRY_MS = 15_000
const FAILURES_REPORTED = 3
/** So many differences are reported one by one, the rest by their number. */
const REPORTED_MAX = 20
const isUnsettled = ({open}: State): boolean => Object.values(open).some(({reported}) => !reported)

const pauseOf = (state: State): number =>
	state.failures > 0 ? RETRY_MS : isUnsettled(state) ? SETTLE_MS : READ_EVERY_MS

const judged = (state: State, {differences, from_ms, fills, symbols}: Answer, {emit, machine_ms}: Ctx): Step<State> => {
	const names = differences.map(fillDifferenceName)
	const {open, late} = watchDifferences(state.open, names, {machine_ms, settle_ms: SETTLE_MS})
	const told = differences.filter(difference => late.has(fillDifferenceName(difference)))
	const alert = (subject: string, message: string) =>
		emit.alert({severity: 'critical', code: 'LEDGER_DIFFERENCE', subject, message})
	const single = told.slice(0, REPORTED_MAX).map(({kind, symbol, trade_id, ledger, venue}) => {
		const both = `ledger ${ledger || 'none'}, venue ${venue || 'none'}`
		return alert(symbol, `Fill ${trade_id} of ${symbol}: ${kind}: ${both}`)
	})
	const rest = told.length - single.length
	const since = new Date(from_ms).toISOString()
	const detail = `${fills} fills of ${symbols} symbols since ${since}: ${differences.length} unlike the ledger`
	return {
		state: {...state, waiting: false, failures: 0, open},
		wishes: [
			...single,
			...(rest > 0 ? [alert('account', `${rest} more fills differ: see qt ledger verify`)] : []),
			emit.event({event: 'LEDGER_SYNCED', subject: 'ledger', detail}),
		],
	}
}

/**
 * What the wallet gained and paid is compared by pnl-tracker, from the income. Here it is the fills themselves: each
 * trade id of the venue's list, with side, size, price and order, also where it moved no money.
 *
 * Differences are alerts, and each reading an event. On reconcile.events they would be corrections, which others act
 * upon; but the ledger is never corrected by itself.
 */
export const ledgerSync = defineUnit({
	name: 'ledger-sync',
	target: 'state',
	kind: 'timer',
	summary: 'Compares the ledger with the venue’s trade list fill by fill, and reports each difference that stays.',
	reads: {},
	writes,
	keys: {},
	effects,
	timers: {read: {every_ms: 5_000, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {},
	onTimer: {
		read: (state, {effect, machine_ms}) =>
			state.waiting || Math.abs(machine_ms - state.asked_ms) < pauseOf(state)
				? stay
				: {
						state: {...state, waiting: true, asked_ms: machine_ms},
						wishes: [effect.fills(`fills/${machine_ms}`, {window_ms: WINDOW_MS})],
					},
	},
	onResult: {
		fills: (state, outcome, context) => {
			if (outcome.ok) return judged(state, outcome.result, context)
			const failures = state.failures + 1
			const next = {...state, waiting: false, failures}
			if (failures !== FAILURES_REPORTED) return {state: next}
			const message = `The venue’s trade list could not be compared ${failures} times in a row: ${outcome.error}`
			const alert = context.emit.alert({severity: 'warning', code: 'FILLS_UNREAD', subject: 'account', message})
			return {state: next, wishes: [alert]}
		},
	},
})
