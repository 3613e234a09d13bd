import {journalRoutes} from '../../engine/adapters/storage/journal-routes.js'
import {journalEffect, TradeJournal} from '../../engine/adapters/storage/trade-journal.js'
import {messageOf} from '../../engine/errors.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import type {Environment} from './environment.js'
import {alertWrite, type Place, restoreBooks} from './ledger-restore.js'

type Host = Place & Pick<Environment, 'log' | 'routes' | 'commands' | 'onClose'>

/**
 * A journal that cannot be read is named at once, in the log and as an alert; the host goes on, because positions and
 * reconciliation live in it too. What is booked meanwhile stays recorded in Redis until it can be written.
 */
const openBooks = async (environment: Host, journal: TradeJournal): Promise<void> => {
	const {bus, log} = environment
	try {
		await journal.open()
	} catch (error) {
		const message = messageOf(error)
		log.error({path: journal.path, error: message}, 'the trade journal cannot be used')
		const write = alertWrite(environment, {severity: 'critical', code: 'JOURNAL_UNREADABLE', message})
		await bus.commit({acknowledge: [], writes: [write]})
		return
	}
	const symbols = await restoreBooks(environment, journal)
	if (symbols !== undefined) log.warn({symbols}, 'the ledger was rebuilt from the journal')
}

/** The durable journal belongs to the process that writes it: others read it through this host. */
export const journalAdapters = async (environment: Host): Promise<UnitAdapters> => {
	const {config, routes, commands, onClose} = environment
	const journal = new TradeJournal(config.trade_journal)
	onClose.push(() => journal.close())
	await openBooks(environment, journal)
	for (const [path, route] of Object.entries(journalRoutes(journal))) routes.set(path, route)
	routes.set('/journal/state', async () => ({path: journal.path, fault: journal.fault ?? null}))
	commands.set('/journal/backup', async query => {
		const path = query.get('path')
		if (!path) throw new Error('a backup needs the path of its file')
		await journal.backup(path)
		return {path}
	})
	return {feeds: {}, effects: {journal: journalEffect(journal)}}
}
