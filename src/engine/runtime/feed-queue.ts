import {limits} from '../contracts/limits.js'

/**
 * Events between a source and its unit. With a partition key (telemetry) a newer event replaces one that waits;
 * without (money) nothing is lost and `push` waits when the queue is full.
 */
export class FeedQueue implements AsyncIterable<readonly unknown[]> {
	#events: unknown[] = []
	#byPartition = new Map<string, unknown>()
	#closed = false
	/** Where somebody else says when a batch is whole, events wait for that. */
	#gathers = false
	#released = false
	#arrived: () => void = () => undefined
	#room: Array<() => void> = []
	/** Events that a newer one replaced. */
	conflated = 0

	constructor(private readonly partition: ((event: unknown) => string) | undefined) {}

	/** What is pushed after the end is dropped: nobody is there to handle it, and its source will be read again. */
	async push(event: unknown): Promise<void> {
		if (this.#closed) return
		if (this.partition) {
			const name = this.partition(event)
			if (this.#byPartition.has(name)) this.conflated += 1
			this.#byPartition.set(name, event)
		} else {
			while (this.#events.length >= limits.feed_queue_max && !this.#closed)
				await new Promise<void>(resolve => this.#room.push(resolve))
			if (this.#closed) return
			this.#events.push(event)
		}
		this.#arrived()
	}

	/** Events that have not been taken. */
	get waiting(): number {
		return this.#events.length + this.#byPartition.size
	}

	/** From now on events wait until they are released, or there is a batch of them. */
	gather(): void {
		this.#gathers = true
	}

	/** Lets go what waits, as one batch. */
	release(): void {
		this.#released = this.waiting > 0
		if (this.#released) this.#arrived()
	}

	close(): void {
		this.#closed = true
		this.#arrived()
		for (const resume of this.#room.splice(0)) resume()
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<readonly unknown[]> {
		while (true) {
			const batch = this.#take()
			if (batch.length > 0) yield batch
			else if (this.#closed) return
			else
				await new Promise<void>(resolve => {
					this.#arrived = resolve
				})
		}
	}

	get #holds(): boolean {
		return this.#gathers && !this.#released && !this.#closed && this.waiting < limits.batch_max
	}

	#take(): readonly unknown[] {
		if (this.#holds) return []
		const batch = this.partition ? [...this.#byPartition.values()] : this.#events.splice(0, limits.batch_max)
		this.#byPartition.clear()
		for (const resume of this.#room.splice(0)) resume()
		this.#released &&= this.waiting > 0
		return batch
	}
}
