import type {Quote} from '../../exchange/quote-book.js'
import type {VenueConfig} from '../../exchange/venue-config.js'
import type {FeedAdapter} from '../../runtime/adapters.js'
import type {Clock} from '../../runtime/clock.js'
import type {ReferenceQuote, ReferenceSources} from '../../units/core/cross-exchange-aggregator.js'
import {quoteFeed} from './quote-feed.js'

/** Another exchange with the public interface of Binance's USD-M futures. */
export type ReferenceVenue = Readonly<{name: string; rest_url: string; ws_url: string}>

/** Only public data is asked for: what would be signed with this is never sent. */
const NOBODY = {api_key: 'nobody', api_secret: 'nobody'} as const

const configOf = ({rest_url, ws_url}: ReferenceVenue, own: VenueConfig): VenueConfig => ({
	...own,
	...NOBODY,
	// The mode in which the addresses are those given, and no others can be reached.
	mode: 'PAPER',
	rest_url,
	ws_url,
})

/** Best bid and ask of our symbols at every reference. One that does not answer is silent, the others go on. */
export const referenceFeed = (references: readonly ReferenceVenue[], own: VenueConfig, clock: Clock): FeedAdapter => ({
	run: async (push, signal) => {
		await Promise.all(
			references.map(reference =>
				quoteFeed(configOf(reference, own), clock).run(async event => {
					const {symbol, bid, ask, received_ms} = event as Quote
					await push({source: reference.name, symbol, bid, ask, received_ms} satisfies ReferenceQuote)
				}, signal),
			),
		)
	},
})

/** Says once which references there are. */
export const referenceSources = (references: readonly ReferenceVenue[]): FeedAdapter => ({
	run: push => push({sources: references.map(({name}) => name)} satisfies ReferenceSources),
})
