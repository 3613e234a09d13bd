import {setFlagsFromString} from 'node:v8'
import {readConfig} from './config.js'
import {startVenue} from './start-venue.js'

/** Left to itself, V8 lets a heap of this size grow to four times what is alive in it before it collects. */
setFlagsFromString('--heap-growing-percent=30')

/** Exit codes: 1 when the venue fails, 2 for bad usage or configuration. */
const main = async (): Promise<void> => {
	const path = process.argv[2]
	if (path === undefined) {
		process.stderr.write('Usage: node dist/paper-exchange/main.js <config.json>\n')
		process.exitCode = 2
		return
	}
	const config = readConfig(path)
	const {openMarket} = await import('./markets/open-market.js')
	const market = await openMarket(config.market as Parameters<typeof openMarket>[0])
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
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
	process.exit(1)
})
