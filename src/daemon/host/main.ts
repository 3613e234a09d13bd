import {setMaxListeners} from 'node:events'
import {runHost} from './host.js'
import {readHostConfig} from './host-config.js'

/** A unit's readers, feeds and timers all wait for the one signal that stops it: more of them is no leak. */
const LISTENERS_MAX = 200
setMaxListeners(LISTENERS_MAX)
// A socket has its mode from the moment at which it is there.
process.umask(0o077)

const path = process.argv[2]
if (!path) {
	process.stderr.write('Usage: node dist/daemon/host/main.js <host config file>\n')
	process.exit(2)
}
const stop = new AbortController()
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort())
try {
	await runHost(readHostConfig(path), stop.signal)
	process.exit(0)
} catch (error) {
	process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
	process.exit(1)
}
