import {keys} from '../../contracts/keys.js'
import {exchangeNormalized} from '../../contracts/streams/account.js'
import {alerts} from '../../contracts/streams/ops.js'
import {type Context, defineEffect, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {type OpenDifferences, watchDifferences} from '../../logic/difference-watch.js'
import {dayFields, dayStart, differenceName, INCOME_SLACK_MS, type IncomeReading} from '../../logic/income-days.js'

/** Of the account as a whole. Times are machine time unless named otherwise. */
type State = Readonly<{
	/** Something has moved the wallet since the last reading was asked for. */
	due: boolean
	waiting: boolean
	asked_ms: number
	failures: number
	/** Venue time from which everything is read anew; 0 reads the whole history, which ends with the first answer. */
	from_ms: number
	/** When each difference that stands was first seen, and whether that was reported. */
	open: OpenDifferences
}>
type Answer = IncomeReading & Readonly<{venue_ms: number}>

const initial: State = {due: true, waiting: false, asked_ms: 0, failures: 0, from_ms: 0, open: {}}
const writes = {alert: alerts}
const ports = {day: keys.pnlDay}
const effects = {
	income: defineEffect<Readonly<{from_ms: number}>, Answer>(
		'Reads the venue’s income from a venue time on, sums it by day and compares it with the ledger row by row.',
	),
}
type Ctx = Context<typeof writes, typeof ports, typeof effects>

const WHOLE = ''
/** After news, and without any. */
const READ_AFTER_MS = 15_000
const READ_EVERY_MS = 60_000
/** The account stream proves its income every 60 s: what is not in the ledger by then will not come by itself. */
const SETTLE_MS = 90_000
const FAILURES_REPORTED = 3
/** So many differences are reported one by one, the rest by their number. */
const REPORTED_MAX = 20

/** Keeps what stands, forgets what was settled, and tells once of what will not settle by itself. */
const judged = (state: State, answer: Answer, {emit, machine_ms}: Ctx): Step<State> => {
	const names = answer.differences.map(differenceName)
	const {open, late: told} = watchDifferences(state.open, names, {machine_ms, settle_ms: SETTLE_MS})
	const late = answer.differences.filter(difference => told.has(differenceName(difference)))
	const alert = (subject: string, message: string) =>
		emit.alert({severity: 'critical', code: 'INCOME_DIFFERS', subject, message})
	const single = late.slice(0, REPORTED_MAX).map(({kind, type, symbol, id, ledger, venue, asset}) => {
		const both = `ledger ${ledger || 'none'}, venue ${venue || 'none'} ${asset}`
		return alert(symbol || 'account', `${type} ${id}: ${kind}: ${both}`)
	})
	const rest = late.length - single.length
	return {
		state: {...state, open},
		wishes: rest > 0 ? [...single, alert('account', `${rest} more rows differ: see qt ledger verify`)] : single,
	}
}

export const pnlTracker = defineUnit({
	name: 'pnl-tracker',
	target: 'state',
	kind: 'stream',
	aliases: ['binance-pnl-tracker'],
	summary: 'Income of the account by UTC day from the venue itself, matched row by row against the ledger.',
	reads: {account: exchangeNormalized},
	writes,
	keys: ports,
	effects,
	timers: {read: {every_ms: 5_000, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		account: (state, {kind}) =>
			(kind === 'fill' || kind === 'income') && !state.due ? {state: {...state, due: true}} : stay,
	},
	onTimer: {
		read: (state, {effect, machine_ms}) => {
			const age_ms = Math.abs(machine_ms - state.asked_ms)
			if (state.waiting || age_ms < (state.due ? READ_AFTER_MS : READ_EVERY_MS)) return stay
			const {from_ms} = state
			return {
				state: {...state, due: false, waiting: true, asked_ms: machine_ms},
				wishes: [effect.income(`income/${machine_ms}`, {from_ms})],
			}
		},
	},
	onResult: {
		income: (state, outcome, context) => {
			const {emit, key, machine_ms} = context
			if (!outcome.ok) {
				const failures = state.failures + 1
				const next = {...state, waiting: false, due: true, failures}
				if (failures !== FAILURES_REPORTED) return {state: next}
				const message = `The income could not be read ${failures} times in a row: ${outcome.error}`
				return {
					state: next,
					wishes: [emit.alert({severity: 'warning', code: 'INCOME_UNREAD', subject: 'account', message})],
				}
			}
			const {result} = outcome
			const {venue_ms, days, open} = result
			const days_written = Object.entries(days).map(([day, assets]) =>
				key.day.put({day}, {...dayFields(assets), differences: open[day] ?? 0, venue_ms, machine_ms}, {replace: true}),
			)
			// Two slacks back: what lies at the edge of the next reading was compared in this one.
			const from_ms = Math.max(state.from_ms, dayStart(venue_ms - 2 * INCOME_SLACK_MS))
			const {state: next, wishes = []} = judged(state, result, context)
			return {state: {...state, ...next, waiting: false, failures: 0, from_ms}, wishes: [...days_written, ...wishes]}
		},
	},
})
