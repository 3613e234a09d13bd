import type {StreamContract} from '../../engine/contracts/stream.js'
import type {FlowBy} from './flow-by.js'
import {FLOW_STREAMS, type FlowEntry, type FlowStreams, timeOf} from './flow-chain.js'
import {followIntents} from './flow-follow.js'
import {type FlowRates, flowRates, MINUTE_MS, spanOf} from './flow-rates.js'
import {readableUntil, readCompleteness} from './flow-reading.js'
import type {State} from './state.js'
import {traceEntries} from './trace-reading.js'

type Read = Readonly<{entries: readonly FlowEntry[]; last_id: string | undefined}>

/** Intents of the last minutes, again and again: each look reads what has come since the one before. */
export class FlowWindow {
	readonly #read = new Map<string, Read>()

	constructor(
		private readonly minutes: number,
		private readonly by: FlowBy,
	) {}

	async look(state: State): Promise<FlowRates> {
		const until_ms = await readableUntil(state)
		const since_ms = until_ms - this.minutes * MINUTE_MS
		const streams = new Map<string, readonly FlowEntry[]>()
		for (const stream of FLOW_STREAMS) streams.set(stream.name, await this.#upTo(state, stream, since_ms, until_ms))
		const {complete_from_ms, orders_from_ms} = await readCompleteness(state)
		return this.#rates(streams, until_ms, complete_from_ms, orders_from_ms)
	}

	#rates(streams: FlowStreams, until_ms: number, complete_from_ms: number, orders_from_ms: number): FlowRates {
		const span = spanOf(this.minutes, until_ms, complete_from_ms)
		return flowRates(followIntents({streams, orders_from_ms, from_ms: span.from_ms}), this.by, span)
	}

	async #upTo(state: State, stream: StreamContract, since_ms: number, until_ms: number): Promise<readonly FlowEntry[]> {
		const {entries, last_id} = this.#read.get(stream.name) ?? {entries: [], last_id: undefined}
		const from = last_id === undefined ? String(since_ms) : `(${last_id}`
		const fresh = await traceEntries(state, stream, {from, to: String(until_ms)})
		const kept = [...entries.filter(entry => timeOf(entry) >= since_ms), ...fresh]
		this.#read.set(stream.name, {entries: kept, last_id: fresh.at(-1)?.stream_id ?? last_id})
		return kept
	}
}
