import {constants} from 'node:os'

type Ending = () => Promise<unknown>

/** How to end what runs on behalf of a measurement. */
const open = new Set<Ending>()

/** Remembers how something is ended, for the case that the measurement is interrupted; returns the ending to call otherwise. */
export const rememberEnding = (end: Ending): (() => Promise<void>) => {
	open.add(end)
	return async () => {
		open.delete(end)
		await end()
	}
}

/**
 * From now on an interrupt ends first what was started, newest first, and then us, as the signal would have. The listener
 * stays: execa ends a process at once that has none of its own left.
 */
export const endAllOnInterrupt = (): void => {
	let ending = false
	const end = async (signal: 'SIGINT' | 'SIGTERM') => {
		if (ending) return
		ending = true
		for (const one of [...open].reverse())
			await one().catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
		process.exit(128 + constants.signals[signal])
	}
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(signal))
}
