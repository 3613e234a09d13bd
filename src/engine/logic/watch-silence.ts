/**
 * Machine time for which those who watch may be silent. Emergency stop, its watch, the baseline controller and heat are
 * confirmed every second, the universe every minute; a reference price comes with each quote of another exchange.
 */
export const WATCH_SILENCE_MS = {
	ess: 15_000,
	guard: 15_000,
	heat: 15_000,
	divergence: 60_000,
	universe: 180_000,
} as const
