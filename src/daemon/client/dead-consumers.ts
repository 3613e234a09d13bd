import {sweepGroups} from '../../engine/adapters/redis/stream-recovery.js'
import type {SweepReport} from '../../engine/logic/stream-recovery.js'
import {readersOf, streams} from '../../engine/registry.js'
import type {State} from './state.js'

/** A consumer that was silent for so long will not come back by itself; the unit's own sweep waits longer. */
const IDLE_MS = 60_000

/** Removes consumers that hold nothing; `now_ms` is machine time. */
export const reapConsumers = (
	{bus, naming}: State,
	{dry_run, now_ms}: Readonly<{dry_run: boolean; now_ms: number}>,
): Promise<SweepReport> =>
	sweepGroups({
		...{redis: bus.redis, naming, streams, now_ms, dry_run, idle_ms: IDLE_MS},
		readersOf: stream => readersOf(stream).map(({name}) => name),
	})
