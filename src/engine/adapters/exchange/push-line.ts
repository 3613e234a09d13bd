/**
 * Hands events from callbacks, which cannot wait, to a `push` that does. When too many wait, `shed` says which remain.
 */
export class PushLine<Event> {
	#waiting: Event[] = []
	#wake: (() => void) | undefined

	constructor(
		readonly waiting_max: number,
		private readonly shed: (waiting: Event[]) => Event[],
	) {}

	add(event: Event): void {
		this.#waiting.push(event)
		if (this.#waiting.length > this.waiting_max) this.#waiting = this.shed(this.#waiting)
		this.#wake?.()
	}

	/** Nothing waits for room. */
	get empty(): boolean {
		return this.#waiting.length === 0
	}

	/** Pushes in order until the signal aborts. */
	async run(push: (event: Event) => Promise<void>, signal: AbortSignal): Promise<void> {
		signal.addEventListener('abort', () => this.#wake?.(), {once: true})
		while (!signal.aborted) {
			const event = this.#waiting.shift()
			if (event !== undefined) await push(event)
			else
				await new Promise<void>(resolve => {
					this.#wake = resolve
					if (signal.aborted) resolve()
				})
		}
	}
}
