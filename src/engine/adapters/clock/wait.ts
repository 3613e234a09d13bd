/** Lets machine time pass; ends at once when the signal aborts. */
export const waitMs = (ms: number, signal: AbortSignal): Promise<void> =>
	new Promise(resolve => {
		if (signal.aborted) return resolve()
		const done = () => {
			clearTimeout(timer)
			signal.removeEventListener('abort', done)
			resolve()
		}
		const timer = setTimeout(done, ms)
		signal.addEventListener('abort', done, {once: true})
	})

export const untilAborted = (signal: AbortSignal): Promise<void> =>
	new Promise(resolve => {
		if (signal.aborted) return resolve()
		signal.addEventListener('abort', () => resolve(), {once: true})
	})
