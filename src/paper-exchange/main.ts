import {setFlagsFromString} from 'node:v8'
import {readConfig, type VenueConfig} from './config.js'
import type {Market} from './market.js'
import {startVenue} from './start-venue.js'
import {messageOf, Unusable} from './unusable.js'

/** Left to itself, V8 lets a heap of this size grow to four times what is alive in it before it collects. */
setFlagsFromString('--heap-growing-percent=30')

const configOf = (path: string): VenueConfig => {
	try {
		return readConfig(path)
	} catch (error) {
		throw new Unusable(messageOf(error))
	}
}

/** Recorded and synthetic markets read nothing but their settings and files: those are wrong, or they open. */
const marketOf = async ({market}: VenueConfig): Promise<Market> => {
	const {openMarket} = await import('./markets/open-market.js')
	try {
		return await openMarket(market as Parameters<typeof openMarket>[0])
	} catch (error) {
		if (market.kind === 'live') throw error
		throw new Unusable(messageOf(error))
	}
}

/** Exit codes: 1 when the venue fails, 2 for usage, configuration or data with which it can never start. */
const main = async (): Promise<void> => {
	const path = process.argv[2]
	if (path === undefined) {
		process.stderr.write('Usage: node dist/paper-exchange/main.js <config.json>\n')
		process.exitCode = 2
		return
	}
	const config = configOf(path)
	const market = await marketOf(config)
	const die = (error: unknown) => {
		process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
		process.exit(1)
	}
	const venue = await startVenue({config, market, onFailure: die})
	let stopping = false
	const stop = () => {
		if (stopping) return
		stopping = true
		venue.close().then(() => process.exit(0), die)
	}
	process.on('SIGTERM', stop)
	process.on('SIGINT', stop)
	process.stdout.write(`${JSON.stringify({ready: true, rest_url: venue.rest_url, ws_url: venue.ws_url})}\n`)
}

main().catch((error: unknown) => {
	process.stderr.write(`${messageOf(error)}\n`)
	process.exit(error instanceof Unusable ? 2 : 1)
})
