import type {Clock} from './clock.js'

/** Waits for conditions over a state that says when it has changed. */
export class ChangeWatch {
	readonly #clock: Clock
	readonly #looks = new Set<() => void>()

	constructor(clock: Clock) {
		this.#clock = clock
	}

	/** The state has changed: every condition is looked at again. */
	changed(): void {
		for (const look of [...this.#looks]) look()
	}

	/** Resolves when `check` holds; rejects with `late()` when `within_ms` have passed. */
	until(check: () => boolean, within_ms: number, late: () => Error): Promise<void> {
		if (check()) return Promise.resolve()
		return new Promise((resolve, reject) => {
			const settle = (how: () => void) => {
				this.#looks.delete(look)
				cancel()
				how()
			}
			const look = () => {
				if (check()) settle(resolve)
			}
			const cancel = this.#clock.after(within_ms, () => settle(() => reject(late())))
			this.#looks.add(look)
		})
	}
}
