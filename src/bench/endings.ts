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

/** From now on an interrupt ends first what was started, newest first, and then us, as the signal would have. */
export const endAllOnInterrupt = (): void => {
	for (const signal of ['SIGINT', 'SIGTERM'] as const)
		process.once(signal, async () => {
			for (const end of [...open].reverse())
				await end().catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
			process.exit(128 + constants.signals[signal])
		})
}
