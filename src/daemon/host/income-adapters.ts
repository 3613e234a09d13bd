import {datedIncome} from '../../engine/adapters/exchange/account-history.js'
import {dayStart, INCOME_SLACK_MS, readIncomeDays} from '../../engine/logic/income-days.js'
import {allEntries} from '../../engine/logic/ledger-pages.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import {servedJournal} from '../client/journal.js'
import {homeAt} from '../system/home.js'
import type {Environment} from './environment.js'
import {ledgerBeginning} from './ledger-beginning.js'
import {signedDesk} from './signed-desk.js'

/** The venue's income beside the journal, which another process may hold: it is asked, never opened. */
export const incomeAdapters = (environment: Environment): UnitAdapters => {
	const {config} = environment
	const home = homeAt(config.home)
	const reader = signedDesk(environment)
	const read = async (asked_ms: number) => {
		const [desk, journal] = await Promise.all([reader(), servedJournal(home)])
		const venue_ms = await desk.venueNow()
		const ledger_from_ms = await ledgerBeginning(config.mode, journal, venue_ms)
		const from_ms = config.mode === 'PAPER' ? asked_ms : Math.max(asked_ms, dayStart(ledger_from_ms))
		const income = (await desk.fetchIncome({from_ms})).map(datedIncome)
		const entries = await allEntries(query => journal.entries({...query, from: Math.max(0, from_ms - INCOME_SLACK_MS)}))
		return {...readIncomeDays({income, entries, from_ms, ledger_from_ms}), venue_ms}
	}
	return {
		feeds: {},
		effects: {income: {perform: async request => read((request as {from_ms: number}).from_ms)}},
	}
}
