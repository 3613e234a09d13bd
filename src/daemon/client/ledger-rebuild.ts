import {setTimeout as pause} from 'node:timers/promises'
import {encodeEnvelope} from '../../engine/contracts/envelope.js'
import {encodeFields} from '../../engine/contracts/field.js'
import {keys} from '../../engine/contracts/keys.js'
import {events} from '../../engine/contracts/streams/ops.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {LedgerVerdict} from '../../engine/logic/ledger-verify.js'
import {verifyBooks} from './books.js'
import {CLIENT_LIMITS} from './client-limits.js'
import {type Home, storedSystem} from './home.js'
import {holderOf, withJournal} from './journal.js'
import {operatorEnvelope} from './operator-envelope.js'
import {type State, withState} from './state.js'
import {Unanswered} from './unix-http.js'
import {withVenue} from './venue-access.js'

export type Rebuilt = Readonly<{
	/** Books there are now, the account's own among them. */
	symbols: number
	verdict: LedgerVerdict
}>
type Options = Readonly<{by: string; reason: string; now_ms: () => number; onStep: (line: string) => void}>

/** The process that keeps the books ends and is started again. */
const REBUILT_MS = 120_000

const booksKey = ({naming}: State): string => naming.key(keys.unitState, {unit: keys.ledger.owner})

/**
 * Takes the books from the unit that keeps them: it is fenced, and finds none when it starts anew, which makes it
 * derive them from the journal. What it has not written to the journal yet stays recorded.
 */
const dropBooks = async (state: State, {by, reason, now_ms}: Options): Promise<void> => {
	const {bus, naming} = state
	const lease_key = naming.key(keys.unitLease, {unit: keys.ledger.owner})
	const time_ms = now_ms()
	const envelope = await operatorEnvelope(state, {what: 'ledger rebuild', by, time_ms, v: events.version})
	const payload = {event: 'LEDGER_REBUILD', subject: 'ledger', detail: reason, by}
	const {generation} = await bus.takeLease(lease_key, {})
	const {status} = await bus.commit({
		fence: {lease_key, generation},
		acknowledge: [],
		writes: [
			{op: 'remove', key: booksKey(state)},
			{
				...{op: 'append', stream: naming.stream(events.name), length_max: events.retention_max * 2},
				fields: {...encodeEnvelope(envelope), ...encodeFields(payload)},
			},
		],
	})
	if (status !== 'committed')
		throw new OperatorError('the books were not touched: they are being started at this moment', {
			exit_code: EXIT_CODES.refused,
			hint: 'try again when qt status shows every unit running',
		})
}

/** A process that has just started may be too busy to answer in time: it is asked again. */
const patiently = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
	const deadline = performance.now() + REBUILT_MS
	for (;;) {
		try {
			return await ask()
		} catch (error) {
			if (!(error instanceof Unanswered) || performance.now() >= deadline) throw error
			await pause(CLIENT_LIMITS.poll_ms)
		}
	}
}

const rebuilt = async (home: Home, state: State): Promise<number> => {
	const deadline = performance.now() + REBUILT_MS
	while (performance.now() < deadline) {
		const books = await state.bus.redis.hlen(booksKey(state))
		if (books > 0 && (await patiently(() => holderOf(home))) !== undefined) return books
		await pause(CLIENT_LIMITS.poll_ms)
	}
	throw new OperatorError(`the books were not rebuilt within ${REBUILT_MS} ms`, {
		exit_code: EXIT_CODES.unreachable,
		hint: 'see qt status, and qt logs trade-logger',
	})
}

/**
 * Has the books derived anew from the journal by the process that keeps them, and compares them with the venue.
 * @throws OperatorError when nobody keeps the books now, or the journal is empty
 */
export const rebuildLedger = async (home: Home, env: NodeJS.ProcessEnv, options: Options): Promise<Rebuilt> => {
	if ((await holderOf(home)) === undefined)
		throw new OperatorError('no process keeps the books now', {
			exit_code: EXIT_CODES.unreachable,
			hint: 'qt up; after the loss of Redis the books are rebuilt at the start',
		})
	const first = await withJournal(home, journal => journal.entries({limit: 1}))
	if (first.length === 0)
		throw new OperatorError('the journal is empty: there is nothing to rebuild the books from', {
			exit_code: EXIT_CODES.refused,
			hint: 'qt ledger restore <backup> puts one in its place',
		})
	const symbols = await withState(
		home,
		async state => {
			await dropBooks(state, options)
			options.onStep('the books are dropped; the process that keeps them starts anew')
			return rebuilt(home, state)
		},
		{within_ms: 2 * REBUILT_MS + CLIENT_LIMITS.redis_read_ms, as: 'host'},
	)
	options.onStep(`${symbols} books rebuilt; comparing them with the venue`)
	const whole_history = storedSystem(home).mode === 'PAPER'
	const verdict = await patiently(() =>
		withVenue(home, env, desk => withJournal(home, journal => verifyBooks({desk, journal, whole_history}))),
	)
	return {symbols, verdict}
}
