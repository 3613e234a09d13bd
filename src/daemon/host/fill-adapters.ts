import type {UserTradeRow} from '../../engine/exchange/raw-messages.js'
import {type ComparedFill, compareFills} from '../../engine/logic/fill-differences.js'
import {INCOME_SLACK_MS} from '../../engine/logic/income-days.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import {servedJournal} from '../client/journal.js'
import {homeAt} from '../system/home.js'
import type {Environment} from './environment.js'
import {ledgerBeginning} from './ledger-beginning.js'
import {signedDesk} from './signed-desk.js'

/** Newest fills of the ledger that are compared; further back than the oldest of them is not looked. */
const FILLS_MAX = 20_000
/** More differences than this are one fault, not many. */
const DIFFERENCES_MAX = 500

const listedFill = ({symbol, id, orderId, side, price, qty, time}: UserTradeRow): ComparedFill => ({
	symbol,
	trade_id: id,
	order_id: orderId,
	side,
	price,
	quantity: qty,
	ts_ms: time,
})

/** The venue's trade list beside the journal, which is read first: whatever it has the venue must list. */
export const fillAdapters = (environment: Environment): UnitAdapters => {
	const {config, venue} = environment
	const desk = signedDesk(environment)
	const compare = async (window_ms: number) => {
		const [reader, journal] = await Promise.all([desk(), servedJournal(homeAt(config.home))])
		const booked = await journal.fills({limit: FILLS_MAX})
		const venue_ms = await reader.venueNow()
		const oldest_ms = booked.length < FILLS_MAX ? 0 : (booked.at(-1)?.ts_ms ?? 0)
		const ledger_from_ms = await ledgerBeginning(config.mode, journal, venue_ms)
		const from_ms = Math.max(0, venue_ms - window_ms, oldest_ms, ledger_from_ms)
		const symbols = [...new Set([...venue.symbols, ...booked.map(({symbol}) => symbol)])]
		const listed: ComparedFill[] = []
		for (const symbol of symbols) {
			const rows = await reader.fetchUserTrades(symbol, {from_ms: Math.max(0, from_ms - INCOME_SLACK_MS)})
			listed.push(...rows.map(listedFill))
		}
		const differences = compareFills({booked, listed, from_ms}).slice(0, DIFFERENCES_MAX)
		const fills = listed.filter(({ts_ms}) => ts_ms >= from_ms).length
		return {differences, from_ms, fills, symbols: symbols.length}
	}
	return {
		feeds: {},
		effects: {fills: {perform: async request => compare((request as {window_ms: number}).window_ms)}},
	}
}
