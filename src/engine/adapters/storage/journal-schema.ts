import {OperatorError} from '../../errors.js'
import {EXIT_CODES} from '../../exit-codes.js'

/** The first schema; what came later is in `upgrades`. Amounts are text: exact, and the text that was booked is the text that is read. */
const tables = `
create table entries (
	id varchar primary key, kind varchar not null, symbol varchar not null, reference varchar not null,
	income_type varchar not null, ts_ms bigint not null
);
create table postings (
	entry_id varchar not null, line integer not null, account varchar not null, asset varchar not null,
	amount varchar not null, primary key (entry_id, line)
);
create table fills (
	symbol varchar not null, trade_id varchar not null, order_id varchar not null, client_order_id varchar not null,
	side varchar not null, price varchar not null, quantity varchar not null, fee varchar not null,
	fee_asset varchar not null, realised_pnl varchar not null, maker boolean not null, ts_ms bigint not null,
	primary key (symbol, trade_id)
);
create table fill_plans (
	symbol varchar not null, trade_id varchar not null, plan_id varchar not null, primary key (symbol, trade_id)
);
create table trades (
	trade_id varchar primary key, symbol varchar not null, side varchar not null, quantity varchar not null,
	entry_price varchar not null, exit_price varchar not null, opened_ms bigint not null, closed_ms bigint not null,
	realised_pnl varchar not null, fees varchar not null, net_pnl varchar not null, plan_id varchar not null,
	exit_plan_id varchar not null, exit_reason varchar not null
);
`

/** What leads from each version to the next, from 1 on. Never changed once it was released, only added to. */
const upgrades: readonly string[] = [
	// Who opened a trade and its fees in other assets were told and not kept.
	'alter table trades add column strategy varchar; alter table trades add column other_fees varchar',
]
export const SCHEMA_VERSION = 1 + upgrades.length

export const journalTables = ['entries', 'postings', 'fills', 'fill_plans', 'trades'] as const

/** What the schema needs of a connection. */
export type SchemaConnection = Readonly<{
	run(sql: string): Promise<unknown>
	runAndReadAll(sql: string): Promise<{getRowObjectsJS(): readonly Record<string, unknown>[]}>
}>

const upgraded = async (connection: SchemaConnection, from: number): Promise<void> => {
	for (const [index, sql] of upgrades.entries()) {
		const version = index + 2
		if (version <= from) continue
		await connection.run(`begin; ${sql}; insert into schema_version values (${version}); commit`)
	}
}

/** Makes the tables in a new file, brings an older one up to date version by version; refuses a newer one untouched. */
export const prepareSchema = async (connection: SchemaConnection, path: string): Promise<void> => {
	await connection.run('create table if not exists schema_version (version integer primary key)')
	const rows = (await connection.runAndReadAll('select max(version) as version from schema_version')).getRowObjectsJS()
	const found = rows[0]?.version
	if (typeof found !== 'number') {
		await connection.run(`begin; ${tables}; insert into schema_version values (1); commit`)
		return upgraded(connection, 1)
	}
	if (found > SCHEMA_VERSION)
		throw new OperatorError(
			`The trade journal ${path} has schema ${found}; this program knows up to ${SCHEMA_VERSION}`,
			{exit_code: EXIT_CODES.refused, hint: 'Use the newer program, or move the file away to begin a new journal.'},
		)
	return upgraded(connection, found)
}
