import {hash} from 'node:crypto'

/** A deterministic id of 16 hex digits: the same parts give the same id. */
export const idOf = (...parts: readonly (string | number)[]): string =>
	hash('sha1', parts.join('\u0000'), 'hex').slice(0, 16)

/** Different inputs of one instant that are remembered to tell equal ones apart. */
const REMEMBERED_MAX = 100_000

/**
 * Ids of things that have none of their own. Equal ones at the same venue time are told apart by their order; the same
 * instant seen again is told apart from the first by `life`, which differs for each start of the unit while venue time
 * stands still (in lock-step it does for as long as the market waits), and by how often the clock was set back.
 */
export class Occurrences {
	#now_ms = 0
	#rounds = 0
	readonly #seen = new Map<string, number>()

	constructor(private readonly life: () => number = () => 0) {}

	idOf(now_ms: number, ...parts: readonly (string | number)[]): string {
		if (now_ms < this.#now_ms || this.#seen.size >= REMEMBERED_MAX) this.#rounds += 1
		if (now_ms !== this.#now_ms || this.#seen.size >= REMEMBERED_MAX) this.#seen.clear()
		this.#now_ms = now_ms
		const id = idOf(...parts, now_ms, this.life(), this.#rounds)
		const before = this.#seen.get(id) ?? 0
		this.#seen.set(id, before + 1)
		return before === 0 ? id : idOf(id, before)
	}
}
