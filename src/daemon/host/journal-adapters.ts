import {journalRoutes} from '../../engine/adapters/storage/journal-routes.js'
import {journalEffect, TradeJournal} from '../../engine/adapters/storage/trade-journal.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import type {Environment} from './environment.js'

/** The durable journal belongs to the process that writes it: others read it through this host. */
export const journalAdapters = ({config, routes, onClose}: Environment): UnitAdapters => {
	const journal = new TradeJournal(config.trade_journal)
	onClose.push(() => journal.close())
	for (const [path, route] of Object.entries(journalRoutes(journal))) routes.set(path, route)
	return {feeds: {}, effects: {journal: journalEffect(journal)}}
}
