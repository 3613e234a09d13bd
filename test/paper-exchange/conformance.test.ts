import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {connectBinance} from './clients/binance-client.js'
import {connectCcxt} from './clients/ccxt-client.js'
import type {ConnectClient} from './clients/client.js'
import {connectOfficial} from './clients/official-client.js'
import {type Bench, checks} from './conformance-checks.js'
import {TestVenue} from './venue-fixture.js'

const clients: ReadonlyArray<readonly [string, ConnectClient]> = [
	['ccxt', connectCcxt],
	['binance', connectBinance],
	['@binance/derivatives-trading-usds-futures', connectOfficial],
]

describe.each(clients)('%s', (_name, connect) => {
	let bench: Bench

	beforeAll(async () => {
		const venue = await TestVenue.start()
		await venue.advance(10)
		bench = {venue, client: await connect(venue), clock: {at: 10}}
	})
	afterAll(async () => {
		await bench.client.close()
		await bench.venue.close()
	})

	it.each(checks)('$name', async ({run}) => {
		await run(bench)
		expect(bench.venue.log().filter(line => Number(line.http) >= 500)).toEqual([])
	})
})
