import {alerts, events} from '../../contracts/streams/ops.js'
import {type Context, defineFeed, defineUnit, type Step} from '../../contracts/unit.js'
import {type Counts, counted} from '../../logic/prometheus.js'

/** What a client outside was not given: it was too slow and has to come back, or entries were removed meanwhile. */
export type BridgeLoss = Readonly<{kind: 'SLOW_CLIENT' | 'GAP'; detail: string}>

/** Counts since the unit was first started. */
export type BridgeCounts = Readonly<{
	entries: Counts
	losses: Counts
	/** Machine time of the newest event that told of a loss, and losses since. */
	told_ms: number
	untold: number
}>

const initial: BridgeCounts = {entries: {}, losses: {}, told_ms: 0, untold: 0}
const writes = {event: events}
type Ctx = Context<typeof writes, Record<never, never>, Record<never, never>>

const WHOLE = ''
/** A client that comes back too slow again and again does not fill the stream that it reads. */
const TELL_EVERY_MS = 60_000

const seen = (state: BridgeCounts, stream: string): Step<BridgeCounts> => ({
	state: {...state, entries: counted(state.entries, {stream})},
})

const lost = (state: BridgeCounts, {kind, detail}: BridgeLoss, {emit, machine_ms}: Ctx): Step<BridgeCounts> => {
	const losses = counted(state.losses, {kind})
	if (Math.abs(machine_ms - state.told_ms) < TELL_EVERY_MS) return {state: {...state, losses, untold: state.untold + 1}}
	const others = state.untold === 0 ? '' : `; ${state.untold} others since the last such event`
	return {
		state: {...state, losses, told_ms: machine_ms, untold: 0},
		wishes: [emit.event({event: `BRIDGE_${kind}`, subject: 'eventbus-bridge', detail: `${detail}${others}`})],
	}
}

export const eventbusBridge = defineUnit({
	name: 'eventbus-bridge',
	target: 'obs',
	kind: 'stream',
	port: 8009,
	aliases: ['eventbus_bridge'],
	summary: 'Events and alerts for tools outside, as server-sent events at /events; nothing dropped silently.',
	reads: {event: events, alert: alerts},
	// harvest-optimizer and safety-telemetry bury what nobody can read.
	watches: ['event', 'alert'],
	writes,
	keys: {},
	feeds: {loss: defineFeed<BridgeLoss>('What clients were not given.')},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		event: state => seen(state, events.name),
		alert: state => seen(state, alerts.name),
	},
	onFeed: {loss: lost},
})
