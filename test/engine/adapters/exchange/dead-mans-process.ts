import {SystemClock} from '../../../../src/engine/adapters/clock/system-clock.js'
import {deadMansSwitch} from '../../../../src/engine/adapters/exchange/dead-mans-switch.js'
import type {VenueConfig} from '../../../../src/engine/exchange/venue-config.js'

/** Keeps the dead-man's switch of a venue alive and prints each event; meant to be stopped. */
const {config, countdown_ms} = JSON.parse(process.argv[2] ?? '') as {config: VenueConfig; countdown_ms: number}
const onError = (error: unknown) => process.stderr.write(`${String(error)}\n`)
await deadMansSwitch({config, clock: new SystemClock(), countdown_ms, onError}).run(async event => {
	process.stdout.write(`${JSON.stringify(event)}\n`)
}, new AbortController().signal)
