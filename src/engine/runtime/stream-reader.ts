import {type Bus, ReadInterrupted} from '../bus/bus.js'
import {nextId} from '../bus/stream-id.js'
import {limits} from '../contracts/limits.js'
import type {Clock} from './clock.js'
import {Missed, type UnitRunner} from './unit-runner.js'

export type StreamSource = Readonly<{
	unit: string
	port: string
	stream: string
	group: string
	consumer: string
	runner: UnitRunner
	bus: Bus
	clock: Clock
	signal: AbortSignal
	/** Called each time the loop comes round. */
	beat: () => void
}>

/** Times in a row that pending entries are looked through again without anything being handled in between. */
const RECOVERIES_MAX = 20
/** Pause before the first of them; the n-th waits n times as long. */
const RECOVERY_PAUSE_MS = 50

/**
 * Handles the entries of one stream in their order until the signal aborts: first what was given to this unit before,
 * to whichever consumer, then what is new.
 */
export const readStream = async (source: StreamSource): Promise<void> => {
	const {clock, signal} = source
	let recoveries = 0
	while (!signal.aborted) {
		try {
			await catchUp(source)
			await follow(source, () => {
				recoveries = 0
			})
		} catch (error) {
			if (!(error instanceof Missed || error instanceof ReadInterrupted)) throw error
			recoveries += 1
			if (recoveries > RECOVERIES_MAX) throw error
			await clock.wait(RECOVERY_PAUSE_MS * recoveries, signal)
		}
	}
}

/** Whoever holds the lease is the only one to handle: what is pending for another consumer was left behind. */
const takeOver = async ({bus, runner, port, stream, group, consumer, signal}: StreamSource): Promise<void> => {
	let from_id = '-'
	while (!signal.aborted) {
		const rows = await bus.pending(stream, group, limits.batch_max, from_id)
		const ids = rows.filter(row => row.consumer !== consumer).map(({id}) => id)
		// A claim forgets what is no longer on the stream: that it was lost is put on record before.
		const gone = await missingOf(bus, stream, ids)
		if (gone.length > 0) await runner.lost(port, gone)
		if (ids.length > 0) await bus.claim({stream, group, consumer, min_idle_ms: 0, ids})
		const last = rows.at(-1)
		if (!last || rows.length < limits.batch_max) return
		from_id = nextId(last.id)
	}
}

const missingOf = async (bus: Bus, stream: string, ids: readonly string[]): Promise<readonly string[]> => {
	const found = await Promise.all(ids.map(id => bus.range(stream, {from: id, to: id, count: 1})))
	return ids.filter((_, index) => found[index]?.length === 0)
}

const catchUp = async (source: StreamSource): Promise<void> => {
	const {bus, runner, port, stream, group, consumer, signal, beat} = source
	await takeOver(source)
	let after_id = '0-0'
	while (!signal.aborted) {
		const held = await bus.readPending({stream, group, consumer, count: limits.batch_max, after_id})
		beat()
		const last = held.at(-1)
		if (!last) return
		await runner.entries(port, held)
		after_id = last.id
	}
}

/**
 * Reads the next batch while the last one is being committed.
 * @throws Missed when an entry was given to this group that the loop has not seen, ReadInterrupted when an answer was lost.
 */
const follow = async (source: StreamSource, onHandled: () => void): Promise<void> => {
	const {unit, bus, runner, port, stream, group, consumer, signal, beat} = source
	const reading = new AbortController()
	const stopReading = () => reading.abort()
	signal.addEventListener('abort', stopReading, {once: true})
	const options = {stream, group, consumer, count: limits.batch_max, block_ms: limits.read_block_ms}
	let handling: Promise<void> = Promise.resolve()
	try {
		while (!signal.aborted) {
			// Entries that arrive after the stop stay pending for this consumer: the next start reads them first.
			const entries = await bus.read({...options, signal: reading.signal})
			beat()
			await handling
			if (signal.aborted) return
			if (entries.length > 0) {
				handling = runner.entries(port, entries).then(onHandled)
				handling.catch(stopReading)
			} else if ((await bus.pending(stream, group, 1)).length > 0) throw new Missed(unit)
		}
	} catch (error) {
		// What is being handled is still pending: it must be done before pending entries are looked through.
		await handling
		throw error
	} finally {
		signal.removeEventListener('abort', stopReading)
		reading.abort()
	}
}
