import type {RedisBus} from '../../engine/adapters/redis/redis-bus.js'
import type {Clock} from '../../engine/runtime/clock.js'
import {markSchema, type SchemaMarker} from '../supervision/redis-schema.js'

export type GuardOptions = Readonly<{
	bus: RedisBus
	marker: SchemaMarker
	/** Leaves the safe state behind where there is none: killed, execution enabled. */
	initialise: () => Promise<void>
	clock: Clock
	signal: AbortSignal
	/** The state was gone, and is safe again. */
	onLoss: () => void
	onError: (error: unknown) => void
}>

const LOOK_EVERY_MS = 1_000

/**
 * Notices that Redis lost everything while the system runs (its disk, or a FLUSHALL): the marker that was written at the
 * start is gone. Without the governor's keys nothing is sent; here they are made anew, killed, so that the system can
 * come back: hosts start anew, positions and reservations come from the venue, the books from the journal.
 */
export const guardState = async (options: GuardOptions): Promise<void> => {
	const {bus, marker, initialise, clock, signal, onLoss, onError} = options
	while (!signal.aborted) {
		try {
			if (Object.keys(await bus.hashAll(marker.marker_key)).length === 0) {
				await initialise()
				await markSchema(bus.redis, marker)
				onLoss()
			}
		} catch (error) {
			if (!signal.aborted) onError(error)
		}
		await clock.wait(LOOK_EVERY_MS, signal)
	}
}
