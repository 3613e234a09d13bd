import type {JournalRequest} from '../../logic/journal-rows.js'
import type {LedgerEntry} from '../../logic/ledger.js'

type Value = string | boolean | bigint | number | null
export type Insert = Readonly<{table: string; rows: readonly (readonly Value[])[]}>

const entryRow = ({id, kind, symbol, reference, income_type, ts_ms}: LedgerEntry): readonly Value[] => [
	id,
	kind,
	symbol,
	reference,
	income_type,
	BigInt(ts_ms),
]

type Row = Readonly<{table: string; key: string; values: readonly Value[]}>

const entryRows = (entry: LedgerEntry): readonly Row[] => [
	{table: 'entries', key: entry.id, values: entryRow(entry)},
	...entry.postings.map(({account, asset, amount}, line) => ({
		table: 'postings',
		key: `${entry.id}/${line}`,
		values: [entry.id, line, account, asset, amount],
	})),
]

const rowsOf = (request: JournalRequest): readonly Row[] => {
	switch (request.kind) {
		case 'income':
			return entryRows(request.entry)
		case 'fill': {
			const {fill} = request
			const values = [
				...[fill.symbol, fill.trade_id, fill.order_id, fill.client_order_id, fill.side, fill.price, fill.quantity],
				...[fill.fee, fill.fee_asset, fill.realised_pnl, fill.maker, BigInt(fill.ts_ms)],
			]
			return [...entryRows(request.entry), {table: 'fills', key: `${fill.symbol}/${fill.trade_id}`, values}]
		}
		case 'plan': {
			const {symbol, trade_id, plan_id} = request
			return [{table: 'fill_plans', key: `${symbol}/${trade_id}`, values: [symbol, trade_id, plan_id]}]
		}
		case 'trade': {
			const {trade} = request
			const values = [
				...[trade.trade_id, trade.symbol, trade.side, trade.quantity, trade.entry_price, trade.exit_price],
				...[BigInt(trade.opened_ms), BigInt(trade.closed_ms), trade.realised_pnl, trade.fees, trade.net_pnl],
				...[trade.plan_id, trade.exit_plan_id, trade.exit_reason, trade.strategy ?? null],
				trade.other_fees ? JSON.stringify(trade.other_fees) : null,
			]
			return [{table: 'trades', key: trade.trade_id, values}]
		}
	}
}

/** Rows of many requests by table, each key once. */
export const insertsOf = (requests: readonly JournalRequest[]): readonly Insert[] => {
	const tables = new Map<string, Map<string, readonly Value[]>>()
	for (const {table, key, values} of requests.flatMap(rowsOf)) {
		const rows = tables.get(table) ?? new Map<string, readonly Value[]>()
		if (!rows.has(key)) rows.set(key, values)
		tables.set(table, rows)
	}
	return [...tables].map(([table, rows]) => ({table, rows: [...rows.values()]}))
}

/** One statement for all rows; a row that is there already stays as it is. */
export const statementOf = ({table, rows}: Insert): Readonly<{sql: string; values: Value[]}> => {
	const places = `(${(rows[0] ?? []).map(() => '?').join(',')})`
	return {
		sql: `insert into ${table} values ${rows.map(() => places).join(',')} on conflict do nothing`,
		values: rows.flat(),
	}
}
