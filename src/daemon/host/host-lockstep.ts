import type {SystemClock} from '../../engine/adapters/clock/system-clock.js'
import type {UnitLoop} from '../../engine/runtime/unit-loop.js'

/** How a host stands in lock-step: what its feeds have told and no step has committed, by unit; empty when it is all done. */
export type HostStand = Readonly<{busy: readonly string[]}>

const DRAIN_POLL_MS = 1
/** Longer, and the asker is told what is waited for. */
const DRAIN_WITHIN_MS = 1_000

const busyOf = ({options: {unit}, ready, feeds_waiting, feeds_unsettled}: UnitLoop): string[] => {
	if (!ready) return [`${unit.name} is not ready`]
	return [
		...(feeds_unsettled > 0 ? [`${unit.name} is not up to date with the venue`] : []),
		...(feeds_waiting > 0 ? [`${unit.name} has ${feeds_waiting} events of its feeds`] : []),
	]
}

/**
 * Takes the venue's time, lets the units have what their feeds have brought, then fires what the time makes due, and
 * answers when all those steps are committed. What is left then lies in streams and effect records, where everybody can
 * see it.
 */
export const lockstepCommand =
	(clock: SystemClock, loops: readonly UnitLoop[], signal: AbortSignal) =>
	async (query: URLSearchParams): Promise<HostStand> => {
		const venue_ms = Number(query.get('venue_ms') ?? Number.NaN)
		if (!Number.isSafeInteger(venue_ms)) throw new Error(`venue_ms: expected ms, got ${query.get('venue_ms')}`)
		clock.moveTo(venue_ms)
		const begun_ms = clock.machine()
		const drained = async (): Promise<readonly string[]> => {
			for (;;) {
				for (const loop of loops) if (loop.feeds_unsettled === 0) loop.releaseFeeds()
				const busy = loops.flatMap(busyOf)
				if (busy.length === 0 || signal.aborted || clock.machine() - begun_ms > DRAIN_WITHIN_MS) return busy
				await clock.wait(DRAIN_POLL_MS, signal)
			}
		}
		await drained()
		await Promise.all(loops.map(loop => loop.sweepVenueTimers()))
		return {busy: await drained()}
	}
