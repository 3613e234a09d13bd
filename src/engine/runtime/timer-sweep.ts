import type {Timer} from '../contracts/unit.js'
import type {Clock} from './clock.js'

/** At high speed a venue timer would fire without pause; this much machine time always passes. */
const PAUSE_MIN_MS = 20
/** The venue's clock may change its speed or be set anew: it is looked at this often. */
const PAUSE_MAX_MS = 1_000

/**
 * Fires a timer each time its own clock has moved by its period, until the signal aborts. A clock that was set back
 * starts the period anew; one that stands still fires nothing.
 */
export const sweep = async (
	{every_ms, clock: kind}: Timer,
	clock: Clock,
	signal: AbortSignal,
	fire: () => Promise<void>,
): Promise<void> => {
	const now = () => (kind === 'machine' ? clock.machine() : clock.venue())
	let last = now()
	while (!signal.aborted) {
		const left = last + every_ms - now()
		const speed = kind === 'machine' ? 1 : clock.speed()
		const pause_ms = speed > 0 ? Math.ceil(left / speed) : PAUSE_MIN_MS
		await clock.wait(Math.min(Math.max(pause_ms, PAUSE_MIN_MS), PAUSE_MAX_MS), signal)
		if (signal.aborted) return
		const time = now()
		if (time < last) last = time
		if (time - last < every_ms) continue
		last = time
		await fire()
	}
}
