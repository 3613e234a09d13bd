import {mkdirSync} from 'node:fs'
import type {RequestListener} from 'node:http'
import {dirname} from 'node:path'
import {type Logger, pino} from 'pino'
import type {SystemClock} from '../../engine/adapters/clock/system-clock.js'
import type {RedisBus} from '../../engine/adapters/redis/redis-bus.js'
import type {Naming} from '../../engine/contracts/naming.js'
import {exchangeLimits} from '../../engine/exchange/exchange-limits.js'
import type {VenueConfig} from '../../engine/exchange/venue-config.js'
import type {Metric} from '../../engine/logic/prometheus.js'
import type {Journal} from '../../engine/runtime/journal.js'
import {homeAt} from '../system/home.js'
import {credentialsOf} from '../system/secrets.js'
import type {HostConfig} from './host-config.js'

/** What the adapters of a host's units share. */
export type Environment = Readonly<{
	config: HostConfig
	bus: RedisBus
	naming: Naming
	clock: SystemClock
	signal: AbortSignal
	log: Logger
	venue: VenueConfig
	/** Answers of units beyond health and metrics, by path. */
	routes: Map<string, (query: URLSearchParams) => Promise<unknown>>
	/** What a unit answers on its own port, by unit and path. */
	unitRoutes: Map<string, Environment['routes']>
	/** What a unit serves on its own port by itself, whatever the method, by unit and path: answers that do not end. */
	unitListeners: Map<string, ReadonlyMap<string, RequestListener>>
	/** What a unit tells at /metrics of its own port beside how it is itself. */
	unitMetrics: Map<string, (query: URLSearchParams) => Promise<readonly Metric[]>>
	/** What the host's socket takes by POST, by path. */
	commands: Map<string, (query: URLSearchParams) => Promise<unknown>>
	/** Loops that end with the signal. */
	background: Promise<unknown>[]
	onClose: Array<() => Promise<void>>
	close(): Promise<void>
	journal?: Journal
}>

type Options = Pick<Environment, 'config' | 'bus' | 'naming' | 'clock' | 'signal'>

const openJournal = async (path: string, log: Logger, onClose: Environment['onClose']): Promise<Journal> => {
	const {JournalFile} = await import('../../engine/adapters/storage/journal-file.js')
	mkdirSync(dirname(path), {recursive: true, mode: 0o700})
	const file = new JournalFile({
		path,
		onError: (error: Error) => log.error({path, error: error.message}, 'the replay journal cannot be written'),
	})
	onClose.push(() => file.close())
	return line => file.append(line)
}

export const openEnvironment = async (options: Options): Promise<Environment> => {
	const {config} = options
	const log = pino({name: `host-${config.name}`})
	const onClose: Environment['onClose'] = []
	const {rest_url, ws_url} = config.venue
	const journal =
		config.journal_file === undefined ? {} : {journal: await openJournal(config.journal_file, log, onClose)}
	return {
		...options,
		log,
		venue: {
			mode: config.mode,
			...(rest_url && {rest_url}),
			...(ws_url && {ws_url}),
			...credentialsOf(config.mode, homeAt(config.home), process.env),
			symbols: config.symbols,
			recv_window_ms: exchangeLimits.recv_window_ms,
			intervals: config.intervals,
		},
		routes: new Map(),
		unitRoutes: new Map(),
		unitListeners: new Map(),
		unitMetrics: new Map(),
		commands: new Map(),
		background: [],
		onClose,
		close: async () => {
			await Promise.allSettled(onClose.map(close => close()))
		},
		...journal,
	}
}
