import type {MarketEvent} from '../market.js'

/** From here on books and marks are conflated: of each symbol only the newest of those waiting stays. */
const CONFLATE_ABOVE = 20_000
/** From here on the sockets are not read until half is gone: prints are never dropped. */
const FULL_ABOVE = 200_000
const MOVE_AFTER = 1024

/**
 * What came from the feed and waits to be asked for. Rule when it grows: older books and marks give way to newer ones
 * of the same symbol; prints and fundings never do; when even that does not help, `full` asks to stop reading.
 */
export class LiveQueue {
	#events: MarketEvent[] = []
	#read = 0
	readonly #conflateAbove: number
	#conflateAt: number
	readonly #full: number
	/** How many books and marks gave way. */
	conflated = 0

	constructor(conflateAbove = CONFLATE_ABOVE, fullAbove = FULL_ABOVE) {
		if (conflateAbove > fullAbove) throw new RangeError('a queue must conflate before it is full')
		this.#conflateAt = conflateAbove
		this.#conflateAbove = conflateAbove
		this.#full = fullAbove
	}

	get length(): number {
		return this.#events.length - this.#read
	}

	get full(): boolean {
		return this.length > this.#full
	}

	/** Whether enough room is there to read on after having been full. */
	get relieved(): boolean {
		return this.length <= this.#full / 2
	}

	/** Forgets what waits and is not worth keeping. */
	keep(worthy: (event: MarketEvent) => boolean): void {
		this.#events = this.#events.slice(this.#read).filter(worthy)
		this.#read = 0
	}

	push(events: readonly MarketEvent[]): void {
		for (const event of events) this.#events.push(event)
		if (this.length > this.#conflateAt) this.#conflate()
	}

	peek(): MarketEvent | undefined {
		return this.#events[this.#read]
	}

	shift(): MarketEvent | undefined {
		const event = this.#events[this.#read]
		if (event === undefined) return undefined
		this.#read++
		if (this.#read >= MOVE_AFTER && this.#read * 2 >= this.#events.length) {
			this.#events = this.#events.slice(this.#read)
			this.#read = 0
			this.#conflateAt = this.#conflateAbove
		}
		return event
	}

	#conflate(): void {
		const seen = new Set<string>()
		const kept: MarketEvent[] = []
		for (let at = this.#events.length - 1; at >= this.#read; at--) {
			const event = this.#events[at]
			if (event === undefined) continue
			const key = `${event.kind}/${event.symbol}`
			const replaceable = event.kind === 'book' || event.kind === 'mark'
			if (replaceable && seen.has(key)) this.conflated++
			else kept.push(event)
			seen.add(key)
		}
		this.#events = kept.reverse()
		this.#read = 0
		// What is left are prints; looking again before as many more have come would be work for nothing.
		this.#conflateAt = Math.max(this.#conflateAbove, 2 * this.#events.length)
	}
}
