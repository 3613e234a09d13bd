import type {PayloadOf} from '../contracts/stream.js'
import type {Side} from '../contracts/streams/account.js'
import type {tradeClosed} from '../contracts/streams/trade.js'
import type {LedgerEntry} from './ledger.js'

/** A fill as the journal keeps it. Amounts are exact decimals as text, times venue ms. */
export type FillRow = Readonly<{
	symbol: string
	trade_id: string
	order_id: string
	client_order_id: string
	side: Side
	price: string
	quantity: string
	fee: string
	fee_asset: string
	realised_pnl: string
	maker: boolean
	ts_ms: number
	/** Empty for fills of no plan of ours. */
	plan_id: string
}>

export type TradeRow = PayloadOf<typeof tradeClosed>

/** What is written in one go. The key of the request makes writing it again harmless. */
export type JournalRequest =
	| Readonly<{kind: 'fill'; entry: LedgerEntry; fill: Omit<FillRow, 'plan_id'>}>
	| Readonly<{kind: 'income'; entry: LedgerEntry}>
	| Readonly<{kind: 'trade'; trade: TradeRow}>
	/** Which plan caused a fill: told after the fill itself. */
	| Readonly<{kind: 'plan'; symbol: string; trade_id: string; plan_id: string}>

export type JournalResult = Readonly<{written: true}>

/** What a journal holds, row by row looked at. */
export type JournalSummary = Readonly<{
	path: string
	schema: number
	entries: number
	fills: number
	trades: number
	/** Venue time of the first and the last entry, ms; 0 without one. */
	from_ms: number
	to_ms: number
}>
