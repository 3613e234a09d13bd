import {untilAborted} from '../../engine/adapters/clock/wait.js'
import {readStreamPages} from '../../engine/adapters/redis/stream-pages.js'
import {alerts, events} from '../../engine/contracts/streams/ops.js'
import {messageOf} from '../../engine/errors.js'
import {countSamples, type Metric} from '../../engine/logic/prometheus.js'
import {type Cursor, readOn, START} from '../../engine/logic/stream-cursor.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import {type BridgeCounts, type BridgeLoss, eventbusBridge} from '../../engine/units/obs/eventbus-bridge.js'
import {wholeState} from '../client/unit-state.js'
import type {Environment} from './environment.js'
import {EVENT_LIMITS, eventListener, type StreamLimits} from './event-stream.js'

type Needs = Pick<Environment, 'bus' | 'naming' | 'signal' | 'log' | 'unitListeners' | 'unitMetrics'> &
	Readonly<{clock: Pick<Environment['clock'], 'machine'>}>

const PATH = '/events'
const STREAMS = [events.name, alerts.name]
/** Entries of each stream that are read at once. */
const PAGE = 100

const pagesAt = async ({bus, naming}: Needs, cursor: Cursor, count: number) => {
	const after = Object.entries(cursor).map(([stream, {id}]) => [naming.stream(stream), id] as const)
	const pages = await readStreamPages(bus.redis, new Map(after), count)
	return Object.fromEntries(
		Object.keys(cursor).flatMap(stream => {
			const page = pages.get(naming.stream(stream))
			return page ? [[stream, page] as const] : []
		}),
	)
}

const newest = async (needs: Needs): Promise<Cursor> => {
	const pages = await pagesAt(needs, Object.fromEntries(STREAMS.map(stream => [stream, START])), 1)
	return Object.fromEntries(Object.entries(pages).map(([stream, {last_id: id, added: count}]) => [stream, {id, count}]))
}

const metricsOf = (counts: BridgeCounts | undefined, clients: number): readonly Metric[] => [
	{name: 'qt_bridge_clients', type: 'gauge', help: 'Clients of /events.', samples: [{value: clients}]},
	{
		...{name: 'qt_bridge_entries_total', type: 'counter', help: 'Entries of the streams that clients are given.'},
		samples: countSamples(counts?.entries ?? {}),
	},
	{
		...{name: 'qt_bridge_losses_total', type: 'counter', help: 'Slow clients that were ended, and gaps told.'},
		samples: countSamples(counts?.losses ?? {}),
	},
]

/** Each client reads the streams by itself, without a group: it leaves nothing behind in Redis. */
export const eventbusAdapters = (needs: Needs, limits: StreamLimits = EVENT_LIMITS): UnitAdapters => {
	const {signal, log, clock, unitListeners, unitMetrics} = needs
	let tell: (loss: BridgeLoss) => void = () => undefined
	const {listener, clients} = eventListener({
		...{streams: STREAMS, limits, signal, now_ms: () => clock.machine()},
		newest: () => newest(needs),
		read: async cursor => readOn(cursor, await pagesAt(needs, cursor, PAGE)),
		onLoss: loss => {
			log.warn(loss, 'a client of the bridge was not given everything')
			tell(loss)
		},
		onError: error => log.error({error: messageOf(error)}, 'a client of the bridge cannot be served'),
	})
	const {name} = eventbusBridge
	unitListeners.set(name, new Map([[PATH, listener]]))
	unitMetrics.set(name, async () => {
		const text = await wholeState(needs, name)
		return metricsOf(text === undefined ? undefined : (JSON.parse(text) as BridgeCounts), clients())
	})
	const run = async (push: (event: unknown) => Promise<void>, stop: AbortSignal): Promise<void> => {
		tell = loss => void push(loss)
		await untilAborted(stop)
	}
	return {feeds: {loss: {run}}, effects: {}}
}
