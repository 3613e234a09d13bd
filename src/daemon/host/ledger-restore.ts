import {ROWS_MAX} from '../../engine/adapters/storage/journal-reader.js'
import type {TradeJournal} from '../../engine/adapters/storage/trade-journal.js'
import type {Bus, Write} from '../../engine/bus/bus.js'
import {encodeEnvelope} from '../../engine/contracts/envelope.js'
import {encodeFields} from '../../engine/contracts/field.js'
import {keys} from '../../engine/contracts/keys.js'
import {alerts} from '../../engine/contracts/streams/ops.js'
import type {JournalRequest} from '../../engine/logic/journal-rows.js'
import {allEntries} from '../../engine/logic/ledger-pages.js'
import {rebuildBooks} from '../../engine/logic/ledger-rebuild.js'
import {ledgerFields, positionLedgerFields, type SymbolBook} from '../../engine/logic/symbol-book.js'
import type {Clock} from '../../engine/runtime/clock.js'
import {idOf} from '../../engine/runtime/identity.js'
import type {EffectRecord} from '../../engine/runtime/input.js'
import {snapshotOf} from '../../engine/runtime/step-writer.js'
import {tradeLogger} from '../../engine/units/state/trade-logger.js'
import type {Environment} from './environment.js'
import type {HostConfig} from './host-config.js'

/** What restoring needs of its host. */
export type Place = Pick<Environment, 'naming'> &
	Readonly<{bus: Bus; clock: Clock; config: Pick<HostConfig, 'name' | 'trade_journal'>}>
type Said = Readonly<{severity: 'info' | 'critical'; code: string; message: string}>

const unit = {unit: tradeLogger.name}

/** An alert of the trade-logger from before its loop runs. */
export const alertWrite = ({naming, clock}: Place, {severity, code, message}: Said): Write => {
	const payload = {severity, code, subject: 'ledger', message}
	const id = idOf(tradeLogger.name, code, clock.machine())
	const envelope = {id, cause: '', unit: tradeLogger.name, ts: clock.venue(), v: alerts.version}
	const fields = {...encodeEnvelope({...envelope, authority: 'live'}), ...encodeFields(payload)}
	return {op: 'append', stream: naming.stream(alerts.name), fields, length_max: alerts.retention_max * 2}
}

const textOf = (fields: Readonly<Record<string, string | number>>): Record<string, string> =>
	Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]))

/** Everything that the ledger owns, as its books say. */
const ledgerWrites = ({naming, clock}: Place, books: ReadonlyMap<string, SymbolBook>): Write[] => {
	const symbols = [...books].filter(([symbol]) => symbol !== '')
	const seen = symbols.flatMap(([symbol, book]) => book.seen.ids.map(trade_id => `${symbol}:${trade_id}`))
	const state = naming.key(keys.unitState, unit)
	return [
		{op: 'put-hash', key: state, fields: snapshotOf(books), replace: true},
		{op: 'remove', key: naming.key(keys.seenOrders, {})},
		{op: 'add-members', key: naming.key(keys.seenOrders, {}), members: seen},
		...symbols.flatMap(([symbol, book]): Write[] => [
			{
				...{op: 'put-hash', replace: true, key: naming.key(keys.ledger, {symbol})},
				fields: textOf(ledgerFields(symbol, book)),
			},
			{
				...{op: 'put-hash', replace: true, key: naming.key(keys.positionLedger, {symbol})},
				fields: textOf(positionLedgerFields(symbol, book, clock.venue())),
			},
		]),
	]
}

const isJournalling = ({port}: EffectRecord): boolean => Object.keys(tradeLogger.effects ?? {}).includes(port)

/**
 * Derives the books from the journal where the ledger has no snapshot, as after the loss of Redis; before its loop runs,
 * under a lease of its own. What is not on disk yet is taken from the records of the ledger's effects.
 * @returns how many symbols have a book now; undefined when the snapshot stood or the journal is empty
 */
export const restoreBooks = async (place: Place, journal: TradeJournal): Promise<number | undefined> => {
	const {bus, naming, clock, config} = place
	if (Object.keys(await bus.hashAll(naming.key(keys.unitState, unit))).length > 0) return undefined
	const entries = await allEntries(query => journal.entries(query))
	const trades = await journal.trades({limit: ROWS_MAX})
	const records = Object.values(await bus.hashAll(naming.key(keys.unitEffects, unit)))
	const unfinished = records
		.map(json => JSON.parse(json) as EffectRecord)
		.filter(isJournalling)
		.map(({request}) => request as JournalRequest)
	const books = rebuildBooks({entries, trades, unfinished})
	if (books.size === 0) return undefined
	const lease_key = naming.key(keys.unitLease, unit)
	const {generation} = await bus.takeLease(lease_key, {host: config.name, started_ms: String(clock.machine())})
	const message = `The ledger had no books: rebuilt from ${entries.length} entries and ${trades.length} trades of the journal`
	const writes = [...ledgerWrites(place, books), alertWrite(place, {severity: 'info', code: 'LEDGER_REBUILT', message})]
	const {status} = await bus.commit({fence: {lease_key, generation}, acknowledge: [], writes})
	if (status !== 'committed') throw new Error(`The ledger was not rebuilt (${status}): another process runs it`)
	return books.size
}
