import type {LedgerEntry} from './ledger.js'

/** Pages that are read at most: a journal that long is verified in parts. */
const PAGES_MAX = 1_000

/**
 * Every entry of a journal, oldest first, however it is reached; `page` answers with what follows the entry `after`.
 * @throws Error when there are more pages than can be held
 */
export const allEntries = async (
	page: (query: Readonly<{after?: string}>) => Promise<readonly LedgerEntry[]>,
): Promise<readonly LedgerEntry[]> => {
	const entries: LedgerEntry[] = []
	for (let read = 0; read < PAGES_MAX; read += 1) {
		const after = entries.at(-1)?.id
		const next = await page(after === undefined ? {} : {after})
		if (next.length === 0) return entries
		entries.push(...next)
	}
	throw new Error(`The journal has more than ${PAGES_MAX} pages: ask for a time range`)
}
