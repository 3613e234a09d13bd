import {setTimeout as pause} from 'node:timers/promises'
import {inspect} from 'node:util'

/** Bounds of a wait: how long at most, and how often the condition is looked at. */
export interface Patience {
	/** Give up after this long. Default 5,000 ms. */
	within_ms?: number
	/** Pause between two looks. Default 10 ms. */
	every_ms?: number
	/** What is being waited for, for the failure message. */
	what?: string
}

/** Keeps a dump of a large object from burying the sentence that matters. */
const shownCharsMax = 2_000

function show(value: unknown): string {
	const text = inspect(value, {depth: 4, breakLength: 120})
	return text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}…` : text
}

/**
 * Waits until `check` returns a truthy value and returns that value. A falsy
 * result or a thrown error (an `expect` that fails, say) means "not yet".
 * The only place in the tests that may use a timer: everything else awaits a
 * condition through it.
 *
 * @throws Error naming what was waited for, for how long, how many looks were
 * taken and what the last look saw; `cause` is the last error thrown.
 */
export async function eventually<T>(
	check: () => T | Promise<T>,
	{within_ms = 5_000, every_ms = 10, what}: Patience = {},
): Promise<NonNullable<T>> {
	const started = performance.now()
	let looks = 0
	let lastSeen: unknown
	let lastError: unknown
	let finishedAt = started
	do {
		looks += 1
		try {
			lastError = undefined
			lastSeen = await check()
			if (lastSeen) return lastSeen as NonNullable<T>
		} catch (error) {
			lastError = error
		}
		finishedAt = performance.now()
		if (finishedAt - started < within_ms) await pause(every_ms)
	} while (finishedAt - started < within_ms)

	const waited = Math.round(finishedAt - started)
	const subject = what ?? check.toString().replace(/\s+/g, ' ').slice(0, 200)
	const outcome = lastError === undefined ? `it was ${show(lastSeen)}` : `it threw ${show(lastError)}`
	throw new Error(
		`Not so within ${within_ms} ms: ${subject} (${looks} looks in ${waited} ms); the last time ${outcome}`,
		{cause: lastError},
	)
}

/**
 * Waits until `check` returns undefined, null, false or an empty collection:
 * the way to await that something has gone.
 */
export async function eventuallyGone(check: () => unknown, patience: Patience = {}): Promise<void> {
	await eventually(
		async () => {
			const value = await check()
			if (!value || (Array.isArray(value) && value.length === 0)) return true
			throw new Error(`still there: ${show(value)}`)
		},
		{what: check.toString().replace(/\s+/g, ' ').slice(0, 200), ...patience},
	)
}
