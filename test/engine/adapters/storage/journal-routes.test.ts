import {expect, test} from 'vitest'
import {journalRoutes} from '../../../../src/engine/adapters/storage/journal-routes.js'
import {TradeJournal} from '../../../../src/engine/adapters/storage/trade-journal.js'
import {temporaryHome} from '../../../support/temporary-home.js'
import {journalFill} from './journal-rows.js'

test('the journal answers by path and query, and refuses what it does not know', async () => {
	const home = await temporaryHome()
	const journal = new TradeJournal(`${home.path}/trades.duckdb`)
	try {
		await journal.append(journalFill({trade_id: '1', ts_ms: 5}))
		await journal.append(journalFill({trade_id: '2', ts_ms: 6}))
		const routes = journalRoutes(journal)
		const get = (path: string, query = '') => routes[path]?.(new URLSearchParams(query))
		expect(Object.keys(routes)).toEqual(['/journal/trades', '/journal/fills', '/journal/entries', '/journal/totals'])
		expect(await get('/journal/trades')).toEqual([])
		expect(await get('/journal/fills', 'limit=1&symbol=BTCUSDT')).toMatchObject([{trade_id: '2'}])
		expect(await get('/journal/entries', 'from=6')).toMatchObject([{id: 'fill:BTCUSDT:2'}])
		expect(await get('/journal/totals')).toMatchObject({realised_pnl: {USDT: '-0.2'}})
		await expect(get('/journal/fills', 'limit=many')).rejects.toThrow(/limit/)
		await expect(get('/journal/fills', 'simbol=X')).rejects.toThrow(/simbol/)
	} finally {
		await journal.close()
		await home.remove()
	}
})
