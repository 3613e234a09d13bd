import {randomBytes} from 'node:crypto'
import type {Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {parseConfig, type VenueConfig, type VenueConfigInput} from './config.js'
import {lockDirectory} from './directory-lock.js'
import {Dispatcher} from './dispatch.js'
import {Journal} from './journal.js'
import type {Market} from './market.js'
import {recover} from './recovery.js'
import {Control} from './routes-control.js'
import {createHttpServer} from './server.js'
import {takeSnapshot} from './snapshot.js'
import {SocketServer} from './socket-server.js'
import {UserSockets} from './user-sockets.js'
import {stateLogMaxBytes, Venue} from './venue.js'
import {VenueClock} from './venue-clock.js'

/** The machine's clock: signatures, limits and listen keys go by it. */
export type MachineClock = Readonly<{now_ms: () => number}>

export type RunningVenue = Readonly<{
	/** Base of REST paths, for example `http://127.0.0.1:9001`. */
	rest_url: string
	/** Base of WebSocket paths, without `/ws`. */
	ws_url: string
	/** Takes a snapshot, closes sockets and files. */
	close: () => Promise<void>
}>

export type VenueOptions = Readonly<{
	config: VenueConfigInput
	market: Market
	clock?: MachineClock
	/** Told when the market or the venue itself fails; the venue serves no more then. */
	onFailure?: (error: unknown) => void
}>

/** How often (machine milliseconds) listen keys, countdowns and the snapshot are looked at. */
const machineTick_ms = 50

const listen = (server: Server, host: string, port: number): Promise<AddressInfo> =>
	new Promise((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) => {
			const reason =
				error.code === 'EADDRINUSE'
					? `Port ${port} on ${host} is taken by another process. Stop it, or set another "port" in the venue's configuration.`
					: `Cannot listen on ${host}:${port}: ${error.message}.`
			reject(new Error(reason, {cause: error}))
		})
		server.listen(port, host, () => resolve(server.address() as AddressInfo))
	})

/** Without anybody to tell, a failure ends the process: a venue that may have forgotten something must not go on. */
const failLoudly = (error: unknown): void => {
	setImmediate(() => {
		throw error
	})
}

/** Does what is due by the machine's clock, and snapshots from time to time; returns how to stop it. */
const watchMachineTime = (venue: Venue, journal: Journal, machineNow: () => number): (() => void) => {
	let last_ms = machineNow()
	const timer = setInterval(() => {
		venue.onMachineTime()
		const due = machineNow() - last_ms >= venue.config.snapshot_every_ms && journal.stateBytes > 0
		if (!due && journal.stateBytes < stateLogMaxBytes) return
		last_ms = machineNow()
		takeSnapshot(venue)
	}, machineTick_ms)
	return () => clearInterval(timer)
}

/**
 * Opens the data directory, restores what was there, and serves.
 * @throws Error for a bad configuration, a taken port, or a data directory that is in use or another market's
 */
export const startVenue = async (options: VenueOptions): Promise<RunningVenue> => {
	const config = parseConfig(options.config, 'startVenue({config})')
	const unlock = lockDirectory(config.data_dir)
	try {
		return await serve(config, options, unlock)
	} catch (error) {
		unlock()
		throw error
	}
}

const serve = async (config: VenueConfig, options: VenueOptions, unlock: () => void): Promise<RunningVenue> => {
	const machineNow = options.clock?.now_ms ?? Date.now
	const fail = options.onFailure ?? failLoudly
	const {journal, recovered} = Journal.open(config.data_dir, config.request_log)
	const users = new UserSockets()
	const newKey = () => randomBytes(32).toString('hex')
	const venue = new Venue(config, options.market, journal, users, machineNow, newKey)
	recover(venue, recovered)
	const sockets = new SocketServer(venue, users, machineNow)
	const clock = new VenueClock(
		venue,
		machineNow,
		fail,
		() => sockets.backlog(),
		() => users.told,
	)
	const dispatcher = new Dispatcher(venue, machineNow)
	const control = new Control(venue, clock, dispatcher, users, machineNow, sockets)
	const server = createHttpServer(dispatcher, control, fail)
	server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head))
	const {port} = await listen(server, config.host, config.port)
	if (recovered.snapshot === undefined) takeSnapshot(venue)
	const stopWatching = watchMachineTime(venue, journal, machineNow)
	clock.start()

	const close = async () => {
		stopWatching()
		clock.stop()
		sockets.close()
		server.closeAllConnections()
		await new Promise(resolve => server.close(resolve))
		takeSnapshot(venue)
		journal.close()
		unlock()
		await options.market.close()
	}
	return {rest_url: `http://${config.host}:${port}`, ws_url: `ws://${config.host}:${port}`, close}
}
