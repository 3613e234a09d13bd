import {mkdir} from 'node:fs/promises'
import {dirname} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {type DuckDBConnection, DuckDBInstance} from '@duckdb/node-api'
import {messageOf, OperatorError} from '../../errors.js'
import {EXIT_CODES} from '../../exit-codes.js'
import type {FillRow, JournalRequest, JournalResult, TradeRow} from '../../logic/journal-rows.js'
import type {AccountTotals, LedgerEntry} from '../../logic/ledger.js'
import type {EffectAdapter} from '../../runtime/adapters.js'
import {copyDatabase, readWhole} from './journal-backup.js'
import {insertsOf, statementOf} from './journal-inserts.js'
import {type EntryQuery, type JournalQuery, JournalReader, type TradeJournalReader} from './journal-reader.js'
import {prepareSchema} from './journal-schema.js'

export const journalLimits = {
	/** Requests written in one transaction. */
	batch_max: 256,
	/** Attempts for one transaction, each after twice the pause of the one before. */
	attempts_max: 5,
	first_pause_ms: 250,
	/** What the database may use beside its file. */
	memory: '64MB',
} as const

const LOCKED = /lock/i
/** An error of the database in one line, with the file and what to do about it. */
export const unusable = (path: string, cause: unknown): OperatorError => {
	if (cause instanceof OperatorError) return cause
	const text = messageOf(cause)
	const [line = ''] = text.split('\n')
	const locked = LOCKED.test(line)
	return new OperatorError(
		`The trade journal ${path} ${locked ? 'is held by another process' : 'cannot be read'}: ${line}`,
		{
			exit_code: locked ? EXIT_CODES.unreachable : EXIT_CODES.failure,
			hint: locked
				? 'see qt status'
				: 'qt down, then qt ledger restore <backup> puts an older one in its place; the broken file is kept',
			cause,
		},
	)
}

type Waiting = Readonly<{request: JournalRequest; done: () => void; failed: (error: unknown) => void}>
type Open = Readonly<{instance: DuckDBInstance; write: DuckDBConnection; read: DuckDBConnection}>

/**
 * The durable record of fills, ledger entries and trades: one file, which outlives Redis.
 * What `append` has confirmed is on disk; what is written twice is there once.
 * The file belongs to one process; others read through it.
 */
export class TradeJournal implements TradeJournalReader {
	readonly #queue: Waiting[] = []
	readonly #reader = new JournalReader(async () => (await this.#opened()).read)
	#open: Promise<Open> | undefined
	#writing: Promise<void> | undefined
	#unreadable: string | undefined
	#unwritten: string | undefined
	/** Transactions committed since the start. */
	transactions = 0

	constructor(
		readonly path: string,
		private readonly first_pause_ms: number = journalLimits.first_pause_ms,
	) {}

	/** What is wrong with it: it was not sound when it was opened, or what came last is not on disk; undefined while it serves. */
	get fault(): string | undefined {
		return this.#unreadable ?? this.#unwritten
	}

	/** Resolves when the rows are on disk; rejects when they could not be written after all attempts. */
	append(request: JournalRequest): Promise<void> {
		const appended = new Promise<void>((done, failed) => this.#queue.push({request, done, failed}))
		this.#writing ??= this.#drain()
		return appended
	}

	trades(query?: JournalQuery): Promise<readonly TradeRow[]> {
		return this.#reader.trades(query)
	}
	fills(query?: JournalQuery): Promise<readonly FillRow[]> {
		return this.#reader.fills(query)
	}
	entries(query?: EntryQuery): Promise<readonly LedgerEntry[]> {
		return this.#reader.entries(query)
	}
	totals(): Promise<AccountTotals> {
		return this.#reader.totals()
	}

	/** Opens the file, and makes it where there is none; reads it whole. @throws OperatorError naming what is wrong with it */
	async open(): Promise<void> {
		try {
			const {read} = await this.#opened()
			await readWhole(read)
		} catch (error) {
			const told = unusable(this.path, error)
			this.#unreadable = told.message
			throw told
		}
	}

	/** Copies what is on disk now into a file of its own. @throws OperatorError (refused) when it exists */
	async backup(path: string): Promise<void> {
		await copyDatabase((await this.#opened()).read, path)
	}

	/** Waits for what is being written, then gives the file back. */
	async close(): Promise<void> {
		await this.#writing
		await this.#release()
	}

	async #release(): Promise<void> {
		const open = await this.#open?.catch(() => undefined)
		this.#open = undefined
		open?.read.closeSync()
		open?.write.closeSync()
		open?.instance.closeSync()
	}

	/** After a fatal error the database refuses everything, a rollback too: the next attempt opens the file anew. */
	async #recover(write: DuckDBConnection): Promise<void> {
		const alive = await write.run('rollback').then(
			() => true,
			() => false,
		)
		if (!alive) await this.#release()
	}

	#opened(): Promise<Open> {
		this.#open ??= this.#openFile().catch(error => {
			this.#open = undefined
			throw error
		})
		return this.#open
	}

	async #openFile(): Promise<Open> {
		await mkdir(dirname(this.path), {recursive: true})
		let instance: DuckDBInstance | undefined
		try {
			instance = await DuckDBInstance.create(this.path, {memory_limit: journalLimits.memory, threads: '1'})
			const write = await instance.connect()
			await prepareSchema(write, this.path)
			return {instance, write, read: await instance.connect()}
		} catch (error) {
			instance?.closeSync()
			throw unusable(this.path, error)
		}
	}

	async #drain(): Promise<void> {
		// One turn later, so that all that is asked for together is written together.
		await Promise.resolve()
		while (this.#queue.length > 0) {
			const batch = this.#queue.splice(0, journalLimits.batch_max)
			try {
				await this.#writeWithRetry(batch.map(({request}) => request))
				this.#unwritten = undefined
				for (const {done} of batch) done()
			} catch (error) {
				this.#unwritten = unusable(this.path, error).message
				for (const {failed} of batch) failed(error)
			}
		}
		// In the same turn in which the queue was found empty: what is appended later starts a new round.
		this.#writing = undefined
	}

	async #writeWithRetry(requests: readonly JournalRequest[]): Promise<void> {
		for (let attempt = 1; ; attempt += 1) {
			try {
				await this.#write(requests)
				return
			} catch (error) {
				if (attempt >= journalLimits.attempts_max) throw error
				await pause(this.first_pause_ms * 2 ** (attempt - 1))
			}
		}
	}

	async #write(requests: readonly JournalRequest[]): Promise<void> {
		const {write} = await this.#opened()
		await write.run('begin')
		try {
			for (const insert of insertsOf(requests)) {
				const {sql, values} = statementOf(insert)
				await write.run(sql, values)
			}
			await write.run('commit')
			this.transactions += 1
		} catch (error) {
			await this.#recover(write)
			throw error
		}
	}
}

/** The adapter of the trade-logger's `journal` effect. Written again after a crash, it changes nothing. */
export const journalEffect = (journal: Pick<TradeJournal, 'append'>): EffectAdapter => ({
	perform: async (request): Promise<JournalResult> => {
		await journal.append(request as JournalRequest)
		return {written: true}
	},
})
