import {runHost} from './host.js'
import {readHostConfig} from './host-config.js'

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
