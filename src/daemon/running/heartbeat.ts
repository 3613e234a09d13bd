import type {Clock} from '../../engine/runtime/clock.js'

const EVERY_MS = 60_000
const WITHIN_MS = 10_000
/** While not all is well it is looked at this often, so that the first ping follows at once when it is. */
const LOOK_MS = 1_000

const reasonOf = (error: unknown): string => {
	const cause = error instanceof Error ? (error.cause ?? error) : error
	if (!(cause instanceof Error)) return 'unknown'
	return 'code' in cause ? String(cause.code) : cause.name
}

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
				// The address may hold a token, and some errors name it.
				if (!signal.aborted) onError(new Error(`the heartbeat URL cannot be reached (${reasonOf(error)})`))
			}
		}
		await clock.wait(well ? EVERY_MS : LOOK_MS, signal)
	}
}
