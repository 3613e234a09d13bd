import {existsSync, readdirSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {messageOf, OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {FillRow, TradeRow} from '../../engine/logic/journal-rows.js'
import type {AccountTotals, LedgerEntry} from '../../engine/logic/ledger.js'
import {type Home, socketOf} from './home.js'
import {callSocket, NotListening} from './unix-http.js'

export type JournalQuery = Readonly<{
	limit?: number | undefined
	symbol?: string | undefined
	from?: number | undefined
	/** Entries that follow the one of this id. */
	after?: string | undefined
}>

/** The trade journal, read through the process that holds it, or from its file when none does. */
export interface Journal {
	trades(query?: JournalQuery): Promise<readonly TradeRow[]>
	fills(query?: JournalQuery): Promise<readonly FillRow[]>
	entries(query?: JournalQuery): Promise<readonly LedgerEntry[]>
	totals(): Promise<AccountTotals>
	close(): Promise<void>
}

const ANSWER_MS = 20_000
const PROBE_MS = 2_000
/** The file of the journal, which belongs to whoever holds it. */
export const journalPath = (home: Home): string => join(home.journal, 'trades.duckdb')

const HOLDERS = ['host-state.sock', 'host-trade-logger.sock'] as const

const pathOf = (what: string, query: JournalQuery): string => {
	const words = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
	return `/journal/${what}${words.length > 0 ? `?${new URLSearchParams(words as [string, string][])}` : ''}`
}

const overSocket = (socket: string): Journal => {
	const ask = async (what: string, query: JournalQuery = {}): Promise<unknown> => {
		const {status, body} = await callSocket({socket, path: pathOf(what, query), within_ms: ANSWER_MS})
		if (status === 200) return body
		const told = (body as {error?: unknown} | null)?.error
		throw new Error(`the journal answered ${what} with HTTP ${status}: ${String(told ?? '')}`)
	}
	return {
		trades: query => ask('trades', query) as Promise<readonly TradeRow[]>,
		fills: query => ask('fills', query) as Promise<readonly FillRow[]>,
		entries: query => ask('entries', query) as Promise<readonly LedgerEntry[]>,
		totals: () => ask('totals') as Promise<AccountTotals>,
		close: async () => undefined,
	}
}

/** Sockets of hosts that may hold the journal. */
const holders = (home: Home): readonly string[] => {
	const any = socketOf(home, HOLDERS[0])
	if (any === undefined) return []
	const present = new Set(readdirSync(dirname(any)))
	return HOLDERS.filter(name => present.has(name)).flatMap(name => socketOf(home, name) ?? [])
}

/** The socket of the host that holds the journal, if one serves it. */
export const holderOf = async (home: Home): Promise<string | undefined> => {
	for (const socket of holders(home)) {
		try {
			const {status} = await callSocket({socket, path: '/journal/trades?limit=1', within_ms: PROBE_MS})
			if (status === 200) return socket
		} catch (error) {
			if (!(error instanceof NotListening)) throw error
		}
	}
	return undefined
}

/**
 * What the journal has against arming, with the remedy: what is traded must be booked. Undefined while it is sound, and
 * where no process holds it: then its stage is not open.
 */
export const journalAgainst = async (home: Home): Promise<string | undefined> => {
	for (const socket of holders(home)) {
		try {
			const {status, body} = await callSocket({socket, path: '/journal/state', within_ms: PROBE_MS})
			const {fault} = (body ?? {}) as {fault?: unknown}
			if (status === 200 && typeof fault === 'string') return `${fault} (${REMEDY})`
		} catch (error) {
			if (!(error instanceof NotListening)) return `the trade journal cannot be asked: ${messageOf(error)}`
		}
	}
	return undefined
}
const REMEDY = 'qt down, then qt ledger restore <backup>, then qt up; the broken file is kept'

/** The journal through the process that holds it, never from its file. @throws Error when nobody serves it */
export const servedJournal = async (home: Home): Promise<Journal> => {
	const holder = await holderOf(home)
	if (holder === undefined) throw new Error('no process serves the trade journal now')
	return overSocket(holder)
}

/** @throws OperatorError (unreachable) when there is no journal yet, or another process holds the file */
export const openJournal = async (home: Home): Promise<Journal> => {
	const holder = await holderOf(home)
	if (holder !== undefined) return overSocket(holder)
	const path = journalPath(home)
	if (!existsSync(path))
		throw new OperatorError(`there is no trade journal in ${home.journal}`, {
			exit_code: EXIT_CODES.unreachable,
			hint: 'start the system: qt up',
		})
	const {TradeJournal} = await import('../../engine/adapters/storage/trade-journal.js')
	const journal = new TradeJournal(path)
	try {
		await journal.trades({limit: 1})
	} catch (cause) {
		await journal.close()
		const detail = messageOf(cause).split('\n')[0] ?? ''
		throw new OperatorError(`the trade journal cannot be read: ${detail}`, {
			exit_code: EXIT_CODES.unreachable,
			hint: 'another process may hold it; see qt status',
			cause,
		})
	}
	return journal
}

export const withJournal = async <Result>(home: Home, read: (journal: Journal) => Promise<Result>): Promise<Result> => {
	const journal = await openJournal(home)
	try {
		return await read(journal)
	} finally {
		await journal.close()
	}
}
