import type {Mode} from '../../engine/contracts/mode.js'
import type {Journal} from '../client/journal.js'

/**
 * Since when the venue's history can be compared with the ledger, venue time, ms. That of the paper venue begins with
 * ours, that of others before it: there it is the ledger's first entry, or now while it has none.
 */
export const ledgerBeginning = async (
	mode: Mode,
	journal: Pick<Journal, 'entries'>,
	venue_ms: number,
): Promise<number> => {
	if (mode === 'PAPER') return 0
	const [first] = await journal.entries({limit: 1})
	return first?.ts_ms ?? venue_ms
}
