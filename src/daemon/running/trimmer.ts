import type {Bus} from '../../engine/bus/bus.js'
import {limits} from '../../engine/contracts/limits.js'
import type {Naming} from '../../engine/contracts/naming.js'
import {streams} from '../../engine/registry.js'
import type {Clock} from '../../engine/runtime/clock.js'

/** Keeps each stream near its retention, and never removes what a group has not read. */
export const keepTrimmed = async (
	bus: Bus,
	naming: Naming,
	clock: Clock,
	signal: AbortSignal,
	onError: (error: unknown) => void,
): Promise<void> => {
	while (!signal.aborted) {
		await clock.wait(limits.trim_every_ms, signal)
		for (const stream of streams) {
			if (signal.aborted) return
			await bus.trim(naming.stream(stream.name), stream.retention_max).catch(onError)
		}
	}
}
