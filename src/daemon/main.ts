import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {units} from '../engine/registry.js'
import {operatorName} from './client/killing.js'
import {serveControl} from './control-server.js'
import {Daemon} from './daemon.js'
import {compose} from './running/composition.js'
import {completeMarket} from './running/market.js'
import {allocatePorts} from './supervision/ports.js'
import {findRedisServer} from './supervision/redis-binary.js'
import {acquireInstance} from './supervision/single-instance.js'
import {socketPath} from './supervision/socket-path.js'
import {type Home, homeAt, makeHome} from './system/home.js'
import {ensureVersion, readPolicy, unappliedFile} from './system/policy-file.js'
import {parseSettings, readSettings, type Settings, writeSettings} from './system/settings.js'
import {CATALOGUE_PORTS, movedPorts} from './system/unit-ports.js'

const portsFor = async (home: Home, {ports}: Settings): Promise<Readonly<Record<string, number>>> =>
	ports === 'ephemeral' ? allocatePorts(Object.keys(CATALOGUE_PORTS), ports, home.ports) : movedPorts(ports)

const run = async (root: string): Promise<void> => {
	const home = homeAt(root)
	const opened = makeHome(home)
	const started_at = new Date().toISOString()
	const lock = await acquireInstance({dir: home.run, home: root, started_at})
	try {
		const settings = completeMarket(readSettings(home) ?? parseSettings({}, 'the defaults'), Date.now())
		writeSettings(home, settings)
		const unknown = settings.isolate.find(name => !units.some(unit => unit.name === name))
		if (unknown !== undefined)
			throw new OperatorError(`isolate names a unit that does not exist: ${unknown}`, {exit_code: EXIT_CODES.usage})
		const ports = await portsFor(home, settings)
		const redis_binary = settings.redis_url === undefined ? findRedisServer(process.env) : undefined
		await ensureVersion(home, {author: operatorName(), time_ms: Date.now()})
		const policy = readPolicy(home)
		const composition = compose({home, settings, policy, redis_binary, ports, env: process.env})
		const unapplied = unappliedFile(home)
		const notes = [
			...(unapplied === undefined ? [] : [unapplied]),
			...opened.map(
				path => `${path} was open to other users of this machine and is closed now: what lies in it may be known`,
			),
		]
		const daemon = new Daemon({home, settings, policy, composition, started_at, ports, notes})
		await serve(daemon, home)
		// What was started for a system that cannot open must not stay behind.
		await daemon.open().catch(async (error: unknown) => {
			await daemon.stop()
			throw error
		})
	} catch (error) {
		await lock.release()
		throw error
	}
}

const serve = async (daemon: Daemon, home: Home): Promise<void> => {
	const leave = () => {
		server.close()
		server.closeIdleConnections()
		process.exit(0)
	}
	const server = await serveControl(daemon, socketPath(home.run, home.controlSocketName), () => setImmediate(leave))
	for (const name of ['SIGTERM', 'SIGINT'] as const)
		process.on(name, () => {
			daemon.stop().then(leave, fail)
		})
}

const fail = (error: unknown): never => {
	const shown =
		error instanceof OperatorError
			? JSON.stringify({error: {message: error.message, hint: error.hint, exit_code: error.exit_code}})
			: error instanceof Error
				? (error.stack ?? error.message)
				: String(error)
	process.stderr.write(`${shown}\n`)
	process.exit(error instanceof OperatorError ? error.exit_code : EXIT_CODES.failure)
}

// A socket has its mode from the moment at which it is there.
process.umask(0o077)
const [, , root] = process.argv
if (!root) fail(new OperatorError('Usage: node dist/daemon/main.js <home>', {exit_code: EXIT_CODES.usage}))
else run(root).catch(fail)
