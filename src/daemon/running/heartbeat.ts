import type {Clock} from '../../engine/runtime/clock.js'

const EVERY_MS = 60_000
const WITHIN_MS = 10_000
/** While not all is well it is looked at this often, so that the first ping follows at once when it is. */
const LOOK_MS = 1_000

/** Pings a URL every minute while all is well, so that somebody else notices when this machine is gone. */
export const keepHeartbeat = async (
	url: string,
	isWell: () => boolean,
	clock: Clock,
	signal: AbortSignal,
	onError: (error: unknown) => void,
): Promise<void> => {
	while (!signal.aborted) {
		const well = isWell()
		if (well) {
			try {
				const answer = await fetch(url, {signal: AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)])})
				await answer.body?.cancel()
				if (!answer.ok) onError(new Error(`the heartbeat URL answers ${answer.status}`))
			} catch (error) {
				if (!signal.aborted) onError(error)
			}
		}
		await clock.wait(well ? EVERY_MS : LOOK_MS, signal)
	}
}
