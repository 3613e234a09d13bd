import {z} from 'zod'
import {OperatorError} from '../../errors.js'
import {EXIT_CODES} from '../../exit-codes.js'
import {ROWS_MAX, type TradeJournalReader} from './journal-reader.js'

/** Answers one path; the host puts it behind its HTTP port. */
export type JournalRoute = (query: URLSearchParams) => Promise<unknown>

const ms = z.coerce.number().int().nonnegative().optional()
const query = z.strictObject({
	symbol: z.string().min(1).optional(),
	limit: z.coerce.number().int().min(1).max(ROWS_MAX).optional(),
	from: ms,
	to: ms,
	after: z.string().min(1).optional(),
})

const read = (path: string, given: URLSearchParams): z.output<typeof query> => {
	const parsed = query.safeParse(Object.fromEntries(given))
	if (parsed.success) return parsed.data
	const problems = parsed.error.issues.map(({path: at, message}) => `${at.join('.') || 'query'}: ${message}`)
	throw new OperatorError(`${path} cannot answer ${given.toString()}: ${problems.join('; ')}`, {
		exit_code: EXIT_CODES.usage,
		hint: `Known are symbol, limit (1 to ${ROWS_MAX}), from and to (venue time, ms), after (id of an entry).`,
	})
}

/** The journal as read-only HTTP: its file belongs to one process, everybody else asks that one. */
export const journalRoutes = (journal: TradeJournalReader): Readonly<Record<string, JournalRoute>> => {
	const routes = {
		'/journal/trades': async given => journal.trades(read('/journal/trades', given)),
		'/journal/fills': async given => journal.fills(read('/journal/fills', given)),
		'/journal/entries': async given => journal.entries(read('/journal/entries', given)),
		'/journal/totals': async () => journal.totals(),
	} satisfies Record<string, JournalRoute>
	return routes
}
