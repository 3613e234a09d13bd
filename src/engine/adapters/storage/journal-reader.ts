import type {DuckDBConnection, DuckDBValue} from '@duckdb/node-api'
import {exact, textOf} from '../../logic/exact.js'
import type {FillRow, TradeRow} from '../../logic/journal-rows.js'
import type {AccountTotals, LedgerAccount, LedgerEntry, Posting} from '../../logic/ledger.js'

export type JournalQuery = Readonly<{
	/** Newest so many; at most `ROWS_MAX`. */
	limit?: number | undefined
	symbol?: string | undefined
}>

export type EntryQuery = JournalQuery &
	Readonly<{
		from?: number | undefined
		to?: number | undefined
		/** Only what follows the entry of this id: the last one of a page asks for the next. */
		after?: string | undefined
	}>

/** What the journal tells: a face of the class, so that others can answer for it over HTTP. */
export interface TradeJournalReader {
	/** Closed trades, newest first. */
	trades(query?: JournalQuery): Promise<readonly TradeRow[]>
	/** Fills, newest first. */
	fills(query?: JournalQuery): Promise<readonly FillRow[]>
	/**
	 * Entries with their postings from venue time `from` on (ms, inclusive) up to `to` (exclusive), oldest first;
	 * one page, see `allEntries`.
	 */
	entries(query?: EntryQuery): Promise<readonly LedgerEntry[]>
	/** Balance of every account per asset over the whole journal. */
	totals(): Promise<AccountTotals>
}

/** A listing that asks for more gets this many. */
export const ROWS_MAX = 100_000
const ROWS_DEFAULT = 200
/** Entries of one page when none is named: a page is held in memory twice while it is sent. */
const ENTRIES_DEFAULT = 5_000

type Row = Readonly<Record<string, unknown>>
const text = (row: Row, name: string): string => String(row[name])
const number = (row: Row, name: string): number => Number(row[name])

const fillOf = (row: Row): FillRow => ({
	symbol: text(row, 'symbol'),
	trade_id: text(row, 'trade_id'),
	order_id: text(row, 'order_id'),
	client_order_id: text(row, 'client_order_id'),
	side: row.side === 'SELL' ? 'SELL' : 'BUY',
	price: text(row, 'price'),
	quantity: text(row, 'quantity'),
	fee: text(row, 'fee'),
	fee_asset: text(row, 'fee_asset'),
	realised_pnl: text(row, 'realised_pnl'),
	maker: row.maker === true,
	ts_ms: number(row, 'ts_ms'),
	plan_id: row.plan_id === null ? '' : text(row, 'plan_id'),
})

const tradeOf = (row: Row): TradeRow => ({
	trade_id: text(row, 'trade_id'),
	symbol: text(row, 'symbol'),
	side: row.side === 'SHORT' ? 'SHORT' : 'LONG',
	quantity: text(row, 'quantity'),
	entry_price: text(row, 'entry_price'),
	exit_price: text(row, 'exit_price'),
	opened_ms: number(row, 'opened_ms'),
	closed_ms: number(row, 'closed_ms'),
	realised_pnl: text(row, 'realised_pnl'),
	fees: text(row, 'fees'),
	net_pnl: text(row, 'net_pnl'),
	plan_id: text(row, 'plan_id'),
	exit_plan_id: text(row, 'exit_plan_id'),
	exit_reason: text(row, 'exit_reason'),
	...(typeof row.strategy === 'string' && {strategy: row.strategy}),
	...(typeof row.other_fees === 'string' && {other_fees: JSON.parse(row.other_fees) as TradeRow['other_fees']}),
})

const postingOf = (row: Row): Posting => ({
	account: text(row, 'account') as LedgerAccount,
	asset: text(row, 'asset'),
	amount: text(row, 'amount'),
})

/** Rows of one entry follow each other. */
const entriesOf = (rows: readonly Row[]): readonly LedgerEntry[] => {
	const entries: (LedgerEntry & {postings: Posting[]})[] = []
	for (const row of rows) {
		const last = entries.at(-1)
		if (last && last.id === row.id) last.postings.push(postingOf(row))
		else
			entries.push({
				id: text(row, 'id'),
				kind: row.kind === 'fill' ? 'fill' : 'income',
				symbol: text(row, 'symbol'),
				reference: text(row, 'reference'),
				income_type: text(row, 'income_type'),
				ts_ms: number(row, 'ts_ms'),
				postings: [postingOf(row)],
			})
	}
	return entries
}

const limitOf = (limit = ROWS_DEFAULT): bigint => BigInt(Math.min(Math.max(Math.trunc(limit), 1), ROWS_MAX))

/** Reads over a connection of its own, so that it sees only what has been committed. */
export class JournalReader implements TradeJournalReader {
	constructor(private readonly connection: () => Promise<DuckDBConnection>) {}

	async trades({limit, symbol = ''}: JournalQuery = {}): Promise<readonly TradeRow[]> {
		const sql = `select * from trades where $1 = '' or symbol = $1 order by closed_ms desc, trade_id desc limit $2`
		return (await this.#rows(sql, [symbol, limitOf(limit)])).map(tradeOf)
	}

	async fills({limit, symbol = ''}: JournalQuery = {}): Promise<readonly FillRow[]> {
		const sql = `select fills.*, plan_id from fills left join fill_plans using (symbol, trade_id)
			where $1 = '' or symbol = $1 order by ts_ms desc, length(trade_id) desc, trade_id desc limit $2`
		return (await this.#rows(sql, [symbol, limitOf(limit)])).map(fillOf)
	}

	async entries(query: EntryQuery = {}): Promise<readonly LedgerEntry[]> {
		const {limit = ENTRIES_DEFAULT, symbol = '', from = 0, to = Number.MAX_SAFE_INTEGER, after = ''} = query
		const sql = `with page as (
				select * from entries where ($1 = '' or symbol = $1) and ts_ms >= $3 and ts_ms < $4
				and ($5 = '' or ts_ms > (select ts_ms from entries where id = $5)
					or (id > $5 and ts_ms = (select ts_ms from entries where id = $5)))
				order by ts_ms, id limit $2
			) select page.*, line, account, asset, amount from page join postings on entry_id = id order by ts_ms, id, line`
		return entriesOf(await this.#rows(sql, [symbol, limitOf(limit), BigInt(from), BigInt(to), after]))
	}

	async totals(): Promise<AccountTotals> {
		const sql = `select account, asset, sum(cast(amount as decimal(38, 18)))::varchar as total
			from postings group by account, asset order by account, asset`
		const totals: Record<string, Record<string, string>> = {}
		for (const row of await this.#rows(sql, [])) {
			const account = text(row, 'account')
			totals[account] = {...totals[account], [text(row, 'asset')]: textOf(exact(text(row, 'total')))}
		}
		return totals
	}

	async #rows(sql: string, values: DuckDBValue[]): Promise<readonly Row[]> {
		const connection = await this.connection()
		return (await connection.runAndReadAll(sql, values)).getRowObjectsJS()
	}
}
