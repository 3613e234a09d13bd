import {openClient} from '../../../../src/engine/adapters/exchange/client.js'
import type {VenueConfig} from '../../../../src/engine/exchange/venue-config.js'
import type {FeedAdapter} from '../../../../src/engine/runtime/adapters.js'
import {credentials, type TestVenue} from '../../../paper-exchange/venue-fixture.js'
import {type Patience, eventually as within} from '../../../support/eventually.js'

/** Real sockets on a machine that is busy with other things: patient, and at once when it is so. */
export const eventually = <Value>(
	check: () => Value | Promise<Value>,
	patience: Patience = {},
): Promise<NonNullable<Value>> => within(check, {within_ms: 20_000, ...patience})

/** Loads the exchange client, which takes its time once per process. */
export const warmUp = async (): Promise<void> => {
	const client = await openClient(configOf({rest_url: 'http://127.0.0.1:1', ws_url: 'ws://127.0.0.1:1'}), 'data')
	await client.close()
}

export const symbols = ['BTCUSDT', 'ETHUSDT', '币安人生USDT'] as const

export const configOf = (
	venue: Pick<TestVenue, 'rest_url' | 'ws_url'>,
	more: Partial<VenueConfig> = {},
): VenueConfig => ({
	mode: 'PAPER',
	rest_url: venue.rest_url,
	ws_url: venue.ws_url,
	...credentials,
	symbols,
	recv_window_ms: 5_000,
	intervals: ['1m'],
	...more,
})

/** A feed that runs until it is stopped, with everything it has pushed. */
export const runFeed = <Event>(feed: FeedAdapter) => {
	const stop = new AbortController()
	const events: Event[] = []
	const done = feed.run(async event => {
		events.push(event as Event)
	}, stop.signal)
	done.catch(() => undefined)
	return {
		events,
		stop: async () => {
			stop.abort()
			await done
		},
	}
}
