import type {Envelope} from '../../engine/contracts/envelope.js'
import {keys} from '../../engine/contracts/keys.js'
import {OPERATOR} from '../../engine/logic/plan-author.js'
import {idOf} from '../../engine/runtime/identity.js'
import type {State} from './state.js'

/** The venue's time as price-feed published it; the machine's where none is known. */
const venueNow = async ({bus, naming}: State, machine_ms: number): Promise<number> => {
	const {venue_ms, machine_ms: read_ms, speed} = await bus.hashAll(naming.key(keys.clock, {}))
	const now_ms = Number(venue_ms) + (machine_ms - Number(read_ms)) * Number(speed)
	return Number.isFinite(now_ms) ? Math.round(now_ms) : machine_ms
}

type Asked = Readonly<{
	/** What is done: part of the id. */
	what: string
	/** Who does it. */
	by: string
	/** Machine time, ms. */
	time_ms: number
	/** Version of the stream's contract. */
	v: number
}>

/** Of an entry that a person writes: nothing caused it. */
export const operatorEnvelope = async (state: State, {what, by, time_ms, v}: Asked): Promise<Envelope> => ({
	id: idOf(OPERATOR, what, by, time_ms),
	cause: '',
	unit: OPERATOR,
	ts: await venueNow(state, time_ms),
	v,
	authority: 'live',
})
