import {keys} from '../../contracts/keys.js'
import {exchangeNormalized} from '../../contracts/streams/account.js'
import {alerts} from '../../contracts/streams/ops.js'
import {executionResult, tradeClosed} from '../../contracts/streams/trade.js'
import {type Context, defineEffect, defineUnit, type Step, stay, type Wish} from '../../contracts/unit.js'
import {fillId, incomeId} from '../../logic/account-ids.js'
import type {FillRow, JournalRequest, JournalResult} from '../../logic/journal-rows.js'
import {FILL_INCOMES, fillEntry, incomeEntry} from '../../logic/ledger.js'
import {
	bookFill,
	bookIncome,
	bookTrade,
	ledgerFields,
	newBook,
	positionLedgerFields,
	type SymbolBook,
} from '../../logic/symbol-book.js'

const writes = {alert: alerts}
const ports = {ledger: keys.ledger, position: keys.positionLedger, seen: keys.seenOrders}
const effects = {
	journal: defineEffect<JournalRequest, JournalResult>('Writes entries, fills and trades to the durable journal.'),
}
type Ctx = Context<typeof writes, typeof ports, typeof effects>

/** Both forms of the symbol's book. Account-wide income has no symbol and stands in the journal alone. */
const shown = (book: SymbolBook, {key, partition: symbol, now_ms}: Ctx): readonly Wish[] =>
	symbol === ''
		? []
		: [
				key.ledger.put({symbol}, ledgerFields(symbol, book), {replace: true}),
				key.position.put({symbol}, positionLedgerFields(symbol, book, now_ms), {replace: true}),
			]

const fill = (book: SymbolBook, row: Omit<FillRow, 'plan_id'>, context: Ctx): Step<SymbolBook> => {
	const booked = bookFill(book, row)
	if (!booked) return stay
	const {effect, key, partition: symbol} = context
	const id = fillId(row)
	const forgotten = booked.forgotten.map(trade_id => `${symbol}:${trade_id}`)
	return {
		state: booked.book,
		wishes: [
			effect.journal(id, {kind: 'fill', entry: fillEntry(row), fill: row}),
			key.seen.add({}, [`${symbol}:${row.trade_id}`]),
			...(forgotten.length > 0 ? [key.seen.drop({}, forgotten)] : []),
			...shown(booked.book, context),
		],
	}
}

/**
 * Double-entry ledger. A fill is booked once by its venue id, whether the account stream or the execution result
 * brings it first; the result adds which plan it belongs to.
 */
export const tradeLogger = defineUnit({
	name: 'trade-logger',
	target: 'state',
	kind: 'stream',
	summary: 'Double-entry ledger per symbol, and the durable journal of fills, entries and trades.',
	reads: {result: executionResult, account: exchangeNormalized, closed: tradeClosed},
	writes,
	keys: ports,
	looks: [keys.unitState, keys.unitEffects, keys.unitLease],
	effects,
	initial: (): SymbolBook => newBook,
	on: {
		account: (book, event, context) => {
			const ts_ms = context.entry.ts
			if (event.kind === 'fill') {
				const {kind: _kind, origin: _origin, ...row} = event
				return fill(book, {...row, ts_ms}, context)
			}
			if (event.kind === 'position') {
				const {amount, entry_price} = event
				if (book.position_amount === amount && book.entry_price === entry_price) return stay
				const next = {...book, position_amount: amount, entry_price}
				return {state: next, wishes: shown(next, context)}
			}
			if (event.kind !== 'income' || FILL_INCOMES.includes(event.income_type)) return stay
			const next = bookIncome(book, event)
			if (!next) return stay
			const entry = incomeEntry({...event, ts_ms})
			return {
				state: next,
				wishes: [context.effect.journal(incomeId(event), {kind: 'income', entry}), ...shown(next, context)],
			}
		},
		result: (book, event, context) => {
			if (context.entry.authority !== 'live') return stay
			const {
				plan_id,
				notional_usdt: _notional,
				effect: _effect,
				position_amount: _amount,
				absorbed: _absorbed,
				liquidity,
				...row
			} = event
			const maker = liquidity === 'MAKER'
			const step = fill(book, {...row, client_order_id: '', maker, ts_ms: context.entry.ts}, context)
			const {symbol, trade_id} = row
			const plan = context.effect.journal(`plan:${symbol}:${trade_id}`, {kind: 'plan', symbol, trade_id, plan_id})
			return {...step, wishes: [...(step.wishes ?? []), plan]}
		},
		closed: (book, trade, context) => {
			if (context.entry.authority !== 'live') return stay
			const next = bookTrade(book, trade)
			if (!next) return stay
			return {
				state: next,
				wishes: [context.effect.journal(`trade:${trade.trade_id}`, {kind: 'trade', trade}), ...shown(next, context)],
			}
		},
	},
	onResult: {
		journal: (_, outcome, {effect, emit, partition}) => {
			if (outcome.ok) return stay
			// The adapter has tried at growing pauses; what is booked must reach the disk, so it is asked for again.
			return {
				wishes: [
					emit.alert({
						severity: 'critical',
						code: 'JOURNAL_FAILED',
						subject: partition || 'account',
						message: `${outcome.idempotency_key} is not on disk yet: ${outcome.error}`,
					}),
					effect.journal(outcome.idempotency_key, outcome.request),
				],
			}
		},
	},
})
