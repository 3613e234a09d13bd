import {existsSync} from 'node:fs'
import {chmod, rename, rm} from 'node:fs/promises'
import {type DuckDBConnection, DuckDBInstance} from '@duckdb/node-api'
import {messageOf, OperatorError} from '../../errors.js'
import {EXIT_CODES} from '../../exit-codes.js'
import type {JournalSummary} from '../../logic/journal-rows.js'
import {journalTables, SCHEMA_VERSION} from './journal-schema.js'

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

const rowsOf = async (connection: DuckDBConnection, sql: string): Promise<readonly Record<string, unknown>[]> =>
	(await connection.runAndReadAll(sql)).getRowObjectsJS()

/**
 * Copies the open database as one transaction sees it into a file of its own, which is there whole or not at all.
 * @throws OperatorError (refused) when the file exists
 */
export const copyDatabase = async (connection: DuckDBConnection, path: string): Promise<void> => {
	if (existsSync(path))
		throw new OperatorError(`${path} exists already`, {
			exit_code: EXIT_CODES.refused,
			hint: 'a backup never replaces a file; name another',
		})
	const partial = `${path}.partial`
	await rm(partial, {force: true})
	const [row] = await rowsOf(connection, 'select current_catalog() as name')
	try {
		await connection.run(`attach ${quoted(partial)} as backup`)
		await connection.run(`copy from database "${String(row?.name)}" to backup`)
	} finally {
		await connection.run('detach database if exists backup')
	}
	await chmod(partial, 0o600)
	await rename(partial, path)
}

const fault = (path: string, what: string): OperatorError =>
	new OperatorError(`${path} is no sound journal: ${what}`, {
		exit_code: EXIT_CODES.refused,
		hint: 'nothing was changed; name another backup',
	})

const count = async (connection: DuckDBConnection, sql: string): Promise<number> =>
	Number((await rowsOf(connection, sql))[0]?.n ?? 0)

/** Reads every value of every table: a broken block is only noticed when it is read. */
export const readWhole = async (connection: DuckDBConnection): Promise<void> => {
	for (const table of journalTables) await connection.run(`select sum(hash(columns(*))) from ${table}`)
}

const DOUBTS: readonly Readonly<{sql: string; what: (found: number) => string}>[] = [
	{
		sql: `select count(*) as n from (select entry_id from postings group by entry_id, asset
			having sum(cast(amount as decimal(38, 18))) <> 0)`,
		what: found => `the postings of ${found} entries do not balance`,
	},
	{
		sql: 'select count(*) as n from entries where id not in (select entry_id from postings)',
		what: found => `${found} entries have no postings`,
	},
	{
		sql: 'select count(*) as n from postings where entry_id not in (select id from entries)',
		what: found => `${found} postings belong to no entry`,
	},
	{
		sql: `select count(*) as n from fills where 'fill:' || symbol || ':' || trade_id not in (select id from entries)`,
		what: found => `${found} fills were never booked`,
	},
]

const summaryOf = async (connection: DuckDBConnection, path: string): Promise<JournalSummary> => {
	const schema = await count(connection, 'select max(version) as n from schema_version')
	if (schema < 1 || schema > SCHEMA_VERSION)
		throw fault(path, `schema ${schema}; this program knows 1 to ${SCHEMA_VERSION}`)
	await readWhole(connection)
	for (const {sql, what} of DOUBTS) {
		const found = await count(connection, sql)
		if (found > 0) throw fault(path, what(found))
	}
	const [span] = await rowsOf(
		connection,
		'select count(*) as n, coalesce(min(ts_ms), 0) as a, coalesce(max(ts_ms), 0) as b from entries',
	)
	return {
		...{path, schema, entries: Number(span?.n), from_ms: Number(span?.a), to_ms: Number(span?.b)},
		fills: await count(connection, 'select count(*) as n from fills'),
		trades: await count(connection, 'select count(*) as n from trades'),
	}
}

/** Looks through a journal file that no process holds. @throws OperatorError (refused) naming what is wrong with it */
export const inspectJournal = async (path: string): Promise<JournalSummary> => {
	if (!existsSync(path)) throw fault(path, 'there is no such file')
	let instance: DuckDBInstance | undefined
	let connection: DuckDBConnection | undefined
	try {
		instance = await DuckDBInstance.create(path, {access_mode: 'READ_ONLY', threads: '1'})
		connection = await instance.connect()
		return await summaryOf(connection, path)
	} catch (error) {
		if (error instanceof OperatorError) throw error
		throw fault(path, messageOf(error).split('\n')[0] ?? '')
	} finally {
		connection?.closeSync()
		instance?.closeSync()
	}
}
