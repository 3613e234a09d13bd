import {idTime} from '../../engine/bus/stream-id.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {positionSnapshot, reconcileEvents} from '../../engine/contracts/streams/account.js'
import {features, marketTick} from '../../engine/contracts/streams/market.js'
import {bscEvents, essState, policyUpdated} from '../../engine/contracts/streams/risk.js'
import {
	applyPlan,
	applyResult,
	governorEvents,
	intentDeadLetter,
	portfolioGate,
	tradeClosed,
	tradeIntent,
} from '../../engine/contracts/streams/trade.js'
import type {AuditLine} from '../../engine/logic/audit-chain.js'
import {isZero} from '../../engine/logic/exact.js'
import type {TraceEntry} from './trace-links.js'
import type {ToldIntent} from './why-newest.js'

/** What is looked through around the instant, machine time. */
export const AROUND_MS = 120_000

/** What tells of a symbol on its way, in that order. */
export const TOLD_BY: readonly StreamContract[] = [
	tradeIntent,
	portfolioGate,
	intentDeadLetter,
	applyPlan,
	governorEvents,
	applyResult,
	tradeClosed,
]
/** Of these the newest word before the instant is what held then. */
export const HELD_BY: readonly StreamContract[] = [essState, bscEvents, reconcileEvents, policyUpdated]
/** The data of the symbol, as far as it is kept. */
export const DATA_BY: readonly StreamContract[] = [marketTick, features]
export const POSITION_BY: StreamContract = positionSnapshot

/** An entry of the record, with what it said and the values that it carried. */
export type Said = Readonly<{
	stream: string
	id: string
	/** Machine time, ms. */
	at_ms: number
	unit: string
	said: string
	reason: string
	used: string
	limit: string
	detail: string
}>

const text = (...parts: readonly (string | undefined)[]): string =>
	parts.filter(part => part !== undefined && part !== '').join(' ')

export const saidOf = ({stream, stream_id, fields}: TraceEntry): Said => {
	const {reason = '', error = '', used = '', limit = '', detail = '', notional_usdt, plan_id} = fields
	const {verdict, decision, outcome, state, action, side, exit_reason, net_pnl, version, rule} = fields
	return {
		stream,
		id: plan_id ?? fields.intent_id ?? fields.entry_id ?? fields.id ?? stream_id,
		at_ms: idTime(stream_id),
		unit: fields.unit ?? 'hand',
		said: text(verdict ?? decision ?? outcome ?? state ?? version, action, side, net_pnl && `net ${net_pnl}`),
		reason: error || (exit_reason ?? rule ?? (verdict === 'ALLOW' ? '' : reason)),
		used,
		limit,
		detail: detail || (notional_usdt === undefined ? '' : `${notional_usdt} USDT`),
	}
}

/** Whether an entry tells of a symbol; what was refused whole holds it in its fields. */
export const isOf = ({fields}: TraceEntry, symbol: string): boolean => {
	if (fields.symbol !== undefined) return fields.symbol === symbol
	if (fields.fields === undefined) return false
	try {
		return (JSON.parse(fields.fields) as {symbol?: unknown}).symbol === symbol
	} catch {
		return false
	}
}

export type PastPosition = Readonly<{amount: string; entry_price: string; opened_ms: number}>
/** Null: nothing of it is recorded from before the instant. Times are machine time, ages before the instant, ms. */
export type PastData = Readonly<{stream: string; age_ms: number | null}>

export type WhyPast = Readonly<{
	symbol: string
	at_ms: number
	/** What held then: POSITION, or by its newest intent TRADED, REFUSED, OPEN; NO_INTENT; UNRECORDED. */
	code: 'POSITION' | 'TRADED' | 'REFUSED' | 'OPEN' | 'NO_INTENT' | 'UNRECORDED'
	position: PastPosition | null
	newest: ToldIntent | null
	data: readonly PastData[]
	/** What held of the whole system. */
	held: readonly Said[]
	/** What people had done last that arms, stops or changes. */
	operator: Readonly<{who: string; what: string; why: string; outcome: string; time_ms: number}> | null
	entries: readonly Said[]
	/** What the record does not tell any more. */
	unrecorded: readonly string[]
}>

export const positionAt = (entry: TraceEntry | undefined): PastPosition | null => {
	const {amount = '0', entry_price = '', opened_ms = '0'} = entry?.fields ?? {}
	return isZero(amount) ? null : {amount, entry_price, opened_ms: Number(opened_ms)}
}

const OPERATING = /^(go|kill|pause|resume|governor|mode|ess|policy|down|up)\b/

/** The last that people did before the instant. */
export const operatorAt = (lines: readonly AuditLine[], at_ms: number): WhyPast['operator'] => {
	const line = lines.findLast(({what, time_ms}) => time_ms <= at_ms && OPERATING.test(what))
	if (!line) return null
	const {who, what, why, outcome, time_ms} = line
	return {who, what, why, outcome, time_ms}
}

/** What it comes to: a position, or what became of the newest intent before. */
export const codeOf = ({
	position,
	newest,
	recorded,
}: Readonly<{position: PastPosition | null; newest: ToldIntent | null; recorded: boolean}>): WhyPast['code'] => {
	if (position) return 'POSITION'
	if (newest?.outcome) return newest.outcome.outcome === 'SENT' ? 'TRADED' : 'REFUSED'
	if (newest) return recorded ? 'OPEN' : 'UNRECORDED'
	return recorded ? 'NO_INTENT' : 'UNRECORDED'
}
