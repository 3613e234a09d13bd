import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {readListings} from '../../exchange/universe-reading.js'
import type {VenueConfig} from '../../exchange/venue-config.js'
import type {FeedAdapter} from '../../runtime/adapters.js'
import {waitMs} from '../clock/wait.js'
import {openClient} from './client.js'

/**
 * Everything that the venue lists, at start and each minute; after a reading that failed it asks again each second.
 * Without an answer nothing is pushed: who reads sees the age of the last.
 */
export const universeFeed = (config: VenueConfig): FeedAdapter => ({
	run: async (push, signal) => {
		const client = await openClient(config, 'data')
		const {ccxt} = client
		try {
			while (!signal.aborted) {
				const listings = await Promise.all([
					ccxt.fapiPublicGetExchangeInfo(),
					ccxt.fapiPublicGetTicker24hr(),
					ccxt.fapiPublicGetTickerBookTicker(),
				])
					.then(([info, tickers, books]) => readListings(info, tickers, books))
					.catch(() => undefined)
				if (listings) await push({listings})
				await waitMs(listings ? limits.universe_every_ms : limits.filters_retry_ms, signal)
			}
		} finally {
			await client.close()
		}
	},
})
