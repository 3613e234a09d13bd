import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {readFilters, type SymbolFilters, unlisted} from '../../exchange/symbol-filters.js'
import type {VenueConfig} from '../../exchange/venue-config.js'
import type {FeedAdapter} from '../../runtime/adapters.js'
import {waitMs} from '../clock/wait.js'
import {openClient} from './client.js'

/** What the feed pushes per symbol. */
export type FiltersPush = SymbolFilters

/** The venue's filters of every configured symbol, at start and hourly; until the first answer it asks again each second. */
export const filtersFeed = (config: VenueConfig): FeedAdapter => ({
	run: async (push, signal) => {
		const client = await openClient(config, 'data')
		try {
			while (!signal.aborted) {
				const read = await client.ccxt
					.fapiPublicGetExchangeInfo()
					.then(body => readFilters(body))
					.catch(() => undefined)
				for (const symbol of read ? config.symbols : [])
					await push((read?.get(symbol) ?? unlisted(symbol)) satisfies FiltersPush)
				await waitMs(read ? limits.filters_every_ms : limits.filters_retry_ms, signal)
			}
		} finally {
			await client.close()
		}
	},
})
